import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { onTestFinished, expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createHttpUpstream } from '../../src/upstreams/http-upstream.ts'
import { until } from '../condition.ts'
import { hang, plain, startUpstream } from '../recording-upstream.ts'

const request = {
  method: 'POST',
  path: '/v1/messages?beta=true',
  headers: {
    'content-type': 'application/json',
    authorization: 'Bearer of-the-client',
    'accept-encoding': 'br',
  },
  body: Buffer.from('{}'),
} as const

test.each([
  ['', '/v1/messages?beta=true'],
  ['/', '/v1/messages?beta=true'],
  ['/proxy/anthropic', '/proxy/anthropic/v1/messages?beta=true'],
  ['/proxy/', '/proxy/v1/messages?beta=true'],
])('keeps the path prefix %j of a base URL', async (prefix, target) => {
  const server = await startUpstream(plain('{}'))
  const upstream = open({ baseUrl: server.url + prefix })

  await send(upstream)

  expect(server.requests.map((seen) => seen.target)).toEqual([target])
})

test('sends its own credential, and requests plain bytes', async () => {
  const server = await startUpstream(plain('{}'))
  const upstream = open({
    baseUrl: server.url,
    credential: { header: 'authorization', value: 'Bearer of-the-account' },
  })

  await send(upstream)

  expect(server.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer of-the-account',
    'accept-encoding': 'identity',
  })
})

test('sends a body in pieces with its content-length', async () => {
  const server = await startUpstream(plain('{}'))
  const upstream = open({ baseUrl: server.url })
  const body = ['{"model":"', 'claude', `","system":"${'x'.repeat(300_000)}"}`].map((text) =>
    Buffer.from(text),
  )

  const answer = await new Promise<string>((resolve, reject) => {
    upstream.upload?.(
      { ...request, body },
      { head: (status) => resolve(String(status)), chunk: () => true, end() {}, fail: reject },
    )
  })

  expect(answer).toBe('200')
  expect(server.requests[0]?.body.equals(Buffer.concat(body))).toBe(true)
  expect(server.requests[0]?.headers['content-length']).toBe(String(Buffer.concat(body).length))
})

test('receives a response that arrives before the body was read', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.pause()
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}')
    })
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  // The address has this type because the server listens on a port.
  const { port } = server.address() as AddressInfo
  const upstream = open({ baseUrl: `http://127.0.0.1:${port}` })
  const heard: string[] = []

  await new Promise<void>((resolve, reject) => {
    const body = [Buffer.alloc(8_000_000, 'a'), Buffer.from('b'), Buffer.alloc(8_000_000, 'c')]
    upstream.upload?.(
      { ...request, body },
      {
        head: (status) => void heard.push(String(status)),
        chunk: (bytes) => heard.push(Buffer.from(bytes).toString()) > 0,
        end: resolve,
        fail: reject,
      },
    )
  })

  expect(heard).toEqual(['413', '{}'])
})

test('joins repeated response headers', async () => {
  const server = await startUpstream(plain('{"a":1}', { headers: { 'x-many': ['one', 'two'] } }))
  const upstream = open({ baseUrl: server.url })

  const answer = await send(upstream)

  expect(answer).toMatchObject({ status: 200, text: '{"a":1}', failure: null })
  expect(answer.headers['x-many']).toBe('one, two')
})

test('joins chunks of one read, except the first', async () => {
  const words = Array.from({ length: 50 }, (_, index) => `word ${index};`)
  const chunks = words.map((word) => `${word.length.toString(16)}\r\n${word}\r\n`)
  const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  const server = await startUpstream((response) => {
    response.socket?.write(`${head}${chunks.join('')}0\r\n\r\n`)
  })
  const upstream = open({ baseUrl: server.url })
  const heard: string[] = []

  await new Promise<void>((resolve, reject) => {
    upstream.send(request, {
      head: (status) => void heard.push(String(status)),
      chunk: (bytes) => heard.push(Buffer.from(bytes).toString()) > 0,
      end: resolve,
      fail: reject,
    })
  })

  expect(heard).toEqual(['200', words[0], words.slice(1).join('')])
})

test('skips an interim response', async () => {
  const server = await startUpstream((response) => {
    response.writeEarlyHints({ link: '</x>; rel=preload' })
    response.writeHead(201).end('made')
  })
  const upstream = open({ baseUrl: server.url })

  expect(await send(upstream)).toMatchObject({ status: 201, text: 'made' })
})

test('informational responses do not extend the time to the response', async () => {
  let sent = 0
  const server = await startUpstream(async (response) => {
    const timer = setInterval(() => {
      sent += 1
      response.writeEarlyHints({ link: '</x>; rel=preload' })
    }, 20)
    response.once('close', () => clearInterval(timer))
  })
  const upstream = open({ baseUrl: server.url, limits: { upstreamFirstByteMs: 300 } })

  const { failure } = await send(upstream)

  expect(failure).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' })
  expect(sent).toBeLessThanOrEqual(32)
})

test('a flood of informational responses ends the request', async () => {
  const server = await startUpstream((response) => {
    for (let count = 0; count < 1_000; count += 1) response.writeEarlyHints({ link: '</x>; rel=preload' })
    response.end('late')
  })
  const upstream = open({ baseUrl: server.url })

  expect(await send(upstream)).toMatchObject({
    status: 0,
    failure: { code: 'TOO_MANY_INTERIM_RESPONSES' },
  })
})

test('closes within its limit while a request is in progress', async () => {
  const server = await startUpstream(hang)
  const upstream = open({ baseUrl: server.url, limits: { ledgerWaitMs: 50 } })
  const answer = send(upstream)
  await until('the request arrived', () => server.requests.length === 1)

  await upstream.close()

  expect((await answer).failure).not.toBeNull()
})

test('reports nothing after it was aborted', async () => {
  const server = await startUpstream(hang)
  const upstream = open({ baseUrl: server.url })
  const heard: string[] = []

  const handle = upstream.send(request, {
    head: () => void heard.push('head'),
    chunk: () => heard.push('chunk') > 0,
    end: () => void heard.push('end'),
    fail: () => void heard.push('fail'),
  })
  await until('the request arrived', () => server.requests.length === 1)
  handle.abort()
  handle.abort()
  handle.resume()
  await until('the connection closed', () => server.requests[0]?.socket.destroyed === true)

  expect(heard).toEqual([])
})

test('never sends a request that was aborted before it had a connection', async () => {
  const server = await startUpstream(plain('{}'))
  const upstream = open({ baseUrl: server.url })

  const aborted = upstream.send(request, { head() {}, chunk: () => true, end() {}, fail() {} })
  aborted.abort()
  await send(upstream)

  expect(server.requests).toHaveLength(1)
})

function open({
  limits,
  ...options
}: {
  baseUrl: string
  credential?: Parameters<typeof createHttpUpstream>[0]['credential']
  limits?: Partial<typeof defaultLimits>
}) {
  const upstream = createHttpUpstream({
    credential: null,
    limits: { ...defaultLimits, ...limits },
    ...options,
  })
  onTestFinished(() => upstream.close())
  return upstream
}

interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly failure: Error | null
}

function send(upstream: ReturnType<typeof open>): Promise<Heard> {
  return new Promise((resolve) => {
    let status = 0
    let headers: Readonly<Record<string, string>> = {}
    let text = ''
    upstream.send(request, {
      head(...head) {
        ;[status, headers] = head
      },
      chunk(bytes) {
        text += Buffer.from(bytes).toString()
        return true
      },
      end: () => resolve({ status, headers, text, failure: null }),
      fail: (failure) => resolve({ status, headers, text, failure }),
    })
  })
}
