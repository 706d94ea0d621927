import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'

import { wholeRequests } from './stall-requests.ts'
import { places, shapes } from './stall-shapes.ts'
import type { StallReport } from './stall-server.ts'
import { readThreadMs } from './thread-time.ts'

/** The longest stall that one request caused. */
export interface Stall extends StallReport {
  /** The protocol and the place in its request. */
  readonly place: string
  readonly shape: string
  readonly bytes: number
  readonly status: number
  /** The CPU time of `JSON.parse` for the same body in this process, in milliseconds. */
  readonly parseMs: number
}

export interface Cell {
  readonly place: string
  readonly shape: string
  readonly path: string
  readonly body: (bytes: number) => string
}

export interface SweepOptions {
  readonly server: 'gateway' | 'emulator'
  readonly bytes: number
  /** Default: all. */
  readonly cells?: readonly Cell[]
  /** The stall that counts is the shortest of this many requests. A stall that the limit accepts ends the repetition. */
  readonly runs?: number
  readonly accept?: (stall: Stall) => boolean
  readonly progress?: (stall: Stall) => void
}

/** Every shape at every place, and the whole requests of each protocol. */
export function listCells(): readonly Cell[] {
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
  return [...crossed, ...whole]
}

/** Sends every cell's request to a server in its own process, one request at a time. */
export async function sweepStalls({
  server,
  bytes,
  cells = listCells(),
  runs = 1,
  accept = () => false,
  progress,
}: SweepOptions): Promise<readonly Stall[]> {
  const child = fork(join(import.meta.dirname, 'stall-server.ts'), [server], { execArgv: [] })
  // The child's first message, which `stall-server.ts` sends.
  const [{ port, key }] = (await once(child, 'message')) as [{ port: number; key: string }]
  const measure = async ({ place, shape, path }: Cell, body: Buffer): Promise<Stall> => {
    const status = await post(`http://127.0.0.1:${port}${path}`, body, key)
    child.send('report')
    const [report] = (await once(child, 'message')) as [StallReport]
    return { ...report, place, shape, bytes, status, parseMs: measureParse(body) }
  }
  const stalls: Stall[] = []
  try {
    for (const cell of cells) {
      const body = Buffer.from(cell.body(bytes))
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
  }
  return stalls
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
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function measureParse(body: Buffer): number {
  const startMs = readThreadMs()
  try {
    JSON.parse(body.toString())
  } catch {
    // A body that nests too deep for JSON.parse still has its time.
  }
  return readThreadMs() - startMs
}
