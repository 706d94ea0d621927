import type { SumCalls } from './call-sums.ts'
import { rollupSpans } from './rollup.ts'
import { chooseHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { RowReader, Wanted } from './rollup-rows.ts'
import { subtractSums } from './subtract-sums.ts'

/**
 * Returns a function that sums a part of an hour: from its calls, or from the hour and the calls of the other part if
 * these are fewer. `untilMs`: the end of the derived hours.
 */
export function createHourPartReader(
  sumCalls: SumCalls,
  rows: RowReader,
  { dimensions: wanted, matches, untilMs }: Wanted & { readonly untilMs: number },
): SumCalls {
  const sumMatching: SumCalls = async (range) => {
    const sums = await sumCalls(range)
    return matches === null ? sums : sums.filter(({ dimensions }) => matches(dimensions))
  }
  return async (range) => {
    const hour = findHour(range)
    const smaller = findSmallerPart(range, hour)
    if (smaller === null || hour.endMs > untilMs) return sumMatching(range)
    const sums = await sumMatching(smaller)
    if (smaller.startMs === range.startMs && smaller.endMs === range.endMs) return sums
    return subtractSums(await rows.sum(chooseHours(wanted), hour), sums, wanted)
  }
}

function findHour({ startMs }: TimeRange): TimeRange {
  const hourMs = floorHour(startMs)
  return { startMs: hourMs, endMs: hourMs + rollupSpans.hour }
}

/** The smaller one of the two parts into which a range divides its hour; null if it divides it into three. */
function findSmallerPart({ startMs, endMs }: TimeRange, hour: TimeRange): TimeRange | null {
  if (startMs !== hour.startMs && endMs !== hour.endMs) return null
  if ((endMs - startMs) * 2 <= rollupSpans.hour) return { startMs, endMs }
  return startMs === hour.startMs
    ? { startMs: endMs, endMs: hour.endMs }
    : { startMs: hour.startMs, endMs: startMs }
}
