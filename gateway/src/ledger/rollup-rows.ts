import { readInteger, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { rollupDimensions, rollupMeasures } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import type { RollupLevel } from './rollup-levels.ts'
import { getGroupLevel } from './rollup-levels.ts'
import type { TimeRange } from './rollup-periods.ts'

/** Sums of the calls that have the same dimensions. */
export interface GroupSums {
  /** Empty for a dimension by which nothing is summed. */
  readonly dimensions: Readonly<Record<RollupDimension, string>>
  /** By the names of `rollupMeasures`. */
  readonly measures: Readonly<Record<string, bigint>>
}

/** Sums of the calls of one hour, day or month (UTC) and group. */
export interface UnitSums extends GroupSums {
  readonly startMs: number
}

/** Calls to sum: the dimensions that the caller needs, and the values that it accepts. */
export interface Wanted {
  readonly dimensions: ReadonlySet<RollupDimension>
  /** Null: all. */
  readonly matches: ((dimensions: GroupSums['dimensions']) => boolean) | null
}

/** The groups of a level that a caller accepts, by their ids. */
export type Groups = ReadonlyMap<bigint, GroupSums['dimensions']>

export async function readGroups(
  queries: Queries,
  level: string,
  matches: (dimensions: GroupSums['dimensions']) => boolean,
  columns: readonly RollupDimension[] = rollupDimensions,
): Promise<Groups> {
  const rows = await queries.query(`SELECT id, ${columns.join(', ')} FROM rollup_groups WHERE level = ?`, [
    level,
  ])
  const groups = new Map<bigint, GroupSums['dimensions']>()
  for (const row of rows) {
    const dimensions = readDimensions(row)
    if (matches(dimensions)) groups.set(readInteger(row, 'id'), dimensions)
  }
  return groups
}

/** Reads the sums of levels; it reads the groups of a level once. */
export interface RowReader {
  /** Sums the rows of a level that start in a range, by group. */
  sum(level: RollupLevel, range: TimeRange): Promise<readonly GroupSums[]>
  /** The same for each hour, day or month of the level, in order of time. */
  list(level: RollupLevel, range: TimeRange): Promise<readonly UnitSums[]>
}

export function createRowReader(queries: Queries, { dimensions, matches }: Wanted): RowReader {
  // Every report counts the outcomes.
  const columns = rollupDimensions.filter((name) => dimensions.has(name) || name === 'outcome')
  const known = new Map<string, Groups>()

  async function getGroups(level: RollupLevel): Promise<Groups> {
    const name = getGroupLevel(level)
    const groups = known.get(name) ?? (await readGroups(queries, name, matches ?? (() => true), columns))
    known.set(name, groups)
    return groups
  }

  async function read(level: RollupLevel, range: TimeRange, time: readonly string[]): Promise<FoundRow[]> {
    const hasOwnGroups = level.dimensions.length === columns.length
    const groups = hasOwnGroups || matches !== null ? await getGroups(level) : null
    if (groups?.size === 0) return []
    const ids = groups !== null && groups.size <= maxListedGroups ? [...groups.keys()] : []
    const by = [...time, ...(hasOwnGroups ? ['group_id'] : columns)]
    const found: FoundRow[] = []
    for (const row of await readSpans(queries, { span: level.span, by, ids }, range)) {
      const group = hasOwnGroups ? groups?.get(readInteger(row, 'group_id')) : readDimensions(row)
      if (group !== undefined && (hasOwnGroups || matches === null || matches(group)))
        found.push({ row, group })
    }
    return found
  }

  return {
    async sum(level, range) {
      const found = await read(level, range, [])
      return found.map(({ row, group }) => ({ dimensions: group, measures: readMeasures(row) }))
    },
    async list(level, range) {
      const found = await read(level, range, ['start_ms'])
      return found
        .map(({ row, group }) => ({
          startMs: readNumber(row, 'start_ms'),
          dimensions: group,
          measures: readMeasures(row),
        }))
        .toSorted((one, other) => one.startMs - other.startMs)
    },
  }
}

interface FoundRow {
  readonly row: SqlRow
  readonly group: GroupSums['dimensions']
}

interface SpanSums {
  readonly span: string
  /** The columns by which the rows are summed. */
  readonly by: readonly string[]
  /** The groups to which the rows belong; none: all. */
  readonly ids: readonly bigint[]
}

async function readSpans(
  queries: Queries,
  { span, by, ids }: SpanSums,
  { startMs, endMs }: TimeRange,
): Promise<readonly SqlRow[]> {
  // The index by group leaves out the hours with all dimensions.
  const only =
    ids.length === 0
      ? ''
      : `AND group_id IN (${ids.map(() => '?').join(', ')})${span === 'hour' ? '' : " AND span <> 'hour'"}`
  const isJoined = by.some((name) => rollupDimensions.some((dimension) => dimension === name))
  const groups = isJoined ? 'JOIN rollup_groups ON rollup_groups.id = group_id' : ''
  const read = (part: string, sum: (column: string) => string) =>
    queries.query(
      `SELECT ${by.join(', ')}, ${rollupMeasures.map(sum).join(', ')} FROM rollups ${groups}
       WHERE span = ? AND start_ms >= ? AND start_ms < ? AND ${part} ${only} GROUP BY ${by.join(', ')}`,
      [span, startMs, endMs, ...ids],
    )
  // Sums of parts with ordinary values fit into 64 bits.
  return [...(await read('part = 0', sumWhole)), ...(await read('part > 0', sumInHalves))]
}

/** Below this number the groups are named in the query, which then reads their rows by an index. */
const maxListedGroups = 100

export function sumWhole(column: string): string {
  return `CAST(sum(${column}) AS BIGINT) AS ${column}`
}

/** A sum of 64-bit values can exceed 64 bits, so the upper and lower 32 bits are added separately. */
export function sumInHalves(column: string): string {
  return `CAST(coalesce(sum(${column} >> 32), 0) AS BIGINT) AS ${column}_high,
    CAST(coalesce(sum(${column} & 4294967295), 0) AS BIGINT) AS ${column}_low`
}

/** Empty texts for the columns that a row does not have. */
export function readDimensions(row: SqlRow): GroupSums['dimensions'] {
  const dimensions: Partial<Record<RollupDimension, string>> = {}
  for (const name of rollupDimensions) dimensions[name] = name in row ? readText(row, name) : ''
  return dimensions as Record<RollupDimension, string> // It has every name.
}

/** Zero for the measures that a row does not have. */
export function readMeasures(row: SqlRow): Record<string, bigint> {
  const measures: Record<string, bigint> = {}
  for (const { name, high, low } of measureColumns) {
    const value = row[name]
    if (typeof value === 'bigint') measures[name] = value
    else measures[name] = high in row ? (readInteger(row, high) << 32n) + readInteger(row, low) : 0n
  }
  return measures
}

/** A report has tens of thousands of rows, so these names are made once. */
const measureColumns = rollupMeasures.map((name) => ({ name, high: `${name}_high`, low: `${name}_low` }))
