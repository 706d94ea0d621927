import { expect, test } from 'vitest'

import { findCallsOfBar, findSpan } from '../../src/pages/usage/calls-of.ts'
import { findPeriod, listUnits, readUsageState } from '../../src/pages/usage/usage-state.ts'

const nowMs = Date.parse('2026-11-29T10:20:00Z')

test('a bar is the span of its hour, day or month in the time zone of the page', () => {
  const print = (name: string, zone: string) => {
    const span = findSpan(name, zone)
    return span === null ? null : [span.startMs, span.endMs].map((ms) => new Date(ms).toISOString())
  }

  expect(print('2026-11-29T05:00Z', 'UTC')).toEqual(['2026-11-29T05:00:00.000Z', '2026-11-29T06:00:00.000Z'])
  expect(print('2026-12-31', 'UTC')).toEqual(['2026-12-31T00:00:00.000Z', '2027-01-01T00:00:00.000Z'])
  // Summer time ends on this day, which has 25 hours.
  expect(print('2026-10-25', 'Europe/Berlin')).toEqual([
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ])
  expect(print('2026-12', 'Asia/Kolkata')).toEqual(['2026-11-30T18:30:00.000Z', '2026-12-31T18:30:00.000Z'])
  expect(print('claude-opus-4-1', 'UTC')).toBeNull()
  expect(print('2026-12', 'Mars/Phobos')).toBeNull()
})

test('the calls of a bar keep the filters of the page, and end where its period ends', () => {
  const state = readUsageState({ period: '7d', workspace: 'research' }, nowMs)

  expect(findCallsOfBar(state, '2026-11-29')).toEqual({
    workspace: 'research',
    since: '2026-11-29T00:00:00.000Z',
    until: '2026-11-29T11:00:00.000Z',
  })
  expect(findCallsOfBar(readUsageState({ unit: 'label:project' }, nowMs), 'apollo')).toMatchObject({
    label: 'project=apollo',
  })
  expect(findCallsOfBar(state, null)).toBeNull()
})

test('a period offers the units of time of which it has several', () => {
  const list = (period: string) => listUnits(readUsageState({ period }, nowMs).period)

  expect(list('24h')).toEqual(['hour'])
  expect(list('7d')).toEqual(['day', 'hour'])
  expect(list('30d')).toEqual(['day'])
  expect(list('90d')).toEqual(['day', 'month'])
  expect(list('365d')).toEqual(['day', 'month'])
  expect(readUsageState({ period: '24h', unit: 'month' }, nowMs).unit).toBe('hour')
})

test('a time since which calls are listed becomes the shortest period that has it', () => {
  expect(findPeriod('2026-11-29T01:00:00Z', nowMs)).toBe('24h')
  expect(findPeriod('2026-11-20T01:00:00Z', nowMs)).toBe('30d')
  expect(findPeriod('2020-01-01T00:00:00Z', nowMs)).toBe('365d')
  expect(findPeriod('nonsense', nowMs)).toBe('365d')
})
