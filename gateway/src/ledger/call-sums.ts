import type { Queries, SqlArray, SqlValue } from '../store/database.ts'
import { rollupDimensions, rollupMeasures, sumRollups, summedColumns } from './rollup.ts'
import type { Measures, RollupDimension } from './rollup.ts'
import type { TimeRange } from './rollup-periods.ts'
import { joinHalves, nameDimensions, readIntegers, sumInHalves } from './rollup-rows.ts'
import type { GroupSums } from './rollup-rows.ts'
import { callColumns } from './row-codec.ts'
import type { ColumnValue } from './row-codec.ts'

/** Sums the calls of a range, which it reads once. */
export type SumCalls = (range: TimeRange) => Promise<readonly GroupSums[]>

/** Sums single calls and their corrections by these dimensions, outcome and source of the usage. */
export function createCallSums(queries: Queries, dimensions: ReadonlySet<RollupDimension>): SumCalls {
  const known = new Map<string, Promise<readonly GroupSums[]>>()
  let corrected: Promise<TimeRange> | null = null
  const sum = async (range: TimeRange) => {
    corrected ??= findCorrected(queries)
    const { startMs, endMs } = await corrected
    const calls = await sumCalls(queries, dimensions, range)
    const isCorrected = startMs < range.endMs && range.startMs < endMs
    return isCorrected ? [...calls, ...(await sumCorrections(queries, range))] : calls
  }
  return (range) => {
    const place = `${range.startMs} ${range.endMs}`
    const sums = known.get(place) ?? sum(range)
    known.set(place, sums)
    return sums
  }
}

/** From the first to the last start of a call that has a correction; empty if none has. Most stores have none. */
async function findCorrected(queries: Queries): Promise<TimeRange> {
  const [row] = await queries.queryArrays('SELECT min(started_at_ms), max(started_at_ms) FROM corrections')
  const [first, last] = row ?? []
  return first === null ? { startMs: 0, endMs: 0 } : { startMs: Number(first), endMs: Number(last) + 1 }
}

async function sumCalls(
  queries: Queries,
  dimensions: ReadonlySet<RollupDimension>,
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const columns = allColumns.filter(({ dimension }) => dimension === null || dimensions.has(dimension))
  const rows = await queries.queryArrays(
    `SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM calls WHERE started_at_ms >= ? AND started_at_ms < ?`,
    [startMs, endMs],
  )
  const calls = divide(rows, maxAddedCalls).flatMap((part) => sumRollups(readValues(part, columns)))
  return calls.map(({ group, measures }) => ({
    dimensions: nameDimensions(rollupDimensions, group.dimensions),
    measures,
  }))
}

async function sumCorrections(
  queries: Queries,
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const rows = await queries.queryArrays(
    `SELECT ${[...rollupDimensions, ...correctedColumns.map(sumInHalves)].join(', ')}
     FROM corrections WHERE started_at_ms >= ? AND started_at_ms < ?
     GROUP BY ${rollupDimensions.join(', ')}`,
    [startMs, endMs],
  )
  return rows.map((row) => ({
    dimensions: nameDimensions(rollupDimensions, row),
    measures: readCorrection(joinHalves(readIntegers(row, rollupDimensions.length))),
  }))
}

/** The sums of this many calls fit into numbers, whatever they cost. */
const maxAddedCalls = 10_000

function divide<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const parts: Item[][] = []
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size))
  return parts
}

/** A correction changes these sums. */
const correctedColumns = ['unpriced', ...summedColumns] as const

function readCorrection(sums: Measures): Measures {
  return rollupMeasures.map((name) => sums[correctedColumns.findIndex((column) => column === name)] ?? 0n)
}

/** What `sumRollups` reads of a call. It needs to know only whether there is a usage. */
const allColumns: readonly CallColumn[] = [
  ...['id', 'started_at_ms', 'attempts', 'unpriced_because', 'cost_nano_usd', 'lines'].map((name) =>
    createColumn(name),
  ),
  createColumn('usage', { sql: "CASE WHEN usage IS NULL THEN NULL ELSE '' END" }),
  ...rollupDimensions.map((name) =>
    createColumn(name, { dimension: name === 'outcome' || name === 'usage_source' ? null : name }),
  ),
]

interface CallColumn {
  readonly sql: string
  /** The place in `callColumns`. */
  readonly at: number
  /** The column is read only if this is wanted. */
  readonly dimension: RollupDimension | null
}

function createColumn(
  name: string,
  { sql = name, dimension = null }: Partial<Pick<CallColumn, 'sql' | 'dimension'>> = {},
): CallColumn {
  return { sql, at: callColumns.indexOf(name), dimension }
}

/** The columns that are not read are null. */
function* readValues(
  rows: readonly SqlArray[],
  columns: readonly CallColumn[],
): Generator<readonly ColumnValue[]> {
  for (const row of rows) {
    const values = callColumns.map((): ColumnValue => null)
    columns.forEach(({ at }, index) => (values[at] = toColumnValue(row[index] ?? null)))
    yield values
  }
}

/** Integers that a number cannot hold are text, as in a row's encoding. */
function toColumnValue(value: SqlValue): ColumnValue {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
