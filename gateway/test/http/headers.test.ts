import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { headerText, pickRequestHeaders, pickResponseHeaders, readClientIds } from '../../src/http/headers.ts'

test("forwards the protocol's headers and the client ids to an upstream", () => {
  const picked = pickRequestHeaders({
    'anthropic-version': '2023-06-01',
    'anthropic-of-tomorrow': 'yes',
    'content-type': 'application/json',
    'x-app': 'cli',
    'x-api-key': 'secret',
    authorization: 'Bearer secret',
    cookie: 'secret',
    host: 'gateway',
    'accept-encoding': 'gzip',
    'transfer-encoding': 'chunked',
    'set-cookie': ['secret'],
  })

  expect(picked).toEqual({
    'anthropic-version': '2023-06-01',
    'anthropic-of-tomorrow': 'yes',
    'content-type': 'application/json',
    'x-app': 'cli',
  })
})

const accountLimits = {
  'anthropic-ratelimit-requests-limit': '50',
  'anthropic-ratelimit-unified-5h-status': 'allowed',
  'anthropic-priority-input-tokens-remaining': '7',
  'anthropic-fast-output-tokens-reset': '2026-11-29T00:00:00Z',
}

test.each([
  [true, accountLimits],
  [false, {}],
])(
  'forwards the allowed headers of an upstream to the client, with its rate limits: %s',
  (rateLimits, limits) => {
    const headers = {
      ...accountLimits,
      'content-type': 'text/event-stream',
      'retry-after': '3',
      'retry-after-ms': '3000',
      'x-should-retry': 'false',
      'request-id': 'req_upstream',
      'anthropic-organization-id': 'org',
      'content-encoding': 'gzip',
      'content-length': '5',
      'transfer-encoding': 'chunked',
      location: 'http://elsewhere',
    }

    const picked = pickResponseHeaders(headers, { rateLimits })

    expect(picked).toEqual({
      ...limits,
      'content-type': 'text/event-stream',
      'retry-after': '3',
      'retry-after-ms': '3000',
      'x-should-retry': 'false',
    })
  },
)

test('truncates client ids', () => {
  const ids = readClientIds({
    'x-claude-code-session-id': 's'.repeat(300),
    'x-claude-code-agent-id': '',
  })

  expect(ids).toEqual({ session: 's'.repeat(256), agent: null, parentAgent: null })
})

test('turns any text into a valid header value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(headerText(text)).toMatch(/^[\t\x20-\x7e]{0,1024}$/)
    }),
    { numRuns: 30 },
  )
  expect(headerText('a\r\nset-cookie: b')).toBe('a set-cookie: b')
})
