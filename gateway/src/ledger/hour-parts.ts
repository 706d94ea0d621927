import type { Queries } from '../store/database.ts'
import { sumCalls } from './call-sums.ts'
import { rollupSpans } from './rollup.ts'
import { chooseHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { GroupSums, RowReader, Wanted } from './rollup-rows.ts'
import { subtractSums } from './subtract-sums.ts'

/**
 * Returns a function that sums a part of an hour: from its calls, or from the hour and the calls of the other part if
 * these are fewer. A report by day asks for both parts of each hour that a midnight cuts, one after the other, so the
 * calls that it read last are kept. `untilMs`: the end of the derived hours.
 */
export function createHourPartReader(
  queries: Queries,
  rows: RowReader,
  { untilMs, ...wanted }: Wanted & { readonly untilMs: number },
): (range: TimeRange) => Promise<readonly GroupSums[]> {
  let last: (TimeRange & { readonly sums: readonly GroupSums[] }) | null = null
  return async (range) => {
    const hour = findHour(range)
    const smaller = findSmallerPart(range, hour)
    if (smaller === null || hour.endMs > untilMs) return sumCalls(queries, wanted, range)
    if (last?.startMs !== smaller.startMs || last.endMs !== smaller.endMs)
      last = { ...smaller, sums: await sumCalls(queries, wanted, smaller) }
    const { sums } = last
    if (smaller.startMs === range.startMs) return sums
    return subtractSums(await rows.sum(chooseHours(wanted.dimensions), hour), sums, wanted.dimensions)
  }
}

function findHour({ startMs }: TimeRange): TimeRange {
  const hourMs = floorHour(startMs)
  return { startMs: hourMs, endMs: hourMs + rollupSpans.hour }
}

/** The smaller one of the two parts into which a range divides its hour; null if it divides it into three. */
function findSmallerPart({ startMs, endMs }: TimeRange, hour: TimeRange): TimeRange | null {
  if (startMs !== hour.startMs && endMs !== hour.endMs) return null
  const cutMs = startMs === hour.startMs ? endMs : startMs
  return cutMs - hour.startMs <= hour.endMs - cutMs
    ? { startMs: hour.startMs, endMs: cutMs }
    : { startMs: cutMs, endMs: hour.endMs }
}
