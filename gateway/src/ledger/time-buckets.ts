import type { Queries } from '../store/database.ts'
import { rollupDimensions } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { createSumReader } from './rollup-sums.ts'
import type { GroupSums } from './rollup-sums.ts'

export interface BucketQuery {
  /** The start of the first bucket, in milliseconds. */
  readonly startMs: number
  readonly widthMs: number
  /** The number of buckets. */
  readonly count: number
  /** The dimensions by which the calls of a bucket are summed; the others are empty in the result. */
  readonly by: readonly RollupDimension[]
  /** Dimensions and their accepted values. A call must match all of them. */
  readonly accepted: readonly (readonly [name: RollupDimension, values: ReadonlySet<string>])[]
}

/** Sums the calls of consecutive buckets of time: for each bucket a list of groups. */
export async function readBuckets(
  queries: Queries,
  { startMs, widthMs, count, by, accepted }: BucketQuery,
): Promise<readonly (readonly GroupSums[])[]> {
  const reader = await createSumReader(queries, {
    dimensions: new Set([...by, ...accepted.map(([name]) => name)]),
    matches: (dimensions) => accepted.every(([name, values]) => values.has(dimensions[name])),
  })
  const buckets: (readonly GroupSums[])[] = []
  for (let at = 0; at < count; at += 1) {
    const bucketMs = startMs + at * widthMs
    buckets.push(sumBy(await reader.sum({ startMs: bucketMs, endMs: bucketMs + widthMs }), by))
  }
  return buckets
}

function sumBy(sums: readonly GroupSums[], by: readonly RollupDimension[]): readonly GroupSums[] {
  const totals = new Map<string, { dimensions: GroupSums['dimensions']; measures: Record<string, bigint> }>()
  for (const { dimensions, measures } of sums) {
    const place = JSON.stringify(by.map((name) => dimensions[name]))
    const total = totals.get(place) ?? { dimensions: keepDimensions(dimensions, by), measures: {} }
    totals.set(place, total)
    for (const [name, value] of Object.entries(measures))
      total.measures[name] = (total.measures[name] ?? 0n) + value
  }
  return [...totals.values()]
}

function keepDimensions(
  dimensions: GroupSums['dimensions'],
  by: readonly RollupDimension[],
): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => [name, by.includes(name) ? dimensions[name] : ''])
  return Object.fromEntries(entries) as GroupSums['dimensions'] // One entry for each dimension.
}
