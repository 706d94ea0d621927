import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { printDetails, readDetails } from '../../src/ledger/call-details.ts'
import { pickClientHeaders, pickUpstreamHeaders } from '../../src/ledger/stored-headers.ts'

test('keeps the headers of both lists, and no other', () => {
  const secret = 'a-secret'
  const request = pickClientHeaders({
    'user-agent': 'claude-cli/2.0.0',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'one,two',
    'x-app': 'cli',
    'x-stainless-lang': 'js',
    'x-stainless-package-version': '0.60.0',
    'x-stainless-os': secret,
    'x-api-key': secret,
    authorization: secret,
    cookie: secret,
    'x-forwarded-for': secret,
    forwarded: secret,
    'anthropic-other': secret,
  })
  const response = pickUpstreamHeaders({
    'retry-after': '7',
    'anthropic-ratelimit-requests-remaining': '3',
    'anthropic-ratelimit-unified-status': 'allowed',
    'x-amzn-bedrock-invocation-latency': '12',
    'anthropic-organization-id': secret,
    'set-cookie': secret,
    'x-amzn-requestid': secret,
    date: secret,
  })

  const text = printDetails({ request, response, errorMessage: null })

  expect(text).not.toContain(secret)
  // The names are most of a header, so those of the table are numbers.
  expect(text).not.toContain('anthropic-version')
  expect(readDetails(text).headers).toEqual({
    request: {
      'user-agent': 'claude-cli/2.0.0',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'one,two',
      'x-app': 'cli',
      'x-stainless-lang': 'js',
      'x-stainless-package-version': '0.60.0',
    },
    response: {
      'retry-after': '7',
      'anthropic-ratelimit-requests-remaining': '3',
      'anthropic-ratelimit-unified-status': 'allowed',
      'x-amzn-bedrock-invocation-latency': '12',
    },
  })
})

test('rows keep their meaning: a name has the same place in every version', () => {
  const text = '{"headers":[[0,"a",5,"b"],[6,"c",7,"d",18,"e","anthropic-ratelimit-new","f",999,"g"]]}'

  expect(readDetails(text).headers).toEqual({
    request: { 'user-agent': 'a', 'x-stainless-package-version': 'b' },
    response: {
      'retry-after': 'c',
      'anthropic-ratelimit-requests-limit': 'd',
      'anthropic-ratelimit-output-tokens-reset': 'e',
      'anthropic-ratelimit-new': 'f',
    },
  })
})

test.each([
  ['null', null],
  ['a row of an older version', '{"blocks":null}'],
  ['another form', '{"headers":{"request":1}}'],
  ['no JSON', '{'],
])('%s has no headers and no error', (_, text) => {
  expect(readDetails(text)).toEqual({ blocks: null, plan: null, headers: null, errorMessage: null })
})

test('nothing is stored for a call without any of them', () => {
  const request = pickClientHeaders({ 'user-agent': '', host: 'localhost' })

  expect(
    printDetails({ request, response: pickUpstreamHeaders({ date: 'today' }), errorMessage: null }),
  ).toBeNull()
})

test('hostile values are cut to 1 KB together, without control characters', () => {
  const bad = fc.constantFrom('"'.repeat(600), '\\'.repeat(600), '\u0000\r\n\u007f\u0085', 'é'.repeat(120))
  const hostile = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), bad)
  const names = ['user-agent', 'anthropic-version', 'anthropic-beta', 'x-app'] as const
  const client = fc.record(Object.fromEntries(names.map((name) => [name, hostile])))
  const name = fc.string({ maxLength: 30 }).map((text) => `anthropic-ratelimit-${text}`)
  const upstream = fc.dictionary(name, hostile, { maxKeys: 14 })
  fc.assert(
    fc.property(client, upstream, (given, answered) => {
      const request = pickClientHeaders(given)
      const text = printDetails({ request, response: pickUpstreamHeaders(answered), errorMessage: null })
      const read = readDetails(text).headers

      expect((text ?? '').length).toBeLessThanOrEqual(1_000 + '{"headers":}'.length)
      expect(read?.request['user-agent']?.length ?? 0).toBeLessThanOrEqual(200)
      for (const one of Object.values({ ...read?.request, ...read?.response }))
        expect(one).not.toMatch(/\p{Cc}/u)
    }),
  )
})
