import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { headerText, pickRequestHeaders, pickResponseHeaders, readClientIds } from '../../src/http/headers.ts'

test('lets the protocol and the ids of clients pass to an upstream', () => {
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

test('lets four headers of an upstream pass to the client', () => {
  const picked = pickResponseHeaders({
    'content-type': 'text/event-stream',
    'retry-after': '3',
    'retry-after-ms': '3000',
    'x-should-retry': 'false',
    'request-id': 'req_upstream',
    'anthropic-organization-id': 'org',
    'anthropic-ratelimit-requests-limit': '50',
    'content-encoding': 'gzip',
    'content-length': '5',
    'transfer-encoding': 'chunked',
    location: 'http://elsewhere',
  })

  expect(picked).toEqual({
    'content-type': 'text/event-stream',
    'retry-after': '3',
    'retry-after-ms': '3000',
    'x-should-retry': 'false',
  })
})

test('keeps the ids of clients, cut to a length', () => {
  const ids = readClientIds({
    'x-claude-code-session-id': 's'.repeat(300),
    'x-claude-code-agent-id': '',
  })

  expect(ids).toEqual({ session: 's'.repeat(256), agent: null, parentAgent: null })
})

test('makes of any text a value that HTTP allows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(headerText(text)).toMatch(/^[\t\x20-\x7e]{0,1024}$/)
    }),
    { numRuns: 30 },
  )
  expect(headerText('a\r\nset-cookie: b')).toBe('a set-cookie: b')
})
