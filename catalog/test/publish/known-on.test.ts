import { expect, test } from 'vitest'
import { isKnownOn, keepKnown } from '../../src/index.ts'

test.each([
  ['The 1M token context window ended on 2026-04-30.', false],
  ['Pricing, October 2026, platform.claude.com', false],
  ['Beta headers, 2025 and 2026', false],
  ['Pricing, November 2025, docs.claude.com', false],
  ['Models overview, August 2025', true],
  ['needs the header `context-1m-2025-08-07`', true],
  ['claude-sonnet-4-20250514', true],
  ['Long context pricing applies to requests exceeding 200K tokens.', true],
])('on 2025-08-15 %j is known: %j', (text, known) => {
  expect(isKnownOn(text, '2025-08-15')).toBe(known)
})

test('knows a text from the day or month that it names', () => {
  expect(['2026-04-29', '2026-04-30'].map((day) => isKnownOn('ended on 2026-04-30', day))).toEqual([
    false,
    true,
  ])
  expect(['2026-09-30', '2026-10-01'].map((day) => isKnownOn('Pricing, Oct 2026', day))).toEqual([
    false,
    true,
  ])
})

test('keeps every text if no day is given', () => {
  expect(keepKnown(['in 2099'], undefined)).toEqual(['in 2099'])
})
