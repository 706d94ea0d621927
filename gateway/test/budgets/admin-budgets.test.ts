import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { createBody, startWithBudgets } from './budget-calls.ts'

const adminKey = 'the-admin-key-of-the-tests'

interface Answer {
  readonly status: number
  readonly value: Readonly<Record<string, unknown>>
}

const poll = { interval: 100 }

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

test('a budget that is created, changed and deleted over the API is effective without a restart', async () => {
  const gateway = await startWithBudgets({ adminKey })
  await gateway.post(createBody())
  const call = async () => (await gateway.post(createBody())).status

  const created = await askAdmin(gateway, 'POST', '/budgets', {
    scope: 'organization',
    limit: '0.0001',
    window: 'day',
  })
  const id = String(created.value['id'])
  await expect.poll(call).toBe(429)
  const shown = await askAdmin(gateway, 'GET', `/budgets/${id}`)
  const raised = await askAdmin(gateway, 'PATCH', `/budgets/${id}`, {
    raise: { to: '1', until: '2100-01-01' },
  })
  await expect.poll(call).toBe(200)
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
  // The call before the budget counts, although it held nothing on it.
  expect(Number(shown.value['spent'])).toBeGreaterThan(0)
  expect(shown.value).toMatchObject({ thresholds: [75, 95], raise: null, source: 'api' })
  expect(raised.value).toMatchObject({ raise: { to: '1.00', until: '2100-01-01T00:00:00.000Z' } })
  expect([deleted.status, gone.status]).toEqual([200, 404])
  const audit = await askAdmin(gateway, 'GET', '/audit')
  const actions = (audit.value['data'] as { action: string }[]).map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['createBudget', 'updateBudget', 'deleteBudget']))
})

test.each([
  [{ scope: 'team:red', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'workspace:unknown', limit: '5', window: 'day' }, null],
  [{ scope: 'label:unknown=x', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'label:known=a,b', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'label:known=Büro', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'label:known= a', limit: '5', window: 'day' }, 'scope'],
  [{ scope: 'organization', limit: '5', window: 'fortnight' }, 'window'],
  [{ scope: 'organization', limit: '-5', window: 'day' }, 'limit'],
  [{ scope: 'organization', limit: '99999999', window: 'day' }, 'limit'],
  [{ scope: 'organization', limit: '5', window: 'day', timezone: 'Mars/Olympus' }, 'timezone'],
  [{ scope: 'organization', limit: '5', window: 'total', rolling: true }, 'rolling'],
  [{ scope: 'organization', limit: '5', window: 'day', models: ['claude-none'] }, 'models'],
  [{ scope: 'organization', limit: '5', window: 'day', raise: { to: '9', until: '2100-02-30' } }, 'raise'],
  [{ scope: 'organization', limit: '5', window: 'day', raise: { to: '9', until: '2020-01-01' } }, 'raise'],
  [{ scope: 'organization', limit: '5', window: 'day', raise: { to: '5', until: '2100-01-01' } }, 'raise'],
])('refuses the budget %j', async (body, member) => {
  const gateway = await startWithBudgets({ adminKey, budgets: { labels: ['known'] } })

  const { status, value } = await askAdmin(gateway, 'POST', '/budgets', body)

  expect(status).toBe(member === null ? 404 : 400)
  if (member !== null) expect(value).toMatchObject({ member })
})

test.each([
  ['label:project=apollo', "there is no label 'project'"],
  ['label:environment=a,b', 'no client can send the value "a,b"'],
  ['workspace:research', "there is no workspace 'research'"],
])('the server does not start with a budget for %s, which would limit nobody', async (scope, problem) => {
  const budgets = { labels: ['environment'], budgets: [{ scope, limit: '5', window: 'day' }] } as const

  await expect(startWithBudgets({ budgets })).rejects.toThrow(problem)
})

test('a budget limits its workspace, member or key also if that is created, renamed or created again later', async () => {
  const gateway = await startWithBudgets({
    adminKey,
    budgets: { budgets: [{ scope: 'member:Ann', limit: '0.000001', window: 'day' }] },
  })
  const none = { limit: '0.000001', window: 'day' }
  const create = async (path: string, body: object) => (await askAdmin(gateway, 'POST', path, body)).value
  const createKey = async (body: object) => String((await create('/keys', body))['key'])
  const ann = await create('/members', { name: 'Ann' })
  await create('/workspaces', { name: 'red' })
  await create('/budgets', { scope: 'workspace:red', ...none })
  await create('/budgets', { scope: 'key:ci', ...none })
  const keys = {
    'member:Ann': await createKey({ member_id: ann['id'] }),
    'workspace:blue': await createKey({ workspace_id: 'red' }),
    'key:batch': await createKey({ name: 'ci' }),
  }
  await askAdmin(gateway, 'PATCH', '/workspaces/red', { name: 'blue' })
  await askAdmin(gateway, 'PATCH', '/keys/ci', { name: 'batch' })
  const configured = await askAdmin(gateway, 'PATCH', '/members/Ann', { name: 'Anna' })

  const expectRefused = (scope: string, key: string) =>
    expect
      .poll(async () => (await gateway.post(createBody(), { headers: { 'x-api-key': key } })).text, poll)
      .toContain(`the budget of ${scope}:`)
  for (const [scope, key] of Object.entries(keys)) await expectRefused(scope, key)
  await askAdmin(gateway, 'DELETE', '/workspaces/blue')
  await create('/workspaces', { name: 'blue' })
  await expectRefused('workspace:blue', await createKey({ workspace_id: 'blue' }))
  expect(configured).toMatchObject({ status: 409, value: { detail: expect.stringContaining('member:Ann') } })
})

test('of two budgets with one scope each is listed once by page, also if the one of the cursor is deleted', async () => {
  const gateway = await startWithBudgets({ adminKey })
  const body = { scope: 'organization', limit: '5', window: 'day' }
  for (let count = 0; count < 3; count += 1) await askAdmin(gateway, 'POST', '/budgets', body)

  const first = await askAdmin(gateway, 'GET', '/budgets?limit=1')
  const ambiguous = await askAdmin(gateway, 'DELETE', '/budgets/organization')
  const [shown] = first.value['data'] as { id: string }[]
  await askAdmin(gateway, 'DELETE', `/budgets/${shown?.id}`)
  const rest = await askAdmin(gateway, 'GET', `/budgets?after=${String(first.value['next'])}`)
  const nonsense = await askAdmin(gateway, 'GET', '/budgets?after=nonsense')

  expect(ambiguous.status).toBe(409)
  expect(rest.value['data']).toHaveLength(2)
  expect((rest.value['data'] as { id: string }[]).map(({ id }) => id)).not.toContain(shown?.id)
  expect(nonsense).toMatchObject({ status: 400, value: { member: 'after' } })
})

test('a caller who is limited to workspaces sets, changes and deletes no other budgets', async () => {
  const gateway = await startWithBudgets({
    adminKey,
    findMember: async ({ headers }) => {
      const workspaces = new Set([String(headers['x-workspaces'])])
      return 'x-workspaces' in headers ? { role: 'billing', actor: 'Ann', memberId: null, workspaces } : null
    },
  })
  const budget = { limit: '5', window: 'day' }
  const { value: research } = await askAdmin(gateway, 'POST', '/workspaces', { name: 'research' })
  const { value: own } = await askAdmin(gateway, 'POST', '/budgets', {
    scope: 'workspace:research',
    ...budget,
  })
  await askAdmin(gateway, 'POST', '/budgets', { scope: 'organization', ...budget })
  const askAnn = async (method: string, path: string, body?: object) => {
    const { status } = await ask(`${gateway.url}/admin/v1${path}`, {
      method,
      headers: { 'x-workspaces': String(research['id']), 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return status
  }

  expect([
    await askAnn('POST', '/budgets', { scope: 'organization', ...budget }),
    await askAnn('POST', '/budgets', { scope: 'workspace:default', ...budget }),
    await askAnn('PATCH', '/budgets/organization', { limit: '9' }),
    await askAnn('DELETE', '/budgets/organization'),
    await askAnn('PATCH', `/budgets/${String(own['id'])}`, { scope: 'organization' }),
  ]).toEqual([403, 403, 404, 404, 403])
  expect([
    await askAnn('POST', '/budgets', { scope: 'workspace:research', ...budget }),
    await askAnn('PATCH', `/budgets/${String(own['id'])}`, { limit: '9' }),
    await askAnn('DELETE', `/budgets/${String(own['id'])}`),
  ]).toEqual([201, 200, 200])
})

const booked = { spent: expect.stringMatching(/[1-9]/), held: '0.00' }

test('a key explains every limit that applies to it', async () => {
  const gateway = await startWithBudgets({
    adminKey,
    // It is refilled as time passes: not before half a minute is over.
    rates: { models: { 'claude-haiku-4-5': { requests_per_minute: 2 } } },
    budgets: {
      budgets: [
        { scope: 'organization', limit: '5', window: 'month' },
        { scope: 'key:local', limit: '1', window: 'day' },
        { scope: 'key:other', limit: '1', window: 'day' },
      ],
    },
  })
  await gateway.post(createBody())
  const read = () => askAdmin(gateway, 'GET', '/keys/local/limits')
  // The call is booked a moment after its answer.
  await expect.poll(async () => (await read()).value).toMatchObject({ budgets: [booked, booked] })

  const { status, value } = await read()

  expect(status).toBe(200)
  expect(value).toMatchObject({
    key: 'local',
    rates: [
      {
        requests_per_minute: 2,
        input_tokens_per_minute: null,
        remaining: { requests: 1, input_tokens: null, output_tokens: null },
      },
    ],
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

test('the spending of a rolling budget has the calls of its oldest quarter of an hour, which count as spent', async () => {
  // A day after the call, 14 minutes into a quarter of an hour.
  let nowMs = Date.parse('2026-11-29T18:01:00Z')
  const gateway = await startWithBudgets({
    adminKey,
    nowMs: () => nowMs,
    budgets: { budgets: [{ scope: 'organization', limit: '5', window: 'day', rolling: true }] },
  })
  await gateway.post(createBody())
  const [row] = gateway.rows()
  nowMs = Date.parse('2026-11-30T18:14:00Z')

  const { value } = await askAdmin(gateway, 'GET', '/budgets')
  const [budget] = value['data'] as { id: string; spent: string }[]
  const spending = await askAdmin(gateway, 'GET', `/budgets/${budget?.id}/spending`)

  expect(Number(budget?.spent) * 1e9).toBeCloseTo(Number(row?.['cost_nano_usd']), 3)
  expect(spending.value).toMatchObject({ since: '2026-11-29T18:00:00Z', data: [{ cost_usd: budget?.spent }] })
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
