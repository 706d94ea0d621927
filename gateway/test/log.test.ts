import { expect, test } from 'vitest'

import { createLog, createRedactor } from '../src/log.ts'
import type { LogEntry } from '../src/log.ts'

test('writes no known secret in any field', () => {
  const written: LogEntry[] = []
  const log = createLog((entry) => written.push(entry), ['a-known-secret-16', 'a-known-secret-16-and-more'])

  log({
    level: 'warn',
    event: 'a-known-secret-16',
    message: 'x a-known-secret-16-and-more y',
    status: 5,
    cost: null,
  })

  expect(written).toEqual([
    { level: 'warn', event: '[redacted]', message: 'x [redacted] y', status: 5, cost: null },
  ])
})

test.each([
  ['a key of the platform', 'got sk-ant-api03-AbCd_1234-xyz.', 'got [redacted].'],
  ['a key of ours', 'sk-anthology-AbCd_1234-xyz', '[redacted]'],
  ['a bearer token', 'authorization: Bearer eyJhbGciOi.J9+/=', 'authorization: [redacted]'],
  ['an AWS access key id', 'id AKIAIOSFODNN7EXAMPLE used', 'id [redacted] used'],
  ['an AWS session key id', '(ASIAIOSFODNN7EXAMPLE)', '([redacted])'],
])('recognizes %s by its format', (_, text, expected) => {
  expect(createRedactor([])(text)).toBe(expected)
})

test('leaves ordinary words unchanged', () => {
  const redact = createRedactor(['', 'short', 'fifteen-letters'])
  const text =
    'a short fifteen-letters task-antenna bearer of news: claude-opus-4-1-20250805, req_011CSHoEeqs5C35K2UUqR7Fy'

  expect(redact(text)).toBe(text)
})

test('cuts texts that an upstream made long', () => {
  const written: LogEntry[] = []

  createLog(
    (entry) => written.push(entry),
    [],
  )({ level: 'info', event: 'call', stop_reason: 'x'.repeat(9_000) })

  expect(String(written[0]?.['stop_reason']).length).toBe(4_096)
})
