import { expect, test } from 'vitest'

import { createCalendar, createClock } from '../src/clock.ts'
import { createEmulator } from '../src/index.ts'

test('stands still until it is set or advanced', () => {
  const clock = createClock('2025-08-15T12:00:00Z')
  const { now } = clock

  expect(now()).toBe(Date.UTC(2025, 7, 15, 12))
  clock.advance(300_000)
  expect(now()).toBe(Date.UTC(2025, 7, 15, 12, 5))
  clock.set(7)
  expect(now()).toBe(7)
})

test('rejects an invalid time', () => {
  expect(() => createClock('teatime')).toThrow('not a time: "teatime"')
  expect(() => createClock(0).advance(Number.NaN)).toThrow(RangeError)
  expect(() => createClock('9999-12-31T23:59:59Z').advance(1_000)).toThrow(RangeError)
})

test('a calendar returns the day in UTC, from its first millisecond to its last', () => {
  const clock = createClock('2025-08-15T00:00:00Z')
  const today = createCalendar(clock.now)
  const first = today()
  clock.set('2025-08-15T23:59:59.999Z')
  const last = today()
  clock.advance(1)

  expect([first, last, today()]).toEqual(['2025-08-15', '2025-08-15', '2025-08-16'])
  clock.set('2024-02-29T12:00:00Z')
  expect(today()).toBe('2024-02-29')
})

test('an emulator moves its own clock forward, and back at a reset', () => {
  const emulator = createEmulator({ now: () => 1_000 })

  expect(emulator.advanceClock(500)).toBe(1_500)
  expect(emulator.advanceClock(0)).toBe(1_500)
  expect(() => emulator.advanceClock(-1)).toThrow(RangeError)
  expect(() => emulator.advanceClock(Number.NaN)).toThrow(RangeError)
  emulator.reset()
  expect(emulator.advanceClock(1)).toBe(1_001)
})

test('a clock that is advanced often stays in a year that the emulator can serve', async () => {
  const emulator = createEmulator()
  const century = 100 * 365 * 24 * 60 * 60 * 1_000
  emulator.advanceClock(century - 1)

  expect(() => emulator.advanceClock(2)).toThrow(
    'a clock advances by 0 to 3153600000000 ms in all, not 2 after',
  )
  emulator.advanceClock(1)
  const response = await emulator.fetch('/v1/models', { headers: { 'anthropic-version': '2023-06-01' } })
  expect(response.status).toBe(200)
})
