import { connect } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { ApiError } from '../../src/errors.ts'
import { sendApiError } from '../../src/http/respond.ts'
import { lingerAfter } from '../../src/port/linger.ts'
import { until } from '../condition.ts'
import { connectRaw } from '../raw-client.ts'
import { startPort } from './running-port.ts'

test('closes a connection after its last response even if an earlier body was rejected', async () => {
  const port = await startPort((request, response) => {
    sendApiError(response, 'req_1', new ApiError('unknown_key', 'unknown key'))
    lingerAfter(request, 5_000, () => {})
  })
  // This client never closes its side.
  const client = await connectRaw(port.number)

  client.write('POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 10\r\n\r\n')
  await client.answers(1)
  client.write('0123456789GET / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n')

  expect(await client.answers(2)).toHaveLength(2)
  await until('the connection is closed', () => port.counts().connections.http1 === 0)
})

test('delivers the last response before its request body was received, also after earlier requests', async () => {
  const port = await startPort((request, response) => {
    sendApiError(response, 'req_1', new ApiError('unknown_key', 'unknown key'))
    lingerAfter(request, 5_000, () => {})
  })
  const socket = connect({ port: port.number, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('error', () => {}).pause()
  const send = (bytes: string | Uint8Array) =>
    new Promise<void>((resolve) => socket.write(bytes, () => resolve()))

  await send('POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 10\r\n\r\n')
  await until('the request is received', () => port.counts().connections.http1 === 1)
  await send(
    '0123456789POST / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: 10000000\r\n\r\n',
  )
  for (let sent = 0; sent < 10; sent += 1) await send(Buffer.alloc(1_000_000))
  socket.on('data', (bytes) => (received += bytes.toString()))
  await new Promise((resolve) => socket.resume().once('close', resolve))

  expect(received.match(/HTTP\/1\.1 401 /g)).toHaveLength(2)
})
