import type { Duplex } from 'node:stream'

import { connectAttacker, connectSession } from './attack-client.ts'
import type { Target } from './attack-client.ts'

// A crowd of clients in a separate process: node attack-crowd.ts SETUP

export type CrowdSetup =
  /** They connect, send nothing, and stay. */
  | { readonly kind: 'idle'; readonly target: Target; readonly count: number }
  /** Each sends a body of this size, from one small buffer, until it gets a response. */
  | {
      /** `crumbs`: one chunk per byte. */
      readonly kind: 'bodies' | 'crumbs'
      readonly target: Target
      readonly count: number
      readonly headers: Readonly<Record<string, string>>
      readonly bodyBytes: number
    }

export type BodiesSetup = Exclude<CrowdSetup, { kind: 'idle' }>

/** Number of responses by status; 0 counts connections closed without one. */
export type CrowdAnswer = Readonly<Record<string, number>>

const bodyStart = '{"model":"no-such-model","pad":"'
const bodyEnd = '"}'

// The test that starts this process writes it.
const crowd = JSON.parse(process.argv[2] ?? '') as CrowdSetup
process.once('disconnect', () => process.exit())
process.send?.(crowd.kind === 'idle' ? await stay(crowd) : await sendBodies(crowd))

async function stay({ target, count }: Extract<CrowdSetup, { kind: 'idle' }>): Promise<CrowdAnswer> {
  let open = 0
  // Limited, because the listen backlog is short.
  for (; open < count; open += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - open) }, () => connectAttacker(target)))
  }
  return { open: Math.min(open, count) }
}

async function sendBodies(setup: BodiesSetup): Promise<CrowdAnswer> {
  const bodies = setup.target.speech === 'http2' ? bodiesOnStreams : bodiesOnSockets
  const send = setup.kind === 'crumbs' ? crumbsOnSockets : bodies
  const totals: Record<string, number> = {}
  for (const status of await send(setup)) totals[status] = (totals[status] ?? 0) + 1
  return totals
}

async function bodiesOnSockets({ target, count, headers, bodyBytes }: BodiesSetup): Promise<number[]> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}content-length: ${bodyBytes}\r\n\r\n`
  const attackers = []
  while (attackers.length < count) {
    attackers.push(...(await Promise.all(Array.from({ length: 50 }, () => connectAttacker(target)))))
  }
  for (const { socket } of attackers) socket.write(head)
  const senders = attackers.map(({ socket, received, closed }) => ({
    stream: socket,
    done: () => closed() || received() !== '',
    gone: new Promise((resolve) => socket.once('data', resolve).once('close', resolve)),
  }))
  await sendInLockstep(senders, bodyBytes)
  // Clients that sent everything get a response or are disconnected.
  await Promise.all(senders.map(({ gone }) => gone))
  for (const { socket } of attackers) socket.destroy()
  return attackers.map(({ received }) => getStatus(received()))
}

async function bodiesOnStreams({ target, count, headers, bodyBytes }: BodiesSetup): Promise<number[]> {
  const perSession = 100
  const statuses: number[] = []
  const streams = Array.from({ length: Math.ceil(count / perSession) }, () => connectSession(target)).flatMap(
    (session) =>
      Array.from({ length: perSession }, () => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/v1/messages',
          ...headers,
          'content-length': bodyBytes,
        })
        const at = statuses.push(0) - 1
        let done = false
        stream.on('error', () => {}).resume()
        stream.once('response', (given) => {
          statuses[at] = Number(given[':status'])
          done = true
          stream.end()
        })
        const closed = new Promise((resolve) => stream.once('close', resolve))
        stream.once('close', () => (done = true))
        return { stream, done: () => done, gone: closed }
      }),
  )
  await sendInLockstep(streams, bodyBytes)
  for (const { stream } of streams) stream.end()
  await Promise.all(streams.map(({ gone }) => gone))
  return statuses
}

async function crumbsOnSockets({ target, count, headers, bodyBytes }: BodiesSetup): Promise<number[]> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}transfer-encoding: chunked\r\n\r\n`
  const body = paddedBody(bodyBytes)
  return Promise.all(
    Array.from({ length: count }, async () => {
      const { socket, received, closed } = await connectAttacker(target)
      socket.write(head)
      for (let start = 0; start < body.length && !closed(); start += 10_000) {
        const crumbs = Array.from(body.slice(start, start + 10_000), (byte) => `1\r\n${byte}\r\n`)
        await new Promise<void>((resolve) => socket.write(crumbs.join(''), () => resolve()))
      }
      const gone = new Promise((resolve) => socket.once('data', resolve).once('close', resolve))
      socket.write('0\r\n\r\n')
      if (received() === '' && !closed()) await gone
      socket.destroy()
      return getStatus(received())
    }),
  )
}

/** JSON of this size, for a model that does not exist. */
function paddedBody(bytes: number): string {
  return `${bodyStart}${'x'.repeat(bytes - bodyStart.length - bodyEnd.length)}${bodyEnd}`
}

function getStatus(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)
}

interface Sender {
  readonly stream: Duplex
  /** It got a response, or its connection was closed. */
  readonly done: () => boolean
  readonly gone: Promise<unknown>
}

/** No client is ever more than one piece ahead of the others. */
async function sendInLockstep(senders: readonly Sender[], bodyBytes: number): Promise<void> {
  const start = Buffer.from(bodyStart)
  const piece = Buffer.alloc(64 * 1024, 'x')
  const end = Buffer.from(bodyEnd)
  const pieces = [
    start,
    ...Array.from({ length: ((bodyBytes - start.length - end.length) / piece.length) | 0 }, () => piece),
  ]
  const rest = bodyBytes - end.length - pieces.reduce((sum, { length }) => sum + length, 0)
  for (const bytes of [...pieces, piece.subarray(0, rest), end]) {
    const waiting = senders.filter(({ stream, done }) => !done() && stream.writable)
    await Promise.all(waiting.map((sender) => write(sender, bytes)))
    if (senders.every(({ done }) => done())) return
  }
}

/** Resolves once the bytes are sent or the connection is closed. */
function write({ stream, gone }: Sender, bytes: Uint8Array): Promise<unknown> {
  const written = new Promise<void>((resolve) => stream.write(bytes, () => resolve()))
  return Promise.race([written, gone])
}
