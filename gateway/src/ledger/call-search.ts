import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import { readNumber, readText } from '../store/database.ts'
import { callViewColumns } from './row-codec.ts'

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
  /** The id of a call, of its message or of the upstream's request. */
  readonly id?: string | undefined
  readonly minCostNanoUsd?: bigint | undefined
  readonly maxCostNanoUsd?: bigint | undefined
  readonly minTokens?: number | undefined
  readonly cache?: 'hit' | 'miss' | undefined
  /** The workspaces that the caller may see; null: all. */
  readonly visibleWorkspaces?: readonly string[] | null | undefined
}

/** The place of a row in the list, which is ordered by start and id, newest first. */
export interface CallPlace {
  readonly startedAtMs: number
  readonly id: string
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
  const { conditions, values } = createConditions(search)
  // The rows are found by the index of `calls`; the view has the columns of their components.
  const scannedRows = conditions.length === 0 ? limit + 1 : maxScannedRows
  const scanned = `SELECT id FROM calls WHERE ${range.conditions.join(' AND ')}
    ORDER BY started_at_ms DESC, id DESC LIMIT ${scannedRows}`
  const where = ['outcome IS NOT NULL', `id IN (SELECT id FROM (${scanned}) AS scanned)`, ...conditions]
  const columns = withDetails ? detailColumns : callViewColumns
  const rows = await queries.query(
    `SELECT ${columns.join(', ')} FROM all_calls WHERE ${where.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
    [...range.values, ...values, limit + 1],
  )
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  if (rows.length > limit && last !== undefined) return { rows: shown, next: readPlace(last) }
  const [end] =
    conditions.length === 0
      ? []
      : await queries.query(
          `SELECT started_at_ms, id FROM calls WHERE ${range.conditions.join(' AND ')}
           ORDER BY started_at_ms DESC, id DESC LIMIT 1 OFFSET ${maxScannedRows - 1}`,
          range.values,
        )
  return { rows: shown, next: end === undefined ? null : readPlace(end) }
}

/** The calls that run at the moment and match, newest first. */
export function searchRunningCalls(
  queries: Queries,
  search: CallSearch,
  limit: number,
): Promise<readonly SqlRow[]> {
  const range = createRange(search, null)
  const { conditions, values } = createConditions(search)
  const all = ['outcome IS NULL', ...range.conditions, ...conditions]
  return queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls WHERE ${all.join(' AND ')}
     ORDER BY started_at_ms DESC, id DESC LIMIT ?`,
    [...range.values, ...values, limit],
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
  ids: readonly string[],
  search: CallSearch,
): Promise<{ readonly ended: readonly string[]; readonly rows: readonly SqlRow[] }> {
  const isListed = `id IN (${ids.map(() => '?').join(', ')})`
  const ended = await queries.query(`SELECT id FROM calls WHERE ${isListed}`, ids)
  if (ended.length === 0) return { ended: [], rows: [] }
  const { conditions, values } = createConditions(search)
  const rows = await queries.query(
    `SELECT ${callViewColumns.join(', ')} FROM all_calls
     WHERE ${['outcome IS NOT NULL', isListed, ...conditions].join(' AND ')}`,
    [...ids, ...values],
  )
  return { ended: ended.map((row) => readText(row, 'id')), rows }
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

function createConditions(search: CallSearch): Conditions {
  const equal: readonly (readonly [column: string, value: SqlValue | undefined])[] = [
    ['model', search.model],
    ['requested_model', search.requestedModel],
    ['key_id', search.key],
    ['workspace_id', search.workspace],
    ['member_id', search.member],
    ['protocol', search.protocol],
    ['upstream', search.upstream],
    ['platform', search.platform],
    ['status', search.status],
    ['stop_reason', search.stopReason],
    ['error_type', search.errorType],
    ['session_id', search.session],
    ['agent_id', search.agent],
  ]
  const given = equal.filter((entry): entry is readonly [string, SqlValue] => entry[1] !== undefined)
  const conditions = given.map(([column]) => `${column} = ?`)
  const values = given.map(([, value]) => value)
  const add = (condition: string, ...more: readonly SqlValue[]) => {
    conditions.push(condition)
    values.push(...more)
  }
  const { outcome, id, cache, visibleWorkspaces } = search
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

export function readPlace(row: SqlRow): CallPlace {
  return { startedAtMs: readNumber(row, 'started_at_ms'), id: readText(row, 'id') }
}
