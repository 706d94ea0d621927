import { expect, test } from 'vitest'

import { createTally } from '../../src/port/tally.ts'

test('lets so many pass within a span, and as many again in the next', () => {
  let nowMs = 1_000
  const tally = createTally(2, 100, () => nowMs)

  const first = [tally.exceeds(), tally.exceeds(), tally.exceeds()]
  nowMs = 1_099
  const late = tally.exceeds()
  nowMs = 1_100
  const next = [tally.exceeds(), tally.exceeds(), tally.exceeds()]

  expect({ first, late, next }).toEqual({
    first: [false, false, true],
    late: true,
    next: [false, false, true],
  })
})
