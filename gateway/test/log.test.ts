import { expect, test } from 'vitest'

import { createLog, createRedactor, removeSecrets } from '../src/log.ts'
import type { LogEntry } from '../src/log.ts'

test('writes no known secret in any field', () => {
  const written: LogEntry[] = []
  const log = createLog((entry) => written.push(entry), ['a-known-secret', 'a-known-secret-and-more'])

  log({
    level: 'warn',
    event: 'a-known-secret',
    message: 'x a-known-secret-and-more y',
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
  const redact = createRedactor(['', 'short'])
  const text = 'a short task-antenna bearer of news: claude-opus-4-1-20250805, req_011CSHoEeqs5C35K2UUqR7Fy'

  expect(redact(text)).toBe(text)
})

test("redacts an account's secrets in bytes, and changes no other byte", () => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('é secret-1 secret-1!')])

  const clean = removeSecrets(bytes, ['secret-1', ''])

  expect(Buffer.from(clean)).toEqual(
    Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from('é [redacted] [redacted]!')]),
  )
  expect(removeSecrets(bytes, ['another'])).toBe(bytes)
})
