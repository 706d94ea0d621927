import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import type { Upstream } from '@anthology/wire'
import { expect, onTestFinished, test } from 'vitest'

import { createCassetteStore, createEmulator, createFetchUpstream, openCassettes } from '../../src/index.ts'
import { createSocketUpstream } from './socket-upstream.ts'
import { ask, createFolder, listen, protocols, send } from './rig.ts'

test('the upstream gets the path, the body and the credentials, and no header of the connection', async () => {
  const live = await listen()
  const proxy = await listen({
    replay: {
      cassettes: createCassetteStore(),
      mode: 'record-all',
      upstream: createSocketUpstream(`${live.url}/base`),
    },
  })
  const body =
    '{"model": "claude-sonnet-4-5",  "max_tokens": 5, "messages": [{"role":"user","content":"\\u0041"}]}'
  await fetch(`${proxy.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'own-key',
      'anthropic-version': '2023-06-01',
      'proxy-authorization': 'Basic eDp5',
      te: 'trailers',
    },
    body,
  })
  const [seen] = live.emulator.requests

  expect(seen?.path).toBe('/base/v1/messages?beta=true')
  expect(Buffer.from(seen?.body ?? []).toString()).toBe(body)
  expect(seen?.headers).toMatchObject({ 'x-api-key': 'own-key', 'anthropic-version': '2023-06-01' })
  expect(Object.keys(seen?.headers ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(?:proxy-.*|te|accept-encoding|transfer-encoding)$/)]),
  )
  expect(seen?.headers['host']).toBe(new URL(live.url).host)
})

test('an encoded answer passes untouched, and is recorded decoded where its encoding is known', async () => {
  const json = JSON.stringify({ content: [{ type: 'text', text: 'packed' }] })
  const encodings = { gzip: gzipSync(json), br: brotliCompressSync(json) }
  let encoding: keyof typeof encodings = 'gzip'
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding })
    response.end(encodings[encoding])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const cassettes = createCassetteStore()
  const warnings: string[] = []
  const proxy = await listen({
    replay: {
      cassettes,
      mode: 'record-all',
      upstream: createSocketUpstream(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      warn: (line) => warnings.push(line),
    },
  })
  const packed = await send(proxy, ask('gzip?'))
  encoding = 'br'
  const other = await send(proxy, ask('br?'))

  expect([packed.text, other.text]).toEqual([json, json])
  expect(cassettes.list().map(({ exchange }) => exchange.response.body)).toEqual([json])
  expect(warnings).toEqual(['POST /v1/messages was not recorded: its content-encoding br is not supported'])
})

test('an upstream that cannot be reached is an error, and nothing is recorded', async () => {
  const cassettes = createCassetteStore()
  const warnings: string[] = []
  const upstream = createSocketUpstream('http://127.0.0.1:9')
  const proxy = await listen({
    replay: { cassettes, mode: 'record-all', upstream, warn: (line) => warnings.push(line) },
  })
  const answer = await send(proxy, ask('Hello?'))

  expect(answer.status).toBe(500)
  expect(cassettes.list()).toEqual([])
  expect(warnings).toEqual([
    expect.stringContaining('was not recorded: the upstream failed: connect ECONNREFUSED'),
  ])
})

test('a fault of one request strikes here, and its header does not reach the upstream', async () => {
  const live = await listen()
  const proxy = await listen({
    replay: {
      cassettes: createCassetteStore(),
      mode: 'record-all',
      upstream: createSocketUpstream(live.url),
    },
  })
  const { headers, ...call } = ask('Hello?')
  const answer = await send(proxy, {
    ...call,
    headers: { ...headers, 'x-anthology-fault': '{"status":503}' },
  })

  expect(answer.status).toBe(503)
  expect(live.emulator.requests).toEqual([])
})

test('a folder that vanishes while it is recorded into breaks no answer', async () => {
  const folder = createFolder()
  const live = await listen()
  const warnings: string[] = []
  const proxy = await listen({
    replay: {
      cassettes: openCassettes(folder),
      mode: 'record-all',
      upstream: createSocketUpstream(live.url),
      warn: (line) => warnings.push(line),
    },
  })
  rmSync(folder, { recursive: true })
  const answer = await send(proxy, ask('Hello?'))

  expect(answer.status).toBe(200)
  expect(warnings).toEqual([
    expect.stringMatching(/was not recorded: hello-[0-9a-f]{8}\.yaml cannot be written/),
  ])
  expect(() => openCassettes(folder)).toThrow('cannot be read')
})

test.each(protocols)(
  '%s: a test records by fetch, without a port, and then runs offline',
  async (_, create) => {
    const live = await listen()
    const folder = createFolder()
    const cassettes = openCassettes(folder)
    const upstream = createFetchUpstream(`${live.url}/`)
    const call = create('Is it recorded?')
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...call.headers },
      body: JSON.stringify(call.body),
    }
    const recording = createEmulator({ replay: { cassettes, mode: 'record-missing', upstream } })
    const recorded = await (await recording.fetch(call.path, init)).arrayBuffer()
    const offline = createEmulator({ replay: { cassettes: openCassettes(folder) } })
    const replayed = await (await offline.fetch(call.path, init)).arrayBuffer()

    expect(live.emulator.requests).toHaveLength(1)
    expect(Buffer.from(replayed)).toEqual(Buffer.from(recorded))
    expect(recorded.byteLength).toBeGreaterThan(100)
  },
)

test.each([
  ['messages', '/v1/messages', 'event: message_stop\ndata: {"type":"message_stop"}\n\n'],
  ['messages with other line ends', '/v1/messages', 'data: {"type":"message_stop"}\r\n\r\n'],
  ['openai', '/v1/chat/completions', 'data: [DONE]\n\n'],
  [
    'an error',
    '/v1/messages',
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n',
  ],
])('%s: a client that leaves at the last event of a stream has its recording', async (_, path, last) => {
  const cassettes = createCassetteStore()
  const warnings: string[] = []
  const leaveAfter = async (event: string): Promise<void> => {
    const abort = new AbortController()
    const recording = createEmulator({
      replay: {
        cassettes,
        mode: 'record-all',
        upstream: createOpenUpstream(event),
        warn: (line) => warnings.push(line),
      },
    })
    const body = JSON.stringify({ model: 'claude-opus-4-1', stream: true, messages: [] })
    const response = await recording.fetch(path, { method: 'POST', body, signal: abort.signal })
    await response.body?.getReader().read()
    abort.abort()
  }
  await leaveAfter(last)
  await leaveAfter(last.slice(0, -1))
  await leaveAfter('event: ping\ndata: {"type":"ping"}\n\n')

  expect(cassettes.list()).toHaveLength(1)
  expect(warnings).toHaveLength(2)
})

/** An upstream that sends an event, and then keeps the stream open. */
function createOpenUpstream(event: string): Upstream {
  return {
    send: (_request, receiver) => {
      queueMicrotask(() => {
        receiver.head(200, { 'content-type': 'text/event-stream; charset=utf-8' })
        receiver.chunk(Buffer.from(event))
      })
      return { resume: () => {}, abort: () => {} }
    },
  }
}

test('an abort of the client reaches the API that fetch calls, and a slow reader holds it back', async () => {
  const live = await listen({ tokensPerSecond: 50 })
  const upstream = createFetchUpstream(live.url)
  const warnings: string[] = []
  const recording = createEmulator({
    replay: {
      cassettes: createCassetteStore(),
      mode: 'record-all',
      upstream,
      warn: (line) => warnings.push(line),
    },
  })
  const { path, body, headers } = ask('Long?', { stream: true })
  const abort = new AbortController()
  const response = await recording.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: abort.signal,
  })
  await response.body?.getReader().read()
  abort.abort()

  expect(warnings).toEqual([
    'POST /v1/messages was not recorded: the client left before the end of the answer',
  ])
  expect(() => createFetchUpstream('ftp://x')).toThrow('must be an http or https URL')
})
