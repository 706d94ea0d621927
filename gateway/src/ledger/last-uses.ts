import { readNumber, readText } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { findStartOfLatest } from './latest-calls.ts'
import { removedSumsMs } from '../store/schema/rollups.ts'
import { rollupSpans } from './rollup.ts'
import { readProgress } from './rollup-sums.ts'

/** The last call of a key that has ended. */
export interface LastUse {
  /** Its start, or the start of its hour. */
  readonly atMs: number
  /** False: it is known by the sums of its hour. */
  readonly isExact: boolean
}

/** The latest calls, whose times are exact. */
const maxCalls = 10_000

const level = 'key_id,outcome'

/**
 * Finds the last use of keys. A key among the latest calls has the time of its call; of another one the sums of the hours
 * know the hour, by one step in their index for each key and outcome.
 */
export async function readLastUses(
  queries: Queries,
  keyIds: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  if (keyIds.length === 0) return new Map()
  const places = keyIds.map(() => '?').join(', ')
  const derived = await queries.query(
    `SELECT key_id, max(start_ms) AS at_ms FROM (
       SELECT key_id, (SELECT max(start_ms) FROM rollups
         WHERE group_id = rollup_groups.id AND span = 'hour/${level}' AND span <> 'hour') AS start_ms
       FROM rollup_groups WHERE level = '${level}' AND key_id IN (${places})) AS hours
     WHERE start_ms >= ${removedSumsMs} GROUP BY key_id`,
    keyIds,
  )
  const sinceMs = (await readProgress(queries)) - rollupSpans.hour
  const present = await queries.query(
    `SELECT key_id, max(start_ms) AS at_ms FROM rollups JOIN rollup_groups ON id = group_id
     WHERE span = 'hour' AND start_ms >= ? AND key_id IN (${places}) GROUP BY key_id`,
    [sinceMs, ...keyIds],
  )
  const startMs = await findStartOfLatest(queries, { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }, maxCalls)
  const exact = await queries.query(
    `SELECT key_id, max(started_at_ms) AS at_ms FROM (
       SELECT key_id, started_at_ms FROM calls WHERE started_at_ms >= ?
       ORDER BY started_at_ms DESC, id DESC LIMIT ${maxCalls}) AS latest
     WHERE key_id IN (${places}) GROUP BY key_id`,
    [startMs, ...keyIds],
  )
  const uses = new Map<string, LastUse>()
  for (const [rows, isExact] of [
    [derived, false],
    [present, false],
    [exact, true],
  ] as const)
    for (const row of rows) uses.set(readText(row, 'key_id'), { atMs: readNumber(row, 'at_ms'), isExact })
  return uses
}
