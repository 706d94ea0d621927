import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findOldestSlot, findSlot, findWindow, isTimezone, rollingWindows } from '../../src/budgets/window.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Africa/Cairo',
  'America/St_Johns',
] as const

const kinds = fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const)
const times = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2045, 0, 1) })

test('every moment is in one window, and the next window begins where it ends, in every zone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), kinds, times, (timezone, window, atMs) => {
      const found = findWindow({ window, timezone }, atMs)
      expect(found.startMs).toBeLessThanOrEqual(atMs)
      expect(found.endMs).toBeGreaterThan(atMs)
      expect(findWindow({ window, timezone }, found.startMs)).toEqual(found)
      const next = findWindow({ window, timezone }, found.endMs ?? 0)
      expect(next.startMs).toBe(found.endMs)
      expect(findWindow({ window, timezone }, (found.endMs ?? 0) - 1)).toEqual(found)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  // The clocks go forward on this day in Berlin, so that it has 23 hours, and back on that one, which has 25.
  ['day', 'Europe/Berlin', '2026-03-29T12:00:00Z', ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z']],
  ['day', 'Europe/Berlin', '2026-10-25T12:00:00Z', ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z']],
  // In Cairo the day of the change begins at 01:00.
  ['day', 'Africa/Cairo', '2026-04-24T12:00:00Z', ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z']],
  // Samoa had no 30 December 2011.
  ['day', 'Pacific/Apia', '2011-12-30T09:00:00Z', ['2011-12-29T10:00:00Z', '2011-12-30T10:00:00Z']],
  ['week', 'Europe/Berlin', '2026-11-29T12:00:00Z', ['2026-11-22T23:00:00Z', '2026-11-29T23:00:00Z']],
  ['month', 'America/New_York', '2026-11-29T12:00:00Z', ['2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z']],
  ['hour', 'Asia/Kolkata', '2026-11-29T12:34:00Z', ['2026-11-29T12:00:00Z', '2026-11-29T13:00:00Z']],
] as const)('the %s of %s that contains %s is %j', (window, timezone, at, [start, end]) => {
  const found = findWindow({ window, timezone }, Date.parse(at))

  expect(new Date(found.startMs).toISOString()).toBe(start.replace('Z', '.000Z'))
  expect(new Date(found.endMs ?? 0).toISOString()).toBe(end.replace('Z', '.000Z'))
})

test('an amount counts in a rolling window for its length, and for one part longer at most', () => {
  const windows = fc.constantFrom(...Object.values(rollingWindows))
  fc.assert(
    fc.property(windows, times, fc.nat({ max: 90 * 86_400_000 }), (rolling, atMs, ageMs) => {
      const counts = findSlot(rolling, atMs) >= findOldestSlot(rolling, atMs + ageMs)
      if (ageMs < rolling.lengthMs) expect(counts).toBe(true)
      if (ageMs >= rolling.lengthMs + rolling.slotMs) expect(counts).toBe(false)
    }),
  )
})

test('a zone has an IANA name', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', '+02:00', ''].map(isTimezone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
