import { readInteger, readText } from '../store/database.ts'
import type { Queries, SqlValue } from '../store/database.ts'
import { parseRowId } from './call-row.ts'
import { findHoursWithCalls } from './rollup-hours.ts'
import { findSessionTimes } from './session-times.ts'
import type { RollupDimension } from './rollup.ts'
import type { TimeRange } from './rollup-periods.ts'
import { findStartOfLatest } from './latest-calls.ts'
import { callColumns, callFactColumns } from './row-codec.ts'
import { readRunningRows } from './running-calls.ts'
import { expandLines, readStoredCall } from './stored-call.ts'
import type { StoredCall } from './stored-call.ts'
import {
  filterColumns,
  filterNames,
  listFilterDimensions,
  matchesFilter,
  parseLabels,
} from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'

export interface CallFilter extends UsageFilter {
  readonly period?: Period
  readonly session?: string
  /** The model as the client named it. */
  readonly requestedModel?: string
}

export interface CallPage {
  /** The largest number of calls to return. */
  readonly limit: number
  /** The `next` of the page before; null or absent for the first page. */
  readonly after?: string | null
}

export interface CallList {
  readonly calls: readonly StoredCall[]
  /** The cursor of the next page; null if there is none. A page may be shorter than its limit and have a next one. */
  readonly next: string | null
}

/**
 * Lists calls and billed attempts, the latest start first. Requested models are in no index: of a filter by them, a page
 * covers at most `maxScannedCalls` calls. Throws a RangeError for a cursor that is none.
 */
export async function listCalls(queries: Queries, filter: CallFilter, page: CallPage): Promise<CallList> {
  const { sinceMs, untilMs } = filter.period ?? { sinceMs: 0, untilMs: maxTimeMs }
  const cursor = typeof page.after === 'string' ? parseCursor(page.after) : null
  const end = cursor ?? { startedAtMs: Math.min(untilMs, maxTimeMs), id: '' }
  const scanEnd = needsScan(filter) ? await findScanEnd(queries, end) : null
  const range = { startMs: Math.max(sinceMs, scanEnd?.startedAtMs ?? 0), endMs: end.startedAtMs + 1 }
  const conditions = await createConditions(queries, filter, { end, scanEnd })
  const found = await readRunning(queries, filter, end)
  const wanted = page.limit + 1
  let stored = 0
  const parts =
    filter.session === undefined
      ? findHoursWithCalls(queries, createWanted(filter, wanted), range)
      : await findSessionTimes(queries, filter.session, range)
  for await (const part of parts) {
    const rows = await readPart(queries, part, conditions, wanted - stored)
    found.push(...rows)
    stored += rows.length
    if (stored >= wanted) break
  }
  const sorted = found.toSorted(compareCalls)
  const calls = await addCorrections(queries, sorted.slice(0, page.limit))
  const last = calls.at(-1)
  const more = sorted.length > page.limit && last !== undefined ? readCursor(last) : scanEnd
  return { calls: calls.map(toStoredCall), next: more === null ? null : formatCursor(more) }
}

/** Reads a call and its billed attempts, the call first; empty if no call has this id. */
export async function readCall(queries: Queries, id: string): Promise<readonly StoredCall[]> {
  return (await addCorrections(queries, await readStoredCall(queries, id, callFactColumns))).map(toStoredCall)
}

/** Adds the sum of a call's corrections as `correction_nano_usd`; null without any. */
async function addCorrections(
  queries: Queries,
  calls: readonly StoredCall[],
): Promise<readonly StoredCall[]> {
  const rows = await queries.query(
    `SELECT call_id, cost_nano_usd FROM corrections WHERE call_id IN (${listMarks(calls.length)})`,
    calls.map((call) => String(call['id'])),
  )
  const sums = new Map<string, bigint>()
  for (const row of rows) {
    const id = readText(row, 'call_id')
    sums.set(id, (sums.get(id) ?? 0n) + readInteger(row, 'cost_nano_usd'))
  }
  return calls.map((call) => ({ ...call, correction_nano_usd: sums.get(String(call['id'])) ?? null }))
}

const columns = callColumns.join(', ')

/** Later than any call, and small enough for a sum. */
const maxTimeMs = 8_640_000_000_000_000

function createWanted(filter: CallFilter, calls: number) {
  const dimensions: ReadonlySet<RollupDimension> = new Set(listFilterDimensions(filter))
  const matches = (values: Readonly<Record<RollupDimension, string>>, dimension: RollupDimension) => {
    const { labels } = filter
    if (dimension === 'labels') return matchesFilter({ labels: labels ?? {} }, () => values.labels)
    const { anyWorkspace } = filter
    const name = filterNames.find((one) => filterColumns[one] === dimension)
    const isOwn = name === undefined || filter[name] === undefined || values[dimension] === filter[name]
    return isOwn && (dimension !== 'workspace_id' || anyWorkspace?.has(values.workspace_id) !== false)
  }
  return { dimensions, matches, calls }
}

interface Conditions {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

interface Bounds {
  /** Calls behind this place, in the order of the list. */
  readonly end: Cursor
  /** Calls up to this place; null without a bound. */
  readonly scanEnd: Cursor | null
}

async function createConditions(
  queries: Queries,
  filter: CallFilter,
  { end, scanEnd }: Bounds,
): Promise<Conditions> {
  const sql = ['outcome IS NOT NULL', '(started_at_ms < ? OR id < ?)']
  const values: SqlValue[] = [end.startedAtMs, end.id]
  if (scanEnd !== null) {
    sql.push('(started_at_ms > ? OR id >= ?)')
    values.push(scanEnd.startedAtMs, scanEnd.id)
  }
  const wanted = [
    ...filterNames.map((name) => [filterColumns[name], filter[name]] as const),
    ['session_id', filter.session] as const,
    ['requested_model', filter.requestedModel] as const,
  ]
  for (const [column, value] of wanted) {
    if (value === undefined) continue
    // Rows of older versions have no workspace; their keys are in the default one.
    sql.push(column === 'workspace_id' ? "coalesce(workspace_id, 'default') = ?" : `${column} = ?`)
    values.push(value)
  }
  if (filter.anyWorkspace !== undefined) {
    sql.push(`coalesce(workspace_id, 'default') IN (${listMarks(filter.anyWorkspace.size)})`)
    values.push(...filter.anyWorkspace)
  }
  if (filter.labels === undefined) return { sql: sql.join(' AND '), values }
  const sets = await findLabelSets(queries, filter)
  return {
    sql: [...sql, `labels IN (${listMarks(sets.length)})`].join(' AND '),
    values: [...values, ...sets],
  }
}

function listMarks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ') || 'NULL'
}

/** The stored sets of labels that contain those of the filter. */
async function findLabelSets(queries: Queries, { labels }: CallFilter): Promise<readonly string[]> {
  const rows = await queries.query("SELECT DISTINCT labels FROM rollup_groups WHERE labels <> ''")
  return rows
    .map((row) => readText(row, 'labels'))
    .filter((text) =>
      Object.entries(labels ?? {}).every(([name, value]) => parseLabels(text)[name] === value),
    )
    .slice(0, maxLabelSets)
}

/** Both stores take more values in one statement. */
const maxLabelSets = 20_000

async function readPart(
  queries: Queries,
  { startMs, endMs }: TimeRange,
  { sql, values }: Conditions,
  limit: number,
): Promise<readonly StoredCall[]> {
  const rows = await queries.query(
    `SELECT ${columns} FROM calls WHERE started_at_ms >= ? AND started_at_ms < ? AND ${sql}
     ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
    [startMs, endMs, ...values, limit],
  )
  return rows.map(expandLines)
}

async function readRunning(queries: Queries, filter: CallFilter, end: Cursor): Promise<StoredCall[]> {
  const { sinceMs, untilMs } = filter.period ?? { sinceMs: 0, untilMs: maxTimeMs }
  const rows = await readRunningRows(queries, { sinceMs, untilMs }, filter)
  return rows.filter(
    (row) =>
      (filter.session === undefined || row['session_id'] === filter.session) &&
      (filter.requestedModel === undefined || row['requested_model'] === filter.requestedModel) &&
      compareCalls(row, { started_at_ms: BigInt(end.startedAtMs), id: end.id }) > 0,
  )
}

function needsScan({ session, requestedModel }: CallFilter): boolean {
  return requestedModel !== undefined && session === undefined
}

/** The last call that a page without an index may reach; null if the list ends before. */
async function findScanEnd(queries: Queries, end: Cursor): Promise<Cursor | null> {
  const startMs = await findStartOfLatest(
    queries,
    { startMs: 0, endMs: end.startedAtMs },
    maxScannedCalls + 1,
  )
  const [row] = await queries.query(
    `SELECT started_at_ms, id FROM calls WHERE started_at_ms >= ? AND started_at_ms <= ? AND (started_at_ms < ? OR id < ?)
     ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET ${maxScannedCalls}`,
    [startMs, end.startedAtMs, end.startedAtMs, end.id],
  )
  return row === undefined ? null : readCursor(row)
}

const maxScannedCalls = 20_000

/** The latest first. */
function compareCalls(one: StoredCall, other: StoredCall): number {
  const times = Number(other['started_at_ms']) - Number(one['started_at_ms'])
  return times === 0
    ? Number(String(one['id']) < String(other['id'])) - Number(String(one['id']) > String(other['id']))
    : times
}

function toStoredCall(row: StoredCall): StoredCall {
  const { callId, attempt } = parseRowId(String(row['id']))
  return { ...row, id: callId, attempt: attempt === null ? null : BigInt(attempt) }
}

/** The place of a call in the list. */
interface Cursor {
  readonly startedAtMs: number
  readonly id: string
}

function readCursor(row: StoredCall): Cursor {
  return { startedAtMs: Number(row['started_at_ms']), id: String(row['id']) }
}

function formatCursor({ startedAtMs, id }: Cursor): string {
  return `${startedAtMs}:${id}`
}

function parseCursor(text: string): Cursor {
  const { start, id } = /^(?<start>\d{1,15}):(?<id>.{1,1200})$/su.exec(text)?.groups ?? {}
  if (start === undefined || id === undefined) throw new RangeError('the cursor was not made by this list')
  return { startedAtMs: Number(start), id }
}
