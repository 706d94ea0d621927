import { describe, expect, test } from 'vitest'

import type { ClientRequest } from '../../src/http/client-exchange.ts'
import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { readEnvelope } from '../http-client.ts'
import type { RawClient } from '../raw-client.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'
import {
  getCode,
  fields,
  flags,
  frame,
  frameTypes,
  head,
  readFrames,
  reset,
  settings,
} from './http2-frames.ts'
import { connectFrames, echo, startPort } from './running-port.ts'

const post = { ':method': 'POST', ':path': '/x' }

/** Error codes (RFC 9113, 7). */
const protocolError = 1
const internalError = 2
const refusedStream = 7
const calmDown = 11

describe('an HTTP/2 request', () => {
  test('has a host and its pseudo-headers, because a signature may cover them', async () => {
    let seen: ClientRequest['headers'] = {}
    const port = await startPort((request, response) => {
      seen = request.headers
      response.end()
    })

    await askHttp2(connectHttp2(port.url), { ...post, 'x-a': 'b' })

    expect(seen).toMatchObject({
      host: `127.0.0.1:${port.number}`,
      ':authority': `127.0.0.1:${port.number}`,
      ':path': '/x',
      'x-a': 'b',
    })
  })

  test('is read completely, with backpressure', async () => {
    const port = await startPort(countSlowly)
    const body = Buffer.alloc(5_000_000, 'x')

    const answer = await askHttp2(connectHttp2(port.url), post, body)

    expect(answer.text).toBe('5000000')
  })

  test('with an incomplete body is an error, not an end', async () => {
    const told: string[] = []
    const port = await startPort((request, response) => {
      request.resume()
      request.once('end', () => told.push('end'))
      request.once('error', (error) => told.push(error.message))
      response.once('close', () => told.push('close'))
    })
    const client = await connectFrames(port.number)
    client.write(frame({ type: frameTypes.headers, flags: flags.endHeaders, stream: 1, payload: head('/x') }))
    client.write(frame({ type: frameTypes.data, stream: 1, payload: Buffer.from('{"model":') }))
    await until('the request runs', () => port.counts().exchanges === 1)

    client.write(reset(1))

    await until('it is over', () => told.includes('close') && told.length === 2)
    expect(told.toSorted()).toEqual(['aborted', 'close'])
    expect(port.counts().exchanges).toBe(0)
  })

  test('gets 100 Continue if it expects it', async () => {
    const port = await startPort(echo)
    const stream = openStream(connectHttp2(port.url), { ...post, expect: '100-continue' })
    const answer = readAnswer(stream)

    await new Promise((resolve) => stream.once('continue', resolve))
    stream.end('body')

    expect((await answer).text).toBe('HTTP/2.0 POST /x body')
  })
})

describe('an HTTP/2 response', () => {
  test('has no connection-specific headers', async () => {
    const port = await startPort((_, response) => {
      response.setHeader('Connection', 'close')
      response.setHeader('X-Kept', '1')
      response.writeHead(201, { 'keep-alive': 'timeout=5', 'transfer-encoding': 'chunked', 'x-too': '2' })
      response.end(Buffer.from('a'))
    })

    const { headers, text } = await askHttp2(connectHttp2(port.url), post, '')

    expect(text).toBe('a')
    expect(Object.keys(headers).toSorted()).toEqual([':status', 'date', 'x-kept', 'x-too'])
  })

  test.each([
    ['HEAD', 200],
    ['GET', 204],
  ])('to %s with %d has no body, even if one is written', async (method, status) => {
    const port = await startPort((_, response) => {
      response.writeHead(status, { 'x-a': 'b' })
      response.write(Buffer.from('not seen'))
      response.end(Buffer.from('not seen'))
    })

    const answer = await askHttp2(connectHttp2(port.url), { ':method': method, ':path': '/' })

    expect(answer).toMatchObject({ status, text: '' })
  })

  test('of 5 MB arrives complete, in one write or many', async () => {
    const body = Buffer.alloc(5_000_000, 'abcdefg')
    const port = await startPort((request, response) => {
      if (request.url === '/one') response.end(body)
      else void writeInPieces(response, body)
    })
    const session = connectHttp2(port.url)

    const [one, several] = await Promise.all(
      ['/one', '/many'].map((path) => askHttp2(session, { ':method': 'GET', ':path': path })),
    )

    expect(one?.text === body.toString()).toBe(true)
    expect(several?.text === body.toString()).toBe(true)
  })

  test('that is destroyed resets its stream, but not the connection', async () => {
    const port = await startPort((request, response) => {
      if (request.url === '/x') response.destroy()
      else response.end(Buffer.from('fine'))
    })
    const session = connectHttp2(port.url)
    const broken = openStream(session, post, true)

    await expect(readAnswer(broken)).rejects.toThrow()
    const next = await askHttp2(session, { ':method': 'GET', ':path': '/y' })

    expect(broken.rstCode).toBe(internalError)
    expect(next.text).toBe('fine')
  })
})

describe('timeouts', () => {
  test('a body that does not arrive in time gets 408', async () => {
    const port = await startPort(echo, { limits: { requestMs: 80 } })
    const session = connectHttp2(port.url)
    const stream = openStream(session, post)
    const answer = readAnswer(stream)
    stream.write('{"model":')

    const { status, text } = await answer

    expect(status).toBe(408)
    expect(readEnvelope(text).error).toEqual({
      type: 'invalid_request_error',
      message: 'the request did not arrive in time',
    })
    expect(port.counts()).toMatchObject({ exchanges: 0, exceeded: { requestMs: 1 } })
    expect((await askHttp2(session, post, 'ok')).status).toBe(200)
  })

  test.each([
    ['in many writes', writeMuch],
    ['in one', (response: Parameters<Handler>[1]) => void response.end(Buffer.alloc(2_000_000))],
  ])('a response that its client does not read is reset: %s', async (_, write) => {
    const port = await startPort(
      (request, response) => {
        if (request.url === '/x') write(response)
        else response.end(Buffer.from('fine'))
      },
      { limits: { clientIdleMs: 100 } },
    )
    const session = connectHttp2(port.url)
    const stalled = openStream(session, post, true)
    const closed = new Promise((resolve) => stalled.once('close', resolve))

    // Other streams on its connection are served meanwhile, and do not keep it alive.
    let answered = 0
    while (port.counts().exceeded.clientIdleMs === 0) {
      answered += (await askHttp2(session, { ':method': 'GET', ':path': '/y' })).text === 'fine' ? 1 : 0
    }
    stalled.resume()
    await closed

    expect(stalled.rstCode).toBe(8)
    expect(answered).toBeGreaterThan(1)
    await until('it is over', () => port.counts().exchanges === 0)
  })

  test('a slow reader that keeps reading gets the whole response', async () => {
    const port = await startPort((_, response) => response.end(Buffer.alloc(500_000, 'x')), {
      limits: { clientIdleMs: 200 },
    })
    const stream = openStream(connectHttp2(port.url), post, true)
    const startedMs = Date.now()
    let length = 0
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length
      stream.pause()
      setTimeout(() => stream.resume(), 20)
    })

    await new Promise((resolve) => stream.once('close', resolve))

    expect({ length, code: stream.rstCode }).toEqual({ length: 500_000, code: 0 })
    expect(Date.now() - startedMs).toBeGreaterThan(200)
  })

  test('a connection without a stream is closed although it sends PING all the time', async () => {
    const port = await startPort(echo, { limits: { keepAliveMs: 100 } })
    const session = connectHttp2(port.url)
    await askHttp2(session, post, '')
    const pinging = setInterval(() => session.closed || session.ping(() => {}), 10)

    await new Promise((resolve) => session.once('close', resolve))

    clearInterval(pinging)
    await until('the connection is closed', () => port.counts().connections.http2 === 0)
  })

  test('a half-closed connection is closed', async () => {
    const port = await startPort(() => {})
    const client = await connectFrames(port.number)
    client.write(ask(1))
    await until('the request runs', () => port.counts().exchanges === 1)

    client.end()

    await until('the connection is closed', () => port.counts().connections.http2 === 0)
  })
})

describe('floods', () => {
  test('streams reset faster than the limit end their connection', async () => {
    const port = await startPort(() => {}, { limits: { streamResets: 20 } })
    const client = await connectFrames(port.number)

    for (let stream = 1; stream < 200; stream += 2) client.write(Buffer.concat([ask(stream), reset(stream)]))

    await client.closing()
    expect(findGoaway(client)).toBe(calmDown)
    expect(port.counts().exceeded.streamResets).toBe(1)
    await until('nothing is left', () => port.counts().connections.http2 === 0)
    expect(port.counts().exchanges).toBe(0)
  })

  test('streams reset within the limit have no effect on others', async () => {
    const port = await startPort((request, response) => void (request.url === '/b' && response.end()), {
      limits: { streamResets: 50 },
    })
    const session = connectHttp2(port.url)

    for (let count = 0; count < 50; count += 1) openStream(session, post, true).close(8)

    expect((await askHttp2(session, { ':method': 'GET', ':path': '/b' })).status).toBe(200)
  })

  test.each([
    ['PING', () => frame({ type: frameTypes.ping, payload: Buffer.alloc(8) })],
    ['SETTINGS', () => settings],
  ])('too many %s frames end their connection', async (_, make) => {
    const port = await startPort(echo)
    const client = await connectFrames(port.number)
    const burst = Buffer.concat(Array.from({ length: 50 }, make))

    // In bursts, because nghttp2 has its own limit on queued replies.
    await until('it is closed', () => {
      if (!client.closed) client.write(burst)
      return client.closed
    })

    expect(findGoaway(client)).toBe(calmDown)
    expect(port.counts().exceeded.streamResets).toBe(1)
  })

  test('an endless header block ends its connection', async () => {
    const port = await startPort(echo)
    const client = await connectFrames(port.number)

    client.write(frame({ type: frameTypes.headers, stream: 1, payload: head('/') }))
    for (let count = 0; count < 40 && !client.closed; count += 1) {
      const payload = fields({ [`x-${count}`]: 'y' })
      client.write(frame({ type: frameTypes.continuation, stream: 1, payload }))
    }

    await client.closing()
    await until('the connection is closed', () => port.counts().connections.http2 === 0)
    expect(port.counts().exchanges).toBe(0)
  })

  test.each([
    ['more headers than the limit', many(210), 'a request may have 200 headers at most'],
    ['larger headers than the limit', { 'x-a': 'y'.repeat(4_000) }, 'the request headers are too large'],
  ] as const)('%s are answered with 431', async (_, headers, message) => {
    const port = await startPort(echo, { limits: { headerBytes: 4_000 } })
    const session = connectHttp2(port.url)

    const exceeded = await askHttp2(session, { ...post, ...headers }, 'body')
    const next = await askHttp2(session, post, 'body')

    expect(exceeded.status).toBe(431)
    expect(readEnvelope(exceeded.text).error.message).toBe(message)
    expect(next.status).toBe(200)
    expect(port.counts().exceeded.headerBytes).toBe(1)
  })

  test('headers far above the limit reset only their stream', async () => {
    const port = await startPort(echo)
    const session = connectHttp2(port.url)
    const flood = openStream(session, { ...post, ...many(1_000) }, true)

    await expect(readAnswer(flood)).rejects.toThrow()

    expect(flood.rstCode).toBe(calmDown)
    expect((await askHttp2(session, post, '')).status).toBe(200)
  })

  test('streams above the concurrency limit are refused one by one', async () => {
    const port = await startPort(() => {}, { limits: { concurrentStreams: 10 } })
    const client = await connectFrames(port.number)

    for (let stream = 1; stream < 40; stream += 2) client.write(ask(stream))

    const exceeded = () => getFrames(client).filter(({ type }) => type === frameTypes.reset)
    await until('ten were refused', () => exceeded().length === 10)
    expect(new Set(exceeded().map(getCode))).toEqual(new Set([refusedStream]))
    expect(port.counts().exchanges).toBe(10)
  })

  test('a client that exceeds the acknowledged concurrency limit loses its connection', async () => {
    const port = await startPort(() => {}, { limits: { concurrentStreams: 10 } })
    const client = await connectFrames(port.number)
    await until('the settings arrived', () => getFrames(client).length > 0)
    client.write(frame({ type: frameTypes.settings, flags: flags.acknowledged }))

    for (let stream = 1; stream < 40; stream += 2) client.write(ask(stream))

    await client.closing()
    expect(findGoaway(client)).toBe(protocolError)
    await until('nothing is left', () => port.counts().exchanges === 0)
  })
})

/** Reads a body with pauses, and responds with its length. */
const countSlowly: Handler = (request, response) => {
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    request.pause()
    setImmediate(() => request.resume())
  })
  request.once('end', () => response.end(Buffer.from(String(length))))
}

async function writeInPieces(response: Parameters<Handler>[1], body: Buffer): Promise<void> {
  for (let start = 0; start < body.length; start += 1_000) {
    if (response.write(body.subarray(start, start + 1_000))) continue
    await new Promise<void>((resolve) => response.once('drain', resolve))
  }
  response.end()
}

function writeMuch(response: Parameters<Handler>[1]): void {
  response.writeHead(200)
  let left = 200
  const write = (): void => {
    while (left-- > 0) if (!response.write(Buffer.alloc(10_000))) return
    response.end()
  }
  response.on('drain', write)
  write()
}

function many(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, 'y']))
}

function ask(stream: number): Buffer {
  const payload = head('/')
  return frame({ type: frameTypes.headers, flags: flags.endHeaders | flags.endStream, stream, payload })
}

function getFrames(client: RawClient) {
  return readFrames(Buffer.from(client.received, 'latin1'))
}

function findGoaway(client: RawClient): number | undefined {
  const found = getFrames(client).find(({ type }) => type === frameTypes.goaway)
  return found && getCode(found)
}
