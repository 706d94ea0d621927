import type { Queries, SqlValue } from '../store/database.ts'
import { callViewColumns } from './row-codec.ts'
import { parseRowId } from './call-row.ts'
import { filterColumns, filterNames, matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export interface CallFilter extends UsageFilter {
  /** By the start of a call. */
  readonly period?: Period
  readonly session?: string
  readonly requestedModel?: string
}

export interface CallPage {
  /** The largest number of calls to return. */
  readonly limit: number
  /** The `next` of the page before; null or absent for the first page. */
  readonly after?: string | null
}

/** A row of the ledger: the columns of a call by name. Integers are bigint, and `attempt` is null for a call. */
export type StoredCall = Readonly<Record<string, SqlValue>>

export interface CallList {
  readonly calls: readonly StoredCall[]
  /** The cursor of the next page; null if there is none. A page may be shorter than its limit and have a next one. */
  readonly next: string | null
}

/** Lists calls and billed attempts, the latest start first. Throws a RangeError for a cursor that is none. */
export async function listCalls(queries: Queries, filter: CallFilter, page: CallPage): Promise<CallList> {
  const { sinceMs, untilMs } = filter.period ?? { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
  const cursor = typeof page.after === 'string' ? parseCursor(page.after) : null
  const conditions = ['started_at_ms >= ?', 'started_at_ms < ?']
  const values: SqlValue[] = [sinceMs, untilMs]
  if (cursor !== null) {
    conditions.push('started_at_ms <= ?', '(started_at_ms < ? OR id < ?)')
    values.push(cursor.startedAtMs, cursor.startedAtMs, cursor.id)
  }
  const columns = [
    ...filterNames.map((name) => [filterColumns[name], filter[name]] as const),
    ['session_id', filter.session] as const,
    ['requested_model', filter.requestedModel] as const,
  ]
  for (const [column, wanted] of columns) {
    if (wanted === undefined) continue
    conditions.push(column === 'outcome' && wanted === 'running' ? 'outcome IS NULL' : `${column} = ?`)
    if (column !== 'outcome' || wanted !== 'running') values.push(wanted)
  }
  const rows = await queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls WHERE ${conditions.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
    [...values, page.limit + 1],
  )
  const found = rows.slice(0, page.limit)
  const last = found.at(-1)
  const next = rows.length <= page.limit || last === undefined ? null : formatCursor(last)
  const { labels } = filter
  const matching =
    labels === undefined ? found : found.filter((row) => matchesFilter({ labels }, (name) => row[name]))
  return { calls: matching.map(toStoredCall), next }
}

/** Reads a call and its billed attempts, the call first; empty if no call has this id. */
export async function readCall(queries: Queries, id: string): Promise<readonly StoredCall[]> {
  const rows = await queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls WHERE id = ? OR (id > ? AND id < ?) ORDER BY id`,
    [id, `${id}#`, `${id}$`],
  )
  return rows.map(toStoredCall)
}

function toStoredCall(row: StoredCall): StoredCall {
  const { callId, attempt } = parseRowId(String(row['id']))
  return { ...row, id: callId, attempt: attempt === null ? null : BigInt(attempt) }
}

interface Cursor {
  readonly startedAtMs: number
  readonly id: string
}

function formatCursor(row: StoredCall): string {
  return `${String(row['started_at_ms'])}:${String(row['id'])}`
}

function parseCursor(text: string): Cursor {
  const { start, id } = /^(?<start>\d{1,15}):(?<id>.{1,1200})$/su.exec(text)?.groups ?? {}
  if (start === undefined || id === undefined) throw new RangeError('the cursor was not made by this list')
  return { startedAtMs: Number(start), id }
}
