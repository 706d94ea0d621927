import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, onTestFinished, test } from 'vitest'

import { listWorkers, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'

const clients = 64

/** One call in three is a stream that may become long; the others are plain. */
const bodies = [false, false, true].map((stream) =>
  JSON.stringify({
    model: 'claude-haiku-4-5',
    max_tokens: stream ? 30_000 : 300,
    stream,
    messages: [{ role: 'user', content: stream ? 'Write 400 words about rivers.' : 'Name a city.' }],
  }),
)

test.each(['0.01', '0.5'])(
  `${clients} clients of two workers never spend more than %s USD, although workers are killed`,
  async (limit) => {
    const { server, dataFolder } = await start(limit)
    const random = createRandom(limit.length)
    const stop = new AbortController()
    const statuses: number[] = []
    const agent = new Agent({ keepAlive: true, maxSockets: clients })
    const client = async (number: number) => {
      for (let call = 0; !stop.signal.aborted; call += 1)
        statuses.push(await send(server, agent, bodies[(number + call) % bodies.length] ?? ''))
    }
    const running = Array.from({ length: clients }, (_, number) => client(number))

    // Until the budget has refused many calls; workers die at random meanwhile.
    for (let kills = 0; count(statuses, 429) < 200; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100 + random(400)))
      const workers = listWorkers(server)
      const victim = workers[random(workers.length || 1)]
      if (victim !== undefined && kills < 6) process.kill(victim, 'SIGKILL')
    }
    stop.abort()
    await Promise.all(running)
    // The holds of other calls are free again, and the calls of killed workers are counted.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    while ((await send(server, agent, bodies[0] ?? '')) !== 429);
    agent.destroy()
    await server.close()

    const { spent, calls, maxHold, unknown } = readLedger(dataFolder)
    const limitNanoUsd = Number(limit) * 1e9
    expect(count(statuses, 200)).toBeGreaterThan(0)
    expect(spent).toBeLessThanOrEqual(limitNanoUsd)
    // A call is refused only if its hold does not fit, so what is left is less than the largest of them.
    expect(spent).toBeGreaterThan(limitNanoUsd - maxHold)
    expect(calls).toBeGreaterThan(unknown)
  },
)

async function start(limit: string): Promise<{ server: ServerProcess; dataFolder: string }> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-budget-'))
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }))
  const config = join(dataFolder, 'anthology.yaml')
  writeFileSync(config, `budgets: [{ scope: organization, limit: "${limit}", window: total }]\n`)
  const server = await startServer(dataFolder, ['--config', config, '--workers', '2', '--quiet'])
  onTestFinished(() => server.close())
  return { server, dataFolder }
}

/** The status of a call; 0 if its worker died. */
function send({ url, key }: ServerProcess, agent: Agent, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': key }
  return new Promise((resolve) => {
    const sent = request(`${url}/v1/messages`, { method: 'POST', headers, agent }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
      response.on('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0))
    })
    sent.on('error', () => resolve(0))
    sent.end(body)
  })
}

interface LedgerSums {
  readonly spent: number
  readonly calls: number
  readonly maxHold: number
  readonly unknown: number
}

/** Sums the ledger in the end: a call that never ended counts with its hold. */
function readLedger(dataFolder: string): LedgerSums {
  const database = openDatabase(dataFolder)
  try {
    const row = database
      .prepare(
        `SELECT sum(coalesce(cost_nano_usd, hold_nano_usd, 0)) AS spent, count(*) AS calls,
           max(hold_nano_usd) AS largest, count(*) FILTER (WHERE outcome = 'unknown') AS unknown FROM all_calls`,
      )
      .get()
    return {
      spent: Number(row?.['spent']),
      calls: Number(row?.['calls']),
      maxHold: Number(row?.['largest']),
      unknown: Number(row?.['unknown']),
    }
  } finally {
    database.close()
  }
}

function count(statuses: readonly number[], status: number): number {
  return statuses.filter((each) => each === status).length
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
