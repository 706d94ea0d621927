import { connect } from 'node:net'
import { request as requestHttp1 } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'

import type { MessageBatch } from '@anthology/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createEmulator, listenEmulator } from '../../src/index.ts'
import type { EmulatorServer } from '../../src/index.ts'
import { ask, assemble, getMessage, parseEvents } from '../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })
let server: EmulatorServer

beforeAll(async () => {
  server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
})
afterAll(() => server.close())

describe('over a socket', () => {
  test('a plain response equals that of the emulator itself', async () => {
    const response = await post(ask('Hello!'))
    const { id: _id, ...expected } = await getMessage(emulator, ask('Hello!'))

    expect(response.headers.get('request-id')).toMatch(/^req_/)
    expect(await response.json()).toMatchObject(expected)
  })

  test('so does a stream, behind any path prefix', async () => {
    const response = await post(ask('Hello!', { stream: true }), '/proxy/base/v1/messages?beta=true')
    const streamed = assemble(parseEvents(new Uint8Array(await response.arrayBuffer())))

    expect(streamed.content).toEqual((await getMessage(emulator, ask('Hello!'))).content)
  })

  test('models are listed', async () => {
    const response = await fetch(`${server.url}/v1/models`, {
      headers: { 'anthropic-version': '2023-06-01' },
    })

    expect(await response.json()).toMatchObject({ has_more: false })
  })

  test('HEAD /api/hello is answered', async () => {
    expect((await fetch(`${server.url}/api/hello`, { method: 'HEAD' })).status).toBe(200)
  })

  test.each([
    ['/v1/messages', 'POST'],
    ['/v1/messages/batches', 'POST, GET'],
    ['/v1/files/file_x', 'GET, DELETE'],
    ['/v1/chat/completions', 'POST'],
  ])('a method outside the API gets 405 on %s, with those that it has', async (path, allow) => {
    const answer = await fetch(`${server.url}${path}`, { method: 'PATCH' })

    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  })

  test('a repeated version header is rejected', async () => {
    const headers = [
      ['anthropic-version', '2023-06-01'],
      ['anthropic-version', '2023-06-01'],
    ] satisfies [string, string][]
    const response = await fetch(`${server.url}/v1/models`, { headers })

    expect(await response.json()).toMatchObject({
      error: { message: 'anthropic-version: "2023-06-01, 2023-06-01" is not a valid version' },
    })
  })

  test('a chunked body is read', async () => {
    const whole = JSON.stringify(ask('Hello!'))
    const body = ReadableStream.from(
      [whole.slice(0, 10), whole.slice(10)].map((part) => new TextEncoder().encode(part)),
    )
    const response = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body,
      duplex: 'half',
    })

    expect(response.status).toBe(200)
  })

  test('a body of 33 MB gets a readable error', async () => {
    const response = await post(new Uint8Array(33 * 1024 * 1024))

    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } })
  })

  test('a batch may be larger than a message', async () => {
    const response = await post(new Uint8Array(33 * 1024 * 1024), '/v1/messages/batches')

    expect(await response.json()).toMatchObject({ error: { message: 'The request body is not valid JSON.' } })
  })

  test('a batch has the URL of its results', async () => {
    const { id } = await made(
      await post({ requests: [{ custom_id: 'a', params: ask('Hi') }] }, '/v1/messages/batches'),
    )
    const headers = { 'anthropic-version': '2023-06-01' }
    const ended = await made(await fetch(`${server.url}/v1/messages/batches/${id}`, { headers }))
    const results = await fetch(ended.results_url ?? '', { headers })

    expect(await results.text()).toMatch(/^\{"custom_id":"a","result":\{"type":"succeeded".*\n$/)
    const gone = await fetch(`${server.url}/v1/messages/batches/${id}`, { method: 'DELETE', headers })
    expect(await gone.json()).toEqual({ id, type: 'message_batch_deleted' })
  })

  test('a file is received unchanged', async () => {
    const form = new FormData()
    form.append('file', new File([new Uint8Array(100_000).fill(13)], 'a.bin'))
    const headers = { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'files-api-2025-04-14' }
    const response = await fetch(`${server.url}/v1/files`, { method: 'POST', headers, body: form })

    expect(await response.json()).toMatchObject({ filename: 'a.bin', size_bytes: 100_000 })
  })

  test('an OpenAI client is answered in its own protocol', async () => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer any' }
    const body = JSON.stringify(ask('Hello!', { stream: true }))
    const response = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers, body })

    expect(await response.text()).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s)
  })

  test('each of a hundred concurrent calls gets its own response', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `Number ${index}`)
    const answers = await Promise.all(names.map(async (name) => (await post(ask(`Say ${name}`))).text()))

    expect(answers.map((answer, index) => answer.includes(`“Say ${names[index]}”`))).toEqual(
      names.map(() => true),
    )
    expect(new Set(answers.map((answer) => JSON.parse(answer).id)).size).toBe(100)
  })

  test('a header that is repeated, or named like a member of Object.prototype, is read correctly', async () => {
    const seen = createEmulator()
    const other = await listenEmulator(seen, { port: 0, host: '127.0.0.1' })
    const headers = [
      ['Constructor', 'x'],
      ['X-Two', 'a'],
      ['x-two', 'b'],
    ] satisfies [string, string][]
    await fetch(`${other.url}/v1/models`, { headers })
    await other.close()

    expect(seen.requests[0]?.headers).toMatchObject({ 'x-two': 'a, b', constructor: 'x' })
  })

  test('malformed JSON is rejected', async () => {
    expect((await post(new TextEncoder().encode('{"model":}'))).status).toBe(400)
  })
})

test('the server survives a client that disconnects during a stream', async () => {
  const paced = await listenEmulator(createEmulator({ tokensPerSecond: 100 }), { port: 0, host: '127.0.0.1' })
  const socket = connect(paced.port, '127.0.0.1')
  socket.write(rawPost(ask('Write 2000 tokens about rivers', { stream: true, max_tokens: 2_000 })))
  await new Promise((resolve) => socket.once('data', resolve))
  socket.destroy()

  const response = await fetch(`${paced.url}/v1/models`, { headers: { 'anthropic-version': '2023-06-01' } })

  expect(response.status).toBe(200)
  await paced.close()
})

test('the server survives clients that disconnect before their response', async () => {
  for (let count = 0; count < 50; count += 1) {
    const socket = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => socket.write(rawPost(ask('Hello!')), resolve))
    socket.resetAndDestroy()
  }

  expect((await post(ask('Hello!'))).status).toBe(200)
})

test('a port in use is an error, not a crash', async () => {
  await expect(listenEmulator(emulator, { port: server.port, host: '127.0.0.1' })).rejects.toThrow(
    'EADDRINUSE',
  )
})

test('a response that fills the socket is paused, and continues when the socket has drained', async () => {
  const watched = createEmulator()
  let hasPaused = false
  let tellEnd = (): void => {}
  const ended = new Promise<void>((resolve) => {
    tellEnd = resolve
  })
  const send: typeof watched.send = (request, receiver) => {
    const chunk = (bytes: Uint8Array): boolean => {
      const wantsMore = receiver.chunk(bytes)
      hasPaused ||= !wantsMore
      return wantsMore
    }
    const end = (): void => {
      receiver.end()
      tellEnd()
    }
    return watched.send(request, { ...receiver, chunk, end })
  }
  const other = await listenEmulator({ ...watched, send }, { port: 0, host: '127.0.0.1' })
  const socket = connect(other.port, '127.0.0.1')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  let length = 0
  socket.on('data', (part) => {
    length += part.length
  })
  socket.pause()
  const long = { model: 'claude-opus-4-6', max_tokens: 128_000, stream: true }
  socket.write(rawPost(ask('Write 128000 tokens', long)))
  await expect.poll(() => hasPaused).toBe(true)
  socket.resume()

  await Promise.all([ended, closed])

  expect(length).toBeGreaterThan(3_000_000)
  await other.close()
})

async function made(response: Response): Promise<MessageBatch> {
  // The response to creating or retrieving a batch.
  return (await response.json()) as MessageBatch
}

function rawPost(body: Record<string, unknown>): string {
  const text = JSON.stringify(body)
  const head = [
    'POST /v1/messages HTTP/1.1',
    'host: localhost',
    'connection: close',
    'anthropic-version: 2023-06-01',
  ]
  return [...head, `content-length: ${Buffer.byteLength(text)}`, '', text].join('\r\n')
}

function post(body: Uint8Array | Record<string, unknown>, path = '/v1/messages'): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: body instanceof Uint8Array ? body : JSON.stringify(body),
  })
}

describe('a name in the Host header', () => {
  test.each([
    ['localhost', 200],
    ['LOCALHOST:1234', 200],
    ['my-app.localhost:80', 200],
    ['127.0.0.1', 200],
    ['127.8.9.10:7272', 200],
    ['[::1]:7272', 200],
    ['host.docker.internal:7272', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.0.0.1@evil.example', 403],
    ['allowed.test:7272', 200],
  ])('on loopback, %s gets %i', async (name, status) => {
    const guarded = await listenEmulator(emulator, {
      port: 0,
      host: '127.0.0.1',
      allowedHosts: ['Allowed.test'],
    })

    const answer = await getWithHost(guarded, name)

    await guarded.close()
    expect(answer.status).toBe(status)
    if (status === 403) expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'permission_error' } })
  })

  test.each([
    ['http://evil.example', 'localhost', 403],
    ['http://localhost', 'evil.example', 200],
  ])('of a target at %s takes precedence over the header %s: %i', async (origin, host, status) => {
    const answer = await getWithHost(server, host, `${origin}/v1/models`)

    expect(answer.status).toBe(status)
  })

  test('is checked over HTTP/2 as well', async () => {
    const session = connectHttp2(server.url)
    const stream = session.request({ ':path': '/v1/models', ':authority': 'evil.example' })

    const status = await new Promise((resolve) => {
      stream.once('response', (headers) => resolve(headers[':status']))
    })

    session.destroy()
    expect(status).toBe(403)
  })

  test('may be any if the port is open to other machines', async () => {
    const open = await listenEmulator(emulator, { port: 0, host: '0.0.0.0' })

    const answer = await getWithHost({ ...open, url: `http://127.0.0.1:${open.port}` }, 'emulator.example')

    await open.close()
    expect(answer.status).toBe(200)
  })
})

function getWithHost(
  { url }: Pick<EmulatorServer, 'url'>,
  host: string,
  path = '/v1/models',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = requestHttp1(
      url,
      { path, headers: { host, 'anthropic-version': '2023-06-01' } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

describe('a malformed request', () => {
  const paths = [
    '/v1/messages',
    '/v1/chat/completions',
    '/model/us.anthropic.claude-opus-4-1-20250805-v1:0/invoke',
    '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict',
  ]
  const cases = [
    ['two hosts', 'HTTP/1.1', 'host: localhost\r\nhost: 127.0.0.1', 'host: must be sent once'],
    [
      'HTTP/2.0 in text',
      'HTTP/2.0',
      'host: localhost',
      'HTTP/2.0 is not a version of this protocol; use HTTP/1.1',
    ],
    [
      'a transfer coding beside chunked',
      'HTTP/1.1',
      'host: localhost\r\ntransfer-encoding: gzip, chunked',
      "transfer-encoding: must be chunked, in HTTP/1.1, got 'gzip, chunked'",
    ],
    [
      'UTF-16',
      'HTTP/1.1',
      'host: localhost\r\ncontent-type: application/json; charset=utf-16',
      "content-type: charset must be utf-8, got 'utf-16'",
    ],
  ] as const

  test.each(cases)(
    'with %s is rejected in the format of its protocol',
    async (_, version, headers, message) => {
      for (const path of paths) {
        const body = headers.includes('chunked') ? '2\r\n{}\r\n0\r\n\r\n' : '{}'
        const length = headers.includes('chunked') ? '' : 'content-length: 2\r\n'
        const answer = await sendRaw(
          `POST ${path} ${version}\r\nconnection: close\r\n${headers}\r\n${length}\r\n${body}`,
        )

        expect(answer, path).toMatch(/^HTTP\/1\.1 400 /)
        expect(answer, path).toContain(JSON.stringify(message))
      }
    },
  )
})

/** Sends bytes and reads until the server closes the connection. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => (received += text))
    socket.once('error', reject).once('close', () => resolve(received))
    socket.write(bytes)
  })
}
