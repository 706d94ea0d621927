import { components } from '../../ledger/call-row.ts'
import type { Component } from '../../ledger/call-row.ts'
import type { Grouping, UsageRow } from '../../ledger/usage-row.ts'

/** A row of usage of one value of each grouping, or of several that are added up. */
export interface FoldedRow extends UsageRow {
  /** How many values of each grouping the row adds up beyond the first ones; 0: it is one value. */
  readonly others: readonly number[]
}

/** Adds rows of one group that come from several workspaces; the order of the first ones stays. */
export function mergeRows(rows: readonly UsageRow[]): readonly UsageRow[] {
  return mergeBy(rows, ({ group }) => JSON.stringify(group), addRows)
}

/**
 * Keeps the `top` most expensive values of each grouping that is not a unit of time, and adds up all others in a row whose
 * value is null. So the number of rows has a bound, and their sum stays the same.
 */
export function foldRows(
  rows: readonly UsageRow[],
  by: readonly Grouping[],
  top: number | undefined,
): readonly FoldedRow[] {
  const kept = by.map((grouping, at) =>
    top === undefined || isTime(grouping) ? null : rankValues(rows, at, top),
  )
  const folded = rows.map((row): FoldedRow => {
    const isOther = row.group.map((value, at) => kept[at]?.values.has(value) === false)
    return {
      ...row,
      group: row.group.map((value, at) => (isOther[at] === true ? null : value)),
      names: row.names.map((name, at) => (isOther[at] === true ? null : name)),
      others: isOther.map((is, at) => (is ? (kept[at]?.others ?? 0) : 0)),
    }
  })
  return mergeBy(
    folded,
    ({ group, others }) => JSON.stringify([group, others]),
    (one, other) => ({ ...addRows(one, other), others: one.others }),
  )
}

function isTime(grouping: Grouping): boolean {
  return grouping === 'hour' || grouping === 'day' || grouping === 'month'
}

/** The values of a grouping that stay rows of their own, by their cost and then by their calls. */
function rankValues(rows: readonly UsageRow[], at: number, top: number) {
  const sums = mergeBy(rows, ({ group }) => JSON.stringify(group[at] ?? null), addRows)
  const ranked = sums.toSorted(
    (one, other) => Number(other.costNanoUsd - one.costNanoUsd) || Number(other.calls - one.calls),
  )
  const values = new Set(ranked.slice(0, top).map(({ group }) => group[at] ?? null))
  return { values, others: Math.max(0, ranked.length - top) }
}

function mergeBy<Row>(
  rows: readonly Row[],
  getKey: (row: Row) => string,
  add: (one: Row, other: Row) => Row,
): readonly Row[] {
  const merged = new Map<string, Row>()
  for (const row of rows) {
    const key = getKey(row)
    const known = merged.get(key)
    merged.set(key, known === undefined ? row : add(known, row))
  }
  return [...merged.values()]
}

export function addRows(one: UsageRow, other: UsageRow): UsageRow {
  return {
    ...one,
    calls: one.calls + other.calls,
    attempts: one.attempts + other.attempts,
    outcomes: addCounts(one.outcomes, other.outcomes),
    quantities: addCounts(one.quantities, other.quantities),
    costs: addCounts(one.costs, other.costs),
    costNanoUsd: one.costNanoUsd + other.costNanoUsd,
    unpricedCalls: one.unpricedCalls + other.unpricedCalls,
    estimatedCalls: one.estimatedCalls + other.estimatedCalls,
  }
}

function addCounts<Name extends string>(
  one: Readonly<Record<Name, bigint>>,
  other: Readonly<Record<Name, bigint>>,
): Record<Name, bigint> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])] as Name[] // Of both records.
  const added = names.map((name) => [name, (one[name] ?? 0n) + (other[name] ?? 0n)])
  return Object.fromEntries(added) as Record<Name, bigint>
}

const zeros = Object.fromEntries(components.map((name) => [name, 0n])) as Record<Component, bigint>

/** The sum of no calls. */
export const emptyRow: UsageRow = {
  group: [],
  names: [],
  calls: 0n,
  attempts: 0n,
  outcomes: {},
  quantities: zeros,
  costs: zeros,
  costNanoUsd: 0n,
  unpricedCalls: 0n,
  estimatedCalls: 0n,
  rejectedCalls: {},
}
