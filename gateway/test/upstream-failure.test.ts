import { expect, test } from 'vitest'

import { until } from './condition.ts'
import { envelopeOf, open } from './http-client.ts'
import { hang, openStream, plain, rawThenDeath, startUpstream, stream } from './recording-upstream.ts'
import { connectRaw } from './raw-client.ts'
import { startGateway, usual } from './running-gateway.ts'
import { callBody, delta, errorBody, eventStream, events, message, streamBody } from './samples.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

test('answers 502 for an upstream that nobody listens at', async () => {
  const gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:1' })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(envelopeOf(answer.text)).toEqual({
    type: 'error',
    error: { type: 'api_error', message: "upstream 'recorder' cannot be reached (ECONNREFUSED)" },
    request_id: answer.headers['request-id'],
  })
  expect(answer.headers['x-should-retry']).toBe('true')
  expect(answer.headers['retry-after']).toBe('1')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_died', status: 502, cost_nano_usd: null }])
})

test('answers 504 for an upstream that hangs', async () => {
  const { gateway } = await startBoth(hang, { upstreamFirstByteMs: 100 })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(504)
  expect(envelopeOf(answer.text).error.type).toBe('timeout_error')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_died', status: 504 }])
})

test('answers 504 for a plain answer that falls silent in its middle', async () => {
  const { gateway } = await startBoth(
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"id":')
    },
    { upstreamIdleMs: 100 },
  )

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(504)
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_died', status: 504 }])
})

test.each([
  ['before its head', ''],
  ['in its head', 'HTTP/1.1 200 OK\r\ncontent-ty'],
  ['in a plain body of known length', `${head}content-length: 500\r\n\r\n{"id":"msg_01","usage":`],
  ['in a chunked body', `${head}transfer-encoding: chunked\r\n\r\n10\r\n{"id":"msg_01",`],
  ['with a chunk size that is none', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n{"id":"msg_01",`],
  ['with something that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
])('answers 502 for an upstream that dies %s, and serves the next call', async (_, bytes) => {
  const { gateway, upstream } = await startBoth(rawThenDeath(bytes))

  const answer = await gateway.post(callBody)
  upstream.answer(plain(message))
  const next = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(envelopeOf(answer.text).error).toEqual({
    type: 'api_error',
    message: expect.stringContaining("upstream 'recorder' broke off"),
  })
  expect(next.text).toBe(message)
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_died', status: 502, cost_nano_usd: null },
    { outcome: 'answered' },
  ])
})

test('answers 502 for an answer larger than it holds', async () => {
  const { gateway } = await startBoth(plain(message), { plainAnswerBytes: 100 })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.headers['x-should-retry']).toBe('false')
  expect(envelopeOf(answer.text).error.message).toContain('larger than this gateway holds')
})

const sseHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n'

test.each([
  ['between two events', events.slice(0, 4).join(''), ''],
  ['in the name of an event', events.slice(0, 4).join(''), 'event: content_blo'],
  ['in the data of an event', events.slice(0, 4).join(''), (events[4] ?? '').slice(0, 90)],
  ['in an escape', events.slice(0, 3).join(''), (events[3] ?? '').split('d83d')[0] ?? ''],
])('ends a stream that dies %s with an error event', async (_, whole, stub) => {
  const bytes = Buffer.from(whole + stub)
  const chunk = `transfer-encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`
  const { gateway } = await startBoth(
    rawThenDeath(Buffer.concat([Buffer.from(sseHead + chunk), bytes, Buffer.from('\r\n')])),
  )

  const answer = await gateway.post(streamBody)

  expect(answer.text.slice(0, whole.length)).toBe(whole)
  expect(readErrorEvent(answer.text.slice(whole.length))).toEqual({
    type: 'error',
    error: { type: 'api_error', message: expect.stringContaining("upstream 'recorder' broke off") },
    request_id: answer.headers['request-id'],
  })
  // What was delivered is metered: the prompt, and the one token that message_start counts.
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_died', status: 200, error_type: 'api_error', cost_nano_usd: 450_000 },
  ])
})

test.each([
  ['between two events', ''],
  ['inside an event', (events[3] ?? '').slice(0, 100)],
])('ends a stream that stops %s, as if it were complete, with an error event', async (_, stub) => {
  const whole = events.slice(0, 4).join('')
  const { gateway } = await startBoth(stream([whole, stub]))

  const answer = await gateway.post(streamBody)

  expect(answer.text.slice(0, whole.length)).toBe(whole)
  expect(readErrorEvent(answer.text.slice(whole.length))).toMatchObject({ error: { type: 'api_error' } })
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_died' }])
})

test('ends a stream that falls silent with an error event', async () => {
  const { gateway } = await startBoth(openStream(events.slice(0, 2)), { upstreamIdleMs: 100 })

  const answer = await gateway.post(streamBody)

  expect(readErrorEvent(answer.text.slice(events.slice(0, 2).join('').length))).toMatchObject({
    error: { type: 'timeout_error' },
  })
})

test('ends a stream with an event larger than it holds with an error event', async () => {
  const { gateway, upstream } = await startBoth(openStream([events[0], delta(5_000)]), { frameBytes: 2_000 })

  const answer = await gateway.post(streamBody)

  expect(readErrorEvent(answer.text.slice(events[0].length))).toMatchObject({
    error: { message: expect.stringContaining('larger than this gateway holds') },
  })
  await until('the upstream was let go', () => upstream.requests[0]?.socket.destroyed === true)
})

test('ends a complete stream in time, and lets go of an upstream that keeps it open', async () => {
  const { gateway, upstream } = await startBoth(openStream([eventStream]), { streamEndMs: 50 })

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(eventStream)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
  await until('the upstream was let go', () => upstream.requests[0]?.socket.destroyed === true)
})

test("hands an upstream's own error event on as it came", async () => {
  const error =
    'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
  const { gateway } = await startBoth(stream([events[0], error]))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(events[0] + error)
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_died', status: 200, error_type: 'overloaded_error' },
  ])
})

test.each([
  [400, 'invalid_request_error', {}],
  [401, 'authentication_error', { 'x-should-retry': 'false' }],
  [413, 'request_too_large', {}],
  [429, 'rate_limit_error', { 'retry-after': '17', 'retry-after-ms': '17000', 'x-should-retry': 'true' }],
  [500, 'api_error', {}],
  [529, 'overloaded_error', { 'x-should-retry': 'true' }],
])("hands an upstream's %d on as it came", async (status, type, headers) => {
  const body = errorBody(type, 'in the words of the platform')
  const { gateway } = await startBoth(plain(body, { status, headers }))

  const answer = await gateway.post(streamBody)

  expect(answer.status).toBe(status)
  expect(answer.text).toBe(body)
  expect(answer.headers).toMatchObject(headers)
  expect(gateway.rows()).toMatchObject([
    { outcome: 'refused', status, error_type: type, cost_nano_usd: null },
  ])
})

test('hands on an error page that is not JSON', async () => {
  const page = '<html><h1>503 Service Temporarily Unavailable</h1></html>'
  const { gateway } = await startBoth(plain(page, { status: 503, headers: { 'content-type': 'text/html' } }))

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([503, 'text/html', page])
})

test('never hands on a redirect, which would carry a key elsewhere', async () => {
  const { gateway } = await startBoth(
    plain('moved', { status: 307, headers: { location: 'http://elsewhere/v1/messages' } }),
  )

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.headers.location).toBeUndefined()
  expect(envelopeOf(answer.text).error.message).toContain('redirect')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_died', status: 502 }])
})

test('aborts the upstream when the client of a stream goes away', async () => {
  const { gateway, upstream } = await startBoth(openStream(events.slice(0, 4)))
  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  response.on('error', () => {})

  response.destroy()

  await until('the upstream was let go', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row says so', () => gateway.rows()[0]?.['outcome'] === 'client_gone')
  expect(gateway.rows()).toMatchObject([{ status: 200, cost_nano_usd: 450_000 }])
})

test('aborts the upstream when the client of a plain call goes away', async () => {
  const { gateway, upstream } = await startBoth(hang)
  const client = await connectRaw(gateway.port)
  const lines = Object.entries(usual).map(([name, value]) => `${name}: ${value}\r\n`)
  client.write(
    `POST /v1/messages HTTP/1.1\r\nhost: gateway\r\n${lines.join('')}content-length: ${callBody.length}\r\n\r\n${callBody}`,
  )
  await until('the upstream was called', () => upstream.requests.length === 1)

  client.destroy()

  await until('the upstream was let go', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row says so', () => gateway.rows()[0]?.['outcome'] === 'client_gone')
  expect(gateway.rows()).toMatchObject([{ status: 499, cost_nano_usd: null }])
})

test('makes the upstream wait for a client that does not read', async () => {
  let offered = 0
  let stalled = false
  const frame = delta(60_000)
  const { gateway } = await startBoth(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events[0])
    // 60 MB; a gateway that does not push back takes them all.
    for (let count = 0; count < 1_000; count += 1) {
      offered += frame.length
      if (response.write(frame)) continue
      stalled = true
      await new Promise((resolve) => response.once('drain', resolve))
      stalled = false
    }
    response.end(events.slice(-2).join(''))
  })

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  await untilSteady(() => offered)
  const offeredUnread = offered
  let length = 0
  for await (const chunk of response) length += (chunk as Buffer).length // Without an encoding it gives buffers.

  expect(offeredUnread).toBeLessThan(30_000_000)
  expect(stalled).toBe(false)
  expect(length).toBe(events[0].length + 1_000 * frame.length + events.slice(-2).join('').length)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

/** The bytes behind the last whole event are one error event; its data. */
function readErrorEvent(bytes: string): unknown {
  const [, data] = /^event: error\ndata: (.*)\n\n$/.exec(bytes) ?? []
  expect(data, bytes).toBeDefined()
  return JSON.parse(data ?? '')
}

/** Waits until a count has stayed the same for many looks in a row. */
async function untilSteady(count: () => number): Promise<void> {
  let last = -1
  let looks = 0
  await until('the upstream stalled', () => {
    looks = count() === last && last > 0 ? looks + 1 : 0
    last = count()
    return looks > 30
  })
}

async function startBoth(script: Parameters<typeof startUpstream>[0], limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
