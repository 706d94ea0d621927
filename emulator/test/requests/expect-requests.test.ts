import { beforeEach, describe, expect, test } from 'vitest'

import { createEmulator, RequestExpectationError } from '../../src/index.ts'
import type { ExpectedCount, RequestFilter } from '../../src/index.ts'

const emulator = createEmulator({
  scenario: {
    version: 1,
    rules: [
      { name: 'greet', when: { last_user: 'Hello' }, reply: { text: 'Good day.' } },
      { when: { last_user: 'busy' }, fault: { status: 529 } },
    ],
  },
})

beforeEach(async () => {
  emulator.reset()
  const tools = [{ name: 'get_weather', input_schema: { type: 'object' } }]
  const base = { model: 'claude-sonnet-4-5', max_tokens: 50 }
  await post(
    '/v1/messages',
    { ...base, system: 'Be polite.', tools, messages: [user('Hello!')] },
    { 'x-team': 'blue' },
  )
  await post('/v1/messages', { ...base, messages: [user('I am busy.')] })
  await post('/v1/chat/completions', {
    model: 'claude-opus-4-1',
    messages: [{ role: 'system', content: 'Be brief.' }, user('Bye!')],
    tools: [{ type: 'function', function: { name: 'get_time', parameters: { type: 'object' } } }],
  })
  await post('/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse', {
    system: [{ text: 'Be quick.' }],
    messages: [{ role: 'user', content: [{ text: 'Run!' }] }],
    toolConfig: { tools: [{ toolSpec: { name: 'run', inputSchema: { json: { type: 'object' } } } }] },
  })
  await post(
    '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict',
    {
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 9,
      messages: [user('Vertex?')],
    },
  )
})

describe('requests are found by', () => {
  test.each<[string, RequestFilter, number[]]>([
    ['method', { method: 'POST' }, [0, 1, 2, 3, 4]],
    ['protocol', { protocol: 'openai' }, [2]],
    ['platform', { platform: 'bedrock' }, [3]],
    ['path', { path: { regex: '/messages$' } }, [0, 1]],
    ['header', { header: { 'X-Team': { equals: 'blue' } } }, [0]],
    ['model in any spelling', { model: 'claude-opus-4-1' }, [2, 4]],
    ['model of a Bedrock path', { model: 'claude-haiku-4-5' }, [3]],
    ['rule', { rule: 'greet' }, [0]],
    ['fault', { failed: true }, [1]],
    ['status', { status: 529 }, [1]],
    ['match', { unmatched: true }, [2, 3, 4]],
    ['system in each protocol', { system: { regex: '^Be (brief|quick)' } }, [2, 3]],
    ['last user text', { lastUser: 'busy' }, [1]],
    ['tools in each form', { tools: 'run' }, [3]],
    ['several tools', { tools: ['get_time'] }, [2]],
    ['a function', { where: ({ body }) => (body?.length ?? 0) > 200 }, [2]],
    ['several conditions', { protocol: 'messages', status: 200 }, [0]],
  ])('%s', (_, filter, expected) => {
    const found = emulator.findRequests(filter)

    expect(found.map((request) => emulator.requests.indexOf(request))).toEqual(expected)
  })
})

test.each<[ExpectedCount | undefined, boolean]>([
  [undefined, true],
  [{ count: 2 }, true],
  [{ count: 1 }, false],
  [{ min: 2 }, true],
  [{ min: 3 }, false],
  [{ max: 2 }, true],
  [{ max: 1 }, false],
  [{ min: 1, max: 3 }, true],
])('two requests of a model are as expected by %j: %s', (expected, isMet) => {
  const check = () => emulator.expectRequests({ model: 'claude-opus-4-1' }, expected)

  if (isMet) expect(check()).toHaveLength(2)
  else expect(check).toThrow(RequestExpectationError)
})

test('a failed expectation lists the requests, and the differences of the nearest one', () => {
  const check = () =>
    emulator.expectRequests({ model: 'claude-sonnet-4-5', lastUser: { contains: 'weather' } })

  expect(check).toThrow(
    new RequestExpectationError(
      `expected at least 1 request with model claude-sonnet-4-5, lastUser contains "weather", but 0 of 5 match
The requests were:
  1. POST /v1/messages -> 200, model claude-sonnet-4-5, last user "Hello!", rule 1 "greet"
  2. POST /v1/messages -> 529, model claude-sonnet-4-5, last user "I am busy.", rule 2, fault {"status":529}
  3. POST /v1/chat/completions -> 200, model claude-opus-4-1, last user "Bye!", no rule matched
  4. POST /model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse -> 200, model us.anthropic.claude-haiku-4-5-20251001-v1:0, last user "Run!", no rule matched
  5. POST /v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict -> 200, model claude-opus-4-1@20250805, last user "Vertex?", no rule matched
The nearest other one is request 1:
  lastUser contains "weather": it is "Hello!"`,
      [],
    ),
  )
})

test('one request too many is marked in the list', () => {
  const check = () => emulator.expectRequests({ protocol: 'messages' }, { count: 1 })

  expect(check).toThrow(
    /^expected exactly 1 request with protocol messages, but 2 of 5 match\n.*\n\* 1\. .*\n\* 2\. /,
  )
})

test('an emulator without requests states that', () => {
  expect(() => createEmulator().expectRequests({})).toThrow(/but 0 of 0 match\nNo requests were sent\.$/)
})

test.each<[object, RegExp]>([
  [{ modle: 'x' }, /unknown condition "modle"; the conditions are .*model/],
  [{ lastUser: { regex: '(' } }, /lastUser: /],
  [{ lastUser: /never/ }, /^lastUser: must be a text, or an object/],
  [{ system: { contain: 'never' } }, /^system: must be a text/],
  [{ path: {} }, /^path: must be a text/],
  [{ header: { accept: { equals: 1 } } }, /^header: must be a text/],
])('an invalid filter is rejected: %j', (filter, message) => {
  expect(() => emulator.findRequests(filter)).toThrow(message)
})

test.each([2, 0, null, {}, { counts: 1 }, { count: -1 }, { min: 1.5 }, { max: '1' }])(
  'an invalid expected number is rejected: %j',
  (expected) => {
    // A test without types may give anything.
    const given = expected as { readonly count: number }

    expect(() => emulator.expectRequests({ lastUser: 'never sent' }, given)).toThrow(TypeError)
  },
)

test('the message of a failure has no credentials', async () => {
  const secret = 'sk-ant-api03-abcdefghijkl'
  await post(`/v1/messages?key=${secret}`, { model: 'x' }, { authorization: `Bearer ${secret}` })

  const check = () => emulator.expectRequests({ header: { authorization: 'other' } })

  expect(check).toThrow(/\?key=\[redacted\]/)
  expect(check).toThrow(expect.not.stringContaining(secret))
})

function user(content: string) {
  return { role: 'user', content }
}

async function post(
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const response = await emulator.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
}
