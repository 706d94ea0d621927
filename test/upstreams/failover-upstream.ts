import { createServer } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { encodeErrorEvent, encodeEvents, getStreamType, listEvents } from './platform-answers.ts'

/** An upstream of the Messages API that sometimes fails, and counts what it would bill. */
export interface FailingUpstream {
  readonly url: string
  readonly port: number
  /** The marks of the calls that it answered to the end. */
  readonly answered: readonly string[]
  /** The marks of the calls whose prompt it has read, but that it did not answer. */
  readonly begun: readonly string[]
  close(): Promise<void>
}

export interface FailingOptions {
  /** Returns a number from 0 to 1; a call fails below `share`. */
  readonly random: () => number
  readonly share: number
  /** The share of the failures that come after the first content. */
  readonly lateShare: number
}

export async function startFailingUpstream(
  name: string,
  { random, share, lateShare }: FailingOptions,
): Promise<FailingUpstream> {
  const answered: string[] = []
  const begun: string[] = []
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (part: string) => (body += part))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const mark = /call=(?<mark>[a-z0-9-]+)/.exec(body)?.groups?.['mark'] ?? ''
      const fail = random() < share ? choose(random, lateShare) : undefined
      if (fail === undefined) {
        answered.push(mark)
        response.writeHead(200, { 'content-type': getStreamType('anthropic') })
        return void response.end(encodeEvents('anthropic', listEvents(name)))
      }
      if (fail(response) === 'begun') begun.push(mark)
    })
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    answered,
    begun,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

type Failing = (response: ServerResponse) => 'begun' | 'refused'

function choose(random: () => number, lateShare: number): Failing | undefined {
  return random() < lateShare ? failLate : failures[Math.floor(random() * failures.length)]
}

const failLate: Failing = (response) => sendPart(response, 3, (rest) => rest.socket?.destroy())

/** Fails a call before its content; `begun` if the prompt may be billed. */
const failures: readonly Failing[] = [
  (response) => {
    response.writeHead(529, { 'content-type': 'application/json' })
    response.end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')
    return 'refused'
  },
  (response) => {
    response.writeHead(500, { 'content-type': 'application/json' })
    response.end('{"type":"error","error":{"type":"api_error","message":"no"}}')
    return 'refused'
  },
  (response) => sendPart(response, 1, (rest) => rest.end(encodeErrorEvent('anthropic'))),
  (response) => sendPart(response, 1, (rest) => rest.socket?.destroy()),
]

function sendPart(
  response: ServerResponse,
  events: number,
  end: (response: ServerResponse) => unknown,
): 'begun' {
  response.writeHead(200, { 'content-type': getStreamType('anthropic') })
  response.write(encodeEvents('anthropic', listEvents('first').slice(0, events)), () => end(response))
  return 'begun'
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The address has this type because the server listens on a port.
  return (server.address() as AddressInfo).port
}

/** A repeatable sequence of numbers from 0 to 1 (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
