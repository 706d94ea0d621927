import type { Queries, SqlRow, SqlValue } from '../store/database.ts'
import { rollupDimensions, rollupMeasures, sumRollups, summedColumns } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import type { TimeRange } from './rollup-periods.ts'
import { readDimensions, readMeasures, sumInHalves, sumWhole } from './rollup-rows.ts'
import type { GroupSums, Wanted } from './rollup-rows.ts'
import { callColumns } from './row-codec.ts'
import type { ColumnValue } from './row-codec.ts'

/** Sums single calls and their corrections, by all dimensions. */
export async function sumCalls(
  queries: Queries,
  matches: Wanted['matches'],
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const rows = await queries.query(
    `SELECT ${columns.map(({ sql }) => sql).join(', ')} FROM calls WHERE started_at_ms >= ? AND started_at_ms < ?`,
    [startMs, endMs],
  )
  const calls = sumRollups(rows.map(toCallValues))
  const corrections = await queries.query(
    `SELECT ${rollupDimensions.join(', ')}, ${sumWhole('unpriced')}, ${summedColumns.map(sumInHalves).join(', ')}
     FROM corrections WHERE started_at_ms >= ? AND started_at_ms < ?
     GROUP BY ${rollupDimensions.join(', ')}`,
    [startMs, endMs],
  )
  const sums = [
    ...calls.map(({ group, measures }) => ({
      dimensions: nameDimensions(group.dimensions),
      measures: Object.fromEntries(rollupMeasures.map((name, at) => [name, BigInt(measures[at] ?? 0)])),
    })),
    ...corrections.map((row) => ({ dimensions: readDimensions(row), measures: readMeasures(row) })),
  ]
  return matches === null ? sums : sums.filter(({ dimensions }) => matches(dimensions))
}

/** What `sumRollups` reads of a call. It needs to know only whether there is a usage. */
const columns = [
  ...[
    'id',
    'started_at_ms',
    'attempts',
    'unpriced_because',
    'cost_nano_usd',
    'lines',
    ...rollupDimensions,
  ].map((name) => ({ name, sql: name })),
  { name: 'usage', sql: "CASE WHEN usage IS NULL THEN NULL ELSE '' END AS usage" },
].map((column) => ({ ...column, at: callColumns.indexOf(column.name) }))

/** The columns that are not read are null. */
function toCallValues(row: SqlRow): readonly ColumnValue[] {
  const values: ColumnValue[] = callColumns.map(() => null)
  for (const { name, at } of columns) values[at] = toColumnValue(row[name] ?? null)
  return values
}

function nameDimensions(values: readonly string[]): GroupSums['dimensions'] {
  const entries = rollupDimensions.map((name, at) => [name, values[at] ?? ''] as const)
  return Object.fromEntries(entries) as Record<RollupDimension, string> // One entry for each name.
}

/** Integers that a number cannot hold are text, as in a row's encoding. */
function toColumnValue(value: SqlValue): ColumnValue {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}
