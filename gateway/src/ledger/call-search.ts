import { readNullable, readText } from '../store/database.ts'
import type { Dialect, Queries, SqlRow, SqlValue } from '../store/database.ts'
import { findEndedCalls, listCallPlaces, readPlace } from './call-place.ts'
import type { CallPlace } from './call-place.ts'
import { components } from './call-row.ts'
import type { Component } from './call-row.ts'
import { callColumns, callFactColumns, parseLines } from './row-codec.ts'
import { listScanRanges } from './scan-range.ts'
import type { Conditions, SearchRange } from './scan-range.ts'
import { expandLines, findStartOfCall, readStoredCall } from './stored-call.ts'
import { ownWorkspace } from './usage-filter.ts'

/** The calls to find: each given member must match. Ids, not names; times in milliseconds, money in nano-dollars. */
export interface CallSearch {
  readonly sinceMs?: number | undefined
  /** Exclusive. */
  readonly untilMs?: number | undefined
  readonly model?: string | undefined
  readonly requestedModel?: string | undefined
  readonly key?: string | undefined
  readonly workspace?: string | undefined
  readonly member?: string | undefined
  readonly protocol?: string | undefined
  readonly upstream?: string | undefined
  readonly platform?: string | undefined
  /** `failed` is every outcome but `answered`, of calls that have ended; `running`: none of these. */
  readonly outcome?: string | undefined
  readonly status?: number | undefined
  readonly stopReason?: string | undefined
  readonly errorType?: string | undefined
  readonly session?: string | undefined
  readonly agent?: string | undefined
  readonly label?: { readonly name: string; readonly value: string } | undefined
  /** The id of a call, of its message or of the upstream's request. */
  readonly id?: string | undefined
  readonly minCostNanoUsd?: bigint | undefined
  readonly maxCostNanoUsd?: bigint | undefined
  readonly minTokens?: number | undefined
  readonly maxTokens?: number | undefined
  readonly cache?: 'hit' | 'miss' | undefined
  /** The workspaces that the caller may see; null: all. */
  readonly visibleWorkspaces?: readonly string[] | null | undefined
}

export interface CallSearchPage {
  readonly rows: readonly SqlRow[]
  /** The place after which the next page begins; null: there is none. A page may be short although there is one. */
  readonly next: CallPlace | null
}

/**
 * The largest number of rows that one page looks through. A rare filter finds little in it, and the list continues with
 * the next page, so that no page of a large ledger takes long. For a session these are rows of the times of its calls.
 */
export const maxScannedRows = 20_000

interface CallSearchPlace {
  /** The largest number of rows of the page. */
  readonly limit: number
  /** Null: the first page. */
  readonly after: CallPlace | null
  /** Reads the column `details` too. */
  readonly withDetails?: boolean
}

/** Finds calls and billed attempts that match, the latest start first. */
export async function searchCalls(
  queries: Queries,
  search: CallSearch,
  { limit, after, withDetails = false }: CallSearchPlace,
): Promise<CallSearchPage> {
  const isFiltered = hasConditions(search, queries.dialect)
  const { found, end } = await findPlaces(queries, search, {
    range: await findRange(queries, search, after),
    limit: limit + 1,
    maxRows: isFiltered ? maxScannedRows : limit + 1,
  })
  const places = found.slice(0, limit)
  const rows = await readPlaces(queries, places, withDetails ? callColumns : callFactColumns)
  const last = places.at(-1)
  return { rows, next: found.length > limit && last !== undefined ? last : isFiltered ? end : null }
}

export interface FoundPlaces {
  readonly places: readonly CallPlace[]
  /** Whether there may be more. */
  readonly isCut: boolean
}

/** The places of the calls and billed attempts that have ended and match, the latest start first. */
export async function findCallPlaces(
  queries: Queries,
  search: CallSearch,
  limit: number,
): Promise<FoundPlaces> {
  const range = await findRange(queries, search, null)
  const { found, end } = await findPlaces(queries, search, { range, limit, maxRows: maxScannedRows })
  return { places: found, isCut: end !== null || found.length === limit }
}

/** The calls and billed attempts at these places, the latest start first. */
export function readCallsAt(queries: Queries, places: readonly CallPlace[]): Promise<readonly SqlRow[]> {
  return readPlaces(queries, places, callFactColumns)
}

interface WantedPlaces {
  readonly range: SearchRange
  /** The largest number of places. */
  readonly limit: number
  /** The largest number of rows to look through. */
  readonly maxRows: number
}

/** The places of the first calls of a range that match, and that of the last row that was looked at before its end. */
async function findPlaces(
  queries: Queries,
  search: CallSearch,
  { range, limit, maxRows }: WantedPlaces,
): Promise<{ readonly found: readonly CallPlace[]; readonly end: CallPlace | null }> {
  const { session } = search
  const found: CallPlace[] = []
  let end: CallPlace | null = null
  const otherValues = createConditions(search, queries.dialect).values.length
  for await (const scan of listScanRanges(queries, range, { session, maxRows, otherValues })) {
    end = scan.end
    found.push(...(await findMatches(queries, search, scan.parts, limit - found.length)))
    if (found.length >= limit) break
  }
  return { found, end }
}

/** The places of the first calls of these parts that match. The prices of a call are JSON, so conditions on them are not the store's. */
async function findMatches(
  queries: Queries,
  search: CallSearch,
  parts: readonly Conditions[],
  limit: number,
): Promise<readonly CallPlace[]> {
  const { conditions, values, matchesLines } = createConditions(search, queries.dialect)
  const found: CallPlace[] = []
  const partRows = matchesLines === null ? limit : rowsPerPart
  for (let after: CallPlace | null = null; found.length < limit;) {
    const behind: readonly string[] =
      after === null ? [] : ['started_at_ms <= ?', '(started_at_ms < ? OR id < ?)']
    const place = after === null ? [] : [after.startedAtMs, after.startedAtMs, after.id]
    // One selection for each part: of a condition with OR the stores would read all that lies between.
    const selections = parts.map(
      (part) => `SELECT started_at_ms, id${matchesLines === null ? '' : ', lines'} FROM calls
       WHERE ${[...part.conditions, ...conditions, ...behind].join(' AND ')}`,
    )
    const rows: readonly SqlRow[] = await queries.query(
      `${selections.join(' UNION ALL ')} ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
      [...parts.flatMap((part) => [...part.values, ...values, ...place]), partRows],
    )
    for (const row of rows) if (matchesLines?.(row) !== false) found.push(readPlace(row))
    const last = rows.at(-1)
    if (last === undefined || rows.length < partRows) break
    after = readPlace(last)
  }
  return found.slice(0, limit)
}

const rowsPerPart = 2_000

/** Reads these calls, the latest start first. */
async function readPlaces(
  queries: Queries,
  places: readonly CallPlace[],
  columns: readonly string[],
): Promise<readonly SqlRow[]> {
  if (places.length === 0) return []
  const listed = listCallPlaces(places)
  const rows = await queries.query(
    `SELECT ${columns.join(', ')} FROM calls WHERE ${listed.sql} ORDER BY started_at_ms DESC, id DESC`,
    listed.values,
  )
  return rows.map(expandLines)
}

/** The row of a call and those of its billed attempts, which have its id and a number. */
export function readCallRows(queries: Queries, id: string): Promise<readonly SqlRow[]> {
  return readStoredCall(queries, id, callColumns)
}

/** Those of the calls that have ended: their ids, and the rows of those that match. */
export async function readEndedCalls(
  queries: Queries,
  calls: readonly CallPlace[],
  search: CallSearch,
): Promise<{ readonly ended: readonly string[]; readonly rows: readonly SqlRow[] }> {
  const ended = await findEndedCalls(queries, calls)
  if (ended.length === 0) return { ended: [], rows: [] }
  const listed = listCallPlaces(calls.filter(({ id }) => ended.includes(id)))
  const { conditions, values, matchesLines } = createConditions(search, queries.dialect)
  const rows = await queries.query(
    `SELECT ${callFactColumns.join(', ')} FROM calls WHERE ${[listed.sql, ...conditions].join(' AND ')}`,
    [...listed.values, ...values],
  )
  return { ended, rows: rows.filter((row) => matchesLines?.(row) !== false).map(expandLines) }
}

/** An id of the gateway has the time of its call, so that call is found however many are later. */
async function findRange(
  queries: Queries,
  { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, id }: CallSearch,
  after: CallPlace | null,
): Promise<SearchRange> {
  const endMs = after === null ? untilMs : Math.min(untilMs, after.startedAtMs + 1)
  // The id of an upstream's request can have the same form, so only a call that exists counts.
  const foundMs = id === undefined ? null : await findStartOfCall(queries, id)
  if (foundMs === null) return { startMs: sinceMs, endMs, after }
  return { startMs: Math.max(sinceMs, foundMs), endMs: Math.min(endMs, foundMs + 1), after }
}

/** The columns that must have the value of a member of the search. */
export const equalColumns = [
  ['model', 'model'],
  ['requested_model', 'requestedModel'],
  ['key_id', 'key'],
  ['workspace_id', 'workspace'],
  ['member_id', 'member'],
  ['protocol', 'protocol'],
  ['upstream', 'upstream'],
  ['platform', 'platform'],
  ['status', 'status'],
  ['stop_reason', 'stopReason'],
  ['error_type', 'errorType'],
  ['session_id', 'session'],
  ['agent_id', 'agent'],
] as const satisfies readonly (readonly [column: string, name: keyof CallSearch])[]

/**
 * The label as it stands in the JSON of a row. A quote inside a value is escaped there, so the text is found nowhere
 * else.
 */
export function printLabel({ name, value }: NonNullable<CallSearch['label']>): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`
}

interface SearchConditions extends Conditions {
  /** Conditions on the tokens of a row, which needs the column `lines`; null: none. */
  readonly matchesLines: ((row: SqlRow) => boolean) | null
}

function hasConditions(search: CallSearch, dialect: Dialect): boolean {
  const { conditions, matchesLines } = createConditions(search, dialect)
  return conditions.length > 0 || matchesLines !== null
}

function createConditions(search: CallSearch, dialect: Dialect): SearchConditions {
  const given = equalColumns.flatMap(([column, name]) => {
    const value = search[name]
    return value === undefined ? [] : [[column === 'workspace_id' ? ownWorkspace : column, value] as const]
  })
  const conditions = given.map(([column]) => `${column} = ?`)
  const values: SqlValue[] = given.map(([, value]) => value)
  const add = (condition: string, ...more: readonly SqlValue[]) => {
    conditions.push(condition)
    values.push(...more)
  }
  const { outcome, id, cache, visibleWorkspaces } = search
  if (search.label !== undefined)
    add(`${dialect === 'sqlite' ? 'instr' : 'strpos'}(labels, ?) > 0`, printLabel(search.label))
  if (outcome === 'failed') add("outcome IS NOT NULL AND outcome <> 'answered'")
  else if (outcome !== undefined) add('outcome = ?', outcome)
  if (id !== undefined) add('(id = ? OR message_id = ? OR upstream_request_id = ?)', id, id, id)
  if (search.minCostNanoUsd !== undefined) add('cost_nano_usd >= ?', search.minCostNanoUsd)
  if (search.maxCostNanoUsd !== undefined) add('cost_nano_usd <= ?', search.maxCostNanoUsd)
  if (cache === 'miss') add('usage IS NOT NULL')
  if (visibleWorkspaces !== undefined && visibleWorkspaces !== null)
    add(`${ownWorkspace} IN (${visibleWorkspaces.map(() => '?').join(', ') || 'NULL'})`, ...visibleWorkspaces)
  return { conditions, values, matchesLines: createLineCondition(search) }
}

function createLineCondition(search: CallSearch): SearchConditions['matchesLines'] {
  const { minTokens = 0, maxTokens, cache } = search
  if (minTokens <= 0 && maxTokens === undefined && cache === undefined) return null
  return (row) => {
    const lines = parseLines(readNullable(row, 'lines', readText))
    // The tokens of a call without usage are unknown, not few.
    if (maxTokens !== undefined && tokenComponents.every((name) => lines[name] === undefined)) return false
    const count = (name: Component) => BigInt(lines[name]?.quantity ?? 0)
    const isHit = count('cache_read') > 0n
    if (cache !== undefined && isHit !== (cache === 'hit')) return false
    const tokens = tokenComponents.reduce((sum, name) => sum + count(name), 0n)
    return tokens >= minTokens && (maxTokens === undefined || tokens <= maxTokens)
  }
}

/** The components that are counted in tokens. */
const tokenComponents = components.filter((name) => name !== 'web_search')
