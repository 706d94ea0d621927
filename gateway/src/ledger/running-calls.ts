import { readInteger, readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { findEndedCalls, readPlace } from './call-place.ts'
import { rollupDimensions, rollupMeasures } from './rollup.ts'
import type { GroupSums } from './rollup-rows.ts'
import { callViewColumns } from './row-codec.ts'
import { matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export type RunningCall = GroupSums & {
  readonly startedAtMs: number
  /** The amount that budgets hold for it. */
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
    measures: oneCall,
    heldNanoUsd: readNullable(row, 'hold_nano_usd', readInteger) ?? 0n,
  }))
}

const oneCall = rollupMeasures.map((name) => Number(name === 'calls'))

/** The rows of the calls that have not ended, with the columns of the view `all_calls`. */
export async function readRunningRows(
  queries: Queries,
  { sinceMs, untilMs }: Period,
  filter: UsageFilter,
): Promise<readonly SqlRow[]> {
  // Not from the view: `outcome IS NULL` could make a store look through all calls that have ended.
  const listed = await queries.query('SELECT start FROM open_calls')
  const wanted = listed.map(decodeStart).filter((row) => {
    const startedAtMs = readNumber(row, 'started_at_ms')
    if (startedAtMs < sinceMs || startedAtMs >= untilMs) return false
    const dimensions = readDimensions(row)
    return matchesFilter(filter, (column) => dimensions[column as keyof typeof dimensions])
  })
  const ended = new Set(await findEndedCalls(queries, wanted.map(readPlace)))
  return wanted.filter((row) => !ended.has(readText(row, 'id')))
}

/** The row of a call that is listed as running, with the columns of the view `all_calls`; null if there is none. */
export async function readRunningCall(queries: Queries, id: string): Promise<SqlRow | null> {
  const [row] = await queries.query('SELECT start FROM open_calls WHERE id = ?', [id])
  return row === undefined ? null : decodeStart(row)
}

/** A listed start as a row of `all_calls`: columns that are not known yet are null. */
function decodeStart(row: SqlRow): SqlRow {
  const start = JSON.parse(readText(row, 'start')) as Record<string, string | number | null> // Written by the store.
  return Object.fromEntries(
    callViewColumns.map((name) => {
      const value = start[name] ?? null
      return [name, value !== null && integerColumns.has(name) ? BigInt(value) : (value as string | null)]
    }),
  )
}

/** The columns of a start that hold integers. */
const integerColumns: ReadonlySet<string> = new Set(['started_at_ms', 'streamed', 'hold_nano_usd'])

function readDimensions(row: SqlRow): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => [name, row[name]?.toString() ?? emptyValues[name] ?? ''])
  return Object.fromEntries(entries) as GroupSums['dimensions'] // One entry for each dimension.
}

const emptyValues: Readonly<Record<string, string>> = { outcome: 'running', workspace_id: 'default' }
