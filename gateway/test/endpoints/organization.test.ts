import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import type { AdminClientRequest } from '../../src/auth/admin-access.ts'
import type { Caller } from '../../src/auth/caller.ts'
import { roles } from '../../src/auth/roles.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { printCents } from '../../src/endpoints/organization/cost-report.ts'
import { organizationRoutes } from '../../src/endpoints/organization/organization.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import { localKey, startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody } from '../samples.ts'

const adminKey = createSecret()

interface Reply {
  readonly status: number
  readonly text: string
  /** The parsed body; the tests check its members. */
  readonly body: Readonly<Record<string, unknown>>
}

interface Bucket {
  readonly starting_at: string
  readonly ending_at: string
  readonly results: readonly Readonly<Record<string, unknown>>[]
}

test('every path needs the admin key or one of its roles, and errors have the shape of the API', async () => {
  const gateway = await start({ findMember: findByHeader })

  for (const { path, roles: allowed, example, operation } of organizationRoutes) {
    const target = path.replace('{id}', 'default') + (example.query === undefined ? '' : `?${example.query}`)
    for (const role of roles) {
      const { status } = await get(gateway, target, { 'x-api-key': undefined, 'x-role': role })
      expect(status === 403, `${role} at ${operation}`).toBe(role !== 'admin' && !allowed.includes(role))
    }
    for (const [key, status] of [
      [undefined, 401],
      [localKey, 403],
    ] as const) {
      const reply = await get(gateway, target, { 'x-api-key': key })
      expect(reply.status).toBe(status)
      expect(reply.body).toMatchObject({ type: 'error', error: { type: expect.stringMatching(/_error$/) } })
    }
  }
})

test('nothing can be changed there, and unknown paths and parameters are refused', async () => {
  const gateway = await start()
  const send = (method: string, path: string) =>
    ask(gateway.url + path, { method, body: '{}', headers: { ...usual, 'x-api-key': adminKey } })

  for (const { path } of organizationRoutes)
    expect((await send('POST', path.replace('{id}', 'default'))).status).toBe(405)
  expect((await get(gateway, '/v1/organizations/users')).status).toBe(404)
  expect((await get(gateway, '/v1/organizations')).status).toBe(404)
  expect((await get(gateway, '/v1/organizations/workspaces?colour=red')).status).toBe(400)
  // The ledger does not have this dimension: figures that ignore it would be wrong.
  const grouped = await get(
    gateway,
    '/v1/organizations/usage_report/messages?starting_at=2026-11-01&group_by[]=service_tier',
  )
  expect(grouped.status).toBe(400)
  expect(grouped.text).toContain('group_by.0: must be one of api_key_id, workspace_id, model')
})

test('usage and cost add up to the ledger, by key, workspace, model and description', async () => {
  const gateway = await start()
  const { body: workspace } = await post(gateway, 'workspaces', { name: 'research' })
  const { body: key } = await post(gateway, 'keys', { workspace_id: 'research' })
  await until('the key is known', async () => (await call(gateway, String(key['key']))) === 200)
  for (let time = 0; time < 3; time += 1) await call(gateway, localKey)

  const rows = gateway.rows()
  const today = new Date(new Date().setUTCHours(0, 0, 0, 0)).toISOString()
  const report = (path: string) => get(gateway, `/v1/organizations/${path}starting_at=${today}`)
  await until('the rollups are written', async () => {
    const [bucket] = getBuckets(await report('usage_report/messages?'))
    return sum(bucket?.results ?? [], 'output_tokens') === sumRows(rows, 'output_quantity')
  })

  const byKey = getBuckets(
    await report('usage_report/messages?group_by[]=api_key_id&group_by[]=workspace_id&'),
  )
  const ofKey = getBuckets(
    await report(`usage_report/messages?bucket_width=1h&api_key_ids[]=${String(key['id'])}&`),
  )
  const cost = getBuckets(await report('cost_report?'))
  const lines = getBuckets(await report('cost_report?group_by[]=description&group_by[]=workspace_id&'))

  expect(byKey).toHaveLength(1)
  expect(byKey[0]?.results).toHaveLength(2)
  expect(byKey[0]?.results).toContainEqual(
    expect.objectContaining({ api_key_id: key['id'], workspace_id: workspace['id'], model: null }),
  )
  expect(byKey[0]?.results).toContainEqual(
    expect.objectContaining({ api_key_id: 'key_local', workspace_id: null }),
  )
  const own = rows.filter((row) => row['key_id'] === key['id'])
  expect(
    sum(
      ofKey.flatMap(({ results }) => results),
      'uncached_input_tokens',
    ),
  ).toBe(sumRows(own, 'input_quantity'))
  const nanoUsd = BigInt(sumRows(rows, 'cost_nano_usd'))
  expect(nanoUsd).toBeGreaterThan(0n)
  expect(cost).toMatchObject([
    { results: [{ amount: printCents(nanoUsd), currency: 'USD', description: null }] },
  ])
  expect(lines[0]?.results).toContainEqual(
    expect.objectContaining({
      description: 'Claude Opus 4.1 Usage - Output Tokens',
      token_type: 'output_tokens',
      cost_type: 'tokens',
      workspace_id: workspace['id'],
    }),
  )
  const total = (lines[0]?.results ?? []).reduce((all, { amount }) => all + Number(amount), 0)
  expect(total).toBeCloseTo(Number(printCents(nanoUsd)), 6)
})

test('a report is paged by its buckets, and every bucket comes once', async () => {
  const nowMs = Date.parse('2026-11-20T12:30:00Z')
  const gateway = await start({ nowMs: () => nowMs })
  const path = '/v1/organizations/usage_report/messages?starting_at=2026-11-01T05:00:00Z&limit=6'

  const starts: string[] = []
  let page: string | null = null
  do {
    const { body } = await get(gateway, page === null ? path : `${path}&page=${page}`)
    starts.push(...(body['data'] as Bucket[]).map(({ starting_at: at }) => at))
    page = body['next_page'] as string | null // The cursor of the API.
    expect(body['has_more']).toBe(page !== null)
  } while (page !== null)

  expect(starts).toEqual(
    Array.from({ length: 20 }, (_, day) => `2026-11-${String(day + 1).padStart(2, '0')}T00:00:00.000Z`),
  )
})

test.each([
  ['usage_report/messages', 'starting_at: is required'],
  ['usage_report/messages?starting_at=monday', 'starting_at: must be a time'],
  [
    'usage_report/messages?starting_at=2026-11-02&ending_at=2026-11-01',
    'ending_at: must be after starting_at',
  ],
  ['usage_report/messages?starting_at=2026-11-01&limit=32', 'limit: must be <= 31'],
  ['usage_report/messages?starting_at=2026-11-01&page=page_zz', 'page: must be the next_page'],
  ['cost_report?starting_at=2026-11-01&bucket_width=1h', 'bucket_width: must be one of 1d'],
])('%s is refused: %s', async (path, message) => {
  const gateway = await start()

  const reply = await get(gateway, `/v1/organizations/${path}`)

  expect(reply.status).toBe(400)
  expect(reply.body).toMatchObject({ error: { message: expect.stringContaining(message) } })
})

test.each([
  [0n, '0.00'],
  [1n, '0.0000001'],
  [12_345_000_000n, '1234.50'],
  [1_234_567_890n, '123.456789'],
  [-10_000_000n, '-1.00'],
])('%s nano-dollars are %s cents', (nanoUsd, cents) => {
  expect(printCents(nanoUsd)).toBe(cents)
})

function start(options: StartOptions = {}): Promise<RunningGateway> {
  const emulator = createEmulator({ seed: 'organization', keepRequests: false, tokensPerSecond: 0 })
  const account = { name: 'claude', platform: 'anthropic', upstream: emulator, secrets: [] } as const
  return startGateway({ adminKey, accounts: [account], ...options })
}

async function get(
  gateway: RunningGateway,
  path: string,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<Reply> {
  const { status, text } = await ask(gateway.url + path, {
    headers: { ...usual, 'x-api-key': adminKey, ...headers },
  })
  return { status, text, body: JSON.parse(text) as Reply['body'] } // Every answer is a JSON object.
}

async function post(gateway: RunningGateway, kind: string, body: object): Promise<Reply> {
  const { status, text } = await ask(`${gateway.url}/admin/v1/${kind}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { ...usual, 'x-api-key': adminKey },
  })
  return { status, text, body: JSON.parse(text) as Reply['body'] } // Every answer is a JSON object.
}

async function call(gateway: RunningGateway, key: string): Promise<number> {
  return (await gateway.post(callBody, { headers: { 'x-api-key': key } })).status
}

function getBuckets({ body, text }: Reply): readonly Bucket[] {
  if (!Array.isArray(body['data'])) throw new Error(text)
  return body['data'] as Bucket[] // The buckets of a report.
}

function sum(results: Bucket['results'], name: string): number {
  return results.reduce((all, result) => all + Number(result[name]), 0)
}

function sumRows(rows: ReturnType<RunningGateway['rows']>, name: string): number {
  return rows.reduce((all, row) => all + Number(row[name] ?? 0), 0)
}

/** A caller with the role of a header, as a session would give it. */
async function findByHeader({ headers }: AdminClientRequest): Promise<Caller | null> {
  const role = roles.find((name) => name === headers['x-role'])
  return role === undefined ? null : { role, actor: `the ${role}`, memberId: null, workspaces: null }
}
