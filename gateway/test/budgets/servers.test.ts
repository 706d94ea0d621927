import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { rerateCalls } from '../../src/ledger/rerate.ts'
import { replayJournals } from '../../src/store/copy/replay.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ask } from '../http-client.ts'
import { getPriceTokens } from '../ledger/call-rows.ts'
import { startUpstream } from '../recording-upstream.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { always, never, sendThinking, startSigningUpstream } from '../signing-upstream.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'
import { createBody, startWithBudgets } from './budget-calls.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const poll = { interval: 200 }

async function readSpent(store: string): Promise<{ calls: number; spent: number; hold: number }> {
  const database = await openStore({ dataFolder: '', store })
  const [row] = await database.query(
    `SELECT CAST(sum(coalesce(cost_nano_usd, hold_nano_usd, 0)) AS BIGINT) AS spent, max(hold_nano_usd) AS hold, count(*) AS calls FROM all_calls`,
  )
  await database.close()
  const read = (column: string) => Number(row?.[column] ?? 0)
  return { calls: read('calls'), spent: read('spent'), hold: read('hold') }
}

async function callUntilRefused(gateway: RunningGateway, body: string): Promise<number> {
  for (let calls = 0; ; calls += 1) {
    const { status, text } = await gateway.post(body)
    if (status === 429) return calls
    if (status !== 200) throw new Error(text)
  }
}

test('three servers on one PostgreSQL share a budget: it holds, and the last one can spend what is left', async () => {
  const store = await postgres.createDatabase()
  const budgets = { budgets: [{ scope: 'organization', limit: '0.02', window: 'total' }] } as const
  const first = await startWithBudgets({ store, budgets })
  const others = [await startWithBudgets({ store, budgets }), await startWithBudgets({ store, budgets })]
  const servers = [first, ...others]
  const body = createBody({ max_tokens: 100 })

  const clients = servers.flatMap((server) => Array.from({ length: 8 }, () => callUntilRefused(server, body)))
  const calls = await Promise.all(clients)
  // The others have shares that they do not use; this one gets them.
  await callUntilRefused(first, body)
  await Promise.all(servers.map((server) => server.close()))

  const { spent, hold } = await readSpent(store)
  expect(calls.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  expect(spent).toBeLessThanOrEqual(20_000_000)
  expect(spent).toBeGreaterThan(20_000_000 - hold)
})

test('all servers show what all of them have spent, and a budget that only warns counts the calls of all', async () => {
  const store = await postgres.createDatabase()
  const adminKey = 'the-admin-key-of-the-tests'
  const servers = [
    await startWithBudgets({ store, adminKey }),
    await startWithBudgets({ store, adminKey }),
  ] as const
  const call = async (calls: number) => {
    for (let number = 0; number < calls; number += 1)
      for (const server of servers) expect((await server.post(createBody())).status).toBe(200)
  }
  const askAdmin = async (server: RunningGateway, method: string, path: string, body?: object) => {
    const headers = { 'x-api-key': adminKey, 'content-type': 'application/json' }
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const { text } = await ask(`${server.url}/admin/v1${path}`, sent)
    return JSON.parse(text) as Readonly<Record<string, string>> // A budget.
  }
  await call(1)
  const scope = { scope: 'organization', window: 'day' }
  const { id: warn } = await askAdmin(servers[0], 'POST', '/budgets', {
    ...scope,
    limit: '1',
    action: 'warn',
  })
  const { id: block } = await askAdmin(servers[0], 'POST', '/budgets', { ...scope, limit: '50' })
  await expect
    .poll(async () => (await askAdmin(servers[1], 'GET', `/budgets/${block}`))['limit'], poll)
    .toBe('50.00')
  await call(2)
  await expect.poll(async () => (await readSpent(store)).calls, poll).toBe(6)
  const { spent: total } = await readSpent(store)

  for (const server of servers)
    for (const id of [warn, block])
      await expect
        .poll(async () => {
          const { spent, held, left, limit } = await askAdmin(server, 'GET', `/budgets/${id}`)
          expect(Number(spent) + Number(held) + Number(left)).toBeCloseTo(Number(limit), 9)
          if (id === warn) expect(held).toBe('0.00')
          return Number(spent) * 1e9
        }, poll)
        .toBe(total)
})

test('a server that starts later counts what others have spent', async () => {
  const store = await postgres.createDatabase()
  const budgets = { budgets: [{ scope: 'organization', limit: '0.001', window: 'month' }] } as const
  const first = await startWithBudgets({ store, budgets })
  await callUntilRefused(first, createBody())
  await first.close()

  const second = await startWithBudgets({ store, budgets })
  const answer = await second.post(createBody())

  expect(answer.status).toBe(429)
  expect(answer.text).toMatch(/spent 0\.000[5-9]\d* USD/)
})

test('what a server has spent counts at the others once it has started again, also if they never saw its share', async () => {
  const store = await postgres.createDatabase()
  const budgets = { budgets: [{ scope: 'organization', limit: '0.004', window: 'total' }] } as const
  await (await startWithBudgets({ store, budgets })).close()
  const database = await openStore({ dataFolder: '', store })
  // The sums of a budget that is new are read from the ledger again and again.
  await database.query('UPDATE budgets SET active_from_ms = active_from_ms - 86400000')
  await database.close()
  const first = await startWithBudgets({ store, budgets })
  // It takes from the store several times.
  for (let call = 0; call < 4; call += 1) await first.post(createBody())
  const second = await startWithBudgets({ store, budgets })
  await callUntilRefused(second, createBody())
  await second.close()
  await startWithBudgets({ store, budgets, dataFolder: second.dataFolder })

  await callUntilRefused(first, createBody())
  await first.close()

  expect((await readSpent(store)).spent).toBeLessThanOrEqual(4_000_000)
})

test('a corrected price takes from what servers have of a budget and have not used, until it is corrected again', async () => {
  const store = await postgres.createDatabase()
  const budgets = { budgets: [{ scope: 'organization', limit: '1', window: 'total' }] } as const
  await (await startWithBudgets({ store, budgets })).close()
  const database = await openStore({ dataFolder: '', store })
  // The sums of a budget that is new are read from the ledger again and again.
  await database.query('UPDATE budgets SET active_from_ms = active_from_ms - 86400000')
  const servers = [await startWithBudgets({ store, budgets }), await startWithBudgets({ store, budgets })]
  const callAll = () => Promise.all(servers.map(async (server) => (await server.post(createBody())).status))
  const correct = (totalNanoUsd: bigint) => {
    const priceCall = () => ({ ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd })
    return rerateCalls(database, { sinceMs: 0, priceCall, isDryRun: false, nowMs: Date.now })
  }

  const before = await callAll()
  await expect.poll(async () => (await readSpent(store)).calls, poll).toBe(2)
  const shares = await database.query('SELECT amount_nano_usd FROM budget_leases')
  await correct(600_000_000n)

  expect(before).toEqual([200, 200])
  // Each server has money for hundreds of calls.
  expect(shares.map((row) => Number(row['amount_nano_usd']) > 50_000_000)).toEqual([true, true])
  await expect.poll(callAll, poll).toEqual([429, 429])
  await correct(1_000n)
  await expect.poll(callAll, poll).toEqual([200, 200])
  await database.close()
})

/** Leaves a store and a data folder as after `kill -9` of a server: what it had not used of its share was not given back. */
async function leaveShare() {
  const store = await postgres.createDatabase()
  const budgets = { budgets: [{ scope: 'organization', limit: '0.02', window: 'total' }] } as const
  const killed = await startWithBudgets({ store, budgets })
  await killed.post(createBody())
  await killed.close()
  const database = await openStore({ dataFolder: '', store })
  await database.query('UPDATE budget_leases SET amount_nano_usd = 19000000')
  await database.close()
  return { store, budgets, dataFolder: killed.dataFolder }
}

test('the share of a server that was killed is what its calls have cost, once it has started again', async () => {
  const { store, budgets, dataFolder } = await leaveShare()

  const other = await startWithBudgets({ store, budgets })
  const refused = await other.post(createBody({ max_tokens: 300 }))
  const again = await startWithBudgets({ store, budgets, dataFolder })
  const served = await again.post(createBody({ max_tokens: 300 }))

  expect([refused.status, served.status]).toEqual([429, 200])
})

test('the share of a server that is gone for good ends when its data folder is replayed', async () => {
  const { store, budgets, dataFolder } = await leaveShare()
  const other = await startWithBudgets({ store, budgets })

  const refused = await other.post(createBody({ max_tokens: 300 }))
  await replayJournals(dataFolder, { dataFolder: '', store })
  const served = await other.post(createBody({ max_tokens: 300 }))
  await callUntilRefused(other, createBody())
  await other.close()

  expect([refused.status, served.status]).toEqual([429, 200])
  expect((await readSpent(store)).spent).toBeLessThanOrEqual(20_000_000)
})

test('a conversation that one of two servers has moved stays there at the other one', async () => {
  const store = await postgres.createDatabase()
  const [aa, bb] = await Promise.all([startSigningUpstream('aa'), startSigningUpstream('bb')])
  aa.accepts = bb.accepts = always
  const start = () => startGateway({ store, accounts: [aa.createAccount(), bb.createAccount()] })
  const [first, second] = [await start(), await start()]
  const send = async ({ url }: RunningGateway, issuers: readonly string[]) => {
    const { upstream, notice } = await sendThinking({ url, key: localKey }, issuers)
    return [upstream, notice]
  }
  const before = [await send(first, []), await send(second, [])]

  aa.fails = always
  const moved = await send(first, ['aa'])
  aa.fails = never
  // The time that a client takes at least.
  await new Promise((resolve) => setTimeout(resolve, 300))
  const kept = await send(second, ['aa', 'bb'])
  bb.fails = always
  const back = await send(second, ['aa', 'bb', 'bb'])
  bb.fails = never
  await new Promise((resolve) => setTimeout(resolve, 300))
  const returned = await send(first, ['aa', 'bb', 'bb', 'aa'])

  expect(before).toEqual([
    ['aa', undefined],
    ['aa', undefined],
  ])
  expect(moved).toEqual(['bb', expect.stringContaining('comes from upstream aa')])
  expect(kept).toEqual(['bb', undefined])
  expect(back).toEqual(['aa', expect.stringContaining('comes from upstream bb')])
  expect(returned).toEqual(['aa', undefined])
})

test('servers on one store send an event once, also to a receiver that takes its time', async () => {
  const store = await postgres.createDatabase()
  const receiver = await startUpstream(async (response) => {
    await sleep(1_500)
    response.end()
  })
  const budgets = {
    budgets: [{ scope: 'organization', limit: '0.002', window: 'total', thresholds: [10] }],
    webhooks: [{ url: receiver.url, secret: 'the-secret-of-the-receiver', private: true }],
  } as const
  const servers = [await startWithBudgets({ store, budgets }), await startWithBudgets({ store, budgets })]

  await callUntilRefused(servers[0]!, createBody())
  const isDelivered = async () => {
    const database = await openStore({ dataFolder: '', store })
    const rows = await database.query('SELECT 1 FROM webhook_deliveries WHERE delivered_at_ms IS NOT NULL')
    await database.close()
    return rows.length
  }
  await expect.poll(isDelivered, { ...poll, timeout: 10_000 }).toBe(1)
  await Promise.all(servers.map((server) => server.close()))

  expect(receiver.requests).toHaveLength(1)
})
