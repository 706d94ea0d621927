import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { insertKey } from '../../src/organization/keys.ts'
import { createMember } from '../../src/organization/members.ts'
import { createWorkspace } from '../../src/organization/workspaces.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { until } from '../condition.ts'
import { open } from '../http-client.ts'
import { callEnd, callStart, writeRows } from '../ledger/call-rows.ts'
import { openStream, plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, readRows, startGateway, temporaryFolder, usual } from '../running-gateway.ts'
import type { StartOptions } from '../running-gateway.ts'
import { events } from '../samples.ts'
import { createBody, haiku, startWithBudgets, sumRows } from './budget-calls.ts'

// Each is a complaint of users of other gateways about their budgets (public issues of 2025 and 2026).

const now = Date.parse('2026-11-29T12:00:00Z')
const nowMs = () => now
const zero = '0'
const pinned = 'claude-haiku-4-5-20251001'

/** A data folder whose ledger has calls of the local key, with their times and costs in nano-dollars. */
function createFolder(calls: readonly (readonly [atMs: number, nanoUsd: bigint])[]): string {
  const dataFolder = temporaryFolder()
  const database = openDatabase(dataFolder)
  writeRows(
    database,
    calls.map(([atMs, totalNanoUsd], index) => ({
      start: callStart({ id: `req_${index}`, started_at_ms: atMs, key_id: 'key_local', model: pinned }),
      end: callEnd({ price: { ok: true, rateCard: 'card', lines: [], totalNanoUsd, unpriced: [] } }),
    })),
  )
  database.close()
  return dataFolder
}

test.each([
  ['organization', {}],
  ['workspace:research', {}],
  ['member:ada', {}],
  ['key:ci', {}],
  ['label:project=apollo', { 'x-anthology-labels': 'environment=prod,project=apollo' }],
])('1: a budget of %s is enforced', async (scope, headers) => {
  const dataFolder = temporaryFolder()
  const database = createSqliteDatabase(openDatabase(dataFolder))
  const made = await database.transaction(async (queries) => {
    const workspace = await createWorkspace(queries, { name: 'research' }, now)
    const member = await createMember(queries, { name: 'ada' }, now)
    const owner = { workspaceId: workspace.result.id, memberId: member.result.id }
    const key = createKey('ci', null, now, owner)
    await insertKey(queries, key.record)
    return key
  })
  await database.close()
  const gateway = await startWithBudgets({
    dataFolder,
    budgets: { labels: ['project', 'environment'], budgets: [{ scope, limit: '0.0001', window: 'day' }] },
  })
  const own = { ...headers, 'x-api-key': made.secret }

  const refused = await gateway.post(createBody(), { headers: own })
  const other = await gateway.post(createBody())

  expect(refused.status).toBe(429)
  expect(refused.text).toContain(`budget of ${scope}`)
  // Another key of another workspace, without a member or labels.
  expect(other.status).toBe(scope === 'organization' ? 429 : 200)
})

test.each([
  [1_000_000n, 429],
  [999_999n, 200],
])('2: with %s of 1,000,000 nano-dollars spent, a call that costs nothing gets %s', async (spent, status) => {
  const emulator = createEmulator()
  const gateway = await startGateway({
    accounts: [{ name: 'own', platform: 'anthropic', upstream: emulator, secrets: [], rates: () => 0n }],
    dataFolder: createFolder([[now - 1_000, spent]]),
    nowMs,
    budgets: { budgets: [{ scope: 'organization', limit: '0.001', window: 'day' }] },
  })

  const answer = await gateway.post(createBody())

  expect(answer.status).toBe(status)
})

test('4: a budget begins anew with the next window of its zone, without a job', async () => {
  let time = Date.parse('2026-11-29T22:59:00Z')
  const gateway = await startWithBudgets({
    dataFolder: createFolder([[time - 60_000, 9_999_000n]]),
    nowMs: () => time,
    budgets: { budgets: [{ scope: 'key:local', limit: '0.01', window: 'day', timezone: 'Europe/Berlin' }] },
  })

  const before = await gateway.post(createBody())
  time = Date.parse('2026-11-29T23:00:00Z')
  const after = await gateway.post(createBody())

  expect([before.status, after.status]).toEqual([429, 200])
  expect(before.text).toContain('It resets at 2026-11-29T23:00:00Z.')
})

test('5: a new budget counts what was spent in its window, and nothing from before', async () => {
  const dataFolder = createFolder([
    [Date.parse('2026-11-28T23:59:59Z'), 900_000_000n],
    [Date.parse('2026-11-29T00:00:00Z'), 9_000_000n],
  ])
  const refusal = async (limit: string) => {
    const gateway = await startWithBudgets({
      dataFolder,
      nowMs,
      budgets: { budgets: [{ scope: 'organization', limit, window: 'day' }] },
    })
    const answer = await gateway.post(createBody())
    await gateway.close()
    return answer
  }

  const small = await refusal('0.0091')
  const large = await refusal('0.02')

  expect(small.text).toContain('spent 0.009 USD')
  expect([small.status, large.status]).toEqual([429, 200])
})

test('6: the refusal names scope, limit, spent, what is held, the reset time and the id', async () => {
  const gateway = await startWithBudgets({
    dataFolder: createFolder([[now - 1_000, 45_000_000n]]),
    nowMs,
    budgets: { budgets: [{ scope: 'key:local', limit: '0.05', window: 'week', models: [haiku] }] },
  })

  const answer = await gateway.post(createBody({ max_tokens: 8_000 }))

  expect(answer.text).toMatch(
    /budget of key:local: limit 0\.05 USD per week \(UTC\) for claude-haiku-4-5-20251001, spent 0\.045 USD, needed 0\.0\d+ USD\. It resets at 2026-11-30T00:00:00Z\. \(budget: budget_[0-9a-f]{20}\)/,
  )
})

test('7: concurrent calls do not overshoot, and calls that fit are not refused', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: '0.05', window: 'day' }] },
  })
  const body = createBody({ max_tokens: 400 })
  const statuses: number[] = []
  const client = async () => {
    for (let call = 0; call < 12; call += 1) statuses.push((await gateway.post(body)).status)
  }

  await Promise.all(Array.from({ length: 64 }, client))

  const spent = sumRows(gateway)
  expect(spent).toBeLessThanOrEqual(50_000_000)
  // The most that one call holds: its bytes as tokens of input, and all of max_tokens.
  const hold = Number(gateway.rows()[0]?.['hold_nano_usd'])
  expect(hold).toBeLessThan(2_500_000)
  expect(spent).toBeGreaterThan(50_000_000 - hold)
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
})

test('8: a call without a known price is refused, or counts with the fallback price', async () => {
  // Fast mode has no price on this model.
  const usage = { input_tokens: 10, output_tokens: 5, speed: 'fast' }
  const upstream = await startUpstream(plain(JSON.stringify({ type: 'message', id: 'msg_1', usage })))
  const start = (fallback: StartOptions['budgets']) =>
    startGateway({
      accounts: [httpAccount(upstream.url)],
      validateRequests: false,
      budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'day' }], ...fallback },
    })
  const refusing = await start({})
  const pricing = await start({ fallback_price: { input: '10', output: '100' } })

  const refused = await refusing.post(createBody({ speed: 'fast' }))
  const priced = await pricing.post(createBody({ speed: 'fast' }))

  expect(refused.status).toBe(400)
  expect(refused.text).toContain(`no budget can hold money for ${pinned}`)
  expect(priced.status).toBe(200)
  expect(pricing.rows()).toMatchObject([{ rate_card: 'fallback_price', cost_nano_usd: 100_000 + 500_000 }])
})

test('9: a stream that its client leaves is not free', async () => {
  const upstream = await startUpstream(openStream(events.slice(0, 4)))
  const gateway = await startGateway({
    accounts: [httpAccount(upstream.url)],
    budgets: { budgets: [{ scope: 'organization', limit: '1', window: 'day' }] },
  })

  const body = createBody({ model: 'claude-opus-4-1', stream: true })
  const { response } = await open(`${gateway.url}/v1/messages`, { method: 'POST', body, headers: usual })
  await new Promise((resolve) => response.once('data', resolve))
  response.destroy()
  await until('the call has ended', () => gateway.rows().some(({ outcome }) => outcome === 'client_closed'))
  await gateway.close()

  const again = await startGateway({
    accounts: [httpAccount(upstream.url)],
    dataFolder: gateway.dataFolder,
    budgets: { budgets: [{ scope: 'organization', limit: '0.000000001', window: 'day' }] },
  })
  const refused = await again.post(createBody())
  expect(sumRows(gateway)).toBeGreaterThan(0)
  expect(refused.text).not.toContain('spent 0.00 USD')
})

test('10: a client is told not to retry, and no time after which it could', async () => {
  const gateway = await startWithBudgets({
    budgets: { budgets: [{ scope: 'organization', limit: zero, window: 'total' }] },
  })

  const { status, headers, text } = await gateway.post(createBody())

  expect(status).toBe(429)
  expect(headers).toMatchObject({
    'x-should-retry': 'false',
    'anthropic-ratelimit-unified-status': 'rejected',
  })
  expect(headers['retry-after']).toBeUndefined()
  expect(text).toContain('It does not reset.')
})

test("11: calls to an upstream with prices of one's own count like all others", async () => {
  const emulator = createEmulator()
  const rates = () => 1_000_000_000n
  const gateway = await startGateway({
    accounts: [{ name: 'own', platform: 'anthropic', upstream: emulator, secrets: [], rates }],
    budgets: { budgets: [{ scope: 'organization', limit: '0.35', window: 'day' }] },
  })

  const first = await gateway.post(createBody({ max_tokens: 200 }))
  const second = await gateway.post(createBody({ max_tokens: 200 }))

  expect([first.status, second.status]).toEqual([200, 429])
})

test.each([
  [{ window: 'day' }, 200],
  [{ window: 'day', rolling: true }, 429],
  [{ window: 'week' }, 429],
  [{ window: 'total' }, 429],
] as const)('12: what was spent yesterday evening in a budget %j leads to %s', async (settings, status) => {
  const gateway = await startWithBudgets({
    dataFolder: createFolder([[Date.parse('2026-11-28T20:00:00Z'), 10_000_000n]]),
    nowMs,
    budgets: { budgets: [{ scope: 'organization', limit: '0.01', ...settings }] },
  })

  const answer = await gateway.post(createBody())

  expect(answer.status).toBe(status)
  expect(readRows(gateway.dataFolder)).toHaveLength(status === 200 ? 2 : 1)
})
