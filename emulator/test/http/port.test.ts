import { connect as connectHttp2, constants } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { once } from 'node:events'

import { onTestFinished, describe, expect, test } from 'vitest'

import { createHttpPort } from '../../src/http/port.ts'
import type { PortRequest, PortResponse } from '../../src/http/port.ts'

describe('one port', () => {
  test('answers HTTP/1.1, however its first bytes arrive', async () => {
    const port = await listen()
    const request = 'POST /one HTTP/1.1\r\nhost: here\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody'

    for (const cut of [0, 1, 2, 3, 4, 5, 30, request.length - 1]) {
      const socket = open(port)
      await write(socket, request.slice(0, cut))
      socket.write(request.slice(cut))

      expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*1 POST \/one here body$/)
    }
  })

  test('answers a second request on the same connection', async () => {
    const port = await listen()
    const socket = open(port)
    const request = 'GET /two HTTP/1.1\r\nhost: here\r\n'

    socket.write(`${request}\r\n${request}connection: close\r\n\r\n`)

    expect((await readAll(socket)).match(/1 GET \/two here/g)).toHaveLength(2)
  })

  test('answers HTTP/2 with prior knowledge, several requests at once', async () => {
    const session = openHttp2(await listen())

    const answers = await Promise.all(
      ['/a', '/b', '/c'].map((path) => callHttp2(session, path, `body of ${path}`)),
    )

    expect(answers).toEqual(['/a', '/b', '/c'].map((path) => expect.stringContaining(`body of ${path}`)))
    expect(answers[0]).toMatch(/^2 POST \/a 127\.0\.0\.1:\d+ /)
  })

  test('recognizes HTTP/2 if its first byte arrives alone', async () => {
    const port = await listen()
    const socket = open(port)
    await write(socket, 'P')
    await write(socket, 'RI')
    socket.write(' * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')

    const [first] = await once(socket, 'data')

    // The server's settings are the first frame: type 4 on stream 0.
    expect([...first.subarray(3, 4)]).toEqual([4])
    socket.destroy()
  })

  test('accepts a body of megabytes over HTTP/2', async () => {
    const session = openHttp2(await listen())

    expect(await callHttp2(session, '/large', 'x'.repeat(3_000_000))).toHaveLength(
      (await callHttp2(session, '/large', '')).length + 3_000_000,
    )
  })

  test('closes a connection that sends nothing', async () => {
    const socket = open(await listen(50))

    await closing(socket)

    expect(socket.bytesRead).toBe(0)
  })

  test('destroys open connections when it is closed', async () => {
    const { server, close } = createHttpPort(echo)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = getPort(server.address())
    const silent = open(port)
    const session = openHttp2(port)
    await callHttp2(session, '/', '')

    const closed = Promise.all([closing(silent), closing(session)])
    await close()

    expect(await closed).toHaveLength(2)
  })

  test('survives bytes of no known protocol, and a stream that is reset', async () => {
    const port = await listen()
    const noise = open(port)
    noise.write('PRI * HTTP/9\r\n\r\n'.repeat(20))
    noise.resume()
    await closing(noise)
    const session = openHttp2(port)
    const stream = session.request({ ':method': 'POST', ':path': '/' })
    stream.on('error', () => {})
    stream.write('half')
    stream.close(constants.NGHTTP2_CANCEL)
    await closing(stream)

    expect(await callHttp2(session, '/next', 'still here')).toContain('still here')
  })
})

function echo(request: PortRequest, response: PortResponse): void {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const host = request.headers['host'] ?? request.headers[':authority']
    const line = [request.httpVersionMajor, request.method, request.url, host, Buffer.concat(parts)].join(' ')
    response.writeHead(200, { 'content-length': String(Buffer.byteLength(line)) })
    response.end(Buffer.from(line))
  })
  request.on('error', () => response.destroy())
}

async function listen(firstBytesMs?: number): Promise<number> {
  const { server, close } = createHttpPort(echo, firstBytesMs)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(close)
  return getPort(server.address())
}

function getPort(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return address.port
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  // The test destroys the socket itself, so its errors are expected.
  socket.on('error', () => {})
  return socket
}

function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => socket.write(text, () => setImmediate(resolve)))
}

/** `once` is not used, because it rejects on an error event that may precede. */
function closing(connection: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    connection.once('close', () => resolve())
  })
}

async function readAll(socket: Socket): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part)
  return Buffer.concat(parts).toString()
}

function openHttp2(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

async function callHttp2(session: ClientHttp2Session, path: string, body: string): Promise<string> {
  const stream = session.request({ ':method': 'POST', ':path': path })
  stream.end(body)
  let answer = ''
  for await (const part of stream.setEncoding('utf8')) answer += part
  return answer
}
