import { expect, test } from 'vitest'

import { parseRetryAfterMs } from '../../src/http/retry-after.ts'

const nowMs = Date.parse('2026-11-29T20:00:00Z')

test.each([
  ['0', 0],
  ['30', 30_000],
  ['1.5', 1_500],
  ['99999999999', 99_999_999_999_000],
  ['Sun, 29 Nov 2026 20:00:30 GMT', 30_000],
  ['Sunday, 29-Nov-26 20:00:30 GMT', 30_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
])('reads %j', (value, ms) => {
  expect(parseRetryAfterMs(value, nowMs)).toBe(ms)
})

test.each([
  undefined,
  '',
  ' ',
  '-5',
  'soon',
  'NaN',
  'Infinity',
  '1e3',
  '0x10',
  '30 s',
  '2026-11-29',
  'Sun, GMT',
])('%j is no time', (value) => {
  expect(parseRetryAfterMs(value, nowMs)).toBeNull()
})
