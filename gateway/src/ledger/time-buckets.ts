import type { Queries } from '../store/database.ts'
import { addMeasures, rollupSpans } from './rollup.ts'
import type { Measures, RollupDimension } from './rollup.ts'
import { createSumReader } from './rollup-sums.ts'
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

/** Sums the calls of consecutive buckets of time: for each bucket a list of groups. */
export async function readBuckets(
  queries: Queries,
  { startMs, widthMs, count, by, accepted }: BucketQuery,
): Promise<readonly (readonly BucketSums[])[]> {
  const reader = await createSumReader(queries, {
    dimensions: new Set([...by, ...accepted.map(([name]) => name)]),
    matches:
      accepted.length === 0
        ? null
        : (dimensions) => accepted.every(([name, values]) => values.has(dimensions[name])),
  })
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
  return [...totals.values()]
}
