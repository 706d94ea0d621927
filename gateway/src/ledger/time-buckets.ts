import type { Queries } from '../store/database.ts'
import { addMeasures, measureAt, rollupSpans } from './rollup.ts'
import type { Measures, RollupDimension } from './rollup.ts'
import { createSumReader } from './rollup-sums.ts'
import type { SumReader } from './rollup-sums.ts'
import type { GroupSums } from './rollup-rows.ts'

export interface BucketQuery {
  /** The start of the first bucket, in milliseconds. */
  readonly startMs: number
  readonly widthMs: number
  /** The number of buckets. */
  readonly count: number
  /** The dimensions by which the calls of a bucket are summed. */
  readonly by: readonly RollupDimension[]
  /** Dimensions and their accepted values. A call must match all of them. */
  readonly accepted: readonly (readonly [name: RollupDimension, values: ReadonlySet<string>])[]
}

/** Sums of the calls of a bucket that have the same values. */
export interface BucketSums {
  /** In the order of `by`. */
  readonly values: readonly string[]
  readonly measures: Measures
}

/**
 * Sums the calls of consecutive buckets of time: for each bucket a list of groups, in the order of their values. Less
 * buckets than wanted, but at least one, if more would need many groups, or many calls that are added up one by one.
 */
export async function readBuckets(
  queries: Queries,
  { startMs, widthMs, count, by, accepted }: BucketQuery,
  { maxGroups, maxCalls } = bounds,
): Promise<readonly (readonly BucketSums[])[]> {
  const reader = await createSumReader(queries, {
    dimensions: new Set([...by, ...accepted.map(([name]) => name)]),
    matches:
      accepted.length === 0
        ? null
        : (dimensions) => accepted.every(([name, values]) => values.has(dimensions[name])),
  })
  const readsCalls = widthMs < rollupSpans.hour
  const most = readsCalls ? maxCalls : maxGroups
  const buckets: (readonly BucketSums[])[] = []
  let size = 0
  let filled = 0
  for (let next = 1; buckets.length < count;) {
    const wanted = Math.min(next, count - buckets.length)
    const range = { startMs: startMs + buckets.length * widthMs, widthMs, count: wanted }
    for (const sums of await readRange(reader, range, by)) {
      size += readsCalls ? callsPerStatement + countCalls(sums) : sums.length
      if (size > most && buckets.length > 0) return buckets
      buckets.push(sums)
      if (sums.length > 0) filled += 1
    }
    // One at first, then as many as fit if they are like those before; empty ones tell nothing about the next.
    next = filled === 0 ? bucketsAfterEmpty : Math.floor((most - size) / (size / filled))
    if (next < 1) return buckets
  }
  return buckets
}

/** Bounds of one answer: more would need 0.2 s. */
const bounds = { maxGroups: 2_000, maxCalls: 20_000 }
/** Even if each of them has as many groups as fit, they do not take long. */
const bucketsAfterEmpty = 4
/** A bucket without calls needs as long as this many calls. */
const callsPerStatement = 100

function countCalls(sums: readonly BucketSums[]): number {
  return sums.reduce((calls, { measures }) => calls + Number(measures[measureAt.calls] ?? 0), 0)
}

async function readRange(
  reader: SumReader,
  { startMs, widthMs, count }: Pick<BucketQuery, 'startMs' | 'widthMs' | 'count'>,
  by: BucketQuery['by'],
): Promise<readonly (readonly BucketSums[])[]> {
  const isDays = widthMs === rollupSpans.day && startMs % rollupSpans.day === 0
  const days = isDays ? await reader.listUnits('day', { startMs, endMs: startMs + count * widthMs }) : null
  const byDay = Map.groupBy(days?.sums ?? [], (sums) => sums.startMs)
  const buckets: (readonly BucketSums[])[] = []
  for (let bucketMs = startMs; buckets.length < count; bucketMs += widthMs) {
    const listed = byDay.get(bucketMs) ?? []
    const isListed = days !== null && bucketMs >= days.range.startMs
    const rest = {
      startMs: isListed ? Math.max(bucketMs, days.range.endMs) : bucketMs,
      endMs: bucketMs + widthMs,
    }
    buckets.push(sumBy([...listed, ...(rest.startMs < rest.endMs ? await reader.sum(rest) : [])], by))
  }
  return buckets
}

function sumBy(sums: readonly GroupSums[], by: readonly RollupDimension[]): readonly BucketSums[] {
  const totals = new Map<
    string,
    { readonly values: readonly string[]; readonly measures: (number | bigint)[] }
  >()
  for (const { dimensions, measures } of sums) {
    const values = by.map((name) => dimensions[name])
    const place = values.join('\u0000')
    const total = totals.get(place) ?? { values, measures: [] }
    totals.set(place, total)
    addMeasures(total.measures, measures)
  }
  return [...totals].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, total]) => total)
}
