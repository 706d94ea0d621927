import { isTime } from './usage-row.ts'
import type { Grouping, UsageRow } from './usage-row.ts'

/** A row of usage of one value of each grouping, or of several that are added up. */
export interface FoldedRow extends UsageRow {
  /** How many values of each grouping the row adds up beyond the first ones; 0: it is one value. */
  readonly others: readonly number[]
}

/** The values of a grouping that have rows of their own, and the number of the others. */
export interface KeptValues {
  readonly values: ReadonlySet<string | null>
  readonly others: number
}

/**
 * Keeps the `top` most expensive values of each grouping that is not a unit of time, and adds up all others in a row whose
 * value is null. So the number of rows has a bound, and their sum stays the same.
 */
export function foldRows(
  rows: readonly UsageRow[],
  by: readonly Grouping[],
  top: number | null,
): readonly FoldedRow[] {
  if (top === null) return rows.map((row) => ({ ...row, others: by.map(() => 0) }))
  const kept = by.map((grouping, at) => (isTime(grouping) ? null : rankValues(rows, { at, top })))
  const folded = rows.map((row): FoldedRow => {
    const isOther = row.group.map((value, at) => kept[at]?.values.has(value) === false)
    return {
      ...row,
      group: row.group.map((value, at) => (isOther[at] === true ? null : value)),
      names: row.names.map((name, at) => (isOther[at] === true ? null : name)),
      others: isOther.map((is, at) => (is ? (kept[at]?.others ?? 0) : 0)),
    }
  })
  const merged = new Map<string, FoldedRow>()
  for (const row of folded) {
    const place = JSON.stringify([row.group, row.others])
    const known = merged.get(place)
    merged.set(place, known === undefined ? row : { ...addRows(known, row), others: row.others })
  }
  return [...merged.values()]
}

/** Finds the most expensive values of a grouping; of equal ones, those with the most calls, and the first ones by name. */
export function rankValues(
  rows: readonly UsageRow[],
  { at, top }: { readonly at: number; readonly top: number },
): KeptValues {
  const sums = new Map<string | null, Pick<UsageRow, 'costNanoUsd' | 'calls'>>()
  for (const { group, costNanoUsd, calls } of rows) {
    const value = group[at] ?? null
    const sum = sums.get(value)
    sums.set(value, {
      costNanoUsd: (sum?.costNanoUsd ?? 0n) + costNanoUsd,
      calls: (sum?.calls ?? 0n) + calls,
    })
  }
  const ranked = [...sums].toSorted(
    ([value, sum], [otherValue, other]) =>
      Number(other.costNanoUsd - sum.costNanoUsd) ||
      Number(other.calls - sum.calls) ||
      Number((value ?? '') > (otherValue ?? '')) - Number((value ?? '') < (otherValue ?? '')),
  )
  return {
    values: new Set(ranked.slice(0, top).map(([value]) => value)),
    others: Math.max(0, ranked.length - top),
  }
}

/** Adds a row to another one, whose group and names stay. */
export function addRows(one: UsageRow, other: UsageRow): UsageRow {
  return combineRows(one, other, (value, added) => value + added)
}

/** Subtracts a row of some calls from one that contains them. */
export function subtractRows(one: UsageRow, other: UsageRow): UsageRow {
  return combineRows(one, other, (value, subtracted) => value - subtracted)
}

type Combine = (one: bigint, other: bigint) => bigint

function combineRows(one: UsageRow, other: UsageRow, combine: Combine): UsageRow {
  return {
    ...one,
    calls: combine(one.calls, other.calls),
    attempts: combine(one.attempts, other.attempts),
    outcomes: combineCounts(one.outcomes, other.outcomes, combine),
    quantities: combineCounts(one.quantities, other.quantities, combine),
    costs: combineCounts(one.costs, other.costs, combine),
    costNanoUsd: combine(one.costNanoUsd, other.costNanoUsd),
    unpricedCalls: combine(one.unpricedCalls, other.unpricedCalls),
    estimatedCalls: combine(one.estimatedCalls, other.estimatedCalls),
  }
}

function combineCounts<Name extends string>(
  one: Readonly<Record<Name, bigint>>,
  other: Readonly<Record<Name, bigint>>,
  combine: Combine,
): Record<Name, bigint> {
  const combined: Record<Name, bigint> = { ...one }
  for (const name of Object.keys(other) as Name[])
    // It has no other keys.
    combined[name] = combine(one[name] ?? 0n, other[name])
  return combined
}
