import { connect } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { until } from './condition.ts'
import { hang, openStream, plain, startUpstream } from './recording-upstream.ts'
import { connectRaw, rawCall, rawHead } from './raw-client.ts'
import type { RawAnswer } from './raw-client.ts'
import { expectRawEnvelope, expectUntouched } from './api-errors.ts'
import { startGateway } from './running-gateway.ts'
import type { RunningGateway } from './running-gateway.ts'
import { callBody, events, message, streamBody } from './samples.ts'

test.each([
  ['announces its length', (size: number) => [`content-length: ${size}\r\n\r\n`, 'x'.repeat(size)]],
  [
    'comes in chunks',
    (size: number) => ['transfer-encoding: chunked\r\n\r\n', chunked('x'.repeat(size / 33), 33), '0\r\n\r\n'],
  ],
])('rejects a 33 MB body that %s with an error that its client can read', async (_, bodyOf) => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(rawHead() + bodyOf(33 * 1024 * 1024).join(''))
  const [answer] = await client.answers(1)

  expectRawEnvelope(answer, 413, 'request_too_large')
  await expectUntouched(gateway, upstream)
})

test.each([
  ['keeps its connection', 'keep-alive'],
  ['wants its connection closed', 'close'],
])('a client that %s and reads only after sending gets the error for its body', async (_, connection) => {
  const { gateway, upstream } = await startBoth()
  const client = connectSilently(gateway.port)

  const size = 33 * 1024 * 1024
  await client.send(`${rawHead()}connection: ${connection}\r\ncontent-length: ${size}\r\n\r\n`)
  for (let sent = 0; sent < size; sent += 1024 * 1024) await client.send(Buffer.alloc(1024 * 1024))
  client.read()
  await until('a response arrived', () => client.received !== '')

  expect(client.received).toMatch(/^HTTP\/1\.1 413 /)
  if (connection === 'close') await until('the connection is closed', () => client.ended)
  else await client.send(rawCall(callBody))
  if (connection !== 'close')
    await until('the next call is answered', () => client.received.includes('HTTP/1.1 200'))
  else await expectUntouched(gateway, upstream)
})

test('a call during shutdown gets an error, even before its body is complete', async () => {
  const { gateway, upstream } = await startBoth({ drainMs: 5_000 })
  upstream.answer(hang)
  const running = await connectRaw(gateway.port)
  running.write(rawCall(callBody))
  await until('a call runs', () => upstream.requests.length === 1)
  const client = connectSilently(gateway.port)
  await client.send(rawHead())
  await until('its head is received', () => countHttp1(gateway) === 2)

  const closing = gateway.close()
  await client.send('content-length: 10000000\r\n\r\n')
  for (let sent = 0; sent < 10; sent += 1) await client.send(Buffer.alloc(1_000_000))
  client.read()

  await until('the connection is closed', () => client.ended)
  expect(client.received).toMatch(/^HTTP\/1\.1 503 /)
  running.destroy()
  await closing
})

test('accepts a body of exactly the limit, and no byte more', async () => {
  const { gateway } = await startBoth({ bodyBytes: callBody.length })

  const just = await gateway.post(callBody)
  const over = await gateway.post(`${callBody} `)

  expect([just.status, over.status]).toEqual([200, 413])
})

test('rejects a body while too many are in memory, and accepts it afterwards', async () => {
  const { gateway } = await startBoth({ heldBodyBytes: callBody.length + 10 })
  const client = await connectRaw(gateway.port)
  client.write(`${rawHead()}content-length: 500\r\n\r\n${'x'.repeat(11)}`)

  await until('the first body counts', async () => (await gateway.post(callBody)).status === 529)
  client.destroy()

  await until('its bytes are free again', async () => (await gateway.post(callBody)).status === 200)
})

test.each([
  ['a chunked body', 'transfer-encoding: chunked\r\n\r\n40\r\n{"model":'],
  ['a body of known length', 'content-length: 400\r\n\r\n{"model":'],
  ['a chunk size', 'transfer-encoding: chunked\r\n\r\n4'],
])('responds to a client that half-closes in the middle of %s', async (_, rest) => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(rawHead() + rest)
  client.end()
  const answers = await client.answers(1)
  await client.closing()

  expect(answers).toHaveLength(1)
  expectRawEnvelope(answers[0], 400)
  await expectUntouched(gateway, upstream)
})

test('survives a client that disconnects in the middle of its body', async () => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}content-length: 400\r\n\r\n{"model":`)
  client.destroy()
  await until('the call is over', () => gateway.log.some((entry) => entry['code'] === 'body_aborted'))

  await expectUntouched(gateway, upstream)
})

test.each([
  ['one header of 100 KB', `x-flood: ${'x'.repeat(100_000)}\r\n`],
  ['many headers', Array.from({ length: 4_000 }, (_, i) => `x-flood-${i}: ${'x'.repeat(20)}\r\n`).join('')],
])('rejects %s with 431', async (_, flood) => {
  const { gateway, upstream } = await startBoth()

  const [answer] = await sendRaw(gateway, `${rawHead()}${flood}content-length: 2\r\n\r\n{}`)

  expectRawEnvelope(answer, 431)
  await expectUntouched(gateway, upstream)
})

test('rejects headers that arrive too slowly with 408', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100 })
  const client = await connectRaw(gateway.port)

  client.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
  const [answer] = await client.answers(1)
  await client.closing()

  expectRawEnvelope(answer, 408)
  await expectUntouched(gateway, upstream)
})

test('rejects a body that arrives too slowly with 408', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100, requestMs: 150 })
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}content-length: 400\r\n\r\n{"model":`)
  const answers = await client.answers(1)
  await client.closing()

  expect(answers).toHaveLength(1)
  expectRawEnvelope(answers[0], 408)
  // A retry may be in time.
  expect(answers[0]?.head).toContain('x-should-retry: true')
  await expectUntouched(gateway, upstream)
})

test('closes a connection that sends nothing', async () => {
  const { gateway, upstream } = await startBoth({ headersMs: 100 })
  const client = await connectRaw(gateway.port)

  await client.closing()

  await expectUntouched(gateway, upstream)
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['a TLS hello', Buffer.from('16030100f8010000f40303', 'hex')],
  ['a method that is none', 'HELLO /v1/messages HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['a version that is none', 'POST /v1/messages HTTP/9.9\r\nhost: localhost\r\n\r\n'],
  ['no host', 'POST /v1/messages HTTP/1.1\r\ncontent-length: 0\r\n\r\n'],
  [
    'a length and chunks at once',
    `${rawHead()}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ['two lengths', `${rawHead()}content-length: 5\r\ncontent-length: 6\r\n\r\n{"a":`],
  ['a length that is none', `${rawHead()}content-length: -1\r\n\r\n`],
  ['a chunk size that is none', `${rawHead()}transfer-encoding: chunked\r\n\r\nzz\r\n`],
  ['a space before a colon', `${rawHead()}content-length : 2\r\n\r\n{}`],
  ['a folded header', `${rawHead()}x-a: b\r\n c\r\ncontent-length : 2\r\n\r\n{}`],
])('rejects %s with an error envelope', async (_, bytes) => {
  const { gateway, upstream } = await startBoth()

  const [answer] = await sendRaw(gateway, bytes)

  expectRawEnvelope(answer, 400)
  await expectUntouched(gateway, upstream)
})

test('closes a connection on CONNECT', async () => {
  const { gateway, upstream } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write('CONNECT api.anthropic.com:443 HTTP/1.1\r\nhost: api.anthropic.com:443\r\n\r\n')
  await client.closing()

  await expectUntouched(gateway, upstream)
})

test('ignores an unknown expectation', async () => {
  const { gateway } = await startBoth()

  const [answer] = await sendRaw(gateway, rawCall(callBody, { headers: 'expect: the-unexpected\r\n' }))

  expect(answer?.status).toBe(200)
})

test('sends 100 Continue to a client that waits for it', async () => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(`${rawHead()}expect: 100-continue\r\ncontent-length: ${callBody.length}\r\n\r\n`)
  await until('100 Continue arrives', () => client.received.startsWith('HTTP/1.1 100 Continue'))
  client.write(callBody)
  const [answer] = await client.answers(1)

  expect(answer?.status).toBe(200)
})

test('answers valid and invalid pipelined requests in order', async () => {
  const { gateway } = await startBoth()
  const client = await connectRaw(gateway.port)

  client.write(
    rawCall(callBody) +
      rawCall('{"model":"gpt-4o"}') +
      rawCall(callBody, { line: 'POST /v1/nowhere HTTP/1.1' }) +
      rawCall(callBody),
  )
  const answers = await client.answers(4)

  expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 200])
  expect(gateway.rows().map((row) => row['outcome'])).toEqual(['answered', 'answered'])
})

test('aborts a call whose client sends garbage after it, and closes the connection', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(hang)
  const client = await connectRaw(gateway.port)

  client.write(rawCall(callBody))
  await until('the upstream was called', () => upstream.requests.length === 1)
  client.write('\x00\x01\x02 garbage\r\n\r\n')
  await client.closing()

  expect(client.received.match(/^HTTP\/1\.1 /gm) ?? []).toHaveLength(1)
  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
})

test('writes no error into a running stream when its client pipelines a call and then garbage', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(openStream(events.slice(0, 3)))
  const client = await connectRaw(gateway.port)

  client.write(rawCall(streamBody))
  await until('the stream began', () => client.received.includes('message_start'))
  upstream.answer(hang)
  client.write(rawCall(callBody))
  await until('the second call runs', () => upstream.requests.length === 2)
  client.write('\x00\x01\x02 garbage\r\n\r\n')
  await client.closing()

  expect(client.received).not.toContain('invalid_request_error')
  await until('the rows are complete', () =>
    gateway.rows().every((row) => row['outcome'] === 'client_closed'),
  )
})

test('writes no error into a running stream when its client sends garbage', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(openStream(events.slice(0, 3)))
  const client = await connectRaw(gateway.port)

  client.write(rawCall(streamBody))
  await until('the stream began', () => client.received.includes('message_start'))
  client.write('\x00\x01\x02 garbage\r\n\r\n')
  await client.closing()

  expect(client.received).not.toContain('invalid_request_error')
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
})

function countHttp1(gateway: RunningGateway): number | undefined {
  const connections = gateway.metrics().find(({ name }) => name === 'anthology_connections')
  return connections?.values.find(({ labels }) => labels['kind'] === 'http1')?.value
}

/** A client that reads only after it has sent everything. */
function connectSilently(port: number) {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let received = ''
  let ended = false
  socket.on('error', () => {})
  socket.once('end', () => (ended = true))
  socket.pause()
  return {
    send: (bytes: string | Uint8Array) =>
      new Promise<void>((resolve) => socket.write(bytes, () => resolve())),
    read() {
      socket.on('data', (bytes) => (received += bytes.toString('latin1')))
      socket.resume()
    },
    get received() {
      return received
    },
    get ended() {
      return ended
    },
  }
}

async function sendRaw(gateway: RunningGateway, bytes: string | Uint8Array): Promise<readonly RawAnswer[]> {
  const client = await connectRaw(gateway.port)
  client.write(bytes)
  return client.answers(1)
}

function chunked(chunk: string, count: number): string {
  return `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(count)
}

async function startBoth(limits = {}) {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
