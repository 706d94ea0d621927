import { expect, test } from 'vitest'

import { createRateCounter } from '../../src/port/tally.ts'

test('lets so many pass within a span, and as many again in the next', () => {
  let nowMs = 1_000
  const totals = createRateCounter(2, 100, () => nowMs)

  const first = [totals.exceeds(), totals.exceeds(), totals.exceeds()]
  nowMs = 1_099
  const late = totals.exceeds()
  nowMs = 1_100
  const next = [totals.exceeds(), totals.exceeds(), totals.exceeds()]

  expect({ first, late, next }).toEqual({
    first: [false, false, true],
    late: true,
    next: [false, false, true],
  })
})
