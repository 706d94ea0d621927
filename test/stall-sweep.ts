import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'

import { places, shapes } from './stall-shapes.ts'
import type { PlaceName, ShapeName } from './stall-shapes.ts'
import type { StallReport } from './stall-server.ts'

/** The longest stall that one request caused. */
export interface Stall extends StallReport {
  readonly place: PlaceName
  readonly shape: ShapeName
  readonly bytes: number
  readonly status: number
}

export interface SweepOptions {
  readonly server: 'gateway' | 'emulator'
  readonly bytes: number
  readonly places?: readonly PlaceName[]
  readonly shapes?: readonly ShapeName[]
  readonly progress?: (stall: Stall) => void
}

/** Sends every shape through every place of a server in its own process, one request at a time. */
export async function sweepStalls({
  server,
  bytes,
  progress,
  ...only
}: SweepOptions): Promise<readonly Stall[]> {
  const child = fork(join(import.meta.dirname, 'stall-server.ts'), [server], { execArgv: [] })
  // The child's first message, which `stall-server.ts` sends.
  const [{ port, key }] = (await once(child, 'message')) as [{ port: number; key: string }]
  const stalls: Stall[] = []
  try {
    for (const place of only.places ?? names(places)) {
      for (const shape of only.shapes ?? names(shapes)) {
        const { path, body } = places[place]
        const text = body(shapes[shape](bytes))
        const status = await post(`http://127.0.0.1:${port}${path}`, text, key)
        child.send(text)
        const [report] = (await once(child, 'message')) as [StallReport]
        const stall = { ...report, place, shape, bytes, status }
        stalls.push(stall)
        progress?.(stall)
      }
    }
  } finally {
    child.disconnect()
  }
  return stalls
}

function names<T extends object>(table: T): readonly (keyof T)[] {
  // The tables are literals, so their keys are known.
  return Object.keys(table) as (keyof T)[]
}

function post(url: string, text: string, key: string): Promise<number> {
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
    sent.end(text)
  })
}
