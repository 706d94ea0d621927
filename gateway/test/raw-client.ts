import { connect } from 'node:net'

import { onTestFinished } from 'vitest'

import { until } from './condition.ts'
import { usual } from './running-gateway.ts'

/** A client that sends raw bytes. */
export interface RawClient {
  write(bytes: string | Uint8Array): void
  /** Half-closes: sends no more, but still reads. */
  end(): void
  destroy(): void
  readonly received: string
  readonly closed: boolean
  /** Resolves once this many complete responses with a content-length have arrived. */
  answers(count: number): Promise<readonly RawAnswer[]>
  closing(): Promise<void>
}

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let received = Buffer.alloc(0)
  let closed = false
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes])
  })
  socket.on('error', () => {})
  socket.on('end', () => {
    closed = true
  })
  socket.on('close', () => {
    closed = true
  })
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  onTestFinished(() => void socket.destroy())
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    get received() {
      return received.toString('latin1')
    },
    get closed() {
      return closed
    },
    async answers(count) {
      await until(`${count} responses arrived`, () => cutAnswers(received).length >= count || closed)
      return cutAnswers(received)
    },
    closing: () => until('the server closed the connection', () => closed),
  }
}

/** The headers of an ordinary call, without the final blank line. */
export function rawHead(line = 'POST /v1/messages HTTP/1.1'): string {
  const lines = Object.entries(usual).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line}\r\nhost: localhost\r\n${lines.join('')}`
}

export function rawCall(
  body: string,
  { line, headers = '' }: { line?: string; headers?: string } = {},
): string {
  return `${rawHead(line)}${headers}content-length: ${body.length}\r\n\r\n${body}`
}

/** Splits responses by their content-length, and omits an incomplete last one. */
function cutAnswers(received: Buffer): RawAnswer[] {
  const found: RawAnswer[] = []
  let rest = received.toString('latin1')
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return found
    const head = rest.slice(0, end)
    const status = Number(head.split(' ')[1])
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
    const body = rest.slice(end + 4, end + 4 + length)
    if (body.length < length) return found
    if (status >= 200) found.push({ status, head, body })
    rest = rest.slice(end + 4 + length)
  }
}
