import { resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createResponseHeaders, describeNotices } from '../../src/calls/response-headers.ts'

test("names the upstream, the model and the attempt, and the key's limits", () => {
  expect(createResponseHeaders(attemptWith([]))).toEqual({
    'request-id': 'req_1',
    'x-anthology-upstream': 'recorder',
    'x-anthology-model': 'claude-opus-4-1-20250805',
    'x-anthology-attempts': '2',
    'anthropic-ratelimit-requests-limit': '5',
  })
})

test('sends every notice once, without characters that a header cannot have', () => {
  const headers = createResponseHeaders(
    attemptWith(['dropped a beta', 'dropped a beta', 'evil\r\nset-cookie: x — é']),
  )

  expect(headers['x-anthology-notice']).toMatch(/^dropped a beta; evil set-cookie: x +$/)
})

test('the log has the notices that do not fit into the header', () => {
  const notices = ['a', 'b', 'c'].map((letter) => letter.repeat(500))

  expect(createResponseHeaders(attemptWith(notices))['x-anthology-notice']).toHaveLength(1_024)
  expect(describeNotices({ notices: [...notices, 'evil\u009b'] })).toBe(`${notices.join('; ')}; evil `)
  expect(describeNotices({ notices: [] })).toBeUndefined()
})

function attemptWith(notices: string[]): Parameters<typeof createResponseHeaders>[0] {
  const found = resolve('claude-opus-4-1')
  if (!found.ok) throw new Error('the catalog has no Opus 4.1')
  const attempt = {
    call: { id: 'req_1', notices },
    planned: { account: { name: 'recorder' }, model: found.model },
    attemptNumber: 2,
    permit: { headers: () => ({ 'anthropic-ratelimit-requests-limit': '5' }) },
    money: { headers: () => ({}) },
  }
  // Only these members are read; a whole attempt has a socket in it.
  return attempt as unknown as Parameters<typeof createResponseHeaders>[0]
}
