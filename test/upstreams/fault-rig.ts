import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createAccount, createGateway, defaultLimits, openDatabase } from '@anthology/gateway'

import { waitForLedger } from '../../gateway/test/running-gateway.ts'
import { answerWhole, faults } from './faults.ts'
import type { Fault, FaultName } from './faults.ts'
import type { UpstreamPlatform } from './platform-answers.ts'

/** Each model has upstreams of its own, so that one gateway serves every combination. */
export const modelsByRoute = {
  pair: 'claude-opus-4-1-20250805',
  alone: 'claude-opus-4-20250514',
  'refused pair': 'claude-sonnet-4-20250514',
  'refused alone': 'claude-sonnet-4-5-20250929',
  'tls pair': 'claude-haiku-4-5-20251001',
  'tls alone': 'claude-3-7-sonnet-20250219',
  'quota pair': 'claude-3-5-haiku-20241022',
} as const

/** How often a call has asked each upstream, by the mark in its text. */
export type Asked = Map<string, { first: number; second: number }>

export interface FaultRig {
  readonly url: string
  readonly asked: Asked
  readonly rows: () => readonly LedgerRow[]
  readonly close: () => Promise<void>
}

export type LedgerRow = Readonly<Record<string, string | number | null>>

export const rigKey = 'sk-anthology-key-of-the-fault-matrix'

/** A gateway with upstreams of one platform: the first fails as the call's text says, the second answers. */
export async function startFaultRig(platform: UpstreamPlatform): Promise<FaultRig> {
  const asked: Asked = new Map()
  const [first, second] = [
    await startStub(platform, 'first', asked),
    await startStub(platform, 'second', asked),
  ]
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-faults-'))
  const limits = { ...defaultLimits, upstreamFirstByteMs: silenceMs, upstreamIdleMs: silenceMs, drainMs: 200 }
  const urls = {
    first: getUrl(first),
    second: getUrl(second),
    // Nobody listens on this port; one that was free a moment ago may belong to another program by now.
    refused: 'http://127.0.0.1:1',
    // The stub speaks clear text, so the handshake fails.
    tls: getUrl(first).replace('http:', 'https:'),
  }
  const accounts = Object.entries(urls).map(([name, url]) =>
    createAccount(describeUpstream(platform, name, url), limits),
  )
  const gateway = await createGateway({
    accounts,
    dataFolder,
    limits,
    keys: [{ id: 'key_local', name: 'local', secret: rigKey }],
    routing: {
      circuit: { failures: 1_000_000 },
      models: {
        [modelsByRoute.pair]: [['first'], ['second']],
        [modelsByRoute.alone]: [['first']],
        [modelsByRoute['refused pair']]: [['refused'], ['second']],
        [modelsByRoute['refused alone']]: [['refused']],
        [modelsByRoute['tls pair']]: [['tls'], ['second']],
        [modelsByRoute['tls alone']]: [['tls']],
        [modelsByRoute['quota pair']]: [['first'], ['second']],
      },
    },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  return {
    url,
    asked,
    rows: () => {
      waitForLedger(dataFolder)
      const database = openDatabase(dataFolder)
      const rows = database.prepare('SELECT * FROM all_calls').all()
      database.close()
      return rows as LedgerRow[] // Every column is TEXT or INTEGER, and the figures are small.
    },
    close: async () => {
      await gateway.close()
      await Promise.all([stop(first), stop(second)])
      rmSync(dataFolder, { recursive: true })
    },
  }
}

/** Well above the time of an answer on a busy machine, because each silent upstream costs a call this time. */
const silenceMs = 6_000

function describeUpstream(
  platform: UpstreamPlatform,
  name: string,
  url: string,
): Parameters<typeof createAccount>[0] {
  const models = Object.fromEntries(Object.values(modelsByRoute).map((id) => [id, id]))
  const secret = 'a-credential-of-the-fault-matrix'
  switch (platform) {
    case 'anthropic':
      return { platform, name, models, base_url: url, api_key: secret }
    case 'bedrock':
      return { platform, name, models, base_url: url, region: 'us-east-1', bearer_token: secret }
    case 'vertex':
      return {
        platform,
        name,
        models,
        base_url: url,
        project: 'p',
        location: 'us-east5',
        access_token: secret,
      }
    case 'foundry':
      return { platform, name, models, base_url: `${url}/anthropic`, api_key: secret }
  }
}

async function startStub(
  platform: UpstreamPlatform,
  name: 'first' | 'second',
  asked: Asked,
): Promise<Server> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('error', () => {})
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const path = incoming.url ?? ''
      const stream = /stream/i.test(path) || /"stream":\s*true/.test(body)
      const { fault = '', cell = '' } = /fault=(?<fault>\S+) cell=(?<cell>[^"\s]+)/.exec(body)?.groups ?? {}
      const counts = asked.get(cell) ?? { first: 0, second: 0 }
      counts[name] += 1
      asked.set(cell, counts)
      const request = { platform, stream, response, socket: incoming.socket }
      const known: Fault | undefined = faults[fault as FaultName] // Calls without a fault have another text.
      if (name === 'first' && known?.answer) known.answer(request)
      else answerWhole(request, name)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

function getUrl(server: Server): string {
  // The address has this type because the server listens on a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function stop(server: Server): Promise<unknown> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}
