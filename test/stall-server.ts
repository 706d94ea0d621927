import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { createGateway, createHttpUpstream, createKey, defaultLimits, openDatabase } from '@anthology/gateway'

import { readThreadMs } from './thread-time.ts'
import { insertKey } from '../gateway/test/stored-keys.ts'

// The server under test, in a process of its own that watches its event loop: node stall-server.ts gateway|emulator UPSTREAM

export interface StallReport {
  /** The most CPU time of the main thread between two turns of the event loop, in milliseconds, since the last report. */
  readonly stallMs: number
}

if (process.argv[2] !== undefined) await serve(process.argv[2], process.argv[3] ?? '')

async function serve(kind: string, upstreamUrl: string): Promise<void> {
  const started = kind === 'emulator' ? await startEmulator() : await startGateway(upstreamUrl)
  let stallMs = 0
  let lastMs = readThreadMs()
  setInterval(() => {
    const nowMs = readThreadMs()
    stallMs = Math.max(stallMs, nowMs - lastMs)
    lastMs = nowMs
  }, 1)
  process.on('message', () => {
    const report: StallReport = { stallMs }
    stallMs = 0
    process.send?.(report)
  })
  process.once('disconnect', () => process.exit())
  process.send?.(started)
}

interface Started {
  readonly port: number
  readonly key: string
}

async function startEmulator(): Promise<Started> {
  const server = await listenEmulator(createEmulator({ keepRequests: false }), { port: 0, host: '127.0.0.1' })
  return { port: server.port, key: 'any' }
}

/** The key has a list of models and rate limits, so that every reader of a body runs. */
async function startGateway(upstreamUrl: string): Promise<Started> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-stalls-'))
  process.once('exit', () => rmSync(dataFolder, { recursive: true, force: true }))
  const { secret, record } = createKey('sweep', ['claude-sonnet-4-5-20250929'], Date.now())
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const gateway = await createGateway({
    accounts: [
      {
        name: 'stub',
        platform: 'anthropic',
        upstream: createHttpUpstream({ baseUrl: upstreamUrl, credential: null, limits: defaultLimits }),
        secrets: [],
      },
    ],
    rates: { default: { input_tokens_per_minute: 1_000_000_000 } },
    dataFolder,
  })
  const { port } = await gateway.listen(0, '127.0.0.1')
  return { port, key: secret }
}
