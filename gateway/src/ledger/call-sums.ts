import type { Queries, SqlValue } from '../store/database.ts'
import { components } from './call-row.ts'
import { addExactly, clampInteger, rollupDimensions, rollupMeasures, summedColumns } from './rollup.ts'
import type { Measures, RollupDimension } from './rollup.ts'
import { readMeasure } from './rollup-levels.ts'
import type { TimeRange } from './rollup-periods.ts'
import { joinHalves, nameDimensions, readIntegers, sumInHalves } from './rollup-rows.ts'
import type { GroupSums } from './rollup-rows.ts'
import { parseLines } from './row-codec.ts'

/** Sums the calls of a range, which it reads once. */
export type SumCalls = (range: TimeRange) => Promise<readonly GroupSums[]>

/** Sums single calls and their corrections by these dimensions and the outcome. */
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

/**
 * The store groups the calls and joins the lines of each group; parsing JSON costs a store several times as much as this
 * process.
 */
async function sumCalls(
  queries: Queries,
  dimensions: ReadonlySet<RollupDimension>,
  { startMs, endMs }: TimeRange,
): Promise<readonly GroupSums[]> {
  const by = rollupDimensions.filter((name) => dimensions.has(name) || name === 'outcome')
  const rows = await queries.queryArrays(
    `SELECT ${[...by.map(readDimension), ...summed].join(', ')}
     FROM calls WHERE started_at_ms >= ? AND started_at_ms < ?
     GROUP BY ${by.map((_, at) => at + 1).join(', ')}`,
    [startMs, endMs],
  )
  return rows.map((row) => {
    const [calls = 0, attempts = 0, unpriced = 0, estimated = 0, ...cost] = readIntegers(row, by.length + 1)
    return {
      dimensions: nameDimensions(by, row),
      measures: [
        calls,
        attempts,
        unpriced,
        estimated,
        ...sumLines(row[by.length] ?? null),
        ...joinHalves(cost).map(readMeasure),
      ],
    }
  })
}

function readDimension(name: RollupDimension): string {
  return `coalesce(${name}, '${name === 'workspace_id' ? 'default' : ''}')`
}

/** A row that is no attempt (`parseRowId`): the id of a batch's result contains a slash, and any text after it. */
const isCall = "(id NOT LIKE '%#%' OR id LIKE '%/%')"

const isUnpriced =
  "(unpriced_because IS NOT NULL OR cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered'))"

/** The joined lines, and the same sums of a call as in its hour's rollup. */
const summed = [
  "string_agg(lines, '\n')",
  `count(*) FILTER (WHERE ${isCall})`,
  `CAST(coalesce(sum(attempts) FILTER (WHERE ${isCall}), 0) AS BIGINT)`,
  `count(*) FILTER (WHERE ${isUnpriced})`,
  "count(*) FILTER (WHERE usage_source = 'estimated')",
  sumInHalves('cost_nano_usd'),
]

/** Quantities and then costs, both in the order of `components`. */
function sumLines(joined: SqlValue): Measures {
  const sums: (number | bigint)[] = Array.from({ length: 2 * components.length }, () => 0)
  if (typeof joined !== 'string') return sums
  for (const text of joined.split('\n')) {
    const lines = parseLines(text)
    for (const [at, name] of components.entries()) {
      const line = lines[name]
      if (line === undefined) continue
      const costAt = at + components.length
      sums[at] = addExactly(sums[at]!, toInteger(line.quantity))
      sums[costAt] = addExactly(sums[costAt]!, toInteger(line.nanoUsd))
    }
  }
  return sums
}

function toInteger(value: number | string): number | bigint {
  return typeof value === 'number' ? value : clampInteger(BigInt(value))
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

/** A correction changes these sums. */
const correctedColumns = ['unpriced', ...summedColumns] as const

function readCorrection(sums: Measures): Measures {
  return rollupMeasures.map((name) => sums[correctedColumns.findIndex((column) => column === name)] ?? 0n)
}
