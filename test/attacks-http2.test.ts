import { describe, expect, test } from 'vitest'

import { until } from '../gateway/test/condition.ts'
import {
  getCode,
  fields,
  flags,
  frame,
  frameTypes,
  head,
  preface,
  readFrames,
  reset,
  settings,
} from '../gateway/test/port/http2-frames.ts'
import { connectAttackers, connectSession } from './attack-client.ts'
import type { Attacker } from './attack-client.ts'
import {
  call,
  longBody,
  repeatUntilClosed,
  transports,
  turn,
  untilClosed,
  untilCounted,
  useGateway,
} from './attack-rig.ts'

/** The attackers share a process and its frames with the honest client, which may wait for seconds on a busy machine. */
const patience = {
  headersMs: 6_000,
  requestMs: 6_000,
  clientIdleMs: 6_000,
  keepAliveMs: 6_000,
  lingerMs: 6_000,
}

describe.each(transports)('HTTP/2 %s', (_, tls) => {
  const { target, attack } = useGateway({ tls, speech: 'http2' }, patience)

  test('survives streams that are reset immediately', async () => {
    const report = await attack(async () => {
      const attackers = await connectFrames(20)
      for (let start = 1; start < 10_000; start += 1_000) {
        const flood = Array.from({ length: 500 }, (__, index) => {
          const stream = start + 2 * index
          return Buffer.concat([request(stream), reset(stream)])
        })
        for (const { socket } of attackers) socket.write(Buffer.concat(flood))
      }
      await untilClosed(attackers)
    })

    expect(report.counts.exceeded.streamResets).toBe(20)
    expect(report.counts.exchanges).toBe(0)
  })

  test('survives endless headers', async () => {
    const report = await attack(async () => {
      const attackers = await connectFrames(20)
      const more = frame({
        type: frameTypes.continuation,
        stream: 1,
        payload: fields({ 'x-flood': 'x'.repeat(16_000) }),
      })
      for (const { socket } of attackers) {
        socket.write(frame({ type: frameTypes.headers, stream: 1, payload: head('/') }))
        for (let count = 0; count < 100 && socket.writable; count += 1) socket.write(more)
      }
      await untilClosed(attackers)
    })

    expect(report.counts.exchanges).toBe(0)
  })

  test.each([
    ['SETTINGS', settings],
    ['PING', frame({ type: frameTypes.ping, payload: Buffer.alloc(8) })],
  ])('stands a flood of %s whose answers nobody reads', async (__, bytes) => {
    await attack(async () => {
      const attackers = await connectFrames(20)
      const flood = Buffer.concat(Array.from({ length: 500 }, () => bytes))
      for (const { socket } of attackers) {
        socket.pause()
        for (let count = 0; count < 100; count += 1) socket.write(flood)
      }
      await untilCounted(({ connections }) => connections.http2 <= 1)
      for (const { socket } of attackers) socket.destroy()
    })
  })

  test.each([
    ['SETTINGS', settings],
    ['PING', frame({ type: frameTypes.ping, payload: Buffer.alloc(8) })],
  ])('stands a steady rain of %s whose answers are read', async (__, bytes) => {
    const report = await attack(async () => {
      const attackers = await connectFrames(20)
      const burst = Buffer.concat(Array.from({ length: 50 }, () => bytes))
      await repeatUntilClosed(attackers, ({ socket }) => socket.write(burst))
      expect(new Set(attackers.map(findGoaway))).toEqual(new Set([calmDown]))
    })

    expect(report.counts.exceeded.streamResets).toBe(20)
  })

  test('survives clients that write slowly or read nothing', async () => {
    const report = await attack(async () => {
      const sessions = Array.from({ length: 10 }, () => connectSession(target()))
      const writers = sessions.flatMap((session) => Array.from({ length: 30 }, () => openCall(session)))
      const reading = connectSession(target())
      const readers = Array.from({ length: 4 }, () => openCall(reading, { read: false }))
      for (const { stream } of readers) stream.end(longBody)
      const answered = Promise.all(writers.map(({ status }) => status))
      await until('all were answered', async () => {
        for (const { stream } of writers) if (stream.writable) stream.write(' ')
        return (await Promise.race([answered, turn()])) !== undefined
      })
      await untilCounted(({ exceeded }) => exceeded.clientIdleMs >= 4)
      for (const session of [...sessions, reading]) session.destroy()
      expect(new Set(await answered)).toEqual(new Set([408]))
    })

    expect(report.counts.exceeded).toMatchObject({ requestMs: 300, clientIdleMs: 4 })
  })

  async function connectFrames(count: number): Promise<Attacker[]> {
    const attackers = await connectAttackers(target(), count)
    for (const { socket } of attackers) socket.write(Buffer.concat([preface, settings]))
    return attackers
  }
})

/** ENHANCE_YOUR_CALM (RFC 9113, 7). */
const calmDown = 11

function openCall(session: ReturnType<typeof connectSession>, { read = true } = {}) {
  const stream = session.request({ ':method': 'POST', ':path': '/v1/messages', ...call })
  stream.on('error', () => {})
  if (read) stream.resume()
  const status = new Promise<number>((resolve) => {
    stream.once('response', (headers) => resolve(Number(headers[':status'])))
    stream.once('close', () => resolve(0))
  })
  return { stream, status }
}

function request(stream: number): Buffer {
  const payload = head('/v1/messages', call)
  return frame({ type: frameTypes.headers, flags: flags.endHeaders, stream, payload })
}

function findGoaway({ received }: Attacker): number | undefined {
  const frames = readFrames(Buffer.from(received(), 'latin1'))
  const found = frames.find(({ type }) => type === frameTypes.goaway)
  return found && getCode(found)
}
