import { callOutcomes, components } from './call-row.ts'
import type { Component } from './call-row.ts'
import type { CalendarUnit } from './calendar.ts'
import type { OwnerNames } from './owner-names.ts'
import { addExactly, addMeasures, getMeasure, measureAt } from './rollup.ts'
import type { Measures } from './rollup.ts'
import type { GroupSums } from './rollup-rows.ts'
import { filterColumns, parseLabels } from './usage-filter.ts'
import type { FilterName } from './usage-filter.ts'

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

/** The units of time, the finest first. */
export const timeUnits = ['hour', 'day', 'month'] as const satisfies readonly CalendarUnit[]

export function isTime(grouping: Grouping): grouping is CalendarUnit {
  return timeUnits.some((unit) => unit === grouping)
}

export function isLabel(grouping: Grouping): grouping is `label:${string}` {
  return grouping.startsWith('label:')
}

/** The names of an instant's units of time. */
export type TimeNames = Readonly<Partial<Record<CalendarUnit, string>>>

interface Total {
  readonly group: readonly (string | null)[]
  readonly outcomes: Record<string, number | bigint>
  readonly measures: (number | bigint)[]
}

type ReadValue = (dimensions: GroupSums['dimensions'], times: TimeNames) => string | null

/** Adds up sums by the values of at most two groupings. A report adds tens of thousands of sums. */
export class UsageTotals {
  readonly #by: readonly Grouping[]
  readonly #readFirst: ReadValue
  readonly #readSecond: ReadValue
  /** By the values of the groupings. */
  readonly #totals = new Map<string | null, Map<string | null, Total>>()

  constructor(by: readonly Grouping[]) {
    const [first = () => null, second = () => null] = by.map(createValueReader)
    this.#by = by
    this.#readFirst = first
    this.#readSecond = second
  }

  add(times: TimeNames, sums: readonly GroupSums[]): void {
    for (const { dimensions, measures } of sums) {
      const total = this.#find(this.#readFirst(dimensions, times), this.#readSecond(dimensions, times))
      const { outcome } = dimensions
      total.outcomes[outcome] = addExactly(total.outcomes[outcome] ?? 0, measures[measureAt.calls] ?? 0)
      addMeasures(total.measures, measures)
    }
  }

  #find(first: string | null, second: string | null): Total {
    let totals = this.#totals.get(first)
    if (totals === undefined) this.#totals.set(first, (totals = new Map()))
    let total = totals.get(second)
    if (total === undefined)
      totals.set(second, (total = { ...createTotal(), group: [first, second].slice(0, this.#by.length) }))
    return total
  }

  /** The rows in any order, with the names of their owners. Sums of no call are left out. */
  list(names: OwnerNames): readonly UsageRow[] {
    const readName = this.#by.map((grouping) => createNameReader(grouping, names))
    const rows: UsageRow[] = []
    for (const totals of this.#totals.values())
      for (const total of totals.values()) {
        if (total.measures.every((value) => Number(value) === 0)) continue
        const owners = total.group.map((value, at) => readName[at]?.(value) ?? null)
        rows.push(createRow(total, owners))
      }
    return rows
  }
}

/** A row without calls. */
export function createEmptyRow(group: UsageRow['group'], names: UsageRow['names']): UsageRow {
  return createRow({ ...createTotal(), group }, names)
}

function createTotal(): Omit<Total, 'group'> {
  return { outcomes: {}, measures: [] }
}

function createRow({ group, outcomes: counts, measures }: Total, names: UsageRow['names']): UsageRow {
  return {
    group,
    names,
    calls: getMeasure(measures, 'calls'),
    attempts: getMeasure(measures, 'attempts'),
    outcomes: readOutcomes(counts),
    quantities: readComponents(measures, quantityPlaces),
    costs: readComponents(measures, costPlaces),
    costNanoUsd: getMeasure(measures, 'cost_nano_usd'),
    unpricedCalls: getMeasure(measures, 'unpriced'),
    estimatedCalls: getMeasure(measures, 'estimated'),
    rejectedCalls: {},
  }
}

function readOutcomes(counts: Total['outcomes']): Record<string, bigint> {
  const found: Record<string, bigint> = { ...noOutcomes }
  for (const name of Object.keys(counts)) found[name] = BigInt(counts[name] ?? 0)
  return found
}

type Places = readonly (readonly [name: Component, at: number])[]

const quantityPlaces: Places = components.map((name) => [name, measureAt[`${name}_quantity`]])
const costPlaces: Places = components.map((name) => [name, measureAt[`${name}_nano_usd`]])

function readComponents(measures: Measures, places: Places): Record<Component, bigint> {
  const found = { ...noComponents }
  for (const [name, at] of places) found[name] = BigInt(measures[at] ?? 0)
  return found
}

const noOutcomes = createZeros(outcomes)
const noComponents = createZeros(components)

function createZeros<Name extends string>(names: readonly Name[]): Record<Name, bigint> {
  return Object.fromEntries(names.map((name) => [name, 0n])) as Record<Name, bigint> // It has every name.
}

/** Returns a function that reads the value of a grouping; null where calls have none. */
export function createValueReader(grouping: Grouping): ReadValue {
  if (isTime(grouping)) return (_, times) => times[grouping] ?? null
  if (!isLabel(grouping)) return (dimensions) => dimensions[filterColumns[grouping]] || null
  const name = grouping.slice('label:'.length)
  // Few calls have labels that no other call has.
  const known = new Map<string, string | null>()
  return ({ labels }) => {
    let value = known.get(labels)
    if (value === undefined) known.set(labels, (value = parseLabels(labels)[name] ?? null))
    return value
  }
}

function createNameReader(grouping: Grouping, names: OwnerNames): (value: string | null) => string | null {
  if (grouping !== 'key' && grouping !== 'workspace' && grouping !== 'member') return () => null
  return (value) => names[grouping].get(value ?? '') ?? null
}

/** In order of time if a grouping is a unit of time, and the most expensive first otherwise. */
export function sortRows(rows: readonly UsageRow[], by: readonly Grouping[]): readonly UsageRow[] {
  const times = by.flatMap((grouping, at) => (isTime(grouping) ? [at] : []))
  const compareTimes = (one: UsageRow, other: UsageRow) => {
    for (const at of times) {
      const order = compare(one.group[at] ?? '', other.group[at] ?? '')
      if (order !== 0) return order
    }
    return 0
  }
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
