import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { readEnvelope } from '../http-client.ts'
import { startBoth as startResources, createBatch, sendRequest } from '../resources/batches.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, eventStream, message, streamBody } from '../samples.ts'

const answer = respond(message)

test('a call on a connection that the upstream has just closed is sent again', async () => {
  const upstream = await startUpstream((socket, { number }) => {
    if (number === 1) socket.write(answer)
    else socket.destroy()
  })
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answers = [await gateway.post(callBody), await gateway.post(callBody), await gateway.post(callBody)]

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers.map(({ headers }) => headers['x-anthology-attempts'])).toEqual(['1', '2', '1'])
  expect(gateway.rows().map((row) => [row['outcome'], row['attempts']])).toEqual([
    ['answered', 1],
    ['answered', 2],
    ['answered', 1],
  ])
})

test('so is a stream, and a body that is sent in pieces', async () => {
  const events = respond(eventStream, 'text/event-stream')
  const upstream = await startUpstream((socket, { number }) => {
    if (number === 1) socket.write(events)
    else socket.destroy()
  })
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const long = streamBody
    .replace('claude-opus-4-1-20250805', 'claude-opus-4-1')
    .replace('Hello', 'x'.repeat(200_000))

  const answers = [await gateway.post(long), await gateway.post(long)]

  expect(answers.map(({ text }) => text)).toEqual([eventStream, eventStream])
  expect(answers[1]?.headers['x-anthology-attempts']).toBe('2')
})

test('many calls at once on closed connections are all answered', async () => {
  const waiting: Socket[] = []
  const upstream = await startUpstream((socket, { number }) => {
    if (number > 1) return void socket.destroy()
    waiting.push(socket)
    // The first ten calls run at the same time, so that there are ten connections.
    if (waiting.length >= 10) for (const one of waiting) one.write(answer)
  })
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const callTen = () => Promise.all(Array.from({ length: 10 }, () => gateway.post(callBody)))

  await callTen()
  const answers = await callTen()

  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
})

const [closed, aborted] = ['closed the connection without a response', 'aborted its response']

test.each([
  ['a new connection', closed, (socket: Socket) => void socket.destroy()],
  [
    'a reused one after the first byte of a response',
    aborted,
    (socket: Socket, { number }: Arrived) =>
      void (number === 1 ? socket.write(answer) : socket.end('H', () => socket.destroy())),
  ],
  [
    'a reused one after an informational response',
    aborted,
    (socket: Socket, { number }: Arrived) =>
      void (number === 1
        ? socket.write(answer)
        : socket.end('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', () => socket.destroy())),
  ],
])('a call that fails on %s is sent once, and its error says so', async (_, phrase, script) => {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const first = await gateway.post(callBody)
  const requestsBefore = upstream.requests()
  const failed = first.status === 200 ? await gateway.post(callBody) : first

  expect(failed.status).toBe(502)
  expect(readEnvelope(failed.text).error.message).toContain(phrase)
  expect(failed.headers['x-should-retry']).toBe('true')
  expect(upstream.requests()).toBe(first.status === 200 ? requestsBefore + 1 : 1)
})

test('a call is sent twice at most', async () => {
  const upstream = await startUpstream((socket, { total }) => {
    if (total === 1) socket.write(answer)
    else socket.destroy()
  })
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  const failed = await gateway.post(callBody)

  expect(failed.status).toBe(502)
  expect(upstream.requests()).toBe(3)
  expect(gateway.rows().at(-1)).toMatchObject({ outcome: 'upstream_aborted', attempts: 2 })
})

test('a batch is read again, and never created twice', async () => {
  const both = await startResources()
  const id = await createBatch(both)
  const stored = await startUpstream((socket, { number }) => {
    if (number === 1) socket.write(respond(`{"id":"${id}","type":"message_batch"}`))
    else socket.destroy()
  })
  const { dataFolder } = both.gateway
  await both.gateway.close()
  const gateway = await startGateway({ upstreamUrl: stored.url, dataFolder })
  const path = `/v1/messages/batches/${id}`

  const read = [await sendRequest(gateway, 'GET', path), await sendRequest(gateway, 'GET', path)]
  await gateway.post(callBody)
  const before = stored.requests()
  const canceled = await sendRequest(gateway, 'POST', `${path}/cancel`)

  expect(read.map(({ status }) => status)).toEqual([200, 200])
  expect([canceled.status, stored.requests() - before]).toEqual([502, 1])
})

interface Arrived {
  /** The number of this request on its connection, from 1. */
  readonly number: number
  /** The number of this request among all. */
  readonly total: number
}

/** An upstream that answers each request with raw bytes, closed at the end of the test. */
async function startUpstream(script: (socket: Socket, arrived: Arrived) => void) {
  let total = 0
  const server = createServer((socket) => {
    let number = 0
    let received = ''
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1')
      const [head = '', ...rest] = received.split('\r\n\r\n')
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
      if (rest.join('\r\n\r\n').length < length || rest.length === 0) return
      received = ''
      number += 1
      total += 1
      script(socket, { number, total })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  // The address has this type because the server listens on a port.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests: () => total }
}

/** A response that keeps its connection open. */
function respond(body: string, type = 'application/json'): string {
  const length = Buffer.byteLength(body)
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${body}`
}
