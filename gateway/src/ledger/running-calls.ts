import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { rollupDimensions } from './rollup.ts'
import type { GroupSums } from './rollup-sums.ts'
import { matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export type RunningCall = GroupSums & { readonly startedAtMs: number }

/** The calls that have not ended, which rollups do not contain. */
export async function readRunningCalls(
  queries: Queries,
  { sinceMs, untilMs }: Period,
  filter: UsageFilter,
): Promise<readonly RunningCall[]> {
  const rows = await queries.query(
    `SELECT started_at_ms, ${rollupDimensions.join(', ')} FROM all_calls
     WHERE outcome IS NULL AND started_at_ms >= ? AND started_at_ms < ?`,
    [sinceMs, untilMs],
  )
  return rows
    .map((row) => {
      const entries = rollupDimensions.map((name) => [name, row[name]?.toString() ?? emptyValues[name] ?? ''])
      return {
        startedAtMs: readNumber(row, 'started_at_ms'),
        dimensions: Object.fromEntries(entries) as GroupSums['dimensions'], // One entry for each dimension.
        measures: { calls: 1n },
      }
    })
    .filter(({ dimensions }) =>
      matchesFilter(filter, (column) => dimensions[column as keyof typeof dimensions]),
    )
}

const emptyValues: Readonly<Record<string, string>> = { outcome: 'running', workspace_id: 'default' }
