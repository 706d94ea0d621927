import { expect, test } from 'vitest'

import { until } from './condition.ts'
import { ask, readEnvelope } from './http-client.ts'
import { hang, openStream, plain, rawThenDeath, startUpstream, stream } from './recording-upstream.ts'
import type { Script } from './recording-upstream.ts'
import { startGateway } from './running-gateway.ts'
import { callBody, delta, errorBody, eventStream, events, message, streamBody } from './samples.ts'

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

test('responds 502 for an upstream that refuses connections', async () => {
  const gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:1' })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(readEnvelope(answer.text)).toEqual({
    type: 'error',
    error: { type: 'api_error', message: "upstream 'recorder' cannot be reached (ECONNREFUSED)" },
    request_id: answer.headers['request-id'],
  })
  expect(answer.headers['x-should-retry']).toBe('true')
  expect(answer.headers['retry-after']).toBe('1')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 502, cost_nano_usd: null }])
})

test('responds 504 for an upstream that stalls before or in the middle of a plain response', async () => {
  const silences: readonly Script[] = [
    hang,
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"id":')
    },
  ]

  await Promise.all(
    silences.map(async (silence) => {
      const { gateway } = await startBoth(silence, quickTimeouts)
      const answer = await gateway.post(callBody)

      expect(answer.status).toBe(504)
      expect(readEnvelope(answer.text).error.type).toBe('timeout_error')
      expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 504 }])
    }),
  )
})

test('responds 502 for an upstream whose `send` throws', async () => {
  const send = () => {
    throw new Error('a fault in its code')
  }
  const account = { name: 'faulty', platform: 'anthropic', upstream: { send }, secrets: [] } as const
  const gateway = await startGateway({ accounts: [account] })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.text).not.toContain('a fault in its code')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 502 }])
})

test.each([
  ['in its head', 'HTTP/1.1 200 OK\r\ncontent-ty'],
  ['in a plain body of known length', `${head}content-length: 500\r\n\r\n{"id":"msg_01","usage":`],
  ['in a chunked body', `${head}transfer-encoding: chunked\r\n\r\n10\r\n{"id":"msg_01",`],
  ['with a chunk size that is none', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n{"id":"msg_01",`],
  ['with something that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
])('responds 502 for an upstream that aborts %s, and serves the next call', async (_, bytes) => {
  const { gateway, upstream } = await startBoth(rawThenDeath(bytes))

  const answer = await gateway.post(callBody)
  upstream.answer(plain(message))
  const next = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(readEnvelope(answer.text).error).toEqual({
    type: 'api_error',
    message: expect.stringContaining("upstream 'recorder' aborted its response"),
  })
  expect(next.text).toBe(message)
  expect(gateway.rows()).toMatchObject([
    // The upstream has read the prompt, and may bill it.
    { outcome: 'upstream_aborted', status: 502, usage_source: 'estimated' },
    { outcome: 'answered' },
  ])
})

test('responds 502 for a response above the size limit', async () => {
  const { gateway } = await startBoth(plain(message), { plainAnswerBytes: 100 })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.headers['x-should-retry']).toBe('false')
  expect(readEnvelope(answer.text).error.message).toContain('larger than this gateway accepts')
})

const sseHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n'

test.each([
  ['between two events', events.slice(0, 4).join(''), '', 3],
  ['in the name of an event', events.slice(0, 4).join(''), 'event: content_blo', 3],
  ['in the data of an event', events.slice(0, 4).join(''), (events[4] ?? '').slice(0, 90), 3],
  // Only the token that message_start counts.
  ['in an escape', events.slice(0, 3).join(''), (events[3] ?? '').split('d83d')[0] ?? '', 1],
])('ends a stream that aborts %s with an error event', async (_, whole, stub, tokens) => {
  const bytes = Buffer.from(whole + stub)
  const chunk = `transfer-encoding: chunked\r\n\r\n${bytes.length.toString(16)}\r\n`
  const { gateway } = await startBoth(
    rawThenDeath(Buffer.concat([Buffer.from(sseHead + chunk), bytes, Buffer.from('\r\n')])),
  )

  const answer = await gateway.post(streamBody)

  expect(answer.text.slice(0, whole.length)).toBe(whole)
  expect(readErrorEvent(answer.text.slice(whole.length))).toEqual({
    type: 'error',
    error: {
      type: 'api_error',
      message: expect.stringContaining("upstream 'recorder' aborted its response"),
    },
    request_id: answer.headers['request-id'],
  })
  // The delivered part is metered.
  const cost_nano_usd = 375_000 + tokens * 75_000
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_aborted', status: 200, error_type: 'api_error', cost_nano_usd },
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
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('ends a stalled stream with an error event', async () => {
  const { gateway } = await startBoth(openStream(events.slice(0, 2)), quickTimeouts)

  const answer = await gateway.post(streamBody)

  expect(readErrorEvent(answer.text.slice(events.slice(0, 2).join('').length))).toMatchObject({
    error: { type: 'timeout_error' },
  })
})

test('ends a stream with an event above the size limit with an error event', async () => {
  const { gateway, upstream } = await startBoth(openStream([events[0], delta(5_000)]), { frameBytes: 2_000 })

  const answer = await gateway.post(streamBody)

  expect(readErrorEvent(answer.text.slice(events[0].length))).toMatchObject({
    error: { message: expect.stringContaining('larger than this gateway accepts') },
  })
  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
})

test.each([
  ['is closed', 'connection: close\r\n\r\n', ''],
  ['aborts', `transfer-encoding: chunked\r\n\r\n${Buffer.byteLength(eventStream).toString(16)}\r\n`, '\r\n'],
])('treats a stream as complete if the connection %s after its last event', async (_, lines, rest) => {
  const bytes = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${lines}${eventStream}${rest}`
  const { gateway } = await startBoth(rawThenDeath(bytes))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(eventStream)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('ends a complete stream in time, and aborts an upstream that keeps it open', async () => {
  const { gateway, upstream } = await startBoth(openStream([eventStream]))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(eventStream)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
})

test('pauses an upstream that keeps sending after its last event', async () => {
  let offered = 0
  const frame = delta(60_000)
  const { gateway } = await startBoth(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(eventStream)
    const closed = new Promise((resolve) => response.once('close', resolve))
    while (!response.destroyed) {
      offered += frame.length
      if (response.write(frame)) continue
      await Promise.race([closed, new Promise((resolve) => response.once('drain', resolve))])
    }
  })

  const answer = await gateway.post(streamBody)

  expect(answer.text.startsWith(eventStream)).toBe(true)
  expect(answer.text.length).toBeLessThan(eventStream.length + 1_000_000)
  expect(offered).toBeLessThan(30_000_000)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test("forwards an upstream's own error event unchanged", async () => {
  const error =
    'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}\n\n'
  const { gateway } = await startBoth(stream([events[0], error]))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(events[0] + error)
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_aborted', status: 200, error_type: 'overloaded_error' },
  ])
})

const apiErrors: readonly (readonly [number, string, Record<string, string>])[] = [
  [400, 'invalid_request_error', {}],
  [413, 'request_too_large', {}],
  [429, 'rate_limit_error', { 'retry-after': '17', 'retry-after-ms': '17000', 'x-should-retry': 'true' }],
  [500, 'api_error', {}],
  [529, 'overloaded_error', { 'x-should-retry': 'true' }],
]

test("forwards an upstream's errors unchanged", async () => {
  const { gateway, upstream } = await startBoth(hang)

  for (const [status, type, headers] of apiErrors) {
    const body = errorBody(type, 'in the words of the platform')
    upstream.answer(plain(body, { status, headers }))
    const answer = await gateway.post(streamBody)
    expect([answer.status, answer.text]).toEqual([status, body])
    expect(answer.headers).toMatchObject(headers)
  }
  expect(gateway.rows()).toMatchObject(
    apiErrors.map(([status, error_type]) => ({
      outcome: 'upstream_error',
      status,
      error_type,
      cost_nano_usd: null,
    })),
  )
})

test("a rejected credential of the gateway is the operator's fault, and not the client's", async () => {
  const { gateway, upstream } = await startBoth(hang)
  upstream.answer(plain(errorBody('authentication_error', 'invalid x-api-key'), { status: 401 }))

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.headers['x-should-retry']).toBe('false')
  expect(answer.text).toContain(
    "upstream 'recorder' does not accept this gateway's credential: invalid x-api-key",
  )
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_error', status: 502, error_type: 'authentication_error' },
  ])
  expect(gateway.log.at(-1)).toMatchObject({
    level: 'error',
    event: 'call',
    outcome: 'upstream_error',
    status: 502,
  })
  const readiness = async () => JSON.parse((await ask(`${gateway.url}/readyz`)).text)
  expect(await readiness()).toEqual({ status: 'not_ready', because: ['upstream_credential'] })

  upstream.answer(plain(message))
  await gateway.post(callBody)
  expect(await readiness()).toEqual({ status: 'ready' })
})

test('forwards an error page that is not JSON', async () => {
  const page = '<html><h1>503 Service Temporarily Unavailable</h1></html>'
  const { gateway } = await startBoth(plain(page, { status: 503, headers: { 'content-type': 'text/html' } }))

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([503, 'text/html', page])
})

test('never forwards a redirect, which would send a key elsewhere', async () => {
  const { gateway } = await startBoth(
    plain('moved', { status: 307, headers: { location: 'http://elsewhere/v1/messages' } }),
  )

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.headers.location).toBeUndefined()
  expect(readEnvelope(answer.text).error.message).toContain('redirect')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 502 }])
})

test('ends a response that sends a byte now and then but never ends', async () => {
  const { upstream, gateway } = await startBoth(
    async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const event of events.slice(0, 3)) response.write(event)
      const pings = setInterval(() => response.write(events[2]), 20)
      response.once('close', () => clearInterval(pings))
    },
    { callMs: 150, upstreamIdleMs: 10_000 },
  )

  const answer = await gateway.post(streamBody)

  expect(answer.text).toMatch(/event: error\ndata: .*timeout_error/)
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 200 }])
  await expect.poll(() => upstream.requests[0]?.socket.destroyed).toBe(true)
})

const quickTimeouts = { upstreamFirstByteMs: 100, upstreamIdleMs: 100 }

/** The data of the error event that follows the last complete event. */
function readErrorEvent(bytes: string): unknown {
  const [, data] = /^event: error\ndata: (.*)\n\n$/.exec(bytes) ?? []
  expect(data, bytes).toBeDefined()
  return JSON.parse(data ?? '')
}

async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
