import type { Queries } from '../store/database.ts'
import { findCalendarSpan } from './calendar.ts'
import type { CalendarSpan, CalendarUnit } from './calendar.ts'
import { callOutcomes, components } from './call-row.ts'
import type { Component } from './call-row.ts'
import { readOwnerNames } from './owner-names.ts'
import type { OwnerNames } from './owner-names.ts'
import { readRejectedCalls } from './rejected-report.ts'
import { rollupSpans } from './rollup.ts'
import type { RollupDimension } from './rollup.ts'
import { findWholeHours, floorHour } from './rollup-periods.ts'
import type { TimeRange } from './rollup-periods.ts'
import type { GroupSums } from './rollup-rows.ts'
import { createSumReader } from './rollup-sums.ts'
import type { SumReader } from './rollup-sums.ts'
import { readRunningCalls } from './running-calls.ts'
import {
  filterColumns,
  filterNames,
  listFilterDimensions,
  matchesFilter,
  parseLabels,
} from './usage-filter.ts'
import type { FilterName, Period, UsageFilter } from './usage-filter.ts'

/** The ways to group usage, besides `label:NAME`. */
export const groupings = [
  'model',
  'key',
  'workspace',
  'member',
  'upstream',
  'platform',
  'protocol',
  'outcome',
  'hour',
  'day',
  'month',
] as const satisfies readonly (FilterName | CalendarUnit)[]

export type Grouping = (typeof groupings)[number] | `label:${string}`

export interface UsageQuery {
  /** At most two groupings; none for one row with the sum of all. */
  readonly by: readonly Grouping[]
  readonly period: Period
  /** Of hours, days and months; an IANA name, default UTC. */
  readonly timeZone?: string
  readonly filter?: UsageFilter
}

export interface UsageRow {
  /** The value of each grouping, in the order of `by`; null where calls have none. */
  readonly group: readonly (string | null)[]
  /** The name of each value that is the id of a key, a workspace or a member; null for others. */
  readonly names: readonly (string | null)[]
  readonly calls: bigint
  /** Requests to upstreams, retries included. */
  readonly attempts: bigint
  /** Number of calls by outcome; `running` calls have not ended yet, `unknown` ones never will. */
  readonly outcomes: Readonly<Record<string, bigint>>
  readonly quantities: Readonly<Record<Component, bigint>>
  /** The cost of each component. */
  readonly costs: Readonly<Record<Component, bigint>>
  readonly costNanoUsd: bigint
  /** Calls with a full or partial response that has no price, or a part without one; the cost excludes it. */
  readonly unpricedCalls: bigint
  /** Calls whose output tokens were estimated, because their stream was cut before it reported them. */
  readonly estimatedCalls: bigint
  /** A key's rejected calls by error code, which are in no other figure; empty unless grouped by key alone. */
  readonly rejectedCalls: Readonly<Record<string, bigint>>
}

export const outcomes = [...callOutcomes, 'running'] as const

/**
 * Sums the calls of a period from the rollups: in order of time if a grouping is a unit of time, and the most expensive
 * first otherwise. Counts and money are exact.
 */
export async function readUsage(queries: Queries, query: UsageQuery): Promise<readonly UsageRow[]> {
  const { by, filter = {}, period } = query
  const matches = (dimensions: GroupSums['dimensions']) =>
    matchesFilter(filter, (column) => dimensions[column as keyof typeof dimensions])
  const reader = await createSumReader(queries, {
    dimensions: findDimensions(by, filter),
    matches: Object.values(filter).some((wanted) => wanted !== undefined) ? matches : null,
  })
  const totals = new Totals(by)
  for await (const { names, sums } of readSums(queries, reader, query)) totals.add(names, sums)
  const names = await readOwnerNames(queries)
  const rows = totals.list().map((row) => ({ ...row, names: row.group.map(nameValue(by, names)) }))
  const all =
    by.length === 1 && by[0] === 'key' ? await addRejections(queries, rows, { period, filter, names }) : rows
  return sortRows(all, by)
}

/** The dimensions that groupings and filter need. */
function findDimensions(by: readonly Grouping[], filter: UsageFilter): ReadonlySet<RollupDimension> {
  const grouped = filterNames.filter((name) => by.includes(name)).map((name) => filterColumns[name])
  const labels = by.some(isLabel) ? (['labels'] as const) : []
  return new Set([...listFilterDimensions(filter), ...grouped, ...labels])
}

/** The names of an instant's units of time. */
type TimeNames = Readonly<Partial<Record<CalendarUnit, string>>>

async function* readSums(
  queries: Queries,
  reader: SumReader,
  { by, period, timeZone = 'UTC', filter = {} }: UsageQuery,
): AsyncGenerator<NamedSums> {
  const units = timeUnits.filter((unit) => by.includes(unit))
  const nameTimes = (timeMs: number): TimeNames =>
    Object.fromEntries(units.map((unit) => [unit, findCalendarSpan(timeMs, unit, timeZone).name]))
  const [finest] = units
  const range = { startMs: period.sinceMs, endMs: period.untilMs }
  for (const { dimensions, startedAtMs, measures } of await readRunningCalls(queries, period, filter))
    yield { names: nameTimes(startedAtMs), sums: [{ dimensions, measures }] }
  if (finest === undefined) {
    return yield { names: {}, sums: await reader.sum(range) }
  }
  const find = (timeMs: number): NamedSpan => ({
    ...findCalendarSpan(timeMs, finest, timeZone),
    names: nameTimes(timeMs),
  })
  const whole = findWholeHours(range)
  const hours = whole === null ? null : await reader.listHours(whole)
  if (whole === null || hours === null)
    return yield* timeZone === 'UTC' && finest !== 'hour'
      ? readUnits(queries, reader, { find, unit: finest }, range)
      : readSpans(queries, reader, find, range)
  yield* readSpans(queries, reader, find, { startMs: period.sinceMs, endMs: whole.startMs })
  let span: NamedSpan | null = null
  const cut = new Set<number>()
  for (const { startMs: hourMs, ...sums } of hours) {
    if (span === null || hourMs < span.startMs || hourMs >= span.endMs) span = find(hourMs)
    if (hourMs + rollupSpans.hour <= span.endMs) yield { names: span.names, sums: [sums] }
    else if (!cut.has(hourMs)) {
      // A zone's midnight inside an hour: its calls are summed one by one, once for all groups.
      cut.add(hourMs)
      yield* readSpans(queries, reader, find, { startMs: hourMs, endMs: hourMs + rollupSpans.hour })
    }
  }
  yield* readSpans(queries, reader, find, { startMs: whole.endMs, endMs: period.untilMs })
}

interface Units {
  readonly unit: 'day' | 'month'
  readonly find: (timeMs: number) => NamedSpan
}

/** Sums days or months (UTC), in one statement for all whole ones. */
async function* readUnits(
  queries: Queries,
  reader: SumReader,
  { unit, find }: Units,
  range: TimeRange,
): AsyncGenerator<NamedSums> {
  const listed = await reader.listUnits(unit, range)
  if (listed === null) return yield* readSpans(queries, reader, find, range)
  yield* readSpans(queries, reader, find, { startMs: range.startMs, endMs: listed.range.startMs })
  let span: NamedSpan | null = null
  for (const sums of listed.sums) {
    if (span === null || sums.startMs >= span.endMs) span = find(sums.startMs)
    yield { names: span.names, sums: [sums] }
  }
  yield* readSpans(queries, reader, find, { startMs: listed.range.endMs, endMs: range.endMs })
}

type NamedSpan = CalendarSpan & { readonly names: TimeNames }

interface NamedSums {
  readonly names: TimeNames
  readonly sums: readonly GroupSums[]
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

/** The finest first. */
const timeUnits = ['hour', 'day', 'month'] as const

/** The first hour with calls that ends after a time; null if there is none. */
async function findNextHour(queries: Queries, timeMs: number): Promise<number | null> {
  const [row] = await queries.query(
    "SELECT min(start_ms) AS next FROM rollups WHERE span = 'hour' AND start_ms >= ?",
    [floorHour(timeMs)],
  )
  const next = row?.['next'] ?? null
  return next === null ? null : Number(next)
}

type MutableRow = { -readonly [Name in keyof UsageRow]: UsageRow[Name] } & {
  readonly outcomes: Record<string, bigint>
  readonly quantities: Record<Component, bigint>
  readonly costs: Record<Component, bigint>
}

const componentMeasures = components.map((name) => ({
  name,
  quantity: `${name}_quantity`,
  cost: `${name}_nano_usd`,
}))

/** Adds up sums by the values of the groupings. */
class Totals {
  readonly #by: readonly Grouping[]
  readonly #rows = new Map<string | null, MutableRow>()

  constructor(by: readonly Grouping[]) {
    this.#by = by
  }

  add(times: TimeNames, sums: readonly GroupSums[]): void {
    for (const { dimensions, measures } of sums) {
      const group = this.#by.map((grouping) => readValue(grouping, dimensions, times))
      const row = this.#find(group)
      const count = (name: string) => measures[name] ?? 0n
      row.calls += count('calls')
      row.attempts += count('attempts')
      const { outcome } = dimensions
      row.outcomes[outcome] = (row.outcomes[outcome] ?? 0n) + count('calls')
      for (const { name, quantity, cost } of componentMeasures) {
        row.quantities[name] += count(quantity)
        row.costs[name] += count(cost)
      }
      row.costNanoUsd += count('cost_nano_usd')
      row.unpricedCalls += count('unpriced')
      row.estimatedCalls += count('estimated')
    }
  }

  #find(group: readonly (string | null)[]): MutableRow {
    const place = group.length === 1 ? (group[0] ?? null) : JSON.stringify(group)
    const found: MutableRow = this.#rows.get(place) ?? createEmptyRow(group)
    this.#rows.set(place, found)
    return found
  }

  list(): readonly UsageRow[] {
    return [...this.#rows.values()]
  }
}

function readValue(grouping: Grouping, dimensions: GroupSums['dimensions'], times: TimeNames): string | null {
  if (isLabel(grouping)) return parseLabels(dimensions.labels)[grouping.slice('label:'.length)] ?? null
  if (grouping === 'hour' || grouping === 'day' || grouping === 'month') return times[grouping] ?? null
  return dimensions[filterColumns[grouping]] || null
}

function isLabel(grouping: Grouping): grouping is `label:${string}` {
  return grouping.startsWith('label:')
}

function createEmptyRow(group: readonly (string | null)[]): MutableRow {
  const zeros = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, 0n])) as Record<Name, bigint> // It has every name.
  return {
    group,
    names: group.map(() => null),
    calls: 0n,
    attempts: 0n,
    outcomes: zeros(outcomes),
    quantities: zeros(components),
    costs: zeros(components),
    costNanoUsd: 0n,
    unpricedCalls: 0n,
    estimatedCalls: 0n,
    rejectedCalls: {},
  }
}

function nameValue(by: readonly Grouping[], names: OwnerNames) {
  return (value: string | null, at: number): string | null => {
    const grouping = by[at]
    if (value === null || (grouping !== 'key' && grouping !== 'workspace' && grouping !== 'member'))
      return null
    return names[grouping].get(value) ?? null
  }
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
  const idle = [...rejected.keys()].filter((id) => isWanted(id) && rows.every(({ group }) => group[0] !== id))
  const idleRows = idle.map((id) => ({ ...createEmptyRow([id]), names: [names.key.get(id) ?? null] }))
  return [...rows, ...idleRows].map((row) => ({
    ...row,
    rejectedCalls: rejected.get(row.group[0] ?? '') ?? {},
  }))
}

function sortRows(rows: readonly UsageRow[], by: readonly Grouping[]): readonly UsageRow[] {
  const times = by.flatMap((grouping, at) => (timeUnits.some((unit) => unit === grouping) ? [at] : []))
  const compareTimes = (one: UsageRow, other: UsageRow) =>
    times.map((at) => compare(one.group[at] ?? '', other.group[at] ?? '')).find((order) => order !== 0) ?? 0
  return rows.toSorted(
    (one, other) =>
      compareTimes(one, other) ||
      compare(other.costNanoUsd, one.costNanoUsd) ||
      compare(other.calls, one.calls) ||
      compare(JSON.stringify(one.group), JSON.stringify(other.group)),
  )
}

function compare<Value extends string | bigint>(one: Value, other: Value): number {
  return Number(one > other) - Number(one < other)
}
