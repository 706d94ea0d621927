import { readInteger, readNullable, readNumber } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { rollupDimensions } from './rollup.ts'
import type { GroupSums } from './rollup-sums.ts'
import { callViewColumns } from './row-codec.ts'
import { matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export type RunningCall = GroupSums & {
  readonly startedAtMs: number
  /** What budgets hold for it. */
  readonly heldNanoUsd: bigint
}

/** The sums of the calls that have not ended, which rollups do not contain. */
export async function readRunningCalls(
  queries: Queries,
  period: Period,
  filter: UsageFilter,
): Promise<readonly RunningCall[]> {
  const rows = await readRunningRows(queries, period, filter)
  return rows.map((row) => ({
    startedAtMs: readNumber(row, 'started_at_ms'),
    dimensions: readDimensions(row),
    measures: { calls: 1n },
    heldNanoUsd: readNullable(row, 'hold_nano_usd', readInteger) ?? 0n,
  }))
}

/** The rows of the calls that have not ended. */
export async function readRunningRows(
  queries: Queries,
  { sinceMs, untilMs }: Period,
  filter: UsageFilter,
): Promise<readonly SqlRow[]> {
  // A condition on the time could make SQLite choose the index by start, and read all calls.
  const rows = await queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls WHERE outcome IS NULL`,
  )
  return rows.filter((row) => {
    const startedAtMs = readNumber(row, 'started_at_ms')
    if (startedAtMs < sinceMs || startedAtMs >= untilMs) return false
    const dimensions = readDimensions(row)
    return matchesFilter(filter, (column) => dimensions[column as keyof typeof dimensions])
  })
}

function readDimensions(row: SqlRow): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => [name, row[name]?.toString() ?? emptyValues[name] ?? ''])
  return Object.fromEntries(entries) as GroupSums['dimensions'] // One entry for each dimension.
}

const emptyValues: Readonly<Record<string, string>> = { outcome: 'running', workspace_id: 'default' }
