import { readNumber } from '../store/database.ts'
import type { Queries } from '../store/database.ts'
import { rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { getGroupLevel } from './rollup-levels.ts'
import { chooseHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import { listIds, readGroups } from './rollup-rows.ts'
import type { GroupSums } from './rollup-rows.ts'
import { splitByCalls } from './latest-calls.ts'
import { findFirstCallHour, readProgress } from './rollup-sums.ts'

interface WantedHours {
  readonly dimensions: ReadonlySet<RollupDimension>
  /** Whether the value of one dimension matches. */
  readonly matches: (values: GroupSums['dimensions'], dimension: RollupDimension) => boolean
  /** The number of calls that the caller needs. */
  readonly calls: number
}

/**
 * Finds the times in which calls with the wanted dimensions may have started, latest first, so that a list of few calls
 * need not read all others. It looks at the most selective
 * dimension, and at the outcome.
 */
export async function* findHoursWithCalls(
  queries: Queries,
  { dimensions, matches, calls }: WantedHours,
  { startMs, endMs }: TimeRange,
): AsyncGenerator<TimeRange> {
  const best = selective.find((name) => dimensions.has(name))
  if (best === undefined) return yield* splitByCalls(queries, { startMs, endMs }, calls)
  const level = chooseHours(new Set([best]))
  const groups = await readGroups(queries, getGroupLevel(level), (values) =>
    level.dimensions.every((name) => !dimensions.has(name) || matches(values, name)),
  )
  if (groups.size > maxListedGroups) return yield* splitByCalls(queries, { startMs, endMs }, calls)
  // Derived levels do not have the latest hours.
  const untilMs = Math.min(endMs, await readProgress(queries))
  if (untilMs < endMs) yield { startMs: Math.max(startMs, untilMs), endMs }
  const firstMs = Math.max(floorHour(startMs), await findFirstCallHour(queries))
  let beforeMs = untilMs
  while (groups.size > 0 && firstMs < beforeMs) {
    const range = { startMs: firstMs, endMs: beforeMs }
    const hours = await readHours(queries, { ids: listIds(groups), span: level.span }, range)
    for (const hourMs of hours)
      yield { startMs: Math.max(hourMs, startMs), endMs: Math.min(hourMs + rollupSpans.hour, untilMs) }
    if (hours.length < hoursPerQuery) return
    beforeMs = hours.at(-1) ?? firstMs
  }
}

/** The dimensions with a level of their own, the one with most values first. */
const selective: readonly RollupDimension[] = [
  'key_id',
  'member_id',
  'labels',
  'workspace_id',
  'model',
  'upstream',
  'outcome',
]

const maxListedGroups = 500
const hoursPerQuery = 100

async function readHours(
  queries: Queries,
  { ids, span }: { readonly ids: readonly bigint[]; readonly span: string },
  { startMs, endMs }: TimeRange,
): Promise<readonly number[]> {
  const rows = await queries.query(
    `SELECT DISTINCT start_ms FROM rollups WHERE group_id IN (${ids.map(() => '?').join(', ')}) AND span <> 'hour' AND span = ?
       AND start_ms >= ? AND start_ms < ? ORDER BY start_ms DESC LIMIT ${hoursPerQuery}`,
    [...ids, span, startMs, endMs],
  )
  return rows.map((row) => readNumber(row, 'start_ms'))
}
