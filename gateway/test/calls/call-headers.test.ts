import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { plain, startUpstream, stream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, localKey, startGateway, upstreamKey } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, errorBody, eventStream, events, message, streamBody } from '../samples.ts'

const adminKey = 'an-admin-key-of-the-tests-only'

const sent = {
  'user-agent': 'claude-cli/2.0.0',
  'x-app': 'cli',
  cookie: 'session=client-cookie',
  'x-forwarded-for': '10.0.0.1',
}

const answered = {
  'request-id': 'req_of_the_upstream',
  'anthropic-organization-id': 'org-of-the-upstream',
  'anthropic-ratelimit-requests-remaining': '3',
  'set-cookie': 'upstream-cookie',
}

test.each([
  ['a plain answer', callBody, plain(message, { headers: answered })],
  ['a stream', streamBody, stream([eventStream], answered)],
  ['an error', callBody, plain(errorBody('invalid_request_error', 'no'), { status: 400, headers: answered })],
])('the detail of a call has the headers of both lists after %s', async (_, body, script) => {
  const { gateway } = await start(script)

  const { headers } = await gateway.post(body, { headers: sent })
  const { call } = await readCall(gateway, headers)

  expect(call.headers).toEqual({
    request: { 'user-agent': 'claude-cli/2.0.0', 'anthropic-version': '2023-06-01', 'x-app': 'cli' },
    response: { 'anthropic-ratelimit-requests-remaining': '3' },
  })
  expect(String(gateway.rows()[0]?.['details'])).not.toMatch(/cookie|10\.0\.0\.1|org-of|local-key/)
})

test('a list has neither headers nor messages of errors', async () => {
  const { gateway } = await start(plain(errorBody('invalid_request_error', 'no'), { status: 400 }))

  await gateway.post(callBody)
  gateway.rows()
  const { text } = await askAdmin(gateway, '/admin/v1/calls')

  const [call] = (JSON.parse(text) as { readonly data: readonly object[] }).data
  expect(call).toHaveProperty('error_type', 'invalid_request_error')
  expect(call).not.toHaveProperty('headers')
  expect(call).not.toHaveProperty('error_message')
})

test.each<[string, string, Script, string | null]>([
  ['an answer', callBody, plain(message), null],
  [
    "the upstream's error",
    callBody,
    plain(errorBody('invalid_request_error', 'max_tokens: too large'), { status: 400 }),
    'max_tokens: too large',
  ],
  [
    'an error event before any content',
    streamBody,
    stream([`event: error\ndata: ${errorBody('overloaded_error', 'Overloaded now')}\n\n`]),
    'Overloaded now',
  ],
  [
    'an error event in the middle of a stream',
    streamBody,
    stream([...events.slice(0, 4), `event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`]),
    'Overloaded',
  ],
  [
    'a page of a proxy',
    callBody,
    plain('<html><p>secret path</p></html>', { status: 502, headers: { 'content-type': 'text/html' } }),
    'The upstream answered with status 502 and no readable error.',
  ],
  [
    'credentials and control characters',
    callBody,
    plain(errorBody('invalid_request_error', `a ${upstreamKey} b sk-ant-another-key-1 c\\u0007\\nd`), {
      status: 400,
    }),
    'a [redacted] b [redacted] c d',
  ],
  [
    'a long message',
    callBody,
    plain(errorBody('invalid_request_error', 'x'.repeat(2_000)), { status: 400 }),
    'x'.repeat(500),
  ],
])('the message of an error is kept: %s', async (_, body, script, expected) => {
  const { gateway } = await start(script)

  const { headers } = await gateway.post(body)
  const { call } = await readCall(gateway, headers)

  expect(call.error_message).toBe(expected)
})

test("the gateway's own error after an attempt is kept, as the client got it", async () => {
  const gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:1', adminKey })

  const { headers, text } = await gateway.post(callBody)
  const { call } = await readCall(gateway, headers)

  const { error } = JSON.parse(text) as { readonly error: { readonly message: string } }
  expect(call.error_message).toMatch(/^upstream 'recorder' cannot be reached/)
  expect(call.error_message).toBe(error.message)
  expect(call.headers?.response).toEqual({})
})

test('a billed attempt keeps the message of its error, and its call has none', async () => {
  const failing = await startUpstream(
    stream([events[0], `event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`], answered),
  )
  const answering = await startUpstream(stream([eventStream]))
  const accounts = [failing, answering].map(({ url }, at) => ({
    ...httpAccount(url),
    name: at === 0 ? 'first' : 'second',
  }))
  const gateway = await startGateway({ accounts, adminKey, routing: { groups: [['first'], ['second']] } })

  const { headers } = await gateway.post(streamBody)
  const { call, billed_attempts: attempts } = await readCall(gateway, headers)

  expect(call).toMatchObject({ upstream: 'second', error_message: null })
  expect(attempts).toMatchObject([
    {
      upstream: 'first',
      error_message: 'Overloaded',
      headers: { request: {}, response: { 'anthropic-ratelimit-requests-remaining': '3' } },
    },
  ])
})

async function start(script: Script, given: StartOptions = {}) {
  const upstream = await startUpstream(script)
  return { gateway: await startGateway({ upstreamUrl: upstream.url, adminKey, ...given }), upstream }
}

interface Detail {
  readonly upstream: string
  readonly error_message: string | null
  readonly headers: {
    readonly request: Readonly<Record<string, string>>
    readonly response: Readonly<Record<string, string>>
  } | null
}

async function readCall(
  gateway: RunningGateway,
  headers: Readonly<Record<string, unknown>>,
): Promise<{ readonly call: Detail; readonly billed_attempts: readonly Detail[] }> {
  gateway.rows()
  const { text } = await askAdmin(gateway, `/admin/v1/calls/${String(headers['request-id'])}`)
  expect(text).not.toContain(localKey)
  return JSON.parse(text) as Awaited<ReturnType<typeof readCall>>
}

function askAdmin(gateway: RunningGateway, path: string) {
  return ask(gateway.url + path, { headers: { 'x-api-key': adminKey } })
}
