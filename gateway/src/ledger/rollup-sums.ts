import { readInteger, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { rollupStatements } from '../store/schema/rollups.ts'
import { rollupDimensions, rollupMeasures, rollupSpans, summedColumns } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { findUnitStart, getGroupLevel, rollupLevels } from './rollup-levels.ts'
import type { RollupLevel } from './rollup-levels.ts'

/** Sums of the calls that have the same dimensions. */
export interface GroupSums {
  /** Empty for a dimension that the chosen level does not have. */
  readonly dimensions: Readonly<Record<RollupDimension, string>>
  /** By the names of `rollupMeasures`. */
  readonly measures: Readonly<Record<string, bigint>>
}

/** Times in milliseconds; the end is exclusive. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

export interface SumReader {
  /** Sums the calls of a period by group. Times before `firstHourMs` are rounded down to the hour. */
  sum(range: TimeRange): Promise<readonly GroupSums[]>
  /**
   * Sums the calls of a period of whole hours by hour and group, in one statement for all hours. Null if the dimensions
   * have so many groups that summing longer spans is faster, or if many hours are not derived yet.
   */
  listHours(range: TimeRange): Promise<readonly HourSums[] | null>
  /** Sums the cost of the calls of each hour (UTC) of a period of whole hours, in nano-dollars, by the start of the hour. */
  sumCostByHour(range: TimeRange): Promise<ReadonlyMap<number, bigint>>
}

/** Sums of the calls of one hour and group. */
export interface HourSums extends GroupSums {
  readonly hourMs: number
}

/** Calls to sum: the dimensions that the caller needs, and the values that it accepts. */
interface Wanted {
  readonly dimensions: ReadonlySet<RollupDimension>
  readonly matches: (dimensions: GroupSums['dimensions']) => boolean
}

/**
 * Reads sums from the coarsest levels that have the wanted dimensions and fit into a period. An hour that the period
 * cuts is summed from its calls, as long as they are kept: an hour whose calls may have been pruned belongs to the
 * period in which it ends.
 */
export async function createSumReader(queries: Queries, { dimensions, matches }: Wanted): Promise<SumReader> {
  const levels = chooseLevels(dimensions)
  const untilMs = await readProgress(queries)
  const firstHourMs = await findFirstCallHour(queries)
  const groups = new Map<string, Groups>()
  async function getGroups(level: RollupLevel): Promise<Groups> {
    const name = getGroupLevel(level)
    const known = groups.get(name) ?? (await readGroups(queries, name, matches))
    groups.set(name, known)
    return known
  }
  /** From the hours of a level, and from those with all dimensions where they are not derived yet. */
  async function readHourSums(level: RollupLevel, { startMs, endMs }: TimeRange): Promise<HourSums[]> {
    const derivedMs = Math.min(Math.max(untilMs, startMs), endMs)
    const read = async (from: RollupLevel, range: TimeRange) =>
      range.startMs < range.endMs ? readHours(queries, await getGroups(from), from.span, range) : []
    return [
      ...(await read(level, { startMs, endMs: derivedMs })),
      ...(await read(allHours, { startMs: derivedMs, endMs })),
    ]
  }
  return {
    async listHours(range) {
      const [hours, ...longer] = levels.toReversed()
      if (hours === undefined || longer.length > 0) return null
      const derivedMs = Math.min(Math.max(untilMs, range.startMs), range.endMs)
      if ((await findLastHour(queries)) - derivedMs > maxUnderivedMs) return null
      return readHourSums(hours, range)
    },
    async sum({ startMs, endMs }) {
      const cut = (timeMs: number) => (timeMs < firstHourMs ? floor(timeMs, rollupSpans.hour) : timeMs)
      const sums: GroupSums[] = []
      for (const part of splitPeriod({ startMs: cut(startMs), endMs: cut(endMs) }, { levels, untilMs })) {
        if (part.level === 'calls') sums.push(...(await sumCalls(queries, matches, part)))
        else sums.push(...(await sumSpans(queries, await getGroups(part.level), part.level.span, part)))
      }
      return sums
    },
    async sumCostByHour({ startMs, endMs }) {
      const costs = new Map<number, bigint>()
      for (const { hourMs, measures } of await readHourSums(chooseHours(dimensions), { startMs, endMs }))
        costs.set(hourMs, (costs.get(hourMs) ?? 0n) + (measures['cost_nano_usd'] ?? 0n))
      return costs
    },
  }
}

/** The whole hours (UTC) of a period; null if it has none. */
export function findWholeHours({ startMs, endMs }: TimeRange): TimeRange | null {
  const hours = { startMs: ceil(startMs, rollupSpans.hour), endMs: floor(endMs, rollupSpans.hour) }
  return hours.startMs < hours.endMs ? hours : null
}

/** The level of hours with the fewest groups that has the dimensions. */
export function chooseHours(dimensions: ReadonlySet<RollupDimension>): RollupLevel {
  return chooseLevel('hour', dimensions) ?? allHours
}

function chooseLevel(
  unit: RollupLevel['unit'],
  dimensions: ReadonlySet<RollupDimension>,
): RollupLevel | undefined {
  const hasAll = (level: RollupLevel) => [...dimensions].every((name) => level.dimensions.includes(name))
  return rollupLevels.find((level) => level.unit === unit && hasAll(level))
}

/** The hours with all dimensions, which calls are added to. */
const allHours: RollupLevel = { span: 'hour', unit: 'hour', dimensions: rollupDimensions }

export type Groups = ReadonlyMap<bigint, GroupSums['dimensions']>

export async function readGroups(
  queries: Queries,
  level: string,
  matches: Wanted['matches'],
): Promise<Groups> {
  const columns = rollupDimensions.join(', ')
  const rows = await queries.query(`SELECT id, ${columns} FROM rollup_groups WHERE level = ?`, [level])
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

/** The end of the derived sums. */
export async function readProgress(queries: Queries): Promise<number> {
  const [row] = await queries.query(rollupStatements.readProgress)
  return row === undefined ? 0 : readNumber(row, 'until_ms')
}

type Part = TimeRange & { readonly level: RollupLevel | 'calls' }

interface Levels {
  /** The levels of derived sums, the coarsest first. */
  readonly levels: readonly RollupLevel[]
  /** The end of the derived sums. */
  readonly untilMs: number
}

/** Covers a period with months, days, hours, and parts of an hour at its ends. */
export function splitPeriod({ startMs, endMs }: TimeRange, { levels, untilMs }: Levels): readonly Part[] {
  if (startMs >= endMs) return []
  const first = ceil(startMs, rollupSpans.hour)
  const last = floor(endMs, rollupSpans.hour)
  if (first > last) return [{ level: 'calls', startMs, endMs }]
  const derivedMs = Math.min(Math.max(untilMs, first), last)
  const parts: readonly Part[] = [
    { level: 'calls', startMs, endMs: first },
    ...splitUnits({ startMs: first, endMs: derivedMs }, levels),
    { level: allHours, startMs: derivedMs, endMs: last },
    { level: 'calls', startMs: last, endMs },
  ]
  return parts.filter((part) => part.startMs < part.endMs)
}

/** A level with few groups has less rows in hours than the others in days or months. */
function chooseLevels(dimensions: ReadonlySet<RollupDimension>): readonly RollupLevel[] {
  const hours = chooseHours(dimensions)
  if (levelsWithFewGroups.has(hours)) return [hours]
  const found = (['month', 'day'] as const).map((unit) => chooseLevel(unit, dimensions))
  return [...found.filter((level) => level !== undefined), hours]
}

const levelsWithFewGroups: ReadonlySet<RollupLevel> = new Set(rollupLevels.slice(0, 5))

function splitUnits(
  { startMs, endMs }: TimeRange,
  [level, ...finer]: readonly RollupLevel[],
): readonly Part[] {
  if (level === undefined || startMs >= endMs) return []
  if (level.unit === 'hour') return [{ level, startMs, endMs }]
  const own = findUnitStart(startMs, level.unit)
  const from = own === startMs ? startMs : findNextUnit(own, level.unit)
  const to = findUnitStart(endMs, level.unit)
  if (from >= to) return splitUnits({ startMs, endMs }, finer)
  return [
    ...splitUnits({ startMs, endMs: from }, finer),
    { level, startMs: from, endMs: to },
    ...splitUnits({ startMs: to, endMs }, finer),
  ]
}

function findNextUnit(startMs: number, unit: 'day' | 'month'): number {
  if (unit === 'day') return startMs + rollupSpans.day
  const date = new Date(startMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

async function sumSpans(
  queries: Queries,
  groups: Groups,
  span: string,
  range: TimeRange,
): Promise<readonly GroupSums[]> {
  const rows = await readSpans(queries, groups, { span, by: 'group_id' }, range)
  return rows.flatMap((row) => {
    const dimensions = groups.get(readInteger(row, 'group_id'))
    return dimensions === undefined ? [] : [{ dimensions, measures: readMeasures(row) }]
  })
}

async function readHours(
  queries: Queries,
  groups: Groups,
  span: string,
  range: TimeRange,
): Promise<readonly HourSums[]> {
  const rows = await readSpans(queries, groups, { span, by: 'start_ms, group_id' }, range)
  return rows.flatMap((row) => {
    const dimensions = groups.get(readInteger(row, 'group_id'))
    const hourMs = readNumber(row, 'start_ms')
    return dimensions === undefined ? [] : [{ hourMs, dimensions, measures: readMeasures(row) }]
  })
}

interface SpanSums {
  readonly span: string
  /** The columns by which the rows are summed. */
  readonly by: string
}

async function readSpans(
  queries: Queries,
  groups: Groups,
  { span, by }: SpanSums,
  { startMs, endMs }: TimeRange,
): Promise<readonly SqlRow[]> {
  if (groups.size === 0) return []
  const few = span !== 'hour' && groups.size <= maxListedGroups ? [...groups.keys()] : []
  const only = few.length === 0 ? '' : `AND span <> 'hour' AND group_id IN (${few.map(() => '?').join(', ')})`
  const read = (part: string, sum: (column: string) => string) =>
    queries.query(
      `SELECT ${by}, ${rollupMeasures.map(sum).join(', ')} FROM rollups
       WHERE span = ? AND start_ms >= ? AND start_ms < ? AND ${part} ${only} GROUP BY ${by}`,
      [span, startMs, endMs, ...few],
    )
  // Sums of parts with ordinary values fit into 64 bits.
  return [...(await read('part = 0', sumWhole)), ...(await read('part > 0', sumInHalves))]
}

/** Below this number the groups are named in the query, which then reads their rows by an index. */
const maxListedGroups = 100

/** Sums single calls and their corrections. */
async function sumCalls(
  queries: Queries,
  matches: Wanted['matches'],
  range: TimeRange,
): Promise<readonly GroupSums[]> {
  const empty = (name: string) => (name === 'workspace_id' ? 'default' : '')
  const calls = await queries.query(
    `SELECT ${rollupDimensions.map((name) => `coalesce(${name}, '${empty(name)}') AS ${name}`).join(', ')},
       ${countWhere(isCall)} AS calls, ${countWhere(isCall, 'coalesce(attempts, 0)')} AS attempts,
       ${countWhere(isUnpriced)} AS unpriced, ${countWhere("usage_source = 'estimated'")} AS estimated,
       ${summedColumns.map(sumInHalves).join(', ')}
     FROM all_calls WHERE started_at_ms >= ? AND started_at_ms < ? AND outcome IS NOT NULL ${byDimensions}`,
    [range.startMs, range.endMs],
  )
  const corrections = await queries.query(
    `SELECT ${rollupDimensions.join(', ')}, ${sumWhole('unpriced')}, ${summedColumns.map(sumInHalves).join(', ')}
     FROM corrections WHERE started_at_ms >= ? AND started_at_ms < ? ${byDimensions}`,
    [range.startMs, range.endMs],
  )
  return [...calls, ...corrections].flatMap((row) => {
    const dimensions = readDimensions(row)
    return matches(dimensions) ? [{ dimensions, measures: readMeasures(row) }] : []
  })
}

const byDimensions = `GROUP BY ${rollupDimensions.map((_, at) => at + 1).join(', ')}`

/** False for the row of a billed attempt from which its call moved on: it costs money and is no call. */
export const isCall = "(id NOT LIKE 'req\\_%#%' ESCAPE '\\' OR id LIKE '%/%')"

const isUnpriced =
  "(unpriced_because IS NOT NULL OR (cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered')))"

function countWhere(condition: string, count = '1'): string {
  return `CAST(sum(CASE WHEN ${condition} THEN ${count} ELSE 0 END) AS BIGINT)`
}

function sumWhole(column: string): string {
  return `CAST(sum(${column}) AS BIGINT) AS ${column}`
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
        : name in row
          ? readInteger(row, name)
          : 0n
  return measures
}

/** The last hour (UTC) with calls, in milliseconds; 0 without one. */
async function findLastHour(queries: Queries): Promise<number> {
  const [row] = await queries.query("SELECT max(start_ms) AS last FROM rollups WHERE span = 'hour'")
  return Number(row?.['last'] ?? 0)
}

/** Hours that are not derived have a row for every combination of dimensions. */
const maxUnderivedMs = 2 * rollupSpans.day

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
