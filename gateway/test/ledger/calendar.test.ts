import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findCalendarSpan, findStart, isTimeZone } from '../../src/ledger/calendar.ts'

const hour = 3_600_000

test.each([
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00Z', 23],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00Z', 25],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00Z', 25],
  ['Asia/Kolkata', '2026-11-01', '2026-10-31T18:30Z', 24],
  ['Asia/Kathmandu', '2026-11-01', '2026-10-31T18:15Z', 24],
  // Half an hour of daylight saving time.
  ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30Z', 23.5],
  // The clocks change at midnight, so the day begins at one o'clock.
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00Z', 23],
  ['America/Havana', '2026-03-08', '2026-03-08T05:00Z', 23],
])('a day of %s: %s begins at %s and has %f hours', (timeZone, day, start, hours) => {
  const span = findCalendarSpan(Date.parse(start) + hour, 'day', timeZone)

  expect(span).toEqual({
    name: day,
    startMs: Date.parse(start),
    endMs: Date.parse(start) + hours * hour,
  })
})

test('a day that a zone skipped has no span', () => {
  const before = findCalendarSpan(Date.parse('2011-12-30T09:59Z'), 'day', 'Pacific/Apia')
  const after = findCalendarSpan(Date.parse('2011-12-30T10:00Z'), 'day', 'Pacific/Apia')

  expect([before.name, after.name]).toEqual(['2011-12-29', '2011-12-31'])
  expect(before.endMs).toBe(after.startMs)
})

test('hours have the offset of the zone, so that a repeated hour is two', () => {
  const first = findCalendarSpan(Date.parse('2026-10-25T00:30Z'), 'hour', 'Europe/Berlin')
  const second = findCalendarSpan(Date.parse('2026-10-25T01:30Z'), 'hour', 'Europe/Berlin')

  expect([first.name, second.name]).toEqual(['2026-10-25T02:00+02:00', '2026-10-25T02:00+01:00'])
})

test('an hour begins with that of UTC, at half past in a zone with half an hour', () => {
  const timeMs = Date.parse('2026-11-22T18:45Z')

  expect(findCalendarSpan(timeMs, 'hour', 'Asia/Kolkata')).toEqual({
    name: '2026-11-22T23:30+05:30',
    startMs: Date.parse('2026-11-22T18:00Z'),
    endMs: Date.parse('2026-11-22T19:00Z'),
  })
})

test('spans contain their time, and follow each other without a gap in every zone', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Pacific/Chatham',
  )
  const times = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) })
  const units = fc.constantFrom('hour' as const, 'day' as const, 'month' as const)
  fc.assert(
    fc.property(zones, times, units, (zone, timeMs, unit) => {
      const span = findCalendarSpan(timeMs, unit, zone)
      const next = findCalendarSpan(span.endMs, unit, zone)

      expect(span.startMs).toBeLessThanOrEqual(timeMs)
      expect(span.endMs).toBeGreaterThan(timeMs)
      expect(next.startMs).toBe(span.endMs)
      expect(findCalendarSpan(span.startMs, unit, zone)).toEqual(span)
      if (unit === 'day') expect(findStart(span.name, zone)).toBe(span.startMs)
    }),
    { numRuns: 300 },
  )
})

test('knows the names of time zones', () => {
  expect(['UTC', 'Europe/Berlin', 'Berlin', ''].map(isTimeZone)).toEqual([true, true, false, false])
})

test('reads a zone in any case of its letters, in more spellings than are kept', () => {
  const name = 'America/New_York'
  const letters = name.split('')
  const spellings = Array.from({ length: 600 }, (_, number) =>
    letters.map((letter, at) => ((number >> at) & 1 ? letter.toUpperCase() : letter.toLowerCase())).join(''),
  )
  const noonMs = Date.UTC(2026, 10, 29, 12)
  const expected = findCalendarSpan(noonMs, 'day', name)

  for (const spelling of spellings) expect(findCalendarSpan(noonMs, 'day', spelling)).toEqual(expected)
})
