import { connect as connectTcp } from 'node:net'
import { request as askHttps } from 'node:https'
import { connect as connectTls } from 'node:tls'

import { onTestFinished, describe, expect, test } from 'vitest'

import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import { connectRaw } from '../raw-client.ts'
import { expectRawEnvelope } from '../api-errors.ts'
import { testCertificate } from './certificate.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import { getCode, flags, frame, frameTypes, head, preface, readFrames, settings } from './http2-frames.ts'
import { echo, startPort } from './running-port.ts'

const get = 'GET /old HTTP/1.1\r\nhost: gateway\r\n\r\n'
const post = { ':method': 'POST', ':path': '/new' }

describe('one port', () => {
  test('serves HTTP/1.1 and HTTP/2 in clear text', async () => {
    const port = await startPort(echo)

    const old = await ask(`${port.url}/old`, { method: 'POST', body: 'a' })
    const young = await askHttp2(connectHttp2(port.url), post, 'b')

    expect(old).toMatchObject({ status: 200, text: 'HTTP/1.1 POST /old a' })
    expect(young).toMatchObject({ status: 200, text: 'HTTP/2.0 POST /new b' })
    expect(port.counts().connections).toMatchObject({ http2: 1 })
  })

  test('detects the protocol from first bytes that arrive one by one', async () => {
    const port = await startPort(echo)
    const [old, young] = [await connectRaw(port.number), await connectRaw(port.number)]
    const request = frame({
      type: frameTypes.headers,
      flags: flags.endHeaders | flags.endStream,
      stream: 1,
      payload: head('/new'),
    })

    for (const byte of Buffer.from(get)) await writeAlone(old, byte)
    for (const byte of Buffer.concat([preface, settings, request])) await writeAlone(young, byte)
    await until('the first arrived', () => old.received.includes('HTTP/1.1 GET /old'))
    await until('the second arrived', () => young.received.includes('HTTP/2.0 POST /new'))
  })

  test.each([
    ['h2', 'HTTP/2.0 POST /new c'],
    ['http/1.1', null],
  ])('serves TLS after ALPN has selected %s', async (protocol, text) => {
    const port = await startPort(echo, { tls: testCertificate })

    if (text === null) {
      expect(await askTls(port.number, 'd')).toBe('HTTP/1.1 POST /old d')
    } else {
      expect((await askHttp2(connectHttp2(port.url), post, 'c')).text).toBe(text)
    }

    expect(await agreedProtocol(port.number, [protocol], { stay: true })).toBe(protocol)
    await until('they are counted', () => port.counts().tls > 0)
  })

  test('serves HTTP/1.1 to a TLS client without ALPN', async () => {
    const port = await startPort(echo, { tls: testCertificate })
    const socket = connectTls({ port: port.number, host: '127.0.0.1', ca: testCertificate.certificate })
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => (received += text))
    onTestFinished(() => void socket.destroy())

    socket.write(get)

    await until('it was answered', () => received.includes('HTTP/1.1 GET /old'))
  })

  test('rejects clear text on a port with a certificate, with a hint to use https', async () => {
    const port = await startPort(echo, { tls: testCertificate })
    const client = await connectRaw(port.number)

    client.write(get)
    const [answer] = await client.answers(1)

    expectRawEnvelope(answer, 400)
    expect(answer?.body).toContain('https://')
  })

  test('rejects a certificate that does not match its key', async () => {
    const tls = { ...testCertificate, key: testCertificate.certificate }

    await expect(startPort(echo, { tls })).rejects.toThrow()
  })
})

describe('its connections', () => {
  test.each([
    ['says nothing', ''],
    ['stops within the preface', 'PRI * HTT'],
    ['stops within a handshake', '\x16\x03\x01'],
  ])('is closed when it %s', async (_, start) => {
    const port = await startPort(echo, { limits: { headersMs: 60 }, tls: testCertificate })
    const client = await connectRaw(port.number)
    client.write(Buffer.from(start, 'latin1'))

    await client.closing()

    expect(port.counts().exceeded.headersMs).toBe(1)
    await until('the connection is closed', () => port.counts().connections.new === 0)
  })

  test('are limited for each address', async () => {
    const port = await startPort(echo, { limits: { connectionsPerAddress: 2 } })
    const [one, two] = [await connectRaw(port.number), await connectRaw(port.number)]

    const three = await connectRaw(port.number)
    const elsewhere = await connectFrom('127.0.0.2', port.number)

    await three.closing()
    expect([one.closed, two.closed, elsewhere.destroyed]).toEqual([false, false, false])
    expect(port.counts().exceeded.connectionsPerAddress).toBe(1)
    one.destroy()
    await until('a slot is free', () => port.counts().connections.new === 2)
    const four = await connectRaw(port.number)
    four.write(get)
    expect(await four.answers(1)).toMatchObject([{ status: 200 }])
    await (await connectRaw(port.number)).closing()
    expect(port.counts().exceeded.connectionsPerAddress).toBe(2)
  })

  test('evict the oldest idle one for a new one', async () => {
    const port = await startPort(holdFirst, { limits: { connections: 2 } })
    const busy = await connectRaw(port.number)
    busy.write(get)
    await until('its request runs', () => port.counts().exchanges === 1)
    const idle = await connectRaw(port.number)

    const third = await connectRaw(port.number)
    third.write(get)

    await idle.closing()
    await until('both run', () => port.counts().exchanges === 2)
    const fourth = await connectRaw(port.number)
    await fourth.closing()
    expect([busy.closed, third.closed]).toEqual([false, false])
    expect(port.counts().exceeded.connections).toBe(2)
  })
})

test('simultaneous connections never exceed the limit', async () => {
  const port = await startPort(echo, { limits: { connections: 2 } })

  const clients = await Promise.all(Array.from({ length: 30 }, () => connectRaw(port.number)))

  await until('all but two are closed', () => clients.filter(({ closed }) => !closed).length === 2)
  expect(port.counts().connections.new).toBe(2)
  expect(port.counts().exceeded.connections).toBe(28)
})

describe('an HTTP/1.1 connection', () => {
  test('answers pipelined requests in order', async () => {
    const port = await startPort(echo)
    const client = await connectRaw(port.number)

    client.write([1, 2, 3, 4, 5].map((n) => `GET /${n} HTTP/1.1\r\nhost: gateway\r\n\r\n`).join(''))
    await until('all are answered', () => client.received.includes('/5'))

    const paths = [...client.received.matchAll(/HTTP\/1\.1 GET (\S+)/g)].map(([, path]) => path)
    expect(paths).toEqual(['/1', '/2', '/3', '/4', '/5'])
  })

  test('rejects more of them than the limit, and aborts the running ones', async () => {
    let gone = 0
    const port = await startPort((_, response) => void response.once('close', () => (gone += 1)))
    const client = await connectRaw(port.number)

    client.write(get.repeat(2_000))
    const [answer] = await client.answers(1)
    await client.closing()

    expectRawEnvelope(answer, 400)
    expect(answer?.body).toContain('at most 32 requests')
    await until('all running requests were aborted', () => gone === 32)
  })

  test.each([201, 202, 5_000])('rejects %i headers, as more than 200', async (count) => {
    const port = await startPort(echo)
    const [just, over] = [await connectRaw(port.number), await connectRaw(port.number)]

    just.write(withHeaders(200))
    over.write(withHeaders(count))

    expect(await just.answers(1)).toMatchObject([{ status: 200 }])
    const [exceeded] = await over.answers(1)
    expectRawEnvelope(exceeded, 431)
    expect(exceeded?.body).toContain('a request may have 200 headers at most')
    expect(port.counts().exceeded).toMatchObject({ headerBytes: 1 })
  })
})

test('a client with too many headers gets the error after sending its body', async () => {
  const port = await startPort(echo)
  // This client never closes its side.
  const socket = connectTcp({ port: port.number, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('error', () => {}).pause()

  socket.write(`${withHeaders(201).slice(0, -2)}content-length: 10000000\r\n\r\n`)
  for (let sent = 0; sent < 10; sent += 1)
    await new Promise<void>((resolve) => socket.write(Buffer.alloc(1_000_000), () => resolve()))
  socket.on('data', (bytes) => (received += bytes.toString()))
  await new Promise((resolve) => socket.resume().once('end', resolve))

  expect(received).toMatch(/^HTTP\/1\.1 431 /)
  await until('its connection is closed', () => port.counts().connections.http1 === 0)
})

describe('closing', () => {
  test('completes streams, and rejects new ones by GOAWAY', async () => {
    let finish = (): void => {}
    const port = await startPort((_, response) => {
      finish = () => response.end(Buffer.from('late'))
    })
    const session = connectHttp2(port.url)
    const goaway = new Promise((resolve) => session.once('goaway', resolve))
    const answer = readAnswer(openStream(session, post, true))
    await until('the request runs', () => port.counts().exchanges === 1)

    const closing = port.close(5_000)
    expect(await goaway).toBe(0)
    finish()

    expect((await answer).text).toBe('late')
    await closing
  })

  test('cuts off a stream that runs longer than the drain time', async () => {
    const port = await startPort(() => {})
    const answer = readAnswer(openStream(connectHttp2(port.url), post, true))
    const failed = expect(answer).rejects.toThrow()
    await until('the request runs', () => port.counts().exchanges === 1)

    await port.close(50)

    await failed
  })

  test('does not wait for idle HTTP/2 or TLS connections', async () => {
    const [clear, secure] = [await startPort(echo), await startPort(echo, { tls: testCertificate })]
    await askHttp2(connectHttp2(clear.url), post, '')
    await askHttp2(connectHttp2(secure.url), post, '')
    await agreedProtocol(secure.number, ['http/1.1'], { stay: true })
    const half = await connectRaw(clear.number)
    half.write('PRI')
    const startedMs = Date.now()

    await Promise.all([clear.close(200_000), secure.close(200_000)])

    expect(Date.now() - startedMs).toBeLessThan(100_000)
  })

  test('sends GOAWAY with NO_ERROR', async () => {
    const port = await startPort(echo)
    const client = await connectRaw(port.number)
    client.write(preface)
    client.write(settings)
    await until('it is known', () => port.counts().connections.http2 === 1)

    await port.close(5_000)

    await client.closing()
    const last = readFrames(Buffer.from(client.received, 'latin1')).at(-1)
    expect(last?.type).toBe(frameTypes.goaway)
    expect(last && getCode(last)).toBe(0)
  })
})

const holdFirst: Handler = (request) => void request.resume()

function withHeaders(count: number): string {
  const more = Array.from({ length: count - 1 }, (_, index) => `x-${index}: a\r\n`).join('')
  return `GET / HTTP/1.1\r\n${more}host: gateway\r\n\r\n`
}

/** Sends nearly every byte in its own packet. */
async function writeAlone(client: { write(bytes: Uint8Array): void }, byte: number): Promise<void> {
  client.write(Buffer.from([byte]))
  await new Promise((resolve) => setImmediate(resolve))
}

async function connectFrom(localAddress: string, port: number) {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

function askTls(port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: '/old', method: 'POST', ca: testCertificate.certificate }
    const sent = askHttps({ ...options, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => resolve(text))
    })
    sent.once('error', reject).end(body)
  })
}

function agreedProtocol(
  port: number,
  offered: string[],
  { stay = false } = {},
): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', ca: testCertificate.certificate, ALPNProtocols: offered }
    const socket = connectTls(options, () => {
      resolve(socket.alpnProtocol)
      if (!stay) socket.destroy()
    })
    socket.on('error', reject)
    onTestFinished(() => void socket.destroy())
  })
}
