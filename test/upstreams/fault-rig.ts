import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createAccount, createGateway, defaultLimits, openDatabase } from '@anthology/gateway'

import { ask } from '../../gateway/test/http-client.ts'
import { awsCredentials } from '../../gateway/test/protocols/aws-client.ts'
import { waitForLedger } from '../../gateway/test/running-gateway.ts'
import { callGateway } from './fault-clients.ts'
import type { ClientCall, ClientResult } from './fault-clients.ts'
import { modelsByRoute } from './fault-routes.ts'
import type { Route } from './fault-routes.ts'
import { findFault } from './faults.ts'
import { answerWhole } from './faults/fault.ts'
import type { UnreachableServers } from './faults/connection-faults.ts'
import type { FaultUpstream } from './faults/upstreams.ts'

/** How often a call has asked each upstream, by the mark in its text. */
export type Asked = Map<string, { first: number; second: number }>

export interface FaultRig {
  readonly asked: Asked
  call(route: Route, call: Omit<ClientCall, 'model'>): Promise<ClientResult>
  /** Stops the gateway's clock. */
  stopClock(): void
  /** Lets time pass for the gateway. */
  pass(ms: number): void
  /** The time until the first upstream is asked again for a model whose quota is exhausted; 0: at once. */
  getBlockMs(route: Route): Promise<number>
  rows(): readonly LedgerRow[]
  close(): Promise<void>
}

export type LedgerRow = Readonly<Record<string, string | number | null>>

/** A gateway with upstreams of one kind: the first fails as the call's text says, the second answers. */
export async function startFaultRig(
  upstream: FaultUpstream,
  unreachable: UnreachableServers,
): Promise<FaultRig> {
  const asked: Asked = new Map()
  let stoppedMs: number | null = null
  const nowMs = (): number => stoppedMs ?? Date.now()
  const first = await startStub({ upstream, name: 'first', asked, nowMs })
  const second = await startStub({ upstream, name: 'second', asked, nowMs })
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-faults-'))
  const limits = {
    ...defaultLimits,
    connectMs,
    upstreamFirstByteMs: silenceMs,
    upstreamIdleMs: silenceMs,
    drainMs: 200,
  }
  const urls = { first: getUrl(first), second: getUrl(second), ...unreachable.urls }
  const gateway = await createGateway({
    accounts: Object.entries(urls).map(([name, url]) =>
      createAccount(describeUpstream(upstream, name, url), limits),
    ),
    dataFolder,
    limits,
    nowMs,
    keys: [{ id: 'key_local', name: 'local', secret: rigKey, aws: awsCredentials }],
    adminKey,
    routing: {
      circuit: { failures: 1_000_000 },
      models: Object.fromEntries(
        Object.values(modelsByRoute).map(({ model, upstreams }) => [model, upstreams.map((name) => [name])]),
      ),
    },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const agent = new Agent({ keepAlive: true })
  return {
    asked,
    call: (route, call) =>
      callGateway(url, { key: rigKey, agent }, { ...call, model: modelsByRoute[route].model }),
    stopClock: () => {
      // Dates in headers have no parts of a second.
      stoppedMs = Math.ceil(Date.now() / 1_000) * 1_000
    },
    pass: (ms) => {
      stoppedMs = nowMs() + ms
    },
    getBlockMs: async (route) => {
      const answer = await ask(`${url}/admin/v1/upstreams`, { headers: { 'x-api-key': adminKey } })
      const { data } = JSON.parse(answer.text) as UpstreamList // The admin API's own schema, as far as it is read.
      const health = data.find(({ name }) => name === 'first')?.health ?? []
      const next = health.find(({ model }) => model === modelsByRoute[route].model)?.next_try_at ?? null
      return next === null ? 0 : Date.parse(next) - nowMs()
    },
    rows: () => {
      waitForLedger(dataFolder)
      const database = openDatabase(dataFolder)
      const rows = database.prepare('SELECT * FROM all_calls').all()
      database.close()
      return rows as LedgerRow[] // Every column is TEXT or INTEGER, and the figures are small.
    },
    close: async () => {
      agent.destroy()
      await gateway.close()
      await Promise.all([stop(first), stop(second)])
      rmSync(dataFolder, { recursive: true })
    },
  }
}

interface UpstreamList {
  readonly data: readonly {
    readonly name: string
    readonly health: readonly { readonly model: string; readonly next_try_at: string | null }[]
  }[]
}

const rigKey = 'sk-anthology-key-of-the-fault-matrix'
const adminKey = 'admin-key-of-the-fault-matrix-00000000'

/** Well above the time of an answer on a busy machine, because each silent upstream costs a call this time. */
const silenceMs = 6_000

/** The same for connections and handshakes. */
const connectMs = 4_000

function describeUpstream(
  upstream: FaultUpstream,
  name: string,
  url: string,
): Parameters<typeof createAccount>[0] {
  const models = Object.fromEntries(Object.values(modelsByRoute).map(({ model }) => [model, model]))
  const secret = 'a-credential-of-the-fault-matrix'
  const bedrock = {
    platform: 'bedrock',
    name,
    models,
    base_url: url,
    region: 'us-east-1',
    bearer_token: secret,
  } as const
  switch (upstream) {
    case 'anthropic':
      return { platform: 'anthropic', name, models, base_url: url, api_key: secret }
    case 'bedrock':
      return bedrock
    case 'bedrock-messages':
      return { ...bedrock, surface: 'messages' }
    case 'bedrock-mantle':
      return { ...bedrock, surface: 'mantle' }
    case 'vertex':
      return {
        platform: 'vertex',
        name,
        models,
        base_url: url,
        project: 'p',
        location: 'us-east5',
        access_token: secret,
      }
    case 'foundry':
      return { platform: 'foundry', name, models, base_url: `${url}/anthropic`, api_key: secret }
  }
}

interface StubOptions {
  readonly upstream: FaultUpstream
  readonly name: 'first' | 'second'
  readonly asked: Asked
  readonly nowMs: () => number
}

async function startStub({ upstream, name, asked, nowMs }: StubOptions): Promise<Server> {
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
      const request = { upstream, stream, response, socket: incoming.socket, nowMs: nowMs() }
      const known = findFault(fault) // Calls without a fault have another text.
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
