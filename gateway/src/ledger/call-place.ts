import { readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow, SqlValue } from '../store/database.ts'

/** The place of a call in the order of lists, by which both stores find it fast. */
export interface CallPlace {
  readonly startedAtMs: number
  readonly id: string
}

export function readPlace(row: SqlRow): CallPlace {
  return { startedAtMs: readNumber(row, 'started_at_ms'), id: readText(row, 'id') }
}

/** The ids of those calls that have ended. */
export async function findEndedCalls(
  queries: Queries,
  calls: readonly CallPlace[],
): Promise<readonly string[]> {
  const found: string[] = []
  for (let at = 0; at < calls.length; at += idsPerQuery) {
    const { sql, values } = listCallPlaces(calls.slice(at, at + idsPerQuery))
    const rows = await queries.query(`SELECT id FROM calls WHERE ${sql}`, values)
    found.push(...rows.map((row) => readText(row, 'id')))
  }
  return found
}

/** The condition of being one of the calls, at least one. Its bounds keep PostgreSQL from looking into the partition of every day. */
export function listCallPlaces(calls: readonly CallPlace[]): {
  readonly sql: string
  readonly values: readonly SqlValue[]
} {
  const times = calls.map(({ startedAtMs }) => startedAtMs)
  return {
    sql: `id IN (${calls.map(() => '?').join(', ')}) AND started_at_ms >= ? AND started_at_ms <= ?`,
    values: [...calls.map(({ id }) => id), Math.min(...times), Math.max(...times)],
  }
}

const idsPerQuery = 1_000
