import { getDay } from '../clock.ts'
import { readInteger, readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import type { Period } from './usage-filter.ts'

/** Reads the numbers of rejected calls by key and error code. Rejections are counted by day (UTC), so a period of part of a day includes all of it. */
export async function readRejectedCalls(
  queries: Queries,
  { sinceMs, untilMs }: Period,
): Promise<ReadonlyMap<string, Record<string, bigint>>> {
  const rows = await queries.query(
    `SELECT key_id, code, CAST(sum(calls) AS BIGINT) AS calls FROM rejected_calls
     WHERE day >= ? AND day <= ? GROUP BY key_id, code ORDER BY calls DESC`,
    [getDay(Math.min(sinceMs, lastDayMs)), getDay(Math.min(untilMs - 1, lastDayMs))],
  )
  const found = new Map<string, Record<string, bigint>>()
  for (const row of rows) {
    const codes = found.get(readText(row, 'key_id')) ?? {}
    codes[readText(row, 'code')] = readInteger(row, 'calls')
    found.set(readText(row, 'key_id'), codes)
  }
  return found
}

/** Years of more than four digits do not sort as text. */
const lastDayMs = Date.UTC(9999, 11, 31)
