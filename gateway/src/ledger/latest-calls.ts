import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { chooseHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import { findSummedHours, readProgress } from './rollup-sums.ts'

/**
 * Finds a time from which on the latest calls of a period are at least so many, or all, by the sums of the hours. A list
 * that names it lets PostgreSQL look at few of the days, each of which is a table of its own.
 */
export async function findStartOfLatest(
  queries: Queries,
  { startMs, endMs }: TimeRange,
  calls: number,
): Promise<number> {
  const derivedMs = Math.max(startMs, await readProgress(queries))
  let found = derivedMs < endMs ? await countCalls(queries, { startMs: derivedMs, endMs }, calls) : 0
  if (found >= calls) return derivedMs
  const { span } = chooseHours(new Set())
  for (let beforeMs = floorHour(Math.min(derivedMs, endMs)); ;) {
    const rows = await queries.query(
      `SELECT start_ms, CAST(sum(calls) AS BIGINT) AS calls FROM rollups
       WHERE span = ? AND start_ms >= ? AND start_ms < ? GROUP BY start_ms ORDER BY start_ms DESC LIMIT ${hoursPerQuery}`,
      [span, startMs, beforeMs],
    )
    for (const row of rows) {
      found += readNumber(row, 'calls')
      beforeMs = readNumber(row, 'start_ms')
      if (found >= calls) return beforeMs
    }
    if (rows.length < hoursPerQuery) return startMs
  }
}

/** Splits a period into parts, the latest first, the first with about so many calls and each other one with ten times more. */
export async function* splitByCalls(
  queries: Queries,
  { startMs, endMs }: TimeRange,
  calls: number,
): AsyncGenerator<TimeRange> {
  const summed = await findSummedHours(queries)
  const firstMs = Math.max(startMs, summed.startMs)
  let beforeMs = Math.min(endMs, summed.endMs)
  for (let wanted = calls; firstMs < beforeMs; wanted *= 10) {
    const fromMs = await findStartOfLatest(queries, { startMs: firstMs, endMs: beforeMs }, wanted)
    yield { startMs: fromMs, endMs: beforeMs }
    beforeMs = fromMs
  }
}

const hoursPerQuery = 500

async function countCalls(queries: Queries, { startMs, endMs }: TimeRange, max: number): Promise<number> {
  const [row] = await queries.query(
    `SELECT count(*) AS calls FROM (
       SELECT id FROM calls WHERE started_at_ms >= ? AND started_at_ms < ? LIMIT ?) AS latest`,
    [startMs, endMs, max],
  )
  return row === undefined ? 0 : readNumber(row, 'calls')
}
