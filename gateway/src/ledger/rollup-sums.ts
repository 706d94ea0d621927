import { readInteger, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { rollupDimensions, rollupMeasures, rollupSpans, summedColumns } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'

/** Sums of the calls that have the same dimensions. */
export interface GroupSums {
  readonly dimensions: Readonly<Record<RollupDimension, string>>
  /** By the names of `rollupMeasures`. */
  readonly measures: Readonly<Record<string, bigint>>
}

/** All combinations of dimensions that a filter leaves, by id. */
export type Groups = ReadonlyMap<bigint, GroupSums['dimensions']>

export async function readGroups(
  queries: Queries,
  matches: (dimensions: GroupSums['dimensions']) => boolean,
): Promise<Groups> {
  const rows = await queries.query(`SELECT id, ${rollupDimensions.join(', ')} FROM rollup_groups`)
  const groups = new Map<bigint, GroupSums['dimensions']>()
  for (const row of rows) {
    const dimensions = readDimensions(row)
    if (matches(dimensions)) groups.set(readInteger(row, 'id'), dimensions)
  }
  return groups
}

function readDimensions(row: SqlRow): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name) => [name, readText(row, name)] as const)
  return Object.fromEntries(entries) as Record<RollupDimension, string> // One entry for each name.
}

/** Times in milliseconds; the end is exclusive. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

/**
 * Sums the calls of a period by group, from whole days (UTC) where the period contains them, and from hours at its
 * ends. An hour that the period cuts is summed from its calls, as long as they are kept: before `callsSinceMs` such an
 * hour belongs to the period in which it begins.
 */
export async function sumPeriod(
  queries: Queries,
  groups: Groups,
  { startMs, endMs, callsSinceMs }: TimeRange & { readonly callsSinceMs: number },
): Promise<readonly GroupSums[]> {
  const cut = (timeMs: number) => (timeMs < callsSinceMs ? floor(timeMs, rollupSpans.hour) : timeMs)
  const parts = splitPeriod({ startMs: cut(startMs), endMs: cut(endMs) })
  const sums: GroupSums[] = []
  for (const { span, ...range } of parts)
    sums.push(
      ...(span === 'calls'
        ? await sumCalls(queries, groups, range)
        : await sumSpans(queries, groups, span, range)),
    )
  return sums
}

type Part = TimeRange & { readonly span: 'day' | 'hour' | 'calls' }

/** Covers a period with days, hours, and parts of an hour at its ends. */
export function splitPeriod({ startMs, endMs }: TimeRange): readonly Part[] {
  const hours = { startMs: ceil(startMs, rollupSpans.hour), endMs: floor(endMs, rollupSpans.hour) }
  const parts: Part[] = []
  const add = (span: Part['span'], from: number, to: number) => {
    if (from < to) parts.push({ span, startMs: from, endMs: to })
  }
  // The period lies within one hour.
  if (hours.startMs > hours.endMs) return startMs < endMs ? [{ span: 'calls', startMs, endMs }] : []
  const days = { startMs: ceil(hours.startMs, rollupSpans.day), endMs: floor(hours.endMs, rollupSpans.day) }
  add('calls', startMs, hours.startMs)
  if (days.startMs < days.endMs) {
    add('hour', hours.startMs, days.startMs)
    add('day', days.startMs, days.endMs)
    add('hour', days.endMs, hours.endMs)
  } else add('hour', hours.startMs, hours.endMs)
  add('calls', hours.endMs, endMs)
  return parts
}

async function sumSpans(
  queries: Queries,
  groups: Groups,
  span: 'day' | 'hour',
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const few = groups.size <= maxListedGroups ? [...groups.keys()] : null
  const only = few === null ? '' : `AND group_id IN (${few.map(() => '?').join(', ') || 'NULL'})`
  const rows = await queries.query(
    `SELECT group_id, ${rollupMeasures.map(sumInHalves).join(', ')} FROM rollups
     WHERE span = ? AND start_ms >= ? AND start_ms < ? ${only} GROUP BY group_id`,
    [span, startMs, endMs, ...(few ?? [])],
  )
  return rows.flatMap((row) => {
    const dimensions = groups.get(readInteger(row, 'group_id'))
    return dimensions === undefined ? [] : [{ dimensions, measures: readMeasures(row) }]
  })
}

/** Below this number the groups are named in the query, which then reads their rows by an index. */
const maxListedGroups = 200

async function sumCalls(
  queries: Queries,
  groups: Groups,
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const known = new Set([...groups.values()].map((dimensions) => JSON.stringify(Object.values(dimensions))))
  const columns = rollupDimensions.map(
    (name) => `coalesce(${name}, '${name === 'workspace_id' ? 'default' : ''}') AS ${name}`,
  )
  const rows = await queries.query(
    `SELECT ${columns.join(', ')},
       ${countWhere(isCall)} AS calls, ${countWhere(isCall, 'coalesce(attempts, 0)')} AS attempts,
       ${countWhere(isUnpriced)} AS unpriced, ${countWhere("usage_source = 'estimated'")} AS estimated,
       ${summedColumns.map(sumInHalves).join(', ')}
     FROM all_calls WHERE started_at_ms >= ? AND started_at_ms < ? AND outcome IS NOT NULL
     GROUP BY ${rollupDimensions.map((_, at) => at + 1).join(', ')}`,
    [startMs, endMs],
  )
  return rows.flatMap((row) => {
    const dimensions = readDimensions(row)
    if (!known.has(JSON.stringify(Object.values(dimensions)))) return []
    return [{ dimensions, measures: readMeasures(row) }]
  })
}

/** False for the row of a billed attempt from which its call moved on: it costs money and is no call. */
export const isCall = "(id NOT LIKE 'req\\_%#%' ESCAPE '\\' OR id LIKE '%/%')"

const isUnpriced =
  "(unpriced_because IS NOT NULL OR (cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered')))"

function countWhere(condition: string, count = '1'): string {
  return `CAST(sum(CASE WHEN ${condition} THEN ${count} ELSE 0 END) AS BIGINT)`
}

/** A sum of 64-bit values can exceed 64 bits, so the upper and lower 32 bits are added separately. */
function sumInHalves(column: string): string {
  return `CAST(coalesce(sum(${column} >> 32), 0) AS BIGINT) AS ${column}_high,
    CAST(coalesce(sum(${column} & 4294967295), 0) AS BIGINT) AS ${column}_low`
}

function readMeasures(row: SqlRow): Record<string, bigint> {
  const measures: Record<string, bigint> = {}
  for (const name of rollupMeasures)
    measures[name] =
      `${name}_high` in row
        ? (readInteger(row, `${name}_high`) << 32n) + readInteger(row, `${name}_low`)
        : readInteger(row, name)
  return measures
}

/** The hour (UTC) of the first call that is kept: earlier ones may have been pruned. */
export async function findFirstCallHour(queries: Queries): Promise<number> {
  const [row] = await queries.query('SELECT min(started_at_ms) AS first FROM calls')
  const first = row?.['first'] ?? null
  return first === null ? Number.MAX_SAFE_INTEGER : floor(Number(first), rollupSpans.hour)
}

function floor(timeMs: number, unitMs: number): number {
  return Math.floor(timeMs / unitMs) * unitMs
}

function ceil(timeMs: number, unitMs: number): number {
  return Math.ceil(timeMs / unitMs) * unitMs
}
