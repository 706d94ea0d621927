import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { Server } from 'node:http'
import { join } from 'node:path'

import { answered, shortAnswer } from './stall-answers.ts'
import type { Answer } from './stall-answers.ts'
import { wholeRequests } from './stall-requests.ts'
import { places, shapes } from './stall-shapes.ts'
import type { StallReport } from './stall-server.ts'
import { readThreadMs } from './thread-time.ts'

export type ServerName = 'gateway' | 'emulator'

/** The longest stall that one request caused. */
export interface Stall extends StallReport {
  /** The protocol and the place in its request, or its answer. */
  readonly place: string
  readonly shape: string
  readonly bytes: number
  readonly status: number
  /** The CPU time of `JSON.parse` for the same body in this process, in milliseconds. */
  readonly parseMs: number
}

/** One request of the sweep. */
export interface Cell {
  readonly place: string
  readonly shape: string
  readonly path: string
  /** Creates the request body of about this size. */
  readonly body: (bytes: number) => string
  /** The upstream's answer of about this size, which is then measured in place of the request. */
  readonly answer?: Answer
}

export interface SweepOptions {
  readonly server: ServerName
  readonly bytes: number
  /** Default: all of the server. */
  readonly cells?: readonly Cell[]
  /** The stall that counts is the shortest of this many requests. A stall that `accept` accepts ends the repetition. */
  readonly runs?: number
  readonly accept?: (stall: Stall) => boolean
  readonly progress?: (stall: Stall) => void
}

/** Every shape at every place, the whole requests of each protocol, and for the gateway the answers of its upstream. */
export function listCells(server: ServerName): readonly Cell[] {
  const crossed = Object.entries(places).flatMap(([place, { path, body }]) =>
    Object.entries(shapes).map(([shape, create]) => ({
      place,
      shape,
      path,
      body: (bytes: number) => body(create(bytes)),
    })),
  )
  const whole = Object.entries(wholeRequests).flatMap(([place, { path, bodies }]) =>
    Object.entries(bodies).map(([shape, body]) => ({ place, shape, path, body })),
  )
  const answers = Object.entries(answered).flatMap(([place, { path, request: text, answers: all }]) =>
    Object.entries(all).map(([shape, answer]) => ({ place, shape, path, body: () => text, answer })),
  )
  return [...crossed, ...whole, ...(server === 'gateway' ? answers : [])]
}

/** Sends every cell's request to a server in its own process, one request at a time. */
export async function sweepStalls({
  server,
  bytes,
  cells = listCells(server),
  runs = 1,
  accept = () => false,
  progress,
}: SweepOptions): Promise<readonly Stall[]> {
  const upstream = await startUpstream()
  const execArgv: string[] = []
  const child = fork(join(import.meta.dirname, 'stall-server.ts'), [server, upstream.url], { execArgv })
  // The child's first message, which `stall-server.ts` sends.
  const [{ port, key }] = (await once(child, 'message')) as [{ port: number; key: string }]
  const measure = async ({ place, shape, path, answer }: Cell, body: Buffer): Promise<Stall> => {
    const status = await post(`http://127.0.0.1:${port}${path}`, body, key)
    child.send('report')
    const [report] = (await once(child, 'message')) as [StallReport]
    const parseMs = measureParse(answer === undefined ? body : upstream.body())
    return { ...report, place, shape, bytes, status, parseMs }
  }
  const stalls: Stall[] = []
  try {
    for (const cell of cells) {
      const body = Buffer.from(cell.body(bytes))
      upstream.prepare(cell.answer, bytes)
      let stall = await measure(cell, body)
      for (let run = 1; run < runs && !accept(stall); run += 1) {
        const again = await measure(cell, body)
        const parseMs = Math.min(stall.parseMs, again.parseMs)
        stall = { ...(again.stallMs < stall.stallMs ? again : stall), parseMs }
      }
      stalls.push(stall)
      progress?.(stall)
    }
  } finally {
    child.disconnect()
    upstream.server.closeAllConnections()
    upstream.server.close()
  }
  return stalls
}

interface StubUpstream {
  readonly server: Server
  readonly url: string
  /** Sets the next answers; without one, a short message. */
  prepare(answer: Answer | undefined, bytes: number): void
  body(): Buffer
}

/** Reads a request and sends the prepared answer. It runs in this process, so its work is no stall of the gateway. */
async function startUpstream(): Promise<StubUpstream> {
  const short: Answer = { status: 200, type: 'application/json', body: () => shortAnswer }
  let current = short
  let body = Buffer.from(shortAnswer)
  const server = createServer((incoming, response) => {
    const isCount = incoming.url?.includes('count_tokens') === true
    incoming.resume().on('end', () => {
      response.writeHead(current.status, { 'content-type': current.type })
      response.end(isCount ? '{"input_tokens":1}' : body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    prepare(answer = short, bytes) {
      current = answer
      body = Buffer.from(answer.body(bytes))
    },
    body: () => body,
  }
}

function post(url: string, body: Buffer, key: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': key,
    authorization: `Bearer ${key}`,
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The CPU time of `JSON.parse` for a body, in milliseconds. */
export function measureParse(body: Buffer): number {
  const startMs = readThreadMs()
  try {
    JSON.parse(body.toString())
  } catch {
    // A body that nests too deep for JSON.parse still has its time.
  }
  return readThreadMs() - startMs
}
