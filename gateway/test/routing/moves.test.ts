import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { openStream, plain, rawThenDeath, startUpstream, stream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import type { StartOptions } from '../running-gateway.ts'
import { callBody, errorBody, events, eventStream, message, streamBody } from '../samples.ts'

/** A gateway with one upstream for each script, in order of preference. */
async function startWith(scripts: readonly Script[], options: StartOptions = {}) {
  const upstreams = await Promise.all(scripts.map((script) => startUpstream(script)))
  const accounts = upstreams.map(({ url }, at) => ({ ...httpAccount(url), name: `number-${at}` }))
  const gateway = await startGateway({ accounts, ...options })
  const bodies = (at: number) => upstreams[at]?.requests.map(({ body }) => body.toString()) ?? []
  return { gateway, asked: () => upstreams.map(({ requests }) => requests.length), bodies }
}

const fail = (status: number, type: string): Script => plain(errorBody(type, 'no'), { status })

test.each<[string, Script]>([
  ['429', fail(429, 'rate_limit_error')],
  ['500', fail(500, 'api_error')],
  ['503', fail(503, 'api_error')],
  ['529', fail(529, 'overloaded_error')],
  ['402', fail(402, 'billing_error')],
  ['404', fail(404, 'not_found_error')],
  ['413', fail(413, 'request_too_large')],
  [
    '413 of a proxy',
    plain('<html>413 Request Entity Too Large</html>', {
      status: 413,
      headers: { 'content-type': 'text/html' },
    }),
  ],
  ['401', fail(401, 'authentication_error')],
  ['403', fail(403, 'permission_error')],
  [
    '400 for an exhausted credit',
    plain(errorBody('invalid_request_error', 'Your credit balance is too low'), { status: 400 }),
  ],
  [
    "400 for the customer's own limit",
    plain(errorBody('invalid_request_error', 'You have reached your specified API usage limits.'), {
      status: 400,
    }),
  ],
])('asks the next upstream after %s, and the client sees only its answer', async (_, script) => {
  const { gateway, asked } = await startWith([script, plain(message)])

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.headers['x-anthology-attempts']]).toEqual([200, '2'])
  expect(answer.headers['x-anthology-upstream']).toBe('number-1')
  expect(asked()).toEqual([1, 1])
  expect(gateway.rows()).toMatchObject([{ upstream: 'number-1', attempts: 2, outcome: 'answered' }])
})

test.each([
  ['requests', 'plain'],
  ['input-tokens', 'plain'],
  ['output-tokens', 'stream'],
])('asks the next upstream once an answer reports that no %s are left (%s)', async (part, kind) => {
  const headers = {
    [`anthropic-ratelimit-${part}-remaining`]: '0',
    [`anthropic-ratelimit-${part}-reset`]: new Date(Date.now() + 60_000).toISOString(),
  }
  const empty = kind === 'plain' ? plain(message, { headers }) : stream([eventStream], headers)
  const { gateway, asked } = await startWith([
    empty,
    kind === 'plain' ? plain(message) : stream([eventStream]),
  ])
  const body = kind === 'plain' ? callBody : streamBody

  const answers = [await gateway.post(body), await gateway.post(body), await gateway.post(body)]

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(asked()).toEqual([1, 2])
})

test('asks the only upstream although its quota is empty, and forgets a reset that has passed', async () => {
  const name = 'anthropic-ratelimit-requests'
  const makeHeaders = (ms: number) => ({
    [`${name}-remaining`]: '0',
    [`${name}-reset`]: new Date(Date.now() + ms).toISOString(),
  })
  const alone = await startWith([plain(message, { headers: makeHeaders(60_000) })])
  const past = await startWith([plain(message, { headers: makeHeaders(-1_000) }), plain(message)])

  for (const { gateway } of [alone, past])
    for (let call = 0; call < 2; call += 1) expect((await gateway.post(callBody)).status).toBe(200)

  expect([alone.asked(), past.asked()]).toEqual([[2], [2, 0]])
})

test.each([
  ['400', 400, 'invalid_request_error'],
  ['504, because it may have run to its end', 504, 'timeout_error'],
  ['524, because it may have run to its end behind the proxy', 524, 'api_error'],
] as const)('asks no other upstream after %s', async (_, status, type) => {
  const { gateway, asked } = await startWith([fail(status, type), plain(message)])

  expect((await gateway.post(callBody)).status).toBe(status)
  expect(asked()).toEqual([1, 0])
})

test('a call that is too large for one upstream moves and says so, and is not asked there twice', async () => {
  const { gateway, asked } = await startWith([fail(413, 'request_too_large'), plain(message)])
  const alone = await startWith([fail(413, 'request_too_large')])

  const answer = await gateway.post(callBody)
  const last = await alone.gateway.post(callBody)

  expect(answer.headers['x-anthology-notice']).toContain(
    'upstream number-0 did not answer, because the request is too large for it',
  )
  expect([last.status, asked(), alone.asked()]).toEqual([413, [1, 1], [1]])
})

test('tells the last error when every upstream fails', async () => {
  const { gateway, asked } = await startWith([fail(529, 'overloaded_error'), fail(429, 'rate_limit_error')])

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(429)
  expect(asked()).toEqual([1, 1])
})

test('the error after the last fallback model says that it was asked, and not that it has answered', async () => {
  const routing = { fallbacks: { 'claude-opus-4-1': ['claude-haiku-4-5'] } }
  const { gateway } = await startWith([fail(529, 'overloaded_error')], { routing })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(529)
  expect(answer.headers['x-anthology-notice']).toContain(
    'claude-haiku-4-5-20251001 was asked, because no upstream can serve claude-opus-4-1-20250805 now',
  )
})

test('asks the only upstream once more after a failure that may pass', async () => {
  let count = 0
  const { gateway, asked } = await startWith([
    (response, request) => {
      count += 1
      return (count === 1 ? fail(529, 'overloaded_error') : plain(message))(response, request)
    },
  ])

  expect((await gateway.post(callBody)).status).toBe(200)
  expect(asked()).toEqual([2])
})

test.each<[string, string]>([
  ['an error event', `${events[0]}event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`],
  [
    'a ping and an error event',
    `${events[0]}event: ping\ndata: {"type":"ping"}\n\nevent: error\ndata: ${errorBody('api_error', 'x')}\n\n`,
  ],
])(
  'a stream that fails by %s before its content moves, and both prompts are in the ledger',
  async (_, text) => {
    const { gateway, asked } = await startWith([stream([text]), stream([eventStream])])

    const answer = await gateway.post(streamBody)

    expect(answer.status).toBe(200)
    expect(answer.text).toBe(eventStream)
    expect(asked()).toEqual([1, 1])
    const rows = gateway.rows()
    expect(rows).toHaveLength(2)
    expect(rows.find(({ upstream }) => upstream === 'number-0')).toMatchObject({
      outcome: 'upstream_error',
      usage_source: 'estimated',
    })
    expect(rows.find(({ upstream }) => upstream === 'number-1')).toMatchObject({
      outcome: 'answered',
      attempts: 2,
    })
  },
)

test('a stream that breaks off before its content moves', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n'
  const { gateway, asked } = await startWith([rawThenDeath(`${head}${events[0]}`), stream([eventStream])])

  const answer = await gateway.post(streamBody)

  expect([answer.status, answer.text]).toEqual([200, eventStream])
  expect(asked()).toEqual([1, 1])
  expect(gateway.rows()).toHaveLength(2)
})

test('a stream whose error event comes seconds after its beginning moves too', async () => {
  const late: Script = async (response, request) => {
    await openStream(events.slice(0, 1))(response, request)
    await setTimeout(2_100)
    response.end(`event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`)
  }
  const { gateway, asked } = await startWith([late, stream([eventStream])])

  const answer = await gateway.post(streamBody)

  expect([answer.status, answer.text]).toEqual([200, eventStream])
  expect(asked()).toEqual([1, 1])
})

test.each<[string, Script]>([
  ['ends after its head', stream([])],
  ['breaks off after its head', rawThenDeath('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n')],
])('a stream that %s moves, and the prompt that may be billed has a row of its own', async (_, script) => {
  const { gateway, asked } = await startWith([script, stream([eventStream])])

  expect((await gateway.post(streamBody)).text).toBe(eventStream)

  expect(asked()).toEqual([1, 1])
  expect(gateway.rows()).toMatchObject([
    { upstream: 'number-0', outcome: 'upstream_aborted', usage_source: 'estimated' },
    { upstream: 'number-1', outcome: 'answered', usage_source: 'final' },
  ])
})

test('a message without content is an answer, also where another upstream could be asked', async () => {
  const empty = `${events[0]}${events.at(-1)}`
  const { gateway, asked } = await startWith([stream([empty]), stream([eventStream])])

  const answer = await gateway.post(streamBody)

  expect([answer.status, answer.text]).toEqual([200, empty])
  expect(asked()).toEqual([1, 0])
  // No event has reported the output of the whole message.
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', usage_source: 'estimated' }])
})

test('a stream that fails after its first content does not move, and ends with an error event', async () => {
  const text = `${events.slice(0, 3).join('')}event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`
  const { gateway, asked } = await startWith([stream([text]), stream([eventStream])])

  const answer = await gateway.post(streamBody)

  expect(answer.status).toBe(200)
  expect(answer.text).toContain('overloaded_error')
  expect(asked()).toEqual([1, 0])
})

test('keeps a conversation at the upstream that it moved to, and a quota is not asked again before its time', async () => {
  const { gateway, asked } = await startWith([
    plain(errorBody('rate_limit_error', 'slow'), { status: 429, headers: { 'retry-after': '60' } }),
    plain(message),
  ])

  for (let turn = 0; turn < 3; turn += 1) await gateway.post(callBody)

  expect(asked()).toEqual([1, 3])
})

test('a circuit opens after five failures, and later calls go past it', async () => {
  const { gateway, asked } = await startWith([fail(500, 'api_error'), plain(message)])

  for (let call = 0; call < 8; call += 1) await gateway.post(callBody.replace('Hello', `Hello ${call}`))

  expect(asked()).toEqual([5, 8])
})
