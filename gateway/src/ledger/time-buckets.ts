import type { Queries } from '../store/database.ts'
import { rollupDimensions, rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { createSumReader } from './rollup-sums.ts'
import type { GroupSums } from './rollup-rows.ts'

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
  const isDays = widthMs === rollupSpans.day && startMs % rollupSpans.day === 0
  const days = isDays ? await reader.listUnits('day', { startMs, endMs: startMs + count * widthMs }) : null
  const byDay = Map.groupBy(days?.sums ?? [], (sums) => sums.startMs)
  const buckets: (readonly GroupSums[])[] = []
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
