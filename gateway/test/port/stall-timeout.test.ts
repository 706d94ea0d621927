import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

import { expect, onTestFinished, test } from 'vitest'

import type { Handler } from '../../src/http/client-exchange.ts'
import { until } from '../condition.ts'
import { connectRaw } from '../raw-client.ts'
import { testCertificate } from './certificate.ts'
import { echo, startPort } from './running-port.ts'
import type { RunningPort } from './running-port.ts'

const get = 'GET / HTTP/1.1\r\nhost: gateway\r\n\r\n'

const answerMuch: Handler = (_, response) => void response.end(Buffer.alloc(60_000_000))

const answerInPieces: Handler = (_, response) => {
  let left = 600
  const write = (): void => {
    while (left-- > 0) if (!response.write(Buffer.alloc(100_000))) return
    response.end()
  }
  response.on('drain', write)
  write()
}

test.each([
  ['in clear text', undefined],
  ['over TLS', testCertificate],
])('disconnects a client that reads nothing but keeps sending blank lines: %s', async (_, tls) => {
  const port = await startPort(answerMuch, { limits: { clientIdleMs: 100 }, ...(tls && { tls }) })
  const client = connectTo(port, tls !== undefined)
  client.pause()
  client.write(get)
  await until('it is answered', () => port.counts().exchanges === 1)

  sendBlankLines(client)

  await until('the connection is closed', () => port.counts().connections.http1 === 0)
  expect(port.counts()).toMatchObject({ exchanges: 0, exceeded: { clientIdleMs: 1 } })
})

test('closes a connection that sends only blank lines', async () => {
  const port = await startPort(echo, { limits: { keepAliveMs: 100, headersMs: 300, lingerMs: 60 } })
  const client = await connectRaw(port.number)
  client.write(get)
  await client.answers(1)

  sendBlankLines(client)

  await client.closing()
  expect(port.counts().exceeded.keepAliveMs).toBe(1)
})

test('serves a client that sends blank lines while it waits for its response', async () => {
  let answer = (): void => {}
  const port = await startPort(
    (_, response) => {
      answer = () => void response.end(Buffer.from('late'))
    },
    { limits: { clientIdleMs: 40, keepAliveMs: 40, headersMs: 200, lingerMs: 20 } },
  )
  const client = await connectRaw(port.number)
  client.write(get)
  await until('the request runs', () => port.counts().exchanges === 1)

  sendBlankLines(client)
  const startedMs = Date.now()
  await until('the limits have passed twice', () => Date.now() - startedMs > 500)
  answer()

  await until('the answer arrived', () => client.received.includes('late'))
})

test("the client's time starts when there is something to read, however long it waited", async () => {
  let answer = (): void => {}
  const port = await startPort(
    (request, response) => {
      answer = () => answerMuch(request, response)
    },
    { limits: { clientIdleMs: 4_000 } },
  )
  const client = connectTo(port, false)
  let length = 0
  client.on('data', (bytes) => (length += bytes.length))
  client.write(get)
  await until('the request runs', () => port.counts().exchanges === 1)
  sendBlankLines(client)
  const askedMs = Date.now()
  await until('the limit has passed', () => Date.now() - askedMs > 4_500)

  client.pause()
  answer()
  const answeredMs = Date.now()
  await until('it was checked', () => Date.now() - answeredMs > 1_100)
  client.resume()

  await until('the whole answer arrived', () => length > 60_000_000)
  expect(port.counts().exceeded.clientIdleMs).toBe(0)
})

test.each([
  ['though it sends blank lines all the time', answerInPieces, sendBlankLines],
  ['though all of it was written at once', answerMuch, () => {}],
] as const)('a client that takes an answer little by little is served: %s', async (_, handler, disturb) => {
  const port = await startPort(handler, { limits: { clientIdleMs: 1_500 } })
  const client = connectTo(port, false)
  let length = 0
  client.on('data', (bytes) => {
    length += bytes.length
    client.pause()
    setTimeout(() => client.resume(), 1)
  })
  client.write(get)

  disturb(client)

  await until('the whole answer arrived', () => length > 60_000_000)
  expect(port.counts().exceeded.clientIdleMs).toBe(0)
})

function connectTo({ number: port }: RunningPort, secure: boolean): Socket {
  const to = { port, host: '127.0.0.1' }
  const socket = secure ? connectTls({ ...to, ca: testCertificate.certificate }) : connect(to)
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  return socket
}

function sendBlankLines(client: { write(bytes: string): unknown }): void {
  const timer = setInterval(() => client.write('\r\n'), 10)
  onTestFinished(() => clearInterval(timer))
}
