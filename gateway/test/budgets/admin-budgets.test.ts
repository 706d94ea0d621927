import { setTimeout } from 'node:timers/promises'

import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { createBody, startWithBudgets } from './budget-calls.ts'

const adminKey = 'the-admin-key-of-the-tests'

interface Answer {
  readonly status: number
  readonly value: Readonly<Record<string, unknown>>
}

async function askAdmin(
  gateway: RunningGateway,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const { status, text } = await ask(`${gateway.url}/admin/v1${path}`, {
    method,
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status, value: text === '' ? {} : (JSON.parse(text) as Answer['value']) }
}

test('a budget that is created, changed and deleted over the API is effective within a second', async () => {
  const gateway = await startWithBudgets({ adminKey })
  await gateway.post(createBody())

  const created = await askAdmin(gateway, 'POST', '/budgets', {
    scope: 'organization',
    limit: '0.0001',
    window: 'day',
  })
  const id = String(created.value['id'])
  await setTimeout(1_000)
  const refused = await gateway.post(createBody())
  const shown = await askAdmin(gateway, 'GET', `/budgets/${id}`)
  const raised = await askAdmin(gateway, 'PATCH', `/budgets/${id}`, {
    raise: { to: '1', until: '2100-01-01' },
  })
  await setTimeout(300)
  const served = await gateway.post(createBody())
  const deleted = await askAdmin(gateway, 'DELETE', `/budgets/${id}`)
  const gone = await askAdmin(gateway, 'GET', `/budgets/${id}`)

  expect(created).toMatchObject({
    status: 201,
    value: {
      scope: 'organization',
      models: null,
      limit: '0.0001',
      timezone: 'UTC',
      rolling: false,
      action: 'block',
    },
  })
  expect(refused.status).toBe(429)
  // The call before the budget counts, although it held nothing on it.
  expect(Number(shown.value['spent'])).toBeGreaterThan(0)
  expect(shown.value).toMatchObject({ thresholds: [75, 95], raise: null, source: 'api' })
  expect(raised.value).toMatchObject({ raise: { to: '1.00', until: '2100-01-01T00:00:00.000Z' } })
  expect(served.status).toBe(200)
  expect([deleted.status, gone.status]).toEqual([200, 404])
  const audit = await askAdmin(gateway, 'GET', '/audit')
  const actions = (audit.value['data'] as { action: string }[]).map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['createBudget', 'updateBudget', 'deleteBudget']))
})

test.each([
  [{ scope: 'team:red', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'workspace:unknown', limit: '5', window: 'day' }, null],
  [{ scope: 'organization', limit: '5', window: 'fortnight' }, 'window'],
  [{ scope: 'organization', limit: '-5', window: 'day' }, 'limit'],
  [{ scope: 'organization', limit: '99999999', window: 'day' }, 'limit'],
  [{ scope: 'organization', limit: '5', window: 'day', timezone: 'Mars/Olympus' }, 'timezone'],
  [{ scope: 'organization', limit: '5', window: 'total', rolling: true }, 'rolling'],
  [{ scope: 'organization', limit: '5', window: 'day', models: ['claude-none'] }, 'models'],
])('refuses the budget %j', async (body, member) => {
  const gateway = await startWithBudgets({ adminKey })

  const { status, value } = await askAdmin(gateway, 'POST', '/budgets', body)

  expect(status).toBe(member === null ? 404 : 400)
  if (member !== null) expect(value).toMatchObject({ member })
})

test('a key explains every limit that applies to it', async () => {
  const gateway = await startWithBudgets({
    adminKey,
    rates: { models: { 'claude-haiku-4-5': { requests_per_minute: 60 } } },
    budgets: {
      budgets: [
        { scope: 'organization', limit: '5', window: 'month' },
        { scope: 'key:local', limit: '1', window: 'day' },
        { scope: 'key:other', limit: '1', window: 'day' },
      ],
    },
  })
  await gateway.post(createBody())
  await setTimeout(300)

  const { status, value } = await askAdmin(gateway, 'GET', '/keys/local/limits')

  expect(status).toBe(200)
  expect(value).toMatchObject({
    key: 'local',
    rates: [{ requests_per_minute: 60, input_tokens_per_minute: null }],
    budgets: [
      {
        scope: 'organization',
        limit: '5.00',
        held: '0.00',
        resets_at: expect.stringContaining('T00:00:00Z'),
      },
      { scope: 'key:local', limit: '1.00' },
    ],
  })
  const [organization] = value['budgets'] as { spent: string; left: string }[]
  expect(Number(organization?.spent) + Number(organization?.left)).toBeCloseTo(5, 9)
  expect(Number(organization?.spent)).toBeGreaterThan(0)
})

test('the spending of a budget is the cost of its calls, whatever its scope and its models', async () => {
  const limits = { limit: '5', window: 'month' } as const
  const gateway = await startWithBudgets({
    adminKey,
    budgets: {
      labels: ['project'],
      budgets: [
        { scope: 'organization', ...limits },
        { scope: 'key:local', ...limits },
        { scope: 'workspace:default', ...limits },
        { scope: 'label:project=apollo', ...limits },
        { scope: 'organization', models: ['claude-sonnet-4-5'], ...limits, window: 'week' },
        { scope: 'key:other', ...limits, rolling: true },
      ],
    },
  })
  await gateway.post(createBody())
  await gateway.post(createBody(), { headers: { 'x-anthology-labels': 'project=apollo' } })
  await gateway.post(createBody({ model: 'claude-sonnet-4-5' }))
  const calls = gateway.rows()
  const { value } = await askAdmin(gateway, 'GET', '/budgets')

  const entries = await Promise.all(
    (value['data'] as { id: string; scope: string; window: string }[]).map(async ({ id, scope, window }) => {
      const spending = await askAdmin(gateway, 'GET', `/budgets/${id}/spending`)
      const steps = spending.value['data'] as { cost_usd: string }[]
      const nanoUsd = steps.reduce((sum, step) => sum + Math.round(Number(step.cost_usd) * 1e9), 0)
      return [`${scope} ${window}`, nanoUsd] as const
    }),
  )

  const costs = calls.map((row) => Number(row['cost_nano_usd']))
  const [all, apollo, sonnet] = [costs.reduce((sum, cost) => sum + cost, 0), costs[1], costs[2]]
  expect(Object.fromEntries(entries)).toEqual({
    'organization month': all,
    'key:local month': all,
    'workspace:default month': all,
    'label:project=apollo month': apollo,
    'organization week': sonnet,
    'key:other month': 0,
  })
})
