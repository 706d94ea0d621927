import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { measureEdits } from '../../src/names/edit-distance.ts'

test.each([
  ['opus', 'opus', 0],
  ['opus', 'opsu', 1],
  ['opus', 'opu', 1],
  ['opus', 'opuss', 1],
  ['opus', 'opis', 1],
  ['haiku', 'hakiu', 1],
  ['sonnet', 'sonate', 2],
  ['', 'abc', 3],
])('%s and %s are %d edits apart', (left, right, edits) => {
  expect(measureEdits(left, right, 9)).toBe(edits)
})

test('is symmetric, and zero only for equal texts', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      expect(measureEdits(left, right, 12)).toBe(measureEdits(right, left, 12))
      expect(measureEdits(left, right, 12) === 0).toBe(left === right)
    }),
  )
})

test('stops counting above the limit', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12 }),
      fc.string({ maxLength: 12 }),
      fc.nat(4),
      (left, right, limit) => {
        expect(measureEdits(left, right, limit)).toBe(Math.min(measureEdits(left, right, 99), limit + 1))
      },
    ),
  )
})
