import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createCassetteStore, createEmulator, openCassettes } from '../../src/index.ts'
import type { Comparison, Fault } from '../../src/index.ts'
import { ask, createFolder, listen, protocols, readFolder, record, replay, send } from './rig.ts'
import { createSocketUpstream } from './socket-upstream.ts'

describe.each(protocols)('a fault in front of an upstream, %s', (name, create) => {
  test('an error is answered in its protocol, and the upstream gets no request', async () => {
    const { live, proxy, cassettes } = await startRecorder()
    proxy.emulator.failNext({ status: 529 })
    const failed = await send(proxy, create('Hello?'))
    const answered = await send(proxy, create('Hello?'))

    const expected = createEmulator()
    expected.failNext({ status: 529 })
    const { path, body, headers = {} } = create('Hello?')
    const scripted = await expected.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    expect([failed.status, failed.type]).toEqual([scripted.status, scripted.headers.get('content-type')])
    expect(answered.status).toBe(200)
    expect(live.emulator.requests).toHaveLength(1)
    expect(cassettes.list().map(({ exchange }) => exchange.response.status)).toEqual([200])
    expect(proxy.emulator.requests[0]).toMatchObject({ status: failed.status, fault: { status: 529 } })
  })

  test('a break in the answer reaches the client, and the whole answer is recorded', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const fault: Fault = name.includes('streamed') ? { cut: { after_events: 2 } } : { cut: true }
    proxy.emulator.failNext(fault)
    await expect(send(proxy, create('Hello?'))).rejects.toThrow('terminated')
    const replayed = await send(await replay(folder), create('Hello?'))
    const answered = await send(proxy, create('Hello?'))

    expect(replayed.status).toBe(200)
    expect(describeShape(replayed.text)).toBe(describeShape(answered.text))
  })
})

describe('a fault of one request', () => {
  test('by its header strikes a live call, and the header does not go upstream', async () => {
    const { live, proxy } = await startRecorder()
    const failing = (fault: unknown) => withHeader(JSON.stringify(fault))
    const statuses = [
      (await send(proxy, failing({ status: 503 }))).status,
      (await send(proxy, failing({ headers: { 'x-more': 'yes' } }))).status,
      (await send(proxy, withHeader('{"status":9}'))).status,
    ]

    expect(statuses).toEqual([503, 200, 400])
    expect(live.emulator.requests).toHaveLength(1)
    expect(live.emulator.requests[0]?.headers).not.toHaveProperty('x-anthology-fault')
    expect(proxy.emulator.requests.map(({ fault }) => fault)).toEqual([
      { status: 503 },
      { headers: { 'x-more': 'yes' } },
      null,
    ])
  })

  test('is applied in the mode diff too: an error is not compared, a changed answer is', async () => {
    const folder = createFolder()
    await send(await record(folder), ask('Hello?', { stream: true }))
    const live = await listen()
    const reports: Comparison[] = []
    const proxy = await listen({
      replay: {
        cassettes: openCassettes(folder),
        mode: 'diff',
        upstream: createSocketUpstream(live.url),
        onCompared: (report) => reports.push(report),
      },
    })
    const files = readFolder(folder)
    proxy.emulator.failNext({ rate_limit: true })
    proxy.emulator.failNext({ error_event: 'overloaded_error', after_events: 3 })
    const limited = await send(proxy, ask('Hello?', { stream: true }))
    const cut = await send(proxy, ask('Hello?', { stream: true }))

    expect(limited.status).toBe(429)
    expect(cut.text.match(/^event: \w+$/gm)).toEqual([
      'event: message_start',
      'event: content_block_start',
      expect.stringMatching(/^event: (?:ping|content_block_delta)$/),
      ...(cut.text.includes('event: ping') ? ['event: content_block_delta'] : []),
      'event: error',
    ])
    expect(reports.map(({ differences }) => differences)).toEqual([[]])
    expect(live.emulator.requests).toHaveLength(1)
    expect(readFolder(folder)).toEqual(files)
  })

  test('an error event on a plain answer is its status, live and replayed', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    proxy.emulator.failNext({ error_event: 'overloaded_error' })
    const live = await send(proxy, ask('Hello?'))
    const player = await replay(folder)
    player.emulator.failNext({ error_event: 'overloaded_error' })

    expect(live.status).toBe(529)
    expect((await send(player, ask('Hello?'))).status).toBe(529)
    expect((await send(player, ask('Hello?'))).status).toBe(200)
  })

  test('that sends nothing does not call the upstream, and a stall ends with a reset', async () => {
    const { live, proxy } = await startRecorder()
    proxy.emulator.failNext({ reset: true })
    await expect(send(proxy, ask('Hello?'))).rejects.toThrow('fetch failed')
    proxy.emulator.failNext({ stall: true })
    const stalled = send(proxy, ask('Hello?'))
    await expect.poll(() => proxy.emulator.requests.length).toBe(2)
    proxy.emulator.reset()

    await expect(stalled).rejects.toThrow()
    expect(live.emulator.requests).toEqual([])
  })

  test('an upstream that breaks is an error with a fault too, and is not recorded', async () => {
    const { live, proxy, cassettes } = await startRecorder()
    live.emulator.failNext({ cut: true })
    proxy.emulator.failNext({ first_byte_ms: 1 })

    expect((await send(proxy, ask('Hello?'))).status).toBe(500)
    expect(cassettes.list()).toEqual([])
    expect((await send(proxy, ask('Hello?'))).status).toBe(200)
  })

  test('a client that leaves while the upstream answers ends the call there', async () => {
    const live = await listen({ tokensPerSecond: 5 })
    const proxy = await listen({
      replay: {
        cassettes: createCassetteStore(),
        mode: 'record-all',
        upstream: createSocketUpstream(live.url),
      },
    })
    proxy.emulator.failNext({ cut: true })
    const abort = new AbortController()
    const { path, body, headers } = ask('Long?')
    const left = fetch(`${proxy.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: abort.signal,
    })
    await expect.poll(() => live.emulator.requests.length).toBe(1)
    abort.abort()

    await expect(left).rejects.toThrow('abort')
    expect((await send(proxy, withHeader('{"status":500}'))).status).toBe(500)
  })

  test('an encoded answer is decoded before a fault changes it', async () => {
    const json = JSON.stringify({ content: [{ type: 'text', text: 'packed' }] })
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(gzipSync(json))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const upstream = createSocketUpstream(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const proxy = await listen({ replay: { cassettes: createCassetteStore(), mode: 'record-all', upstream } })
    proxy.emulator.failNext({ headers: { 'x-more': 'yes' } })

    expect((await send(proxy, ask('gzip?'))).text).toBe(json)
  })

  test('a stream of AWS that is none is passed on as one piece', async () => {
    const server = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
      response.end(new Uint8Array(40))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const upstream = createSocketUpstream(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const proxy = await listen({ replay: { cassettes: createCassetteStore(), mode: 'record-all', upstream } })
    const [, create] = protocols[5] ?? []
    proxy.emulator.failNext({ between_events_ms: 1 })

    expect((await send(proxy, create?.('Hello?') ?? ask(''))).bytes).toEqual(Buffer.alloc(40))
  })
})

async function startRecorder() {
  const live = await listen()
  const cassettes = createCassetteStore()
  const proxy = await listen({
    replay: { cassettes, mode: 'record-all', upstream: createSocketUpstream(live.url) },
  })
  return { live, proxy, cassettes }
}

function withHeader(fault: string) {
  const call = ask('Hello?')
  return { ...call, headers: { ...call.headers, 'x-anthology-fault': fault } }
}

/** A body without what differs between two answers: ids, times and checksums. */
function describeShape(text: string): string {
  const texts = [...text.matchAll(/"(?:text|content)":"((?:[^"\\]|\\.)*)"/g)]
  return texts.map(([, part]) => part).join('')
}
