import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { rollupSpans } from './rollup.ts'
import { getGroupLevel } from './rollup-levels.ts'
import { chooseHours } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import { listIds, readGroups } from './rollup-rows.ts'
import { readProgress } from './rollup-sums.ts'

/**
 * Finds the hours (UTC) of a period in which calls have ended without a cost: their process died, or nobody knows their
 * price. What is held for them is in no sum. Hours that are not derived yet may all have such calls.
 */
export async function readHoldingHours(
  queries: Queries,
  { startMs, endMs }: TimeRange,
): Promise<readonly TimeRange[]> {
  const untilMs = Math.min(endMs, Math.max(startMs, await readProgress(queries)))
  const level = chooseHours(new Set(['outcome']))
  const unknown = listIds(
    await readGroups(queries, getGroupLevel(level), ({ outcome }) => outcome === 'unknown'),
  )
  const isUnknown = unknown.length === 0 ? '' : ` OR group_id IN (${unknown.map(() => '?').join(', ')})`
  const rows = await queries.query(
    `SELECT DISTINCT start_ms FROM rollups
     WHERE span = ? AND start_ms >= ? AND start_ms < ? AND (unpriced <> 0${isUnknown}) ORDER BY start_ms`,
    [level.span, startMs, untilMs, ...unknown],
  )
  const hours = rows.map((row) => {
    const hourMs = readNumber(row, 'start_ms')
    return { startMs: hourMs, endMs: hourMs + rollupSpans.hour }
  })
  return untilMs < endMs ? [...hours, { startMs: untilMs, endMs }] : hours
}
