import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findUnitStart } from '../../src/ledger/rollup-levels.ts'
import { chooseLevels, findNextUnit, splitPeriod } from '../../src/ledger/rollup-periods.ts'
import type { PeriodPart } from '../../src/ledger/rollup-periods.ts'
import { rollupSpans } from '../../src/ledger/rollup.ts'
import type { RollupDimension } from '../../src/ledger/rollup.ts'

const originMs = Date.UTC(2026, 0, 1)
const halfHourMs = rollupSpans.hour / 2
const days = 200
const halfHours = fc.integer({ min: 0, max: days * 48 })
const toMs = (at: number): number => originMs + at * halfHourMs

/** Dimensions of which there are sums of months, days and hours, and some of which the hours are few. */
const dimensions: readonly (readonly RollupDimension[])[] = [
  ['model', 'key_id'],
  ['key_id'],
  ['model', 'upstream'],
  [],
]

/** The hours of the ledger are whole ones, as is the end of its derived sums. */
const wholeHour = halfHours.map((at) => toMs(at - (at % 2)))

test('the parts of a period have each of its times once, and no other, from sums that exist', () => {
  fc.assert(
    fc.property(
      fc.tuple(halfHours, halfHours, fc.oneof(fc.constant(0), fc.nat({ max: 48 * 40 }))),
      fc.tuple(wholeHour, wholeHour).map((both) => both.toSorted((one, other) => one - other)),
      fc.boolean(),
      fc.constantFrom(...dimensions),
      ([from, to, length], [sinceMs = 0, untilMs = 0], withOpenUnits, named) => {
        const startMs = Math.max(toMs(from), sinceMs)
        const endMs = length === 0 ? toMs(to) : startMs + length * halfHourMs
        const parts = splitPeriod(
          { startMs, endMs },
          { levels: chooseLevels(new Set(named)), sinceMs, untilMs, withOpenUnits },
        )

        expect(countTimes(parts, untilMs)).toEqual(
          countTimes([{ level: 'calls', startMs, endMs: Math.max(startMs, endMs) }], untilMs),
        )
        for (const part of parts) expectSums(part, { sinceMs, untilMs, withOpenUnits, endMs })
      },
    ),
    { numRuns: 2_000 },
  )
})

test('a period that starts late on the first day of a month reads that month, and not its days', () => {
  const sinceMs = originMs
  const [startMs, endMs] = [Date.UTC(2026, 1, 1, 22), Date.UTC(2026, 4, 1)]
  const levels = chooseLevels(new Set(['model', 'key_id'] as const))

  const parts = splitPeriod({ startMs, endMs }, { levels, sinceMs, untilMs: endMs, withOpenUnits: false })

  expect(
    parts.map(({ level, isSubtracted = false }) => [level === 'calls' || level.unit, isSubtracted]),
  ).toEqual([
    ['day', true],
    ['hour', false],
    ['month', false],
  ])
})

/** How often each half hour is counted, by its start; those that are not counted are left out. */
function countTimes(parts: readonly PeriodPart[], untilMs: number): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const { level, startMs, endMs, isSubtracted = false } of parts) {
    // The sums of a unit that is not over have the hours that are derived.
    const lastMs =
      level === 'calls' || level.unit === 'hour' ? endMs : Math.min(findEnd(level.unit, endMs), untilMs)
    for (let atMs = startMs; atMs < lastMs; atMs += halfHourMs)
      counts.set(atMs, (counts.get(atMs) ?? 0) + (isSubtracted ? -1 : 1))
  }
  return new Map([...counts].filter(([, count]) => count !== 0).toSorted(([one], [other]) => one - other))
}

/** Rows are chosen by their start, so the last unit is read whole. */
function findEnd(unit: 'day' | 'month', endMs: number): number {
  const ownMs = findUnitStart(endMs, unit)
  return ownMs === endMs ? endMs : findNextUnit(ownMs, unit)
}

interface Ledger {
  readonly sinceMs: number
  readonly untilMs: number
  readonly withOpenUnits: boolean
  readonly endMs: number
}

function expectSums({ level, startMs, endMs }: PeriodPart, ledger: Ledger): void {
  expect(startMs).toBeLessThan(endMs)
  if (level === 'calls' || level.unit === 'hour') return
  expect(findUnitStart(startMs, level.unit)).toBe(startMs)
  expect(startMs).toBeGreaterThanOrEqual(ledger.sinceMs)
  const isWhole = findUnitStart(endMs, level.unit) === endMs && endMs <= ledger.untilMs
  expect(isWhole || (ledger.withOpenUnits && endMs === ledger.untilMs && ledger.endMs >= endMs)).toBe(true)
}
