import { request as askHttps } from 'node:https'

import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { spanAttributes } from '../../src/telemetry/span-attributes.ts'
import { until } from '../condition.ts'
import { ask, open } from '../http-client.ts'
import { testCertificate } from '../port/certificate.ts'
import { openStream, plain, rawThenDeath, startUpstream, stream } from '../recording-upstream.ts'
import { httpAccount, localKey, usual } from '../running-gateway.ts'
import { callBody, errorBody, events, message, messageCostNanoUsd, opus, streamBody } from '../samples.ts'
import { clientKind, serverKind } from './collector.ts'
import type { CollectedSpan } from './collector.ts'
import { scrape } from './scrape.ts'
import { startTraced } from './traced-gateway.ts'

// The examples of the W3C page.
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test('records a streamed call as a server span, with a client span for its attempt below it', async () => {
  const upstream = await startUpstream(stream(events))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url })

  const asked = streamBody.replace(opus, 'claude-opus-4-1')
  const answer = await gateway.post(asked, { headers: { 'x-claude-code-session-id': 'session-1' } })
  const [server, client, ...others] = ordered(await finish())

  expect(others).toEqual([])
  expect(server).toMatchObject({
    name: 'chat claude-opus-4-1',
    kind: serverKind,
    parentSpanId: undefined,
    statusCode: 0,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-opus-4-1',
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.stream': true,
      'gen_ai.conversation.id': 'session-1',
      'gen_ai.response.model': opus,
      'gen_ai.response.id': 'msg_01',
      'gen_ai.response.finish_reasons': ['end_turn'],
      'gen_ai.usage.input_tokens': 25,
      'gen_ai.usage.output_tokens': 15,
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': gateway.port,
      'anthology.call.id': answer.headers['request-id'],
      'anthology.key.id': 'key_local',
      'anthology.protocol': 'messages',
      'anthology.upstream': 'recorder',
      'anthology.outcome': 'answered',
      'anthology.attempts': 1,
      'anthology.cost.nano_usd': messageCostNanoUsd,
    },
  })
  expect(server?.attributes).not.toHaveProperty('error.type')
  expect(client).toMatchObject({
    name: `chat ${opus}`,
    kind: clientKind,
    traceId: server?.traceId,
    parentSpanId: server?.spanId,
    statusCode: 0,
    attributes: {
      'gen_ai.request.model': opus,
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(upstream.url).port),
      'anthology.attempt.number': 1,
      'anthology.outcome': 'answered',
    },
  })
  expect(isWithin(client, server)).toBe(true)
})

test('uses the default port of the scheme for a host without a port', async () => {
  const upstream = await startUpstream(plain(message))
  const named = { upstreamUrl: upstream.url, hosts: ['gateway.example.com'] }
  const clear = await startTraced(named)
  const secure = await startTraced({ ...named, tls: testCertificate })
  const headers = { ...usual, host: 'gateway.example.com' }

  await ask(`${clear.gateway.url}/v1/messages`, { method: 'POST', body: callBody, headers })
  await new Promise<void>((resolve, reject) => {
    const options = {
      method: 'POST',
      headers,
      ca: testCertificate.certificate,
      servername: 'localhost',
      agent: false,
    }
    const sent = askHttps(`${secure.gateway.url}/v1/messages`, options, (response) => {
      response.resume().once('end', resolve)
    })
    sent.once('error', reject).end(callBody)
  })

  for (const [finish, port] of [[clear.finish, 80] as const, [secure.finish, 443] as const]) {
    const [server] = ordered(await finish())
    expect(server?.attributes).toMatchObject({ 'server.address': 'gateway.example.com', 'server.port': port })
  }
})

test('adds cached tokens to the input, as the convention requires', async () => {
  const emulator = createEmulator({ seed: 'traces', keepRequests: false })
  const { gateway, finish } = await startTraced({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
  })
  const text = 'A sentence that is said again and again. '.repeat(1_000)
  const body = JSON.stringify({
    model: opus,
    max_tokens: 64,
    system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
    messages: [{ role: 'user', content: 'Hello' }],
  })

  await gateway.post(body)
  await gateway.post(body)
  const servers = (await finish()).filter(({ kind }) => kind === serverKind)

  const rows = gateway.rows()
  const of = (name: string) => servers.map(({ attributes }) => attributes[`gen_ai.usage.${name}`])
  const column = (name: string) => rows.map((row) => Number(row[`${name}_quantity`] ?? 0))
  expect(of('cache_write.input_tokens')).toEqual(column('cache_write_5m'))
  expect(of('cache_read.input_tokens')).toEqual(column('cache_read'))
  expect(of('input_tokens')).toEqual(
    column('input').map(
      (input, at) => input + (column('cache_read')[at] ?? 0) + (column('cache_write_5m')[at] ?? 0),
    ),
  )
  expect(column('cache_read')[1]).toBeGreaterThan(1_000)
})

test('continues the trace of the client, and does not forward it to the upstream', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url })

  await gateway.post(callBody, {
    headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=value' },
  })
  const [server, client] = ordered(await finish())

  expect(server).toMatchObject({ traceId, parentSpanId: spanId, traceState: 'vendor=value' })
  expect(client).toMatchObject({ traceId, parentSpanId: server?.spanId })
  const [request] = upstream.requests
  expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith('trace'))).toEqual([])
})

test('forwards the trace to the upstream if configured', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url }, { forward_trace: true })

  await gateway.post(callBody, {
    headers: { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=value' },
  })
  const [, client] = ordered(await finish())

  expect(upstream.requests[0]?.headers).toMatchObject({
    traceparent: `00-${traceId}-${client?.spanId}-01`,
    tracestate: 'vendor=value',
  })
})

test('records no trace that its client does not sample, but forwards the decision', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url }, { forward_trace: true })

  const { status } = await gateway.post(callBody, {
    headers: { traceparent: `00-${traceId}-${spanId}-00` },
  })
  const spans = await finish()

  expect([status, spans]).toEqual([200, []])
  expect(upstream.requests[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-\\w{16}-00$`))
})

test('starts no trace if the sample ratio is zero', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url }, { sample_ratio: 0 })

  await gateway.post(callBody)
  await gateway.post(callBody, { headers: { traceparent: `00-${traceId}-${spanId}-01` } })

  expect((await finish()).map((span) => span.traceId)).toEqual([traceId, traceId])
})

test('has a span for each attempt, with the error of the failed one', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, finish } = await startTraced({
    accounts: [{ ...httpAccount('http://127.0.0.1:1'), name: 'away' }, httpAccount(upstream.url)],
  })

  await gateway.post(callBody)
  const [server, first, second] = ordered(await finish())

  expect(server).toMatchObject({ statusCode: 0, attributes: { 'anthology.attempts': 2 } })
  expect(first).toMatchObject({
    statusCode: 2,
    attributes: { 'anthology.upstream': 'away', 'error.type': 'upstream_unreachable', 'server.port': 1 },
  })
  expect(first?.attributes).not.toHaveProperty('http.response.status_code')
  expect(second).toMatchObject({
    statusCode: 0,
    attributes: { 'anthology.upstream': 'recorder', 'anthology.attempt.number': 2 },
  })
})

test.each([
  { why: 'its client is to blame', body: '{', status: 400, type: 'bad_request', code: 0 },
  { why: 'the key is unknown', key: 'sk-nobody', status: 401, type: 'unknown_key', code: 0 },
  { why: 'the upstream broke', status: 502, type: 'api_error', code: 2 },
  { why: 'the upstream is overloaded', status: 529, type: 'overloaded_error', code: 2 },
])('marks a call as an error only if it is the gateway’s or the upstream’s: $why', async (call) => {
  const { body = callBody, key = localKey, status, type, code } = call
  const overloaded = plain(errorBody('overloaded_error', 'Overloaded'), { status: 529 })
  const upstream = await startUpstream(status === 529 ? overloaded : rawThenDeath(''))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url })

  await gateway.post(body, { headers: { 'x-api-key': key } })
  const [server] = ordered(await finish())

  expect(server).toMatchObject({
    statusCode: code,
    attributes: { 'http.response.status_code': status, 'error.type': type },
  })
})

test('records a client that disconnected', async () => {
  const upstream = await startUpstream(openStream(events.slice(0, 4)))
  const { gateway, finish } = await startTraced({ upstreamUrl: upstream.url })

  const asking = { method: 'POST', body: streamBody, headers: usual }
  const { response, sent } = await open(`${gateway.url}/v1/messages`, asking)
  response.on('error', () => {})
  sent.destroy()
  await until('it was noticed', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  const [server] = ordered(await finish())

  expect(server).toMatchObject({
    attributes: { 'anthology.outcome': 'client_closed', 'error.type': 'client_closed' },
  })
})

test('contains no prompt, response or secret, and only documented attributes', async () => {
  const upstream = await startUpstream(stream(events))
  const { gateway, collector, finish } = await startTraced({ upstreamUrl: upstream.url })

  await gateway.post(streamBody.replace('Hello', 'the-words-of-the-prompt'))
  const spans = await finish()

  for (const absent of ['the-words-of-the-prompt', 'Grüße', localKey, 'sk-ant'])
    expect(collector.text).not.toContain(absent)
  const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)))
  expect([...names].filter((name) => !(name in spanAttributes))).toEqual([])
})

test('sends the configured headers and service name to the collector, and counts exported spans', async () => {
  const upstream = await startUpstream(plain(message))
  const { gateway, collector } = await startTraced(
    { upstreamUrl: upstream.url },
    { otlp_headers: { 'x-collector-key': 'secret-of-the-collector' }, service_name: 'of-a-team' },
  )

  await gateway.post(callBody)
  const exported = 'anthology_trace_spans_total{result="exported"}'
  await until('the spans were taken', async () => (await scrape(gateway)).get(exported) === 2)

  expect(collector.requests[0]).toMatchObject({
    path: '/v1/traces',
    headers: { 'content-type': 'application/json', 'x-collector-key': 'secret-of-the-collector' },
  })
  expect(collector.text).toContain('{"key":"service.name","value":{"stringValue":"of-a-team"}}')
})

/** The server's span first, then the attempts in order. */
function ordered(spans: readonly CollectedSpan[]): readonly CollectedSpan[] {
  return spans.toSorted((left, right) => left.kind - right.kind || Number(left.startNano - right.startNano))
}

function isWithin(inner: CollectedSpan | undefined, outer: CollectedSpan | undefined): boolean {
  if (inner === undefined || outer === undefined) return false
  return outer.startNano <= inner.startNano && inner.endNano <= outer.endNano
}
