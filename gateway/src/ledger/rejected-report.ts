import { getDay } from '../clock.ts'
import { readInteger, readNullable, readText } from '../store/database.ts'
import type { Queries, Reader, SqlArray } from '../store/database.ts'
import { findRemovedSums } from './rollup-sums.ts'
import type { Period } from './usage-filter.ts'

/** Reads the numbers of rejected calls by key and error code. Rejections are counted by day (UTC), so a period of part of a day includes all of it. */
export async function readRejectedCalls(
  queries: Queries,
  period: Period,
): Promise<ReadonlyMap<string, Record<string, bigint>>> {
  const rows = await queries.query(
    `SELECT key_id, code, CAST(sum(calls) AS BIGINT) AS calls FROM rejected_calls
     WHERE day >= ? AND day <= ? GROUP BY key_id, code ORDER BY calls DESC`,
    await listDays(queries, period),
  )
  const found = new Map<string, Record<string, bigint>>()
  for (const row of rows) {
    const codes = found.get(readText(row, 'key_id')) ?? {}
    codes[readText(row, 'code')] = readInteger(row, 'calls')
    found.set(readText(row, 'key_id'), codes)
  }
  return found
}

/** The rejected calls to include: each given member must match. Ids, not names. */
export interface RejectedFilter {
  readonly key?: string
  readonly workspace?: string
  readonly member?: string
  /** The workspaces of which each call has one; null: any. */
  readonly visibleWorkspaces: readonly string[] | null
}

interface RejectedSum {
  readonly code: string
  readonly calls: bigint
}

export interface RejectedReport {
  /** By day (UTC) and error code, in the order of the days. */
  readonly days: readonly (RejectedSum & { readonly day: string })[]
  /** By key and error code, the most calls first. */
  readonly keys: readonly (RejectedSum & { readonly keyId: string; readonly name: string | null })[]
  /** Whether there are more rows of keys than the limit. */
  readonly isCut: boolean
}

/** Sums rejected calls by day and by key. The workspace and the member are those that the key has now. */
export function readRejections(
  reader: Reader,
  { period, filter }: { readonly period: Period; readonly filter: RejectedFilter },
  limit: number,
): Promise<RejectedReport> {
  const { conditions, values } = createConditions(filter)
  const from = `FROM rejected_calls LEFT JOIN keys ON keys.id = key_id
    WHERE ${['day >= ?', 'day <= ?', ...conditions].join(' AND ')}`
  return reader.snapshot(async (queries) => {
    const given = [...(await listDays(queries, period)), ...values]
    const days = await queries.query(
      `SELECT day, code, CAST(sum(calls) AS BIGINT) AS calls ${from} GROUP BY day, code ORDER BY day, code`,
      given,
    )
    const keys = await queries.query(
      `SELECT key_id, max(keys.name) AS name, code, CAST(sum(calls) AS BIGINT) AS calls ${from}
       GROUP BY key_id, code ORDER BY calls DESC, key_id, code LIMIT ?`,
      [...given, limit + 1],
    )
    const readSum = (row: (typeof days)[number]) => ({
      code: readText(row, 'code'),
      calls: readInteger(row, 'calls'),
    })
    return {
      days: days.map((row) => ({ day: readText(row, 'day'), ...readSum(row) })),
      keys: keys.slice(0, limit).map((row) => ({
        keyId: readText(row, 'key_id'),
        name: readNullable(row, 'name', readText),
        ...readSum(row),
      })),
      isCut: keys.length > limit,
    }
  })
}

/** A key that is not stored, such as that of the environment, belongs to the default workspace. */
function createConditions({ key, workspace, member, visibleWorkspaces }: RejectedFilter) {
  const conditions: string[] = []
  const values: string[] = []
  const add = (condition: string, ...given: readonly string[]) => {
    conditions.push(condition)
    values.push(...given)
  }
  if (key !== undefined) add('key_id = ?', key)
  if (workspace !== undefined) add(`${workspaceColumn} = ?`, workspace)
  if (member !== undefined) add('keys.member_id = ?', member)
  if (visibleWorkspaces !== null)
    add(
      `${workspaceColumn} IN (${visibleWorkspaces.map(() => '?').join(', ') || 'NULL'})`,
      ...visibleWorkspaces,
    )
  return { conditions, values }
}

const workspaceColumn = "coalesce(keys.workspace_id, 'default')"

/** The first and the last day. Days whose counts are removed with the sums of calls are left out. */
async function listDays(queries: Queries, { sinceMs, untilMs }: Period): Promise<SqlArray> {
  const firstMs = Math.max(sinceMs, await findRemovedSums(queries))
  return [getDay(Math.min(firstMs, lastDayMs)), getDay(Math.min(untilMs - 1, lastDayMs))]
}

/** Years of more than four digits do not sort as text. */
const lastDayMs = Date.UTC(9999, 11, 31)
