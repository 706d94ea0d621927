import { expect, test } from 'vitest'

import { createClock } from '../src/clock.ts'

test('stands still until it is set or moved', () => {
  const clock = createClock('2025-08-15T12:00:00Z')
  const { now } = clock

  expect(now()).toBe(Date.UTC(2025, 7, 15, 12))
  clock.advance(300_000)
  expect(now()).toBe(Date.UTC(2025, 7, 15, 12, 5))
  clock.set(7)
  expect(now()).toBe(7)
})

test('does not take what is no time', () => {
  expect(() => createClock('teatime')).toThrow('not a time: "teatime"')
  expect(() => createClock(0).advance(Number.NaN)).toThrow(RangeError)
})
