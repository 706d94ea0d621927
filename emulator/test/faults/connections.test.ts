import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectHttp2, constants } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createEmulator, listenEmulator, listenEmulatorSocket } from '../../src/index.ts'
import type { Emulator, EmulatorServer, Fault } from '../../src/index.ts'
import { findCall, send } from './calls.ts'
import type { ProtocolCall } from './calls.ts'

const options = { now: () => Date.parse('2025-08-15T12:00:00Z'), asOf: '2025-08-15' }
const streamed = findCall('messages stream')
const plain = findCall('messages')
const longReply = { text: 'Many words, and more of them. '.repeat(20_000) }

describe('over HTTP/1.1', () => {
  test.each<readonly [string, ProtocolCall, Fault]>([
    ['a stream after some events', streamed, { cut: { after_events: 4 } }],
    ['a stream inside a line', streamed, { cut: { inside: 'line' } }],
    ['a stream after all of its events', streamed, { cut: { after_events: 1_000 } }],
    ['a plain answer', plain, { cut: true }],
    ['a plain answer before its last byte', plain, { cut: { after_bytes: 1_000_000 } }],
    ['a stream of Bedrock', findCall('invoke stream'), { cut: true }],
  ])('a cut of %s closes the connection after exactly these bytes', async (_, call, fault) => {
    const expected = await send(createEmulator(options), call.request, fault)
    const { body, isChunked, isComplete, error } = await exchange(await start(), call, fault)

    expect(body.toString()).toBe(expected.text)
    expect(isChunked).toBe(call.isStream)
    expect(isComplete).toBe(false)
    expect(error).toBeNull()
  })

  test('a cut sends the head if no event comes before it', async () => {
    const { head, body, isComplete } = await exchange(await start(), streamed, { cut: { after_events: 0 } })

    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect([body.length, isComplete]).toEqual([0, false])
  })

  test('a reset comes before the first byte, or after the bytes of the place', async () => {
    const fault = { reset: { after_events: 4 } }
    const expected = await send(createEmulator(options), streamed.request, fault)
    const early = await exchange(await start(), streamed, { reset: true })
    const late = await exchange(await start(), streamed, fault)

    expect(early).toMatchObject({ head: '', error: { code: 'ECONNRESET' } })
    expect(late.error).toMatchObject({ code: 'ECONNRESET' })
    expect(late.body.toString()).toBe(expected.text)
  })

  test('all bytes before a cut reach a client that reads slowly', async () => {
    const scenario = { version: 1, rules: [{ reply: longReply }] } as const
    const call = { ...plain, request: withMaxTokens(plain, 32_000) }
    const server = await start(createEmulator({ ...options, scenario }))
    const { body, isComplete } = await exchange(server, call, { cut: { after_bytes: 100_000 } }, 200)

    expect(body.length).toBe(100_000)
    expect(isComplete).toBe(false)
  })

  test('the next request gets a normal answer', async () => {
    const server = await start()

    for (const fault of [{ cut: true }, { reset: true }, { reset: { after_bytes: 3 } }] as const) {
      await exchange(server, plain, fault)
      const next = await fetch(`${server.url}/v1/models`, { headers: { 'anthropic-version': '2023-06-01' } })

      expect(next.status).toBe(200)
    }
  })

  test.each<readonly [string, (server: EmulatorServer, emulator: Emulator) => unknown]>([
    ['the emulator is reset', (_, emulator) => emulator.reset()],
    ['the emulator is closed', (_, emulator) => emulator.close()],
    ['its server is closed', (server) => server.close()],
  ])('a stalled answer stays open until %s', async (_, end) => {
    const emulator = createEmulator(options)
    const server = await start(emulator)
    const stalled = exchange(server, streamed, { stall: true, after_events: 3 })
    let isOver = false
    void stalled.then(() => (isOver = true))
    await expect.poll(() => emulator.requests.length).toBe(1)
    // Other requests are answered meanwhile.
    for (let count = 0; count < 5; count += 1) await exchange(server, plain)

    expect(isOver).toBe(false)
    await end(server, emulator)
    const { body, isComplete } = await stalled
    expect(body.toString().match(/^event: (?!ping)/gm)).toHaveLength(3)
    expect(isComplete).toBe(false)
  })

  test('a stalled answer ends when the client leaves', async () => {
    let aborted = 0
    const emulator = createEmulator(options)
    const watched: Emulator = {
      ...emulator,
      send: (request, receiver) => {
        const handle = emulator.send(request, receiver)
        return { ...handle, abort: () => (handle.abort(), (aborted += 1)) }
      },
    }
    const server = await start(watched)
    const controller = new AbortController()
    const response = await fetch(server.url + (streamed.request.path ?? ''), {
      method: 'POST',
      headers: createHeaders({ stall: true, after_events: 1 }),
      body: JSON.stringify(streamed.request.body),
      signal: controller.signal,
    })
    await response.body?.getReader().read()

    expect(aborted).toBe(0)
    controller.abort()
    await expect.poll(() => aborted).toBe(1)
  })
})

test('a Unix socket is closed instead of reset', async () => {
  const emulator = createEmulator(options)
  const folder = await mkdtemp(join(tmpdir(), 'anthology-fault-'))
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${folder}` : join(folder, 'socket')
  const server = await listenEmulatorSocket(emulator, path)
  onTestFinished(() => server.close().then(() => rm(folder, { recursive: true })))

  for (const fault of [{ reset: true }, { reset: { after_events: 1 } }] as const) {
    emulator.failNext(fault)
    const { error, isComplete } = await exchange({ path }, streamed)
    expect([isComplete, error]).toEqual([false, null])
  }
  expect((await exchange({ path }, streamed)).isComplete).toBe(true)
})

describe('over HTTP/2', () => {
  test.each<readonly [string, ProtocolCall, Fault]>([
    ['a cut stream', findCall('converse stream'), { cut: { after_events: 4 } }],
    ['a cut stream, inside a frame,', findCall('invoke stream'), { cut: { inside: 'frame' } }],
    ['a cut plain answer', findCall('converse'), { cut: true }],
    ['a reset stream', findCall('invoke stream'), { reset: { after_events: 2 } }],
    ['a stream that is cut after all of its events', streamed, { cut: { after_events: 1_000 } }],
  ])('%s breaks off its stream after exactly these bytes, and no other', async (_, call, fault) => {
    const expected = await send(createEmulator(options), call.request, fault)
    const session = await openSession(await start())
    const received = await requestHttp2(session, call, fault)
    const next = await requestHttp2(session, call)

    expect(received.status).toBe(200)
    expect(received.body.equals(expected.bytes)).toBe(true)
    expect(received.code).toBe(constants.NGHTTP2_INTERNAL_ERROR)
    expect([next.status, next.code]).toEqual([200, constants.NGHTTP2_NO_ERROR])
  })

  test('two hundred streams that are cut at once on one connection all break off', async () => {
    const session = await openSession(await start())
    const call = findCall('converse stream')

    const received = await Promise.all(
      Array.from({ length: 200 }, () => requestHttp2(session, call, { cut: { after_events: 4 } })),
    )

    expect(new Set(received.map(({ code }) => code))).toEqual(new Set([constants.NGHTTP2_INTERNAL_ERROR]))
  })

  test('a reset before the first byte resets the connection with all of its streams', async () => {
    const server = await start()
    const session = await openSession(server)
    const closed = once(session, 'close')
    const other = requestHttp2(session, streamed, { stall: true, after_events: 1 })
    const { status, body } = await requestHttp2(session, streamed, { reset: true })
    await closed

    expect([status, body.length]).toEqual([undefined, 0])
    expect((await other).code).not.toBe(constants.NGHTTP2_NO_ERROR)
    expect((await requestHttp2(await openSession(server), streamed)).status).toBe(200)
  })

  test('all bytes before a cut reach a client whose window is small', async () => {
    const scenario = { version: 1, rules: [{ reply: longReply }] } as const
    const session = await openSession(await start(createEmulator({ ...options, scenario })))
    const call = { ...plain, request: withMaxTokens(plain, 32_000) }
    const { body } = await requestHttp2(session, call, { cut: { after_bytes: 100_000 } })

    expect(body.length).toBe(100_000)
  })
})

async function start(emulator = createEmulator(options)): Promise<EmulatorServer> {
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return server
}

function withMaxTokens({ request: given }: ProtocolCall, maxTokens: number): ProtocolCall['request'] {
  return { ...given, body: { ...(given.body as object), max_tokens: maxTokens } }
}

function createHeaders(fault: Fault | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    ...(fault && { 'x-anthology-fault': JSON.stringify(fault) }),
  }
}

interface Exchanged {
  readonly head: string
  /** Without the framing of chunks. */
  readonly body: Buffer
  readonly isChunked: boolean
  /** The body has all bytes of its length, or its last chunk. */
  readonly isComplete: boolean
  readonly error: Error | null
}

/** Sends a request on a connection of its own, and reads until it ends; `waitMs` before it reads. */
function exchange(
  server: Pick<EmulatorServer, 'port'> | { readonly path: string },
  { request: { path = '/', body } }: ProtocolCall,
  fault?: Fault,
  waitMs = 0,
): Promise<Exchanged> {
  const text = JSON.stringify(body)
  const headers = { ...createHeaders(fault), host: 'localhost', 'content-length': Buffer.byteLength(text) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const parts: Buffer[] = []
  return new Promise((resolve) => {
    const socket = 'path' in server ? connect(server) : connect({ port: server.port, host: '127.0.0.1' })
    let error: Error | null = null
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`)
    socket.pause()
    setTimeout(() => socket.resume(), waitMs)
    socket.on('data', (part) => {
      parts.push(part)
      if (parse(Buffer.concat(parts), null).isComplete) socket.destroy()
    })
    socket.on('error', (given) => {
      error = given
    })
    socket.on('close', () => resolve(parse(Buffer.concat(parts), error)))
  })
}

function parse(bytes: Buffer, error: Error | null): Exchanged {
  const end = bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, Math.max(end, 0)).toString()
  const rest = end === -1 ? Buffer.alloc(0) : bytes.subarray(end + 4)
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  const isChunked = /transfer-encoding: chunked/i.test(head)
  if (!isChunked) return { head, body: rest, isChunked, isComplete: length === String(rest.length), error }
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at)
    const size = lineEnd === -1 ? Number.NaN : Number.parseInt(rest.subarray(at, lineEnd).toString(), 16)
    if (Number.isNaN(size) || size === 0)
      return { head, body: Buffer.concat(chunks), isChunked, isComplete: size === 0, error }
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

async function openSession({ url }: EmulatorServer): Promise<ClientHttp2Session> {
  const session = connectHttp2(url, { settings: { initialWindowSize: 4_096 } })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

function requestHttp2(
  session: ClientHttp2Session,
  { request: { path = '/', body } }: ProtocolCall,
  fault?: Fault,
): Promise<{ readonly status: number | undefined; readonly body: Buffer; readonly code: number }> {
  const stream = session.request({ ':method': 'POST', ':path': path, ...createHeaders(fault) })
  const parts: Buffer[] = []
  let status: number | undefined
  return new Promise((resolve) => {
    stream.on('response', (headers) => (status = headers[':status']))
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('error', () => {})
    stream.on('close', () => resolve({ status, body: Buffer.concat(parts), code: stream.rstCode }))
    stream.end(JSON.stringify(body))
  })
}
