import { describe, expect, test } from 'vitest'

import { connectAttacker, connectAttackers, startCrowd } from './attack-client.ts'
import type { Attacker } from './attack-client.ts'
import type { CrowdAnswer, CrowdSetup } from './attack-crowd.ts'
import {
  call,
  longBody,
  repeatUntilClosed,
  transports,
  untilClosed,
  untilCounted,
  useGateway,
} from './attack-rig.ts'

describe.each(transports)('HTTP/1.1 %s', (_, tls) => {
  const { target, attack } = useGateway({ tls, speech: 'http1' })
  // Both ends of every handshake run on this machine.
  const crowd = tls ? 50 : 300

  test('survives clients that write slowly or read nothing', async () => {
    const report = await attack(async () => {
      const [heads, bodies] = [
        await connectAttackers(target(), crowd),
        await connectAttackers(target(), crowd),
      ]
      const readers = await connectAttackers(target(), 2)
      for (const { socket } of heads)
        socket.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
      for (const { socket } of bodies) socket.write(callHead('content-length: 10000\r\n'))
      for (const { socket } of readers) {
        socket.pause()
        // A single response would fit into the system's buffers.
        socket.write(`${callHead(`content-length: ${longBody.length}\r\n`)}${longBody}`.repeat(4))
      }
      await repeatUntilClosed([...heads, ...bodies], ({ socket }) => socket.write('x'))
      await untilCounted(({ exceeded }) => exceeded.clientIdleMs === 2)
      for (const { socket } of readers) socket.destroy()
      expectNothingButRefusal([...heads, ...bodies], 408)
    })

    expect(report.counts.exceeded).toMatchObject({ headersMs: crowd, requestMs: crowd, clientIdleMs: 2 })
  })

  test('survives endless headers', async () => {
    const report = await attack(async () => {
      const attackers = await connectAttackers(target(), 100)
      const flood = `x-flood: ${'x'.repeat(8_000)}\r\n`.repeat(20)
      for (const { socket } of attackers) socket.write(`GET / HTTP/1.1\r\nhost: localhost\r\n${flood}`)
      await untilClosed(attackers)
      expectNothingButRefusal(attackers, 431)
    })

    expect(report.counts.exceeded.headerBytes).toBe(100)
  })

  test('survives pipelined requests', async () => {
    const report = await attack(async () => {
      const flood = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(5_000)
      // In waves of ten: a gateway that is busy with fifty for two seconds closes some of them by a timeout instead.
      for (let wave = 0; wave < 5; wave++) {
        const attackers = await Promise.all(
          Array.from({ length: 10 }, async () => {
            const attacker = await connectAttacker(target())
            attacker.socket.write(flood)
            return attacker
          }),
        )
        await untilClosed(attackers)
      }
    })

    // Each was closed because of the flood, not by a later timeout.
    expect(report.counts.exceeded).toMatchObject({
      headersMs: 0,
      requestMs: 0,
      clientIdleMs: 0,
      keepAliveMs: 0,
    })
    expect(report.counts.exchanges).toBe(0)
  })

  test('survives chunks with huge extensions', async () => {
    await attack(async () => {
      const attackers = await connectAttackers(target(), 100)
      const flood = `1;${'x'.repeat(60_000)}\r\nx\r\n`.repeat(4)
      for (const { socket } of attackers)
        socket.write(`${callHead('transfer-encoding: chunked\r\n')}${flood}`)
      await untilClosed(attackers)
      expectNothingButRefusal(attackers, 413)
    })
  })
})

/** The process' limit of open files, less some for itself. */
const crowdSize = Math.min(10_000, openFiles() - 1_000)

describe('in clear text', () => {
  const { target, attack } = useGateway(
    { tls: false, speech: 'http1' },
    { headersMs: 60_000, connectionsPerAddress: 11_000 },
  )

  test(`survives ${crowdSize.toLocaleString('en')} connections that send nothing`, async () => {
    const setup: CrowdSetup = { kind: 'idle', target: target(), count: crowdSize }
    const report = await attack(async (serveMore) => {
      const crowd = startCrowd<CrowdAnswer>(setup)
      expect(await crowd.answer).toEqual({ open: crowdSize })
      await untilCounted(({ connections }) => connections.new >= crowdSize)
      await serveMore(5)
      await crowd.end()
      await untilCounted(({ connections }) => connections.new < 10)
    })

    expect(report.counts.exceeded).toMatchObject({ connections: 0, connectionsPerAddress: 0 })
  })
})

function statuses(attackers: readonly Attacker[]): number[] {
  const found = attackers.map(({ received }) => Number(/^HTTP\/1\.1 (\d+)/.exec(received())?.[1] ?? 0))
  return [...new Set(found)]
}

/** A client that still sends when the connection is closed may lose the response (RFC 9112, 9.6); the port counts it anyway. */
function expectNothingButRefusal(attackers: readonly Attacker[], status: number): void {
  expect(statuses(attackers).filter((other) => other !== status && other !== 0)).toEqual([])
}

function callHead(more: string): string {
  const lines = Object.entries(call).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}${more}\r\n`
}

function openFiles(): number {
  // Node types its report as `object`; on a system without this limit the value is the text 'unlimited'.
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = Number(userLimits?.open_files?.soft)
  return Number.isFinite(soft) ? soft : 1_000_000
}
