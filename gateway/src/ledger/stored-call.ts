import { readRequestTime } from '../http/request-id.ts'
import { readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import { components } from './call-row.ts'
import type { TimeRange } from './rollup-periods.ts'
import { rollupSpans } from './rollup.ts'
import { readRunningCall } from './running-calls.ts'

/** A row of the ledger: the columns of a call by name. Integers are bigint, and `attempt` is null for a call. */
export type StoredCall = Readonly<Record<string, SqlValue>>

/** Reads these columns of a call and of its billed attempts, the call first; no rows if no call has this id. */
export async function readStoredCall(
  queries: Queries,
  id: string,
  columns: readonly string[],
): Promise<readonly StoredCall[]> {
  const running = await readRunningCall(queries, id)
  const ended = await readEndedCall(queries, id, columns)
  if (ended.length > 0 || running === null) return ended
  return [columns.includes('details') ? { ...running, details: null } : running]
}

/** PostgreSQL has the calls of each day in a partition of their own, and an id of ours has the time of its call. */
async function readEndedCall(
  queries: Queries,
  id: string,
  columns: readonly string[],
): Promise<readonly StoredCall[]> {
  const read = ({ startMs, endMs }: TimeRange) =>
    queries.query(
      `SELECT ${columns.join(', ')} FROM calls
       WHERE id >= ? AND id < ? AND started_at_ms >= ? AND started_at_ms < ? ORDER BY id`,
      [id, `${id}$`, startMs, endMs],
    )
  const timeMs = readRequestTime(id)
  const near = timeMs === null ? [] : await read(createRange(timeMs))
  const rows = near.length > 0 ? near : await read({ startMs: 0, endMs: Number.MAX_SAFE_INTEGER })
  // An attempt has the id of its call with a number.
  const isOwn = (row: SqlRow) => readText(row, 'id') === id || readText(row, 'id').startsWith(`${id}#`)
  return rows.filter(isOwn).map(expandLines)
}

/** When the ended call with an id of ours began; null: none has it, or the id has another form. */
export async function findStartOfCall(queries: Queries, id: string): Promise<number | null> {
  const timeMs = readRequestTime(id)
  if (timeMs === null) return null
  const { startMs, endMs } = createRange(timeMs)
  const [row] = await queries.query(
    'SELECT started_at_ms FROM calls WHERE id = ? AND started_at_ms >= ? AND started_at_ms < ?',
    [id, startMs, endMs],
  )
  return row === undefined ? null : readNumber(row, 'started_at_ms')
}

function createRange(timeMs: number): TimeRange {
  return { startMs: timeMs - rollupSpans.hour, endMs: timeMs + rollupSpans.hour }
}

/** The columns of each component, in place of the JSON of a row's lines. */
export function expandLines({ lines, ...row }: StoredCall): StoredCall {
  const expanded: Record<string, SqlValue> = { ...row }
  // Rows of older versions have no workspace; their keys are in the default one.
  if (row['workspace_id'] === null) expanded['workspace_id'] = 'default'
  const found = new Map<string, readonly (bigint | null)[]>()
  if (typeof lines === 'string')
    for (const [, name = '', ...values] of lines.matchAll(linePattern))
      found.set(
        name,
        values.map((value) => (value === 'null' ? null : BigInt(value ?? 0))),
      )
  for (const name of components) {
    const [quantity = null, price = null, cost = null] = found.get(name) ?? []
    expanded[`${name}_quantity`] = quantity
    expanded[`${name}_pico_usd`] = price
    expanded[`${name}_nano_usd`] = cost
  }
  return expanded
}

const linePattern = /"(\w+)":\[(-?\d+),(-?\d+|null),(-?\d+)\]/g
