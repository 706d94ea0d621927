import { connect } from 'node:net'

import { expect, onTestFinished, test } from 'vitest'

import { ApiError, errors } from '../../src/errors.ts'
import { encodeApiError, lingerAfter, sendApiError } from '../../src/http/respond.ts'
import { createRequestId, randomText } from '../../src/http/request-id.ts'
import { until } from '../condition.ts'
import { startPort } from '../port/running-port.ts'
import { connectRaw } from '../raw-client.ts'

test.each(Object.entries(errors))('writes %s in the envelope of the protocol', (_, kind) => {
  const body: unknown = JSON.parse(encodeApiError(kind, 'why "it" was refused\n', 'req_1').toString())

  expect(body).toEqual({
    type: 'error',
    error: { type: kind.type, message: 'why "it" was refused\n' },
    request_id: 'req_1',
  })
})

test('asks no client to send again what will be refused again', () => {
  const passing = [408, 429]
  const refusedForGood = Object.values(errors).filter(
    ({ status }) => status < 500 && !passing.includes(status),
  )

  expect(refusedForGood.map(({ retry }) => retry)).toEqual(refusedForGood.map(() => false))
})

test('a connection on which a body was refused is closed behind its last answer like any other', async () => {
  const port = await startPort((request, response) => {
    sendApiError(response, 'req_1', new ApiError('unknown_key', 'nobody knows this key'))
    lingerAfter(request, 5_000, () => {})
  })
  // It never closes its own side.
  const client = await connectRaw(port.number)

  client.write('POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 10\r\n\r\n')
  await client.answers(1)
  client.write('0123456789GET / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n')

  expect(await client.answers(2)).toHaveLength(2)
  await until('it is forgotten', () => port.counts().connections.http1 === 0)
})

test('a last answer arrives before its body does, whatever came on the connection before', async () => {
  const port = await startPort((request, response) => {
    sendApiError(response, 'req_1', new ApiError('unknown_key', 'nobody knows this key'))
    lingerAfter(request, 5_000, () => {})
  })
  const socket = connect({ port: port.number, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('error', () => {}).pause()
  const send = (bytes: string | Uint8Array) =>
    new Promise<void>((resolve) => socket.write(bytes, () => resolve()))

  await send('POST / HTTP/1.1\r\nhost: gateway\r\ncontent-length: 10\r\n\r\n')
  await until('it is heard', () => port.counts().connections.http1 === 1)
  await send(
    '0123456789POST / HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: 10000000\r\n\r\n',
  )
  for (let sent = 0; sent < 10; sent += 1) await send(Buffer.alloc(1_000_000))
  socket.on('data', (bytes) => (received += bytes.toString()))
  await new Promise((resolve) => socket.resume().once('close', resolve))

  expect(received.match(/HTTP\/1\.1 401 /g)).toHaveLength(2)
})

test('takes the kind of a refusal from the table unless one is given', () => {
  const own = { status: 418, type: 'api_error', retry: false } as const

  expect(new ApiError('no_key', 'why').kind).toBe(errors.no_key)
  expect(new ApiError('no_key', 'why', own).kind).toBe(own)
})

test('makes request ids that lie in the order of time', () => {
  const times = [0, 1, 57, 58, 1_700_000_000_000, 1_700_000_000_001, 58 ** 7 - 1]

  const ids = times.map((timeMs) => createRequestId(timeMs))

  expect(ids.toSorted()).toEqual(ids)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
})

test('makes request ids in the look of the platform', () => {
  const ids = new Set(Array.from({ length: 1_000 }, createRequestId))

  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
  expect([0, 1, 300].map((length) => randomText(length).length)).toEqual([0, 1, 300])
})
