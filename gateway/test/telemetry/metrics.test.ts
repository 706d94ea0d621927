import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { printMetrics } from '../../src/telemetry/exposition.ts'
import { until } from '../condition.ts'
import { ask, open } from '../http-client.ts'
import { openStream, plain, rawThenDeath, startUpstream, stream } from '../recording-upstream.ts'
import { connectRaw } from '../raw-client.ts'
import { httpAccount, localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody, errorBody, events, message, messageCostNanoUsd, opus, streamBody } from '../samples.ts'
import { readSamples, scrape, startingWith } from './scrape.ts'

const series = `protocol="messages",model="${opus}",upstream="recorder"`

test('counts calls, tokens and cost by protocol, model and upstream', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  upstream.answer(stream(events))
  await gateway.post(streamBody)
  upstream.answer(plain(errorBody('rate_limit_error', 'slow down'), { status: 429 }))
  await gateway.post(callBody)
  upstream.answer(plain('{"input_tokens": 7}'))
  await gateway.post(callBody, { path: '/v1/messages/count_tokens' })
  const samples = await scrape(gateway)

  expect(startingWith(samples, 'anthology_calls_total')).toEqual({
    [`anthology_calls_total{${series},operation="chat",outcome="answered",status="2xx"}`]: 2,
    [`anthology_calls_total{${series},operation="chat",outcome="upstream_error",status="4xx"}`]: 1,
    [`anthology_calls_total{${series},operation="count_tokens",outcome="answered",status="2xx"}`]: 1,
  })
  expect(startingWith(samples, 'anthology_tokens_total')).toEqual({
    [`anthology_tokens_total{${series},kind="input"}`]: 50,
    [`anthology_tokens_total{${series},kind="output"}`]: 30,
  })
  expect(samples.get(`anthology_cost_nano_usd_total{${series}}`)).toBe(2 * messageCostNanoUsd)
  expect(samples.get(`anthology_call_duration_seconds_count{${series}}`)).toBe(3)
  expect(samples.get(`anthology_call_first_byte_seconds_count{${series}}`)).toBe(3)
  expect(samples.get(`anthology_call_first_token_seconds_count{${series}}`)).toBe(1)
  expect(samples.get('anthology_attempts_total{upstream="recorder",outcome="answered"}')).toBe(3)
  expect(samples.get('anthology_ledger_commit_seconds_count')).toBe(3)
  expect(startingWith(samples, 'anthology_upstream_errors_total')).toEqual({
    'anthology_upstream_errors_total{upstream="recorder",type="rate_limit_error"}': 1,
  })
})

test('agrees with the ledger to the nano-dollar, including caches', async () => {
  const emulator = createEmulator({ seed: 'metrics', keepRequests: false })
  const gateway = await startGateway({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
  })
  const long = 'A sentence that is said again and again. '.repeat(1_000)
  const body = JSON.stringify({
    model: opus,
    max_tokens: 64,
    system: [{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Hello' }],
  })

  await gateway.post(body)
  await gateway.post(body)
  const samples = await scrape(gateway)

  const sum = (column: string) => gateway.rows().reduce((total, row) => total + Number(row[column]), 0)
  const emulated = series.replace('recorder', 'emulator')
  const tokens = (kind: string) => samples.get(`anthology_tokens_total{${emulated},kind="${kind}"}`)
  expect(samples.get(`anthology_cost_nano_usd_total{${emulated}}`)).toBe(sum('cost_nano_usd'))
  expect([tokens('input'), tokens('output')]).toEqual([sum('input_quantity'), sum('output_quantity')])
  expect(tokens('cache_write')).toBe(sum('cache_write_5m_quantity'))
  expect(tokens('cache_read')).toBe(sum('cache_read_quantity'))
  expect(tokens('cache_read')).toBeGreaterThan(0)
})

test('counts usage without a price as unpriced, without a cost', async () => {
  const unpriced = message.replace('"input_tokens": 25', '"input_tokens": 25, "speed": "fast"')
  const upstream = await startUpstream(plain(unpriced))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  const samples = await scrape(gateway)

  expect(gateway.rows()[0]).toMatchObject({ cost_nano_usd: null })
  expect(samples.get(`anthology_unpriced_calls_total{${series}}`)).toBe(1)
  expect(samples.get(`anthology_cost_nano_usd_total{${series}}`)).toBe(0)
})

test('counts an error by its type, or as other if the API has no such type', async () => {
  const upstream = await startUpstream(plain(errorBody('a_new_error', 'new'), { status: 400 }))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  upstream.answer(plain(errorBody('__proto__', 'hostile'), { status: 400 }))
  await gateway.post(callBody)
  upstream.answer(stream([...events.slice(0, 3), errorEvent('overloaded_error')]))
  await gateway.post(streamBody)

  expect(startingWith(await scrape(gateway), 'anthology_upstream_errors_total')).toEqual({
    'anthology_upstream_errors_total{upstream="recorder",type="other"}': 2,
    'anthology_upstream_errors_total{upstream="recorder",type="overloaded_error"}': 1,
  })
})

test('reports running calls only while they run', async () => {
  const upstream = await startUpstream(openStream(events.slice(0, 4)))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const asking = { method: 'POST', body: streamBody, headers: usual }
  const { response, sent } = await open(`${gateway.url}/v1/messages`, asking)
  response.on('error', () => {})
  const during = await scrape(gateway)
  sent.destroy()
  await until('the call is over', async () => (await scrape(gateway)).get('anthology_calls_in_flight') === 0)
  const after = await scrape(gateway)

  const underWay = ['anthology_calls_in_flight', 'anthology_open_streams', 'anthology_held_body_bytes']
  expect(underWay.map((name) => during.get(name))).toEqual([1, 1, Buffer.byteLength(streamBody)])
  expect(during.get('anthology_connections{kind="http1"}')).toBe(2)
  expect(underWay.map((name) => after.get(name))).toEqual([0, 0, 0])
  const gone = `anthology_calls_total{${series},operation="chat",outcome="client_closed",status="2xx"}`
  expect(after.get(gone)).toBe(1)
})

test('counts errors by code, including those of failed upstreams and broken requests', async () => {
  const upstream = await startUpstream(rawThenDeath(''))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  await gateway.post('{')
  await gateway.post(callBody, { headers: { 'x-api-key': 'sk-nobody' } })
  await ask(`${gateway.url}/nowhere`)
  const samples = await scrape(gateway)

  expect(startingWith(samples, 'anthology_api_errors_total')).toEqual({
    'anthology_api_errors_total{code="upstream_broke_off"}': 1,
    'anthology_api_errors_total{code="bad_request"}': 1,
    'anthology_api_errors_total{code="unknown_key"}': 1,
    'anthology_api_errors_total{code="no_route"}': 1,
  })
})

test('counts a failed attempt that another upstream made good as a move, not as an error', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({
    accounts: [{ ...httpAccount('http://127.0.0.1:1'), name: 'away' }, httpAccount(upstream.url)],
  })

  await gateway.post(callBody)
  const samples = await scrape(gateway)

  expect(startingWith(samples, 'anthology_attempts_total')).toEqual({
    'anthology_attempts_total{upstream="away",outcome="upstream_aborted"}': 1,
    'anthology_attempts_total{upstream="recorder",outcome="answered"}': 1,
  })
  expect(startingWith(samples, 'anthology_moves_total')).toEqual({
    'anthology_moves_total{upstream="away",to="recorder"}': 1,
  })
  expect(startingWith(samples, 'anthology_retries_total')).toEqual({})
  expect(startingWith(samples, 'anthology_api_errors_total')).toEqual({})
})

test('reports metrics of the process', async () => {
  const gateway = await startGateway()

  const samples = await scrape(gateway)

  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(samples.get('process_cpu_seconds_total{mode="user"}')).toBeGreaterThan(0)
  expect(samples.get('process_open_fds')).toBeGreaterThan(3)
  expect(samples.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  expect(samples.has('nodejs_gc_duration_seconds_count{kind="major"}')).toBe(true)
})

test('has labels with few known values: nothing from a client, a key or a request', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody.replace(opus, 'claude-opus-4-1'), {
    path: '/some/prefix/v1/messages',
    headers: { 'x-claude-code-session-id': 'session-of-a-client', 'user-agent': 'an-agent' },
  })
  await gateway.post(callBody.replace(opus, 'a-model-of-nobody'))
  const { text } = await ask(`${gateway.url}/metrics`)

  expect(text).toContain(opus)
  for (const absent of [
    '"claude-opus-4-1"',
    'some/prefix',
    'session-of',
    'an-agent',
    'key_local',
    'a-model-of-nobody',
    'req_',
    localKey,
  ])
    expect(text).not.toContain(absent)
})

test('answers HEAD, and requests from this machine without a key', async () => {
  const gateway = await startGateway()

  const { status, headers } = await ask(`${gateway.url}/metrics`)
  const head = await ask(`${gateway.url}/metrics`, { method: 'HEAD' })
  const post = await ask(`${gateway.url}/metrics`, { method: 'POST' })

  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect([head.status, head.text]).toEqual([200, ''])
  expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
})

test.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])(
  'requires a key for requests that a proxy forwarded with %s',
  async (header) => {
    const gateway = await startGateway()

    const asked = await ask(`${gateway.url}/metrics`, { headers: { [header]: 'for=192.0.2.1' } })
    const samples = await scrape(gateway, {
      headers: { [header]: 'for=192.0.2.1', authorization: `Bearer ${localKey}` },
    })

    expect(asked.status).toBe(401)
    expect(asked.text).not.toContain('anthology_')
    expect(samples.get('anthology_calls_in_flight')).toBe(0)
  },
)

test('adds up the processes that share a port, except values that are not sums', async () => {
  const upstream = await startUpstream(plain(message))
  const second = await startGateway({ upstreamUrl: upstream.url, limits: { bodyBytes: 2_000 } })
  const first = await startGateway({
    upstreamUrl: upstream.url,
    limits: { bodyBytes: 2_000 },
    gatherMetrics: async (own) => [own(), second.metrics()],
  })

  await first.post(callBody)
  await second.post(callBody)
  await second.post('x'.repeat(2_001))
  const samples = await scrape(first)

  expect(samples.get(`anthology_cost_nano_usd_total{${series}}`)).toBe(2 * messageCostNanoUsd)
  expect(samples.get(`anthology_call_duration_seconds_bucket{${series},le="+Inf"}`)).toBe(2)
  expect(samples.get('anthology_limit_reached_total{name="body_bytes"}')).toBe(1)
  expect(samples.get('anthology_limit{name="body_bytes"}')).toBe(2_000)
  expect(samples.get('anthology_ledger_healthy')).toBe(1)
})

test('is plain data that can be sent to another process', async () => {
  const gateway = await startGateway()

  const own = gateway.metrics()
  const sent: typeof own = JSON.parse(JSON.stringify(own)) as typeof own // The same type after JSON.

  expect(sent).toEqual(own)
  expect(readSamples(await printMetrics([sent]))).toEqual(readSamples(await printMetrics([own])))
})

test('reports on open connections that it is not ready because it shuts down', async () => {
  const gateway = await startGateway({ limits: { drainMs: 3_000 } })
  const client = await connectRaw(gateway.port)

  client.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n')
  // The server has received the head once it has answered a later request.
  await ask(`${gateway.url}/healthz`)
  const closing = gateway.close()
  client.write('\r\n')
  const [answer] = await client.answers(1)
  await closing

  expect(answer).toMatchObject({
    status: 503,
    body: '{"status":"not_ready","because":["shutting_down"]}',
  })
})

function errorEvent(type: string): string {
  return `event: error\ndata: ${errorBody(type, 'no more')}\n\n`
}
