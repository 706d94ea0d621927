import { expect, test } from 'vitest'
import { calendar, retirementsIcs } from '../../src/index.ts'

test('writes whole-day events that a calendar program reads', () => {
  const [entry] = calendar({ asOf: '2026-11-22' }).filter(({ event }) => event === 'retires')
  const ics = retirementsIcs(entry === undefined ? [] : [entry], '2026-11-22')

  expect(ics.split('\r\n')).toEqual([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Anthology//Claude model retirements//EN',
    'CALSCALE:GREGORIAN',
    'X-WR-CALNAME:Claude model retirements',
    'BEGIN:VEVENT',
    'UID:claude-sonnet-4-5-20250929.anthropic.retires@anthology',
    'DTSTAMP:20261122T000000Z',
    'DTSTART;VALUE=DATE:20261130',
    'DTEND;VALUE=DATE:20261201',
    'SUMMARY:Claude Sonnet 4.5 retires',
    'DESCRIPTION:claude-sonnet-4-5-20250929 on anthropic. Move to claude-sonnet-',
    ' 5-5.',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ])
})

test('omits entries without a day, escapes special characters, and folds long lines', () => {
  const base = { event: 'retires', model: 'm', platform: 'bedrock', replacement: null } as const
  const ics = retirementsIcs(
    [
      { ...base, day: null, name: 'never' },
      { ...base, day: '2027-12-31', name: `a, b; c\\d ${'x'.repeat(200)}` },
    ],
    '2026-11-22',
  )

  expect(ics).not.toContain('never')
  expect(ics).toContain(String.raw`SUMMARY:a\, b\; c\\d xxx`)
  expect(ics).toContain('DTEND;VALUE=DATE:20280101')
  expect(ics.split('\r\n').every((line) => line.length <= 75)).toBe(true)
})
