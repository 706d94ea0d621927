import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { request as askHttp } from 'node:http'
import { request as askHttps } from 'node:https'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'

import { testCertificate } from '../gateway/test/port/certificate.ts'
import type { AttackedReport, AttackedSetup } from './attack-gateway.ts'

const ca = testCertificate.certificate

/** The target of an attack and its protocol. */
export interface Target {
  readonly port: number
  readonly tls: boolean
  readonly speech: 'http1' | 'http2'
}

/** A connection that sends arbitrary bytes, and records the response. */
export interface Attacker {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: () => boolean
}

export async function connectAttacker({ port, tls, speech }: Target): Promise<Attacker> {
  const options = { port, host: '127.0.0.1' }
  const protocol = speech === 'http2' ? 'h2' : 'http/1.1'
  const socket = tls ? connectTls({ ...options, ca, ALPNProtocols: [protocol] }) : connectTcp(options)
  let received = ''
  let closed = false
  socket.on('error', () => {})
  socket.once('close', () => (closed = true))
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  await once(socket, tls ? 'secureConnect' : 'connect')
  return { socket, received: () => received, closed: () => closed }
}

export function connectAttackers(target: Target, count: number): Promise<Attacker[]> {
  return Promise.all(Array.from({ length: count }, () => connectAttacker(target)))
}

/** Sends one honest request on a new connection; returns the status. */
export function askOnce(
  { port, tls, speech }: Target,
  path: string,
  { headers = {}, body }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
): Promise<number> {
  const method = body === undefined ? 'GET' : 'POST'
  if (speech === 'http2') {
    const session = connectSession({ port, tls, speech })
    return new Promise((resolve, reject) => {
      session.once('error', reject)
      const stream = session.request({ ':method': method, ':path': path, ...headers })
      let status = 0
      stream.once('response', (given) => (status = Number(given[':status'])))
      stream.once('error', reject).once('close', () => resolve(status))
      stream.resume().end(body)
    }).finally(() => session.destroy()) as Promise<number> // The type of `finally` loses the number.
  }
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, method, headers, agent: false }
    const sent = tls ? askHttps({ ...options, ca }) : askHttp(options)
    sent.once('response', (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
      response.once('error', reject)
    })
    sent.once('error', reject).end(body)
  })
}

export function connectSession({ port, tls }: Target): ClientHttp2Session {
  const session = connectHttp2(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { ca })
  session.on('error', () => {})
  return session
}

/** A gateway in a separate process. */
export interface Attacked {
  readonly port: number
  report(): Promise<AttackedReport>
  close(): Promise<void>
}

export async function startAttacked(setup: AttackedSetup): Promise<Attacked> {
  const child = startChild('attack-gateway.ts', setup)
  const { port } = (await getMessage(child)) as { port: number } // Its first message.
  return {
    port,
    async report() {
      child.send('report')
      return (await getMessage(child)) as AttackedReport // It sends nothing else.
    },
    close: () => endChild(child),
  }
}

/** Runs attack-crowd.ts, which sends one result and exits on request. */
export function startCrowd<Answer>(setup: unknown): { answer: Promise<Answer>; end(): Promise<void> } {
  const child = startChild('attack-crowd.ts', setup)
  const answer = getMessage(child) as Promise<Answer> // Each kind of crowd has its own type.
  return { answer, end: () => endChild(child) }
}

function startChild(file: string, setup: unknown): ChildProcess {
  return fork(join(import.meta.dirname, file), [JSON.stringify(setup)], { execArgv: [] })
}

/** The next message; rejects if the process exits without one. */
function getMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`the process ended with ${code}`))
    child.once('exit', fail)
    child.once('message', (message) => {
      child.off('exit', fail)
      resolve(message)
    })
  })
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  await exited
}
