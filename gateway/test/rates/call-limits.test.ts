import { request } from 'node:http'

import { expect, test } from 'vitest'

import { until } from '../condition.ts'
import { readEnvelope, open } from '../http-client.ts'
import { hang, openStream, plain, startUpstream, stream } from '../recording-upstream.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { insertKey } from '../stored-keys.ts'
import { connectRaw } from '../raw-client.ts'
import { localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody, events, message, opus, streamBody } from '../samples.ts'

const vertexOpus = 'claude-opus-4-1@20250805'
const withoutModel = JSON.parse(callBody) as Record<string, unknown> // An object literal.
const bedrockBody = JSON.stringify({
  ...withoutModel,
  model: undefined,
  anthropic_version: 'bedrock-2023-05-31',
})
const vertexBody = JSON.stringify({
  ...withoutModel,
  model: undefined,
  anthropic_version: 'vertex-2023-10-16',
})
const alias = callBody.replace(opus, 'claude-opus-4-1')

test('rejects calls above a key’s rate, under any name of the model, and sends the limits with every response', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    rates: { models: { 'claude-opus-4-1': { requests_per_minute: 2, input_tokens_per_minute: 50_000 } } },
  })

  const answers = [await gateway.post(callBody), await gateway.post(alias), await gateway.post(callBody)]

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(answers.map((answer) => answer.headers['anthropic-ratelimit-requests-remaining'])).toEqual([
    '1',
    '0',
    '0',
  ])
  expect(answers.map((answer) => answer.headers['anthropic-ratelimit-input-tokens-limit'])).toEqual(
    Array(3).fill('50000'),
  )
  const refused = answers[2]
  expect(readEnvelope(refused?.text ?? '').error).toEqual({
    type: 'rate_limit_error',
    message: expect.stringMatching(
      /^This request would exceed your key's rate limit of 2 requests per minute \(key: key_local, model: claude-opus-4-1-20250805\)\./,
    ),
  })
  expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(55)
  expect(Number(refused?.headers['retry-after'])).toBeLessThanOrEqual(61)
  expect(upstream.requests).toHaveLength(2)
  // A call that is rejected before its upstream leaves no row.
  expect(gateway.rows()).toHaveLength(2)
})

test.each([
  ['OpenAI', '/v1/chat/completions', callBody, 'x-ratelimit-limit-requests'],
  [
    'Vertex',
    `/v1/projects/p/locations/l/publishers/anthropic/models/${vertexOpus}:rawPredict`,
    vertexBody,
    'anthropic-ratelimit-requests-limit',
  ],
])(
  'sends the limits to clients of %s under the protocol’s own header names, also with an error',
  async (_, path, body, name) => {
    const upstream = await startUpstream(plain(message))
    const gateway = await startGateway({
      upstreamUrl: upstream.url,
      rates: { default: { requests_per_minute: 1 } },
    })

    const answers = [await gateway.post(body, { path }), await gateway.post(body, { path })]

    expect(answers.map(({ status }) => status)).toEqual([200, 429])
    expect(answers.map(({ headers }) => headers[name])).toEqual(['1', '1'])
    expect(Number(answers[1]?.headers['retry-after'])).toBeGreaterThan(55)
  },
)

test('sends a Bedrock client retry-after, and no headers that Bedrock does not have', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    rates: { default: { requests_per_minute: 1 } },
  })
  const asking = { path: `/model/anthropic.${opus}-v1%3A0/invoke` }

  const answers = [await gateway.post(bedrockBody, asking), await gateway.post(bedrockBody, asking)]

  expect(answers.map(({ status }) => status)).toEqual([200, 429])
  expect(answers[1]?.headers['x-amzn-errortype']).toMatch(/^ThrottlingException:/)
  expect(Number(answers[1]?.headers['retry-after'])).toBeGreaterThan(55)
  for (const { headers } of answers)
    expect(Object.keys(headers).filter((name) => name.includes('ratelimit'))).toEqual([])
})

test('rejects a call without reading its body when the path names the model and no requests are left', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    rates: { default: { requests_per_minute: 1 } },
  })
  const path = `/model/anthropic.${opus}-v1%3A0/invoke`
  await gateway.post(bedrockBody, { path })

  expect(await statusWithoutBody(gateway.port, path)).toBe(429)
  // Free calls are not limited, and another model has its own limit: both need the body.
  const counted = await gateway.post(
    '{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}}}',
    { path: path.replace('invoke', 'count-tokens') },
  )
  expect(counted.status).not.toBe(429)
  expect((await gateway.post(callBody.replace(opus, 'claude-haiku-4-5'))).status).toBe(200)
})

test('rejects a call without reading its body when its key has only one model and no requests are left', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    rates: { default: { requests_per_minute: 1 } },
  })
  const { secret, record } = createKey('ci', [opus], Date.now())
  const database = openDatabase(gateway.dataFolder)
  insertKey(database, record)
  database.close()
  const headers = { 'x-api-key': secret }
  await until('the key is known', async () => (await gateway.post(callBody, { headers })).status !== 401)

  expect(await statusWithoutBody(gateway.port, '/v1/messages', secret)).toBe(429)
})

test('counts the tokens that the upstream reports, and does not forward its limits', async () => {
  const upstream = await startUpstream(
    plain(message, { headers: { 'anthropic-ratelimit-requests-limit': '4000' } }),
  )
  const limit = { output_tokens_per_minute: 40 }
  const gateway = await startGateway({ upstreamUrl: upstream.url, rates: { default: limit } })

  // Each uses 15. After the first one the estimate is three times as high, and that many are not left.
  const statuses: number[] = []
  for (let call = 0; call < 4; call += 1) statuses.push((await gateway.post(callBody)).status)

  expect(statuses).toEqual([200, 429, 429, 429])
  const [first] = gateway.rows()
  expect(first?.['output_quantity']).toBe(15)
})

test('rejects a stream when its key has too many open, and admits it when one has ended', async () => {
  const upstream = await startUpstream(openStream(events.slice(0, 2)))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits: { openStreamsPerKey: 1 } })
  const first = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })

  const refused = await gateway.post(streamBody)
  upstream.answer(plain(message))
  const other = await gateway.post(callBody)
  first.sent.destroy()
  upstream.answer(stream(events))

  expect([refused.status, readEnvelope(refused.text).error.type]).toEqual([429, 'rate_limit_error'])
  expect(other.status).toBe(200)
  await until('the stream is let in', async () => (await gateway.post(streamBody)).status === 200)
})

test('calls above the upstream’s concurrency wait, and are rejected at their deadline', async () => {
  const upstream = await startUpstream(hang)
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    limits: { concurrentCalls: 1, queueMs: 30 },
  })
  const running = gateway.post(callBody)
  await until('the first is there', () => upstream.requests.length === 1)

  const refused = await gateway.post(callBody)
  plainlyAnswer(upstream.requests[0])

  expect([refused.status, readEnvelope(refused.text).error.type]).toEqual([529, 'overloaded_error'])
  expect(refused.headers['retry-after']).toBe('1')
  expect((await running).status).toBe(200)
  expect(gateway.rows()).toHaveLength(1)
})

test('a waiting call starts when another one ends, unless its client disconnected', async () => {
  const upstream = await startUpstream(hang)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits: { concurrentCalls: 1 } })
  const first = gateway.post(callBody)
  await until('the first is there', () => upstream.requests.length === 1)
  const gone = request(`${gateway.url}/v1/messages`, { method: 'POST', headers: { ...usual }, agent: false })
  gone.on('error', () => {})
  gone.end(callBody.replace('Hello', 'I am gone'))
  const waiting = gateway.post(callBody)

  gone.destroy()
  upstream.answer(plain(message))
  plainlyAnswer(upstream.requests[0])

  expect((await first).status).toBe(200)
  expect((await waiting).status).toBe(200)
  expect(upstream.requests.map(({ body }) => body.includes('I am gone'))).toEqual([false, false])
  expect(gateway.rows().map((row) => row['outcome'])).toEqual(['answered', 'answered'])
})

test('a call whose client disconnects in the queue frees its queue entry, its body and its rate', async () => {
  const upstream = await startUpstream(hang)
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    limits: { concurrentCalls: 1, queuedCalls: 1 },
    rates: { default: { requests_per_minute: 2 } },
  })
  const first = gateway.post(callBody)
  await until('the first is there', () => upstream.requests.length === 1)
  const held = await getGauge(gateway.url, 'anthology_held_body_bytes')
  const gone = request(`${gateway.url}/v1/messages`, { method: 'POST', headers: { ...usual }, agent: false })
  gone.on('error', () => {})
  gone.end(callBody.replace('Hello', 'I am gone'))
  await until('it waits', async () => (await getGauge(gateway.url, 'anthology_queued_calls')) === 1)

  gone.destroy()
  await until('nobody waits', async () => (await getGauge(gateway.url, 'anthology_queued_calls')) === 0)
  await until(
    'its body is released',
    async () => (await getGauge(gateway.url, 'anthology_held_body_bytes')) === held,
  )
  const next = gateway.post(callBody)
  await until('the next waits', async () => (await getGauge(gateway.url, 'anthology_queued_calls')) === 1)
  upstream.answer(plain(message))
  plainlyAnswer(upstream.requests[0])

  expect([(await first).status, (await next).status]).toEqual([200, 200])
  expect((await gateway.post(callBody)).status).toBe(429)
  expect(upstream.requests.map(({ body }) => body.includes('I am gone'))).toEqual([false, false])
  expect(await getGauge(gateway.url, 'anthology_limit_reached_total{name="concurrent_calls"}')).toBe(2)
})

test('a stream that its rate rejects does not count as open', async () => {
  const upstream = await startUpstream(stream(events))
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    limits: { openStreamsPerKey: 1 },
    rates: { default: { requests_per_minute: 1 } },
  })
  await gateway.post(streamBody)

  const refused = [await gateway.post(streamBody), await gateway.post(streamBody)]

  expect(refused.map(({ status }) => status)).toEqual([429, 429])
  for (const { text } of refused) expect(text).toContain('rate limit of 1 requests per minute')
})

async function getGauge(url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text()
  const line = page.split('\n').find((one) => one.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

/** Sends a Content-Length without a body. */
async function statusWithoutBody(port: number, path: string, key = localKey): Promise<number> {
  const client = await connectRaw(port)
  const lines = Object.entries({ host: 'localhost', ...usual, 'x-api-key': key, 'content-length': '1000' })
  client.write(
    `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  )
  await until('it was answered', () => client.received.includes('\r\n\r\n'))
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(client.received)?.[1])
  client.destroy()
  return status
}

function plainlyAnswer(
  asked: Awaited<ReturnType<typeof startUpstream>>['requests'][number] | undefined,
): void {
  asked?.response.writeHead(200, { 'content-type': 'application/json' })
  asked?.response.end(message)
}
