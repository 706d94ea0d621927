import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { addRows, foldRows } from '../../src/ledger/fold-usage.ts'
import { createEmptyRow } from '../../src/ledger/usage-row.ts'
import type { UsageRow } from '../../src/ledger/usage-row.ts'

const value = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'))

const rows: fc.Arbitrary<readonly UsageRow[]> = fc.uniqueArray(
  fc
    .record({ one: value, two: value, cost: fc.nat({ max: 1_000 }), calls: fc.nat({ max: 9 }) })
    .map(createRow),
  { selector: ({ group }) => JSON.stringify(group), maxLength: 30 },
)

test('folding keeps the sum, the most expensive values, and at most one more', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 6 }), (all, top) => {
      const folded = foldRows(all, ['model', 'key'], top)

      expect(sum(folded)).toEqual(sum(all))
      for (const at of [0, 1]) {
        const values = new Set(folded.map(({ group, others }) => JSON.stringify([group[at], others[at]])))
        expect(values.size).toBeLessThanOrEqual(top + 1)
      }
      const names = new Set(all.map(({ group }) => group[0]))
      const others = folded.map((row) => row.others[0] ?? 0)
      expect(Math.max(0, ...others)).toBe(Math.max(0, names.size - top))
    }),
  )
})

test('units of time are never folded, and nothing is without a bound', () => {
  fc.assert(
    fc.property(rows, (all) => {
      expect(foldRows(all, ['day', 'hour'], 1)).toEqual(all.map((row) => ({ ...row, others: [0, 0] })))
      expect(foldRows(all, ['model', 'key'], null)).toHaveLength(all.length)
    }),
  )
})

function createRow(given: {
  readonly one: string | null
  readonly two: string | null
  readonly cost: number
  readonly calls: number
}): UsageRow {
  const { one, two, cost, calls } = given
  return {
    ...createEmptyRow([one, two], [null, null]),
    calls: BigInt(calls),
    costNanoUsd: BigInt(cost),
  }
}

function sum(all: readonly UsageRow[]): readonly bigint[] {
  const { calls, costNanoUsd } = all.reduce(addRows, createEmptyRow([], []))
  return [calls, costNanoUsd]
}
