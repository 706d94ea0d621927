import type { Queries } from '../store/database.ts'
import type { SumCalls } from './call-sums.ts'
import { findCalendarSpan } from './calendar.ts'
import type { CalendarSpan } from './calendar.ts'
import { readOwnerNames } from './owner-names.ts'
import type { OwnerNames } from './owner-names.ts'
import { readRejectedCalls } from './rejected-report.ts'
import { rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { findNextUnit, findWholeHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { GroupSums, UnitSums, Wanted } from './rollup-rows.ts'
import { createSumReader } from './rollup-sums.ts'
import type { SumReader } from './rollup-sums.ts'
import { readRunningCalls } from './running-calls.ts'
import { filterColumns, filterNames, listFilterDimensions, matchesFilter } from './usage-filter.ts'
import type { Period, UsageFilter } from './usage-filter.ts'
import { createEmptyRow, createValueReader, isLabel, sortRows, timeUnits, UsageTotals } from './usage-row.ts'
import type { Grouping, TimeNames, UsageRow } from './usage-row.ts'

export interface UsageQuery {
  /** At most two groupings; none for one row with the sum of all. */
  readonly by: readonly Grouping[]
  readonly period: Period
  /** Of hours, days and months; an IANA name, default UTC. */
  readonly timeZone?: string
  readonly filter?: UsageFilter
  /** The values of a grouping that calls must have. */
  readonly only?: { readonly grouping: Grouping; readonly values: ReadonlySet<string | null> }
}

/**
 * Sums the calls of a period from the rollups: in order of time if a grouping is a unit of time, and the most expensive
 * first otherwise. Counts and money are exact. Several reports of the same calls can share `sumCalls`.
 */
export async function readUsage(
  queries: Queries,
  query: UsageQuery,
  sumCalls?: SumCalls,
): Promise<readonly UsageRow[]> {
  const { by, filter = {}, period } = query
  const matches = createMatcher(query)
  const reader = await createSumReader(queries, { dimensions: findDimensions(query), matches }, sumCalls)
  const totals = new UsageTotals(by)
  for (const { startedAtMs, ...running } of await readRunningCalls(queries, period, filter))
    if (matches?.(running.dimensions) !== false) totals.add(nameTimes(query, startedAtMs), [running])
  for await (const { names, sums } of readSums(queries, reader, query)) totals.add(names, sums)
  const names = await readOwnerNames(queries)
  const rows = totals.list(names)
  const all =
    by.length === 1 && by[0] === 'key' ? await addRejections(queries, rows, { period, filter, names }) : rows
  return sortRows(all, by)
}

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

async function* readSums(queries: Queries, reader: SumReader, query: UsageQuery): AsyncGenerator<NamedSums> {
  const { by, period, timeZone = 'UTC' } = query
  const finest = timeUnits.find((unit) => by.includes(unit))
  const range = { startMs: period.sinceMs, endMs: period.untilMs }
  if (finest === undefined) return yield { names: {}, sums: await reader.sum(range) }
  const find = (timeMs: number): NamedSpan => ({
    ...findCalendarSpan(timeMs, finest, timeZone),
    names: nameTimes(query, timeMs),
  })
  const whole = findWholeHours(range)
  const hours = whole === null ? null : await reader.listHours(whole)
  if (whole === null || hours === null)
    return yield* finest === 'hour'
      ? readSpans(queries, reader, find, range)
      : readUnits(queries, reader, { find, unit: finest }, range)
  yield* readSpans(queries, reader, find, { startMs: period.sinceMs, endMs: whole.startMs })
  for (const { span, sums } of groupBySpan(hours, find)) {
    // A zone's midnight inside an hour: the parts of the hour are summed again.
    const cutMs = span.endMs % rollupSpans.hour === 0 ? span.endMs : floorHour(span.endMs)
    yield { names: span.names, sums: sums.filter((one) => one.startMs < cutMs) }
    if (sums.some((one) => one.startMs >= cutMs))
      yield* readSpans(queries, reader, find, { startMs: cutMs, endMs: cutMs + rollupSpans.hour })
  }
  yield* readSpans(queries, reader, find, { startMs: whole.endMs, endMs: period.untilMs })
}

interface Units {
  readonly unit: 'day' | 'month'
  readonly find: (timeMs: number) => NamedSpan
}

/**
 * Sums days or months in one statement for all whole ones (UTC). In another zone most of a day (UTC) belongs to one day,
 * and its other hours are moved to the day before or after.
 */
async function* readUnits(
  queries: Queries,
  reader: SumReader,
  { unit, find }: Units,
  range: TimeRange,
): AsyncGenerator<NamedSums> {
  const listed = await reader.listUnits(unit, range)
  if (listed === null) return yield* readSpans(queries, reader, find, range)
  yield* readSpans(queries, reader, find, { startMs: range.startMs, endMs: listed.range.startMs })
  for (const [startMs, sums] of Map.groupBy(listed.sums, (one) => one.startMs)) {
    const endMs = Math.min(findNextUnit(startMs, unit), listed.range.endMs)
    const { names, name } = find((startMs + endMs) / 2)
    yield { names, sums }
    for (let atMs = startMs, span = find(atMs); atMs < endMs; atMs = span.endMs, span = find(atMs)) {
      if (span.name === name) continue
      const moved = await reader.sum({ startMs: atMs, endMs: Math.min(span.endMs, endMs) })
      yield { names: span.names, sums: moved }
      yield { names, sums: moved.map(negate) }
    }
  }
  yield* readSpans(queries, reader, find, { startMs: listed.range.endMs, endMs: range.endMs })
}

function negate({ dimensions, measures }: GroupSums): GroupSums {
  return { dimensions, measures: measures.map((value) => -value) }
}

type NamedSpan = CalendarSpan & { readonly names: TimeNames }

interface NamedSums {
  readonly names: TimeNames
  readonly sums: readonly GroupSums[]
}

/** Divides sums in order of time by the span of the calendar in which they begin. */
function* groupBySpan(
  sums: readonly UnitSums[],
  find: (timeMs: number) => NamedSpan,
): Generator<{ readonly span: NamedSpan; readonly sums: readonly UnitSums[] }> {
  for (let from = 0, to = 0; from < sums.length; from = to) {
    const span = find(sums[from]?.startMs ?? 0)
    while (to < sums.length && (sums[to]?.startMs ?? 0) < span.endMs) to += 1
    yield { span, sums: sums.slice(from, to) }
  }
}

/** Sums span after span of the calendar, and skips those without calls. */
async function* readSpans(
  queries: Queries,
  reader: SumReader,
  find: (timeMs: number) => NamedSpan,
  { startMs, endMs }: TimeRange,
): AsyncGenerator<NamedSums> {
  for (let nextMs = startMs; nextMs < endMs;) {
    const hourMs = await findNextHour(queries, nextMs)
    if (hourMs === null) return
    const span = find(Math.max(hourMs, nextMs))
    const range = { startMs: Math.max(span.startMs, startMs), endMs: Math.min(span.endMs, endMs) }
    yield { names: span.names, sums: await reader.sum(range) }
    nextMs = span.endMs
  }
}

/** The first hour with calls that ends after a time; null if there is none. */
async function findNextHour(queries: Queries, timeMs: number): Promise<number | null> {
  const [row] = await queries.query(
    "SELECT min(start_ms) AS next FROM rollups WHERE span = 'hour' AND start_ms >= ?",
    [floorHour(timeMs)],
  )
  const next = row?.['next'] ?? null
  return next === null ? null : Number(next)
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
