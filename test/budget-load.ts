import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { createKey, ensureWorkspaces, insertKey, openStore } from '@anthology/gateway'

import { startPostgres } from '../gateway/test/store/running-postgres.ts'
import { listWorkers, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'
import { checkLedger } from './budget-check.ts'
import type { BudgetCheck, LedgerCall, Refusal } from './budget-check.ts'

/** A key with a budget of its own, and the calls of its clients. */
export interface LoadedKey {
  /** US dollars. */
  readonly limit: string
  readonly model: string
  /** The number of characters of its prompts: a long one makes calls dear. */
  readonly promptLength: number
}

export interface BudgetLoad {
  /** `sqlite`: one server with two workers. `postgres`: three servers with one process each. */
  readonly store: 'sqlite' | 'postgres'
  readonly keys: readonly LoadedKey[]
  /** US dollars of all keys together. */
  readonly organization: string
  readonly clients: number
  /** The number of bursts of kills; after each one the load goes on for a while without kills. */
  readonly bursts: number
  readonly seed: number
  readonly log?: (text: string) => void
}

export interface BudgetLoadResult {
  readonly budgets: readonly BudgetCheck[]
  readonly kills: number
  /** The number of calls by the status that their clients got; 0: the connection broke. */
  readonly statuses: Readonly<Record<string, number>>
}

/**
 * Runs clients with plain calls and with streams that may become long, kills processes with SIGKILL at random and starts
 * them again, then spends what is left of each budget. Judges the result from the ledger alone.
 */
export async function runBudgetLoad(load: BudgetLoad): Promise<BudgetLoadResult> {
  const site = await createSite(load)
  try {
    const traffic = new Traffic(load, site)
    const running = Array.from({ length: load.clients }, (_, number) => traffic.runClient(number))
    await traffic.waitForAnswers()
    for (let burst = 0; burst < load.bursts; burst += 1) {
      load.log?.(`burst ${burst + 1} of ${load.bursts}: ${JSON.stringify(traffic.countStatuses())}`)
      await site.killBurst()
      await wait(quietMs)
    }
    traffic.stop()
    await Promise.all(running)
    load.log?.('spends what is left')
    for (const key of site.keys) await traffic.spendRest(key)
    await site.stopServers()
    const calls = await site.readCalls()
    return {
      budgets: checkLedger(site.budgets, calls, { refused: traffic.refused, unquiet: site.unquiet }),
      kills: site.kills,
      statuses: traffic.countStatuses(),
    }
  } finally {
    await site.remove()
  }
}

/** Time without kills after each burst. */
const quietMs = 1_500

/** Time until the calls of a killed worker are counted. */
const settleMs = 1_000

interface SiteKey extends LoadedKey {
  readonly id: string
  readonly secret: string
}

interface RunningServer {
  readonly folder: string
  process: ServerProcess | null
}

type Site = Awaited<ReturnType<typeof createSite>>

async function createSite(load: BudgetLoad) {
  const root = mkdtempSync(join(tmpdir(), 'anthology-budgets-'))
  const postgres = load.store === 'postgres' ? await startPostgres() : null
  const store = await postgres?.createDatabase()
  const random = createRandom(load.seed)
  const count = store === undefined ? 1 : 3
  const servers = Array.from({ length: count }, (): RunningServer => {
    return { folder: mkdtempSync(join(root, 'data-')), process: null }
  })
  const database = await openStore({ dataFolder: servers[0]?.folder ?? '', store })
  await ensureWorkspaces(database, [], Date.now())
  const keys: SiteKey[] = []
  for (const [at, each] of load.keys.entries()) {
    const { record, secret } = createKey(`key${at}`, null, Date.now())
    await insertKey(database, record)
    keys.push({ ...each, id: record.id, secret })
  }
  await database.close()
  const budgets = [
    { scope: 'organization', keyId: null, limit: load.organization },
    ...keys.map(({ id, limit }, at) => ({ scope: `key:key${at}`, keyId: id, limit })),
  ]
  const lines = budgets.map(
    ({ scope, limit }) => `  - { scope: "${scope}", limit: "${limit}", window: total }`,
  )
  const config = join(root, 'anthology.yaml')
  // Slow enough that a kill meets running calls.
  const upstream = '  - { name: emulator, platform: emulator, tokens_per_second: 400 }'
  writeFileSync(config, `upstreams:\n${upstream}\nbudgets:\n${lines.join('\n')}\n`)
  const flags = ['--config', config, '--quiet', ...(store === undefined ? ['--workers', '2'] : [])]
  if (store !== undefined) flags.push('--store', store, '--workers', '1')
  const unquiet: { readonly sinceMs: number; untilMs: number }[] = []
  let kills = 0

  async function start(server: RunningServer): Promise<void> {
    server.process = await startServer(server.folder, flags)
  }

  async function killServer(server: RunningServer): Promise<void> {
    const { process: running } = server
    if (running === null) return
    server.process = null
    await running.kill('SIGKILL')
    await wait(random(300))
    await start(server)
  }

  function killWorker(server: RunningServer): void {
    const workers = server.process === null ? [] : listWorkers(server.process)
    const victim = workers[random(workers.length || 1)]
    if (victim !== undefined) process.kill(victim, 'SIGKILL')
  }

  await Promise.all(servers.map(start))
  return {
    keys,
    budgets: budgets.map((budget) => ({ ...budget, limitNanoUsd: Math.round(Number(budget.limit) * 1e9) })),
    unquiet,
    get kills() {
      return kills
    },
    /** A server that runs. */
    pickServer(number: number): ServerProcess | null {
      return servers[number % servers.length]?.process ?? null
    },
    async killBurst(): Promise<void> {
      const time = { sinceMs: Date.now(), untilMs: Infinity }
      unquiet.push(time)
      const starting: Promise<void>[] = []
      for (let left = 1 + random(3); left > 0; left -= 1) {
        const server = servers[random(servers.length)]
        kills += 1
        if (server !== undefined && store === undefined && random(3) > 0) killWorker(server)
        else if (server !== undefined) starting.push(killServer(server))
        await wait(random(400))
      }
      await Promise.all(starting)
      time.untilMs = Date.now() + settleMs
    },
    async stopServers(): Promise<void> {
      await Promise.all(servers.map(async (server) => server.process?.close()))
    },
    async readCalls(): Promise<readonly LedgerCall[]> {
      const ledger = await openStore({ dataFolder: servers[0]?.folder ?? '', store })
      const rows = await ledger.query(
        'SELECT key_id, started_at_ms, total_ms, streamed, outcome, cost_nano_usd, hold_nano_usd FROM all_calls',
      )
      await ledger.close()
      return rows.map((row) => ({
        keyId: String(row['key_id']),
        startedAtMs: Number(row['started_at_ms']),
        totalMs: row['total_ms'] === null ? null : Number(row['total_ms']),
        isStream: Number(row['streamed']) === 1,
        costNanoUsd: row['cost_nano_usd'] === null ? null : Number(row['cost_nano_usd']),
        holdNanoUsd: Number(row['hold_nano_usd'] ?? 0),
        isUnknown: row['outcome'] === 'unknown' || row['outcome'] === null,
      }))
    },
    async remove(): Promise<void> {
      await Promise.all(servers.map(async (server) => server.process?.kill('SIGKILL')))
      await postgres?.remove()
      rmSync(root, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** The clients and what they got. */
class Traffic {
  readonly refused: Refusal[] = []
  readonly #site: Site
  readonly #agent: Agent
  readonly #statuses = new Map<number, number>()
  #isOver = false

  constructor({ clients }: BudgetLoad, site: Site) {
    this.#site = site
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients })
  }

  stop(): void {
    this.#isOver = true
  }

  async runClient(number: number): Promise<void> {
    const key = this.#site.keys[number % this.#site.keys.length]
    if (key === undefined) return
    for (let call = 0; !this.#isOver; call += 1) {
      const status = await this.#send(number + call, key, (number + call) % 3 === 0)
      if (status !== 200) await wait(pauseMs)
    }
  }

  async waitForAnswers(): Promise<void> {
    while ((this.#statuses.get(200) ?? 0) < firstAnswers) await wait(50)
  }

  /** Spends what is left of a key, first with several clients, then call by call, when nothing else is held. */
  async spendRest(key: SiteKey): Promise<void> {
    await Promise.all(Array.from({ length: restClients }, () => this.#sendUntilRefused(key)))
    await this.#sendUntilRefused(key)
  }

  /** Sends plain calls until every server has refused one: what others do not use is given back. */
  async #sendUntilRefused(key: SiteKey): Promise<void> {
    for (let refused = 0, number = 0; refused < 3; number += 1) {
      if (number > maxRestCalls) throw new Error(`${key.limit} USD are not spent by ${number} calls`)
      const status = await this.#send(number, key, false)
      if (status === 429) refused += 1
      else if (status === 200) refused = 0
    }
  }

  countStatuses(): Record<string, number> {
    return Object.fromEntries([...this.#statuses].map(([status, times]) => [String(status), times]))
  }

  async #send(number: number, key: SiteKey, isStream: boolean): Promise<number> {
    const server = this.#site.pickServer(number)
    const sentAtMs = Date.now()
    const { status, text } = await post(server, this.#agent, { key, body: createBody(key, isStream) })
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
    const scope = /budget of (\S+):/.exec(text)?.[1]
    if (status === 429 && scope !== undefined)
      this.refused.push({ scope, keyId: key.id, isStream, sentAtMs, answeredAtMs: Date.now(), text })
    return status
  }
}

const restClients = 12

/** Answers before the first kill. */
const firstAnswers = 20

const maxRestCalls = 100_000

/** A client does not ask again at once after a refusal, or while its server starts. */
const pauseMs = 20

function createBody({ model, promptLength }: LoadedKey, isStream: boolean): string {
  const question = isStream ? 'Write 400 words about rivers.' : 'Name a city.'
  const content = `${'The river is long. '.repeat(Math.ceil(promptLength / 19))}${question}`
  return JSON.stringify({
    model,
    max_tokens: isStream ? 30_000 : 300,
    stream: isStream,
    messages: [{ role: 'user', content }],
  })
}

/** The status is 0 if the server died. */
function post(
  server: ServerProcess | null,
  agent: Agent,
  { key, body }: { readonly key: SiteKey; readonly body: string },
): Promise<{ status: number; text: string }> {
  if (server === null) return Promise.resolve({ status: 0, text: '' })
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': key.secret,
  }
  return new Promise((resolve) => {
    const fail = () => resolve({ status: 0, text: '' })
    const sent = request(`${server.url}/v1/messages`, { method: 'POST', headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part.slice(0, 2_000 - text.length)))
      response.on('close', () =>
        response.complete ? resolve({ status: response.statusCode ?? 0, text }) : fail(),
      )
      response.on('error', fail)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** A small generator of integers below a bound (mulberry32). */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
