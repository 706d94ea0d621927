import { readAdminKey } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import type { RunningServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('budgets are created, changed, listed and deleted', async () => {
  const data = ['--data', temporaryFolder()]
  await run(['workspaces', 'create', 'research', ...data])
  const scope = ['--scope', 'workspace:research']
  const window = ['--window', 'day', '--timezone', 'Europe/Berlin']

  const created = await run(['budgets', 'create', ...scope, '--limit', '50', ...window, ...data])
  const listed = await run(['budgets', 'list', ...data])
  const raise = ['--raise', '80', '--until', '2999-01-01']
  const changed = await run(['budgets', 'update', 'workspace:research', ...raise, ...data])
  const deleted = await run(['budgets', 'delete', 'workspace:research', ...data])
  const rest = await run(['budgets', 'list', ...data])

  expect(created).toMatchObject({ code: 0, err: '' })
  expect(created.out).toMatch(
    /^budget_\w{20} \(workspace:research\) is created; a running server follows within a second\.$/m,
  )
  expect(listed.out.split('\n')[0]).toMatch(/^ID +SCOPE +LIMIT +WINDOW +TIMEZONE +ACTION +SOURCE$/)
  expect(listed.out).toMatch(/^budget_\w{20} +workspace:research +50\.00 +day +Europe\/Berlin +block +api$/m)
  expect(listed.err).toContain('anthology keys limits NAME')
  expect(changed.out).toContain('is changed')
  expect(deleted.out).toContain('is deleted')
  expect(rest.out.split('\n').filter((line) => line !== '')).toHaveLength(1)
})

test('every flag is a member of the JSON, and update changes only what is given', async () => {
  const data = ['--data', temporaryFolder(), '--json']
  const flags = ['--rolling', '--action', 'warn', '--thresholds', '50,90', '--models', 'claude-haiku-4-5']
  const create = ['budgets', 'create', '--scope', 'key:ci', '--limit', '0.25', '--window', 'hour', ...flags]

  const created = JSON.parse((await run([...create, ...data])).out) as Record<string, unknown>
  const id = String(created['id'])
  const raised = await run(['budgets', 'update', id, '--raise', '1', '--until', '2999-01-01', ...data])
  const changed = await run(['budgets', 'update', id, '--limit', '2', '--no-raise', ...data])
  const listed = await run(['budgets', 'list', ...data])

  expect(created).toEqual({
    id: expect.stringMatching(/^budget_\w{20}$/),
    scope: 'key:ci',
    models: ['claude-haiku-4-5-20251001'],
    limit: '0.25',
    window: 'hour',
    timezone: 'UTC',
    rolling: true,
    action: 'warn',
    thresholds: [50, 90],
    raise: null,
    source: 'api',
  })
  expect(JSON.parse(raised.out)).toEqual({
    ...created,
    raise: { to: '1.00', until: '2999-01-01T00:00:00.000Z' },
  })
  expect(JSON.parse(changed.out)).toEqual({ ...created, limit: '2.00' })
  expect(JSON.parse(listed.out)).toEqual([{ ...created, limit: '2.00' }])
})

test('keys limits shows every budget and rate of a key, with what is spent and left', async () => {
  const server = await startLimited()
  const admin = await createCi(server)
  await send(server, admin.key)
  // A call that began before the budget counts by its row, a little later.
  const read = () => run(['keys', 'limits', 'ci', '--json', ...admin.flags]).then(({ out }) => out)
  await expect.poll(read).toMatch(/"spent": "0\.0+[1-9]/)

  const table = await run(['keys', 'limits', 'ci', ...admin.flags])
  const json = await run(['keys', 'limits', 'ci', '--json', ...admin.flags])

  const limits = JSON.parse(json.out) as { budgets: { scope: string; spent: string; left: string }[] }
  const [budget] = limits.budgets
  expect(table).toMatchObject({ code: 0, err: '' })
  expect(limits).toMatchObject({
    key: 'ci',
    budgets: [{ scope: 'key:ci', limit: '1.00', window: 'day', held: '0.00', action: 'block' }],
  })
  expect(Number(budget?.spent)).toBeGreaterThan(0)
  expect(Number(budget?.left)).toBeCloseTo(1 - Number(budget?.spent), 9)
  expect(table.out).toMatch(/^SCOPE +LIMIT +WINDOW +SPENT +HELD +LEFT +RESETS +ACTION$/m)
  expect(table.out).toMatch(
    new RegExp(
      `^key:ci +1\\.00 +day +${budget?.spent} +0\\.00 +${budget?.left} +\\S+T00:00:00Z +block$`,
      'm',
    ),
  )
  expect(table.out).toMatch(/^MODEL +REQUESTS +INPUT TOKENS +OUTPUT TOKENS$/m)
  expect(table.out).toMatch(/^claude-haiku-4-5-20251001 +40 +unlimited +unlimited$/m)
})

test('a change by a command is effective in a running server, and so is its end', async () => {
  const server = await startLimited()
  const { key, flags } = await createCi(server)
  const data = ['--data', server.dataFolder]
  const status = { interval: 20 }

  await run(['budgets', 'update', 'key:ci', '--limit', '0', ...data])
  await expect.poll(() => send(server, key), status).toBe(429)
  await run(['budgets', 'update', 'key:ci', '--raise', '1', '--until', '2999-01-01', ...data])
  await expect.poll(() => send(server, key), status).toBe(200)
  await run(['budgets', 'delete', 'key:ci', ...data])
  const none = () => run(['keys', 'limits', 'ci', ...flags]).then(({ out }) => out)
  await expect.poll(none, status).toContain('No budget applies to ci.')
})

test.each([
  [['create'], 2, 'budgets create needs --scope, --limit and --window', '--window month'],
  [
    ['create', '--limit', '1', '--window', 'year', '--scope', 'organization'],
    2,
    '--window must be one of',
    'month',
  ],
  [['create', '--action', 'stop'], 2, '--action must be block or warn', 'refuses nothing'],
  [['create', '--thresholds', '0'], 2, '--thresholds must be whole percentages', '75,95'],
  [['update', 'key:ci', '--raise', '1'], 2, 'a raise needs --raise and --until', '--until'],
  [['list', 'all'], 2, 'budgets list does not accept "all"', '--scope'],
  [['update', 'key:nobody', '--limit', '1'], 1, "there is no budget 'key:nobody'", 'anthology budgets list'],
  [
    ['create', '--scope', 'workspace:none', '--limit', '1', '--window', 'day'],
    1,
    "there is no workspace 'none'",
    'anthology workspaces list',
  ],
  [['create', '--scope', 'team', '--limit', '1', '--window', 'day'], 2, 'scope', ''],
  [
    ['create', '--scope', 'organization', '--limit', 'NaN', '--window', 'day'],
    2,
    'limit: must be US dollars',
    '',
  ],
])('budgets %j ends with %i and says why', async (words, code, problem, hint) => {
  const folder = temporaryFolder()
  await run(['workspaces', 'create', 'research', '--data', folder])

  const answer = await run(['budgets', ...words, '--data', folder])

  expect(answer).toMatchObject({ code, out: '' })
  expect(answer.err).toContain(problem)
  expect(answer.err).toContain(hint)
})

/** A server with an admin key and a limit of requests. */
async function startLimited(): Promise<RunningServer> {
  const dataFolder = temporaryFolder()
  return startServer({
    dataFolder,
    adminKey: readAdminKey(dataFolder),
    rates: { keys: { ci: { requests_per_minute: 40 } } },
  })
}

/** A key with a budget of one US dollar a day, and the flags that reach the server's admin API. */
async function createCi({ url, dataFolder }: RunningServer) {
  const data = ['--data', dataFolder]
  const made = await run(['keys', 'create', '--name', 'ci', '--models', 'claude-haiku-4-5', ...data])
  await run(['budgets', 'create', '--scope', 'key:ci', '--limit', '1', '--window', 'day', ...data])
  const flags = ['--url', url, ...data]
  const limits = () => run(['keys', 'limits', 'ci', ...flags]).then(({ out }) => out)
  await expect.poll(limits).toContain('key:ci')
  return { key: made.out.trim(), flags }
}

async function send({ url }: RunningServer, key: string): Promise<number> {
  const body = { model: 'claude-haiku-4-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hi.' }] }
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) })
  await answer.arrayBuffer()
  return answer.status
}

test('a budget of a key that does not exist is created, and said to limit nothing yet', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  await run(['keys', 'create', '--name', 'old'], { cwd })
  await run(['keys', 'revoke', 'old'], { cwd })
  const create = (name: string) =>
    run(['budgets', 'create', '--scope', `key:${name}`, '--limit', '5', '--window', 'day'], { cwd })
  const note = (name: string) =>
    `No valid key is called "${name}" now: the budget limits nothing until there is one. List them: anthology keys list`

  const [none, old, ci, local] = [
    await create('none'),
    await create('old'),
    await create('ci'),
    await create('local'),
  ]
  const moved = await run(['budgets', 'update', 'key:ci', '--scope', 'key:else'], { cwd })

  expect([none, old, ci, local, moved].map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
  expect([none.err, old.err, moved.err].map((text) => text.trim())).toEqual(['none', 'old', 'else'].map(note))
  expect([ci.err, local.err]).toEqual(['', ''])
})
