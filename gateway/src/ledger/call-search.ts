import type { Dialect, Queries, SqlRow, SqlValue } from '../store/database.ts'
import { findEndedCalls, listCallPlaces, readPlace } from './call-place.ts'
import type { CallPlace } from './call-place.ts'
import { callViewColumns } from './row-codec.ts'
import { readRunningRows } from './running-calls.ts'

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
  /** `failed` is every outcome but `answered`, of calls that have ended. */
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
 * the next page, so that no page of a large ledger takes long.
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

const detailColumns: readonly string[] = [...callViewColumns, 'details']

/** Finds calls and billed attempts that match, the latest start first. */
export async function searchCalls(
  queries: Queries,
  search: CallSearch,
  { limit, after, withDetails = false }: CallSearchPlace,
): Promise<CallSearchPage> {
  const range = createRange(search, after)
  const { conditions, values } = createConditions(search, queries.dialect)
  const isFiltered = conditions.length > 0
  const end = await findScanEnd(queries, range, isFiltered ? maxScannedRows : limit + 1)
  const bound = end === null ? [] : ['started_at_ms >= ?', '(started_at_ms > ? OR id >= ?)']
  const where = ['outcome IS NOT NULL', ...range.conditions, ...bound, ...conditions]
  const columns = withDetails ? detailColumns : callViewColumns
  const rows = await queries.query(
    `SELECT ${columns.join(', ')} FROM all_calls WHERE ${where.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
    [
      ...range.values,
      ...(end === null ? [] : [end.startedAtMs, end.startedAtMs, end.id]),
      ...values,
      limit + 1,
    ],
  )
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  if (rows.length > limit && last !== undefined) return { rows: shown, next: readPlace(last) }
  return { rows: shown, next: isFiltered ? end : null }
}

/** The place of the last row that a page looks at, of at most `maxRows`; null if the list ends before. */
async function findScanEnd(
  queries: Queries,
  { conditions, values }: Conditions,
  maxRows: number,
): Promise<CallPlace | null> {
  const [row] = await queries.query(
    `SELECT started_at_ms, id FROM calls WHERE ${conditions.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET ?`,
    [...values, maxRows - 1],
  )
  return row === undefined ? null : readPlace(row)
}

/** The calls that run at the moment and match, newest first. */
export async function searchRunningCalls(
  queries: Queries,
  search: CallSearch,
  limit: number,
): Promise<readonly SqlRow[]> {
  if (needsEnd(search)) return []
  const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER, id, label, visibleWorkspaces } = search
  const rows = await readRunningRows(queries, { sinceMs, untilMs }, {})
  return rows
    .filter(
      (row) =>
        equalColumns.every(([column, name]) => search[name] === undefined || row[column] === search[name]) &&
        (id === undefined || row['id'] === id) &&
        (label === undefined || String(row['labels']).includes(printLabel(label))) &&
        (visibleWorkspaces?.includes(String(row['workspace_id'])) ?? true),
    )
    .toSorted(compareRows)
    .slice(0, limit)
}

/** Whether only calls that have ended can match. */
function needsEnd({ outcome, cache, minCostNanoUsd, maxCostNanoUsd, minTokens }: CallSearch): boolean {
  return (
    [outcome, cache, minCostNanoUsd, maxCostNanoUsd].some((value) => value !== undefined) ||
    (minTokens ?? 0) > 0
  )
}

/** The latest first. */
function compareRows(one: SqlRow, other: SqlRow): number {
  const [place, otherPlace] = [readPlace(one), readPlace(other)]
  return (
    otherPlace.startedAtMs - place.startedAtMs ||
    Number(place.id < otherPlace.id) - Number(place.id > otherPlace.id)
  )
}

/** The row of a call and those of its billed attempts, which have its id and a number. */
export function readCallRows(queries: Queries, id: string): Promise<readonly SqlRow[]> {
  return queries.query(
    `SELECT ${detailColumns.join(', ')} FROM all_calls WHERE id = ? OR (id > ? AND id < ?) ORDER BY id`,
    [id, `${id}#`, `${id}$`],
  )
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
  const { conditions, values } = createConditions(search, queries.dialect)
  const rows = await queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls
     WHERE ${['outcome IS NOT NULL', listed.sql, ...conditions].join(' AND ')}`,
    [...listed.values, ...values],
  )
  return { ended, rows }
}

/** The part of a search that is known of a call when it begins. */
export function keepStartConditions(search: CallSearch): CallSearch {
  return {
    ...search,
    outcome: undefined,
    status: undefined,
    stopReason: undefined,
    errorType: undefined,
    id: undefined,
    minCostNanoUsd: undefined,
    maxCostNanoUsd: undefined,
    minTokens: undefined,
    cache: undefined,
  }
}

interface Conditions {
  readonly conditions: readonly string[]
  readonly values: readonly SqlValue[]
}

function createRange({ sinceMs, untilMs }: CallSearch, after: CallPlace | null): Conditions {
  const conditions = ['started_at_ms >= ?', 'started_at_ms < ?']
  const values: SqlValue[] = [sinceMs ?? 0, untilMs ?? Number.MAX_SAFE_INTEGER]
  if (after !== null) {
    conditions.push('started_at_ms <= ?', '(started_at_ms < ? OR id < ?)')
    values.push(after.startedAtMs, after.startedAtMs, after.id)
  }
  return { conditions, values }
}

const tokens = `(COALESCE(input_quantity, 0) + COALESCE(cache_write_5m_quantity, 0)
  + COALESCE(cache_write_1h_quantity, 0) + COALESCE(cache_read_quantity, 0) + COALESCE(output_quantity, 0))`

/** The columns that must have the value of a member of the search. */
const equalColumns = [
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
function printLabel({ name, value }: NonNullable<CallSearch['label']>): string {
  return `${JSON.stringify(name)}:${JSON.stringify(value)}`
}

function createConditions(search: CallSearch, dialect: Dialect): Conditions {
  const given = equalColumns.flatMap(([column, name]) => {
    const value = search[name]
    return value === undefined ? [] : [[column, value] as const]
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
  if (search.minTokens !== undefined) add(`${tokens} >= ?`, search.minTokens)
  if (cache === 'hit') add('cache_read_quantity > 0')
  if (cache === 'miss') add('usage IS NOT NULL AND COALESCE(cache_read_quantity, 0) = 0')
  if (visibleWorkspaces !== undefined && visibleWorkspaces !== null)
    add(`workspace_id IN (${visibleWorkspaces.map(() => '?').join(', ') || 'NULL'})`, ...visibleWorkspaces)
  return { conditions, values }
}
