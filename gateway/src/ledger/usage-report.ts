import type { Queries } from '../store/database.ts'
import { createCallSums } from './call-sums.ts'
import type { SumCalls } from './call-sums.ts'
import { findCalendarSpan } from './calendar.ts'
import { readOwnerNames } from './owner-names.ts'
import type { OwnerNames } from './owner-names.ts'
import { readRejectedCalls } from './rejected-report.ts'
import type { RollupDimension, RollupMeasure } from './rollup.ts'
import type { GroupSums, Wanted } from './rollup-rows.ts'
import { createSumReader } from './rollup-sums.ts'
import type { SumReader } from './rollup-sums.ts'
import { readRunningCalls } from './running-calls.ts'
import { readSpanSums } from './time-sums.ts'
import { filterColumns, filterNames, listFilterDimensions, matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'
import { createEmptyRow, createValueReader, isLabel, sortRows, timeUnits, UsageTotals } from './usage-row.ts'
import type { Grouping, TimeNames, UsageRow } from './usage-row.ts'

export interface UsageQuery {
  /** At most two groupings; none for one row with the sum of all. */
  readonly by: readonly Grouping[]
  readonly period: Period
  /** The zone of hours, days and months; an IANA name, default UTC. */
  readonly timeZone?: string
  readonly filter?: UsageFilter
  /** The values of a grouping that calls must have. */
  readonly only?: { readonly grouping: Grouping; readonly values: ReadonlySet<string | null> }
  /** Set if only the cost and the numbers of calls are needed. Quantities and costs of components may be 0, and rejected calls are missing. */
  readonly withoutComponents?: boolean
}

/** The parts that several reports of the same calls share. */
export interface UsageSource {
  readonly sumCalls: SumCalls
  readonly names: OwnerNames
}

/** The dimensions are those that the reports need. */
export async function openUsageSource(
  queries: Queries,
  dimensions: ReadonlySet<RollupDimension>,
): Promise<UsageSource> {
  return { sumCalls: createCallSums(queries, dimensions), names: await readOwnerNames(queries) }
}

/**
 * Sums the calls of a period from the rollups: in order of time if a grouping is a unit of time, and the most expensive
 * first otherwise. Counts and money are exact.
 */
export async function readUsage(
  queries: Queries,
  query: UsageQuery,
  source?: UsageSource,
): Promise<readonly UsageRow[]> {
  const { by, filter = {}, period, withoutComponents = false } = query
  const dimensions = findDimensions(query)
  const measures = withoutComponents ? { measures: mainMeasures } : {}
  const { sumCalls, names } = source ?? (await openUsageSource(queries, dimensions))
  const matches = createMatcher(query)
  const reader = await createSumReader(queries, { dimensions, ...measures, matches }, sumCalls)
  const totals = new UsageTotals(by)
  for (const { startedAtMs, ...running } of await readRunningCalls(queries, period, filter))
    if (matches?.(running.dimensions) !== false) totals.add(nameTimes(query, startedAtMs), [running])
  for await (const { times, sums } of readSums(queries, reader, query)) totals.add(times, sums)
  const rows = totals.list(names)
  const all =
    by.length === 1 && by[0] === 'key' && !withoutComponents
      ? await addRejections(queries, rows, { period, filter, names })
      : rows
  return sortRows(all, by)
}

/** Adding up the others takes most of the time of a long report. */
const mainMeasures: ReadonlySet<RollupMeasure> = new Set([
  'calls',
  'attempts',
  'unpriced',
  'estimated',
  'cost_nano_usd',
])

/** Null: all calls match. */
function createMatcher({ filter = {}, only }: UsageQuery): Wanted['matches'] {
  const isFiltered = Object.values(filter).some((wanted) => wanted !== undefined)
  if (only === undefined && !isFiltered) return null
  const readValue = only === undefined ? null : createValueReader(only.grouping)
  return (dimensions) => {
    if (readValue !== null && only?.values.has(readValue(dimensions, {})) === false) return false
    return matchesFilter(filter, (column) => dimensions[column as keyof typeof dimensions])
  }
}

/** The names of an instant's units of time. */
function nameTimes({ by, timeZone = 'UTC' }: UsageQuery, timeMs: number): TimeNames {
  const units = timeUnits.filter((unit) => by.includes(unit))
  return Object.fromEntries(units.map((unit) => [unit, findCalendarSpan(timeMs, unit, timeZone).name]))
}

/** The dimensions that groupings and filter need. */
export function findDimensions({ by, filter = {} }: UsageQuery): ReadonlySet<RollupDimension> {
  const grouped = filterNames.filter((name) => by.includes(name)).map((name) => filterColumns[name])
  const labels = by.some(isLabel) ? (['labels'] as const) : []
  return new Set([...listFilterDimensions(filter), ...grouped, ...labels])
}

async function* readSums(
  queries: Queries,
  reader: SumReader,
  query: UsageQuery,
): AsyncGenerator<{ readonly times: TimeNames; readonly sums: readonly GroupSums[] }> {
  const { by, period, timeZone = 'UTC' } = query
  const unit = timeUnits.find((one) => by.includes(one))
  const range = { startMs: period.sinceMs, endMs: period.untilMs }
  if (unit === undefined) return yield { times: {}, sums: await reader.sum(range) }
  for await (const { span, sums } of readSpanSums(queries, reader, { unit, timeZone }, range))
    yield { times: nameTimes(query, span.startMs), sums }
}

interface Rejections {
  readonly period: Period
  readonly filter: UsageFilter
  readonly names: OwnerNames
}

/** Adds the keys' rejected calls, and the keys that have rejected calls only. They are not counted by anything else. */
async function addRejections(
  queries: Queries,
  rows: readonly UsageRow[],
  { period, filter, names }: Rejections,
): Promise<readonly UsageRow[]> {
  const others = Object.keys(filter).some((name) => name !== 'key')
  if (others) return rows
  const rejected = await readRejectedCalls(queries, period)
  const isWanted = (id: string) => filter.key === undefined || filter.key === id
  const busy = new Set(rows.map(({ group }) => group[0]))
  const idle = [...rejected.keys()].filter((id) => isWanted(id) && !busy.has(id))
  const idleRows = idle.map((id) => createEmptyRow([id], [names.key.get(id) ?? null]))
  return [...rows, ...idleRows].map((row) => ({
    ...row,
    rejectedCalls: rejected.get(row.group[0] ?? '') ?? {},
  }))
}
