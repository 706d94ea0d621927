import type { Queries, SqlArray } from '../store/database.ts'
import { rollupDimensions, rollupMeasures } from './rollup.ts'
import type { Measures, RollupDimension, RollupMeasure } from './rollup.ts'
import type { RollupLevel } from './rollup-levels.ts'
import { getGroupLevel } from './rollup-levels.ts'
import type { TimeRange } from './rollup-periods.ts'

/** Sums of the calls that have the same dimensions. */
export interface GroupSums {
  /** Empty for a dimension by which nothing is summed. */
  readonly dimensions: Readonly<Record<RollupDimension, string>>
  readonly measures: Measures
}

/** Sums of the calls of one hour, day or month (UTC) and group. */
export interface UnitSums extends GroupSums {
  readonly startMs: number
}

/** Calls to sum: what the caller needs, and the values that it accepts. */
export interface Wanted {
  readonly dimensions: ReadonlySet<RollupDimension>
  /** The others may be 0. Absent: all. */
  readonly measures?: ReadonlySet<RollupMeasure>
  /** Null: all. */
  readonly matches: ((dimensions: GroupSums['dimensions']) => boolean) | null
}

/** The groups of a level that a caller accepts, by their ids: as text, because these need 63 bits. */
export type Groups = ReadonlyMap<string, GroupSums['dimensions']>

export async function readGroups(
  queries: Queries,
  level: string,
  matches: (dimensions: GroupSums['dimensions']) => boolean,
  columns: readonly RollupDimension[] = rollupDimensions,
): Promise<Groups> {
  const rows = await queries.queryArrays(
    `SELECT CAST(id AS TEXT), ${columns.join(', ')} FROM rollup_groups WHERE level = ?`,
    [level],
  )
  const groups = new Map<string, GroupSums['dimensions']>()
  for (const [id, ...values] of rows) {
    const dimensions = nameDimensions(columns, values)
    if (matches(dimensions)) groups.set(String(id), dimensions)
  }
  return groups
}

export function listIds(groups: Groups): readonly bigint[] {
  return Array.from(groups.keys(), BigInt)
}

/** Reads the sums of levels; it reads the groups of a level once. */
export interface RowReader {
  /** Sums the rows of a level that start in a range, by group. */
  sum(level: RollupLevel, range: TimeRange): Promise<readonly GroupSums[]>
  /**
   * The same for each hour, day or month of the level, or for each part of the range of this width, in order of time. A
   * part that is missing has no calls.
   */
  list(level: RollupLevel, range: TimeRange, parts?: Parts): Promise<readonly UnitSums[]>
  /** The same for the hours, days or months of the level with these starts. */
  listStarts(level: RollupLevel, starts: readonly number[]): Promise<readonly UnitSums[]>
  /** Whether the accepted groups of a level are so few that they are named in the statements. */
  namesGroups(level: RollupLevel): Promise<boolean>
}

/** Stretches of time of one width; one of them begins at the origin. */
export interface Parts {
  readonly originMs: number
  readonly widthMs: number
}

export function createRowReader(
  queries: Queries,
  { dimensions, measures: summed, matches }: Wanted,
): RowReader {
  // Every report counts the outcomes.
  const columns = rollupDimensions.filter((name) => dimensions.has(name) || name === 'outcome')
  const known = new Map<string, Groups>()
  const knownApart = new Map<string, TimeRange>()

  /** Whether a range may have parts of their own. Nearly no span has any. */
  async function hasParts({ span }: RollupLevel, { startMs, endMs }: TimeRange): Promise<boolean> {
    const apart = knownApart.get(span) ?? (await findParts(queries, span))
    knownApart.set(span, apart)
    return apart.startMs < endMs && startMs < apart.endMs
  }

  async function getGroups(level: RollupLevel): Promise<Groups> {
    const name = getGroupLevel(level)
    const groups = known.get(name) ?? (await readGroups(queries, name, matches ?? (() => true), columns))
    known.set(name, groups)
    return groups
  }

  const hasOwnGroups = (level: RollupLevel) => level.dimensions.length === columns.length

  async function read(
    level: RollupLevel,
    range: TimeRange,
    { time, starts = [] }: Pick<SpanSums, 'time'> & Partial<Pick<SpanSums, 'starts'>>,
  ): Promise<UnitSums[]> {
    const isOwn = hasOwnGroups(level)
    const groups = isOwn || matches !== null ? await getGroups(level) : null
    if (groups?.size === 0) return []
    const ids = groups !== null && groups.size <= maxListedGroups ? listIds(groups) : []
    const by = isOwn ? (['group_id'] as const) : columns
    const found: UnitSums[] = []
    for (const { startMs, values, measures } of await readSpans(
      queries,
      { span: level.span, by, summed, time, starts, ids, withParts: await hasParts(level, range) },
      range,
    )) {
      const group = isOwn ? groups?.get(String(values[0])) : nameDimensions(columns, values)
      if (group !== undefined && (isOwn || matches === null || matches(group)))
        found.push({ startMs, dimensions: group, measures })
    }
    return found
  }

  return {
    sum: (level, range) => read(level, range, { time: 'all' }),
    async list(level, range, parts) {
      const found = await read(level, range, { time: parts ?? 'start' })
      return found.toSorted((one, other) => one.startMs - other.startMs)
    },
    async listStarts(level, starts) {
      if (starts.length === 0) return []
      const startMs = starts.reduce((one, other) => Math.min(one, other))
      const lastMs = starts.reduce((one, other) => Math.max(one, other))
      return read(level, { startMs, endMs: lastMs + 1 }, { time: 'start', starts })
    },
    namesGroups: async (level) =>
      matches !== null && hasOwnGroups(level) && (await getGroups(level)).size <= maxListedGroups,
  }
}

interface SpanSums {
  readonly span: string
  /** The columns by which the rows are summed. */
  readonly by: readonly RollupDimension[] | readonly ['group_id']
  readonly summed: Wanted['measures']
  /** All times together, each start, or parts of the range. */
  readonly time: 'all' | 'start' | Parts
  /** The starts to which the rows belong; none: all in the range. */
  readonly starts: readonly number[]
  /** The groups to which the rows belong; none: all. */
  readonly ids: readonly bigint[]
  readonly withParts: boolean
}

interface SpanRow {
  /** 0 if the rows are not summed by time. */
  readonly startMs: number
  /** The values of the columns in `by`. */
  readonly values: SqlArray
  readonly measures: Measures
}

async function readSpans(
  queries: Queries,
  { span, by, summed, time, starts, ids, withParts }: SpanSums,
  { startMs, endMs }: TimeRange,
): Promise<readonly SpanRow[]> {
  // The index by group leaves out the hours with all dimensions.
  const only =
    ids.length === 0
      ? ''
      : `AND group_id IN (${ids.map(() => '?').join(', ')})${span === 'hour' ? '' : " AND span <> 'hour'"}`
  const onlyStarts = starts.length === 0 ? '' : `AND start_ms IN (${starts.map(() => '?').join(', ')})`
  const isGrouped = by[0] === 'group_id'
  const groups = isGrouped ? '' : 'JOIN rollup_groups ON rollup_groups.id = group_id'
  const { sql, values, read: readStart } = describeTime(time)
  const selected = [sql, ...by.map((name) => (name === 'group_id' ? 'CAST(group_id AS TEXT)' : name))]
  const first = selected.length
  const read = (sums: readonly string[], part: string, grouping: string) =>
    queries.queryArrays(
      `SELECT ${[...selected, ...sums].join(', ')} FROM rollups ${groups}
       WHERE span = ? AND start_ms >= ? AND start_ms < ? AND ${part} ${only} ${onlyStarts} ${grouping}`,
      [...values, span, startMs, endMs, ...ids, ...starts],
    )
  const toRow = (row: SqlArray, measures: Measures): SpanRow => ({
    startMs: readStart(Number(row[0])),
    values: row.slice(1, first),
    measures,
  })
  const grouping = `GROUP BY ${['at', ...by].join(', ')}`
  // A group has one row for each start. Sums of it with ordinary values fit into 64 bits.
  const whole = await (time === 'start' && isGrouped
    ? read(rollupMeasures, 'part = 0', '')
    : read(
        rollupMeasures.map((name) => (summed?.has(name) === false ? '0' : sumWhole(name))),
        'part = 0',
        grouping,
      ))
  const apart = withParts ? await read(rollupMeasures.map(sumInHalves), 'part > 0', grouping) : []
  return [
    ...whole.map((row) => toRow(row, readIntegers(row, first))),
    ...apart.map((row) => toRow(row, joinHalves(readIntegers(row, first)))),
  ]
}

interface TimeColumn {
  /** A column with the name `at`. */
  readonly sql: string
  readonly values: readonly number[]
  /** Finds the start from the column. */
  readonly read: (at: number) => number
}

function describeTime(time: SpanSums['time']): TimeColumn {
  if (time === 'all') return { sql: '0 AS at', values: [], read: () => 0 }
  if (time === 'start') return { sql: 'start_ms AS at', values: [], read: (at) => at }
  const { originMs, widthMs } = time
  return {
    // SQLite binds every number as a fraction.
    sql: '(start_ms - CAST(? AS BIGINT)) / CAST(? AS BIGINT) AS at',
    values: [originMs, widthMs],
    read: (at) => originMs + at * widthMs,
  }
}

/** From the first to the last start that has parts of its own; empty if none has. */
async function findParts(queries: Queries, span: string): Promise<TimeRange> {
  const [row] = await queries.queryArrays(
    'SELECT min(start_ms), max(start_ms) FROM rollups WHERE span = ? AND part > 0',
    [span],
  )
  const [first, last] = row ?? []
  return first === null ? { startMs: 0, endMs: 0 } : { startMs: Number(first), endMs: Number(last) + 1 }
}

/** Below this number the groups are named in the query, which then reads their rows by an index. */
const maxListedGroups = 100

function sumWhole(column: string): string {
  return `CAST(sum(${column}) AS BIGINT)`
}

/** A sum of 64-bit values can exceed 64 bits, so the upper and lower 32 bits are added separately, in two columns. */
export function sumInHalves(column: string): string {
  return `CAST(coalesce(sum(${column} >> 32), 0) AS BIGINT), CAST(coalesce(sum(${column} & 4294967295), 0) AS BIGINT)`
}

/** The columns of a row from a place on, which are integers. */
export function readIntegers(row: SqlArray, from: number): Measures {
  return row.slice(from) as (number | bigint)[]
}

/** The sums of `sumInHalves` of several columns. */
export function joinHalves(halves: Measures): readonly bigint[] {
  const sums: bigint[] = []
  for (let at = 0; at < halves.length; at += 2)
    sums.push((BigInt(halves[at] ?? 0) << 32n) + BigInt(halves[at + 1] ?? 0))
  return sums
}

/** The dimensions of a group; empty texts for those that are not among the columns. */
export function nameDimensions(
  columns: readonly RollupDimension[],
  values: SqlArray,
): GroupSums['dimensions'] {
  const dimensions = { ...noDimensions }
  columns.forEach((name, at) => (dimensions[name] = String(values[at])))
  return dimensions
}

const noDimensions = Object.fromEntries(rollupDimensions.map((name) => [name, ''])) as Record<
  RollupDimension,
  string
> // One entry for each name.
