import { randomUUID } from 'node:crypto'

import { createEmulator } from '@anthology/emulator'
import type { EffectiveSetting } from '@anthology/gateway'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { pages } from '../src/app/pages.ts'
import type { TestWindow } from './browser.ts'
import { openPage as openPageOf, startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'
import { callAsAgents } from './seed.ts'

// The content of pages that depends on a configuration: upstreams, routing, labels and secrets.

/** Every secret that a configuration may have. None of them may reach the browser. */
const planted = {
  api_key: 'sk-ant-planted-key-of-the-upstream',
  password: 'planted-password-of-the-store',
  query: 'planted-query-of-the-base-url',
  client_secret: 'planted-secret-of-the-provider',
  header: 'planted-header-of-the-collector',
  webhook: 'planted-secret-of-the-webhook',
  path: 'planted-path-of-the-webhook',
  root: 'planted-root-secret-of-the-server',
} as const

const configuration = {
  store: `postgres://user:${planted.password}@db.example/anthology`,
  upstreams: [
    {
      name: 'one',
      platform: 'anthropic',
      api_key: planted.api_key,
      base_url: `https://api.example/?key=${planted.query}`,
    },
    { name: 'two', platform: 'anthropic', api_key: planted.api_key },
  ],
  console: { oidc: { issuer: 'https://login.example', client_secret: planted.client_secret } },
  telemetry: { otlp_endpoint: 'https://collector.example', otlp_headers: { authorization: planted.header } },
  webhooks: [{ url: `https://hooks.example/${planted.path}`, secret: planted.webhook }],
  labels: ['project'],
}

const settings: readonly EffectiveSetting[] = [
  { name: 'port', value: 7171, source: 'default', origin: null },
  { name: 'host', value: '0.0.0.0', source: 'flag', origin: '--host' },
  { name: 'data', value: '/srv/anthology', source: 'environment', origin: 'ANTHOLOGY_DATA' },
  { name: 'store', value: configuration.store, source: 'file', origin: 'anthology.yaml' },
  {
    name: 'upstreams',
    value: ['one: anthropic', 'two: anthropic'],
    source: 'file',
    origin: 'anthology.yaml',
  },
  { name: 'hosts', value: [], source: 'default', origin: null },
  { name: 'tag_blocks', value: true, source: 'default', origin: null },
]

const emulators = { one: createEmulator(), two: createEmulator() }
let rig: ConsoleTest
let window: TestWindow
let page: Page
/** The text of every answer that the browser has received. */
const received: Promise<string>[] = []

beforeAll(async () => {
  rig = await startConsole({
    accounts: Object.entries(emulators).map(([name, upstream]) => ({
      name,
      ...(name === 'two'
        ? { platform: 'foundry' as const, hosting: 'azure' as const }
        : { platform: 'anthropic' as const }),
      upstream,
      secrets: [planted.api_key],
    })),
    routing: {
      groups: [['one', 'two']],
      weights: { two: 0 },
      circuit: { failures: 1, window_ms: 60_000, probe_ms: 60_000 },
    },
    budgets: { labels: configuration.labels },
    rootSecret: planted.root,
    console: { config: configuration, settings },
  })
  window = await rig.signIn()
  page = window.page
  page.on('response', (response) => received.push(response.text().catch(() => '')))
})

afterAll(() => rig.close())

test('a session is a tree of agents, each with its cost, and the whole is the cost of all calls', async () => {
  const session = randomUUID()
  await callAsAgents(rig.server, rig.server.key, session)
  const list = () =>
    rig.server.admin<{ readonly data: readonly CallShape[] }>('GET', `/admin/v1/calls?session=${session}`)
  await expect
    .poll(async () => (await list()).data.filter(({ cost_usd: cost }) => cost !== null).length)
    .toBe(16)
  const { data } = await list()

  await openPage('/sessions')
  await page.getByRole('row').filter({ hasText: session }).getByRole('button').click()
  const dialog = page.getByRole('dialog')
  const agents = dialog.getByRole('table', {
    name: 'Agents of the session with their own cost and that of their subagents',
  })
  await agents.waitFor()
  const rows = await agents
    .locator('tbody tr')
    .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent)))

  const sum = (agent: readonly (string | null)[]) =>
    data
      .filter(({ agent_id: id }) => agent.includes(id))
      .reduce((total, { cost_usd: cost }) => total + readUsd(`$${cost}`), 0n)
  const [explore, search, review] = ['agent-explore', 'agent-search', 'agent-review']
  expect(rows.map(([name, , calls]) => [name, calls])).toEqual([
    [expect.stringMatching(/^[^└]+$/), '4'],
    [`└ ${explore}`, '4'],
    [`└ ${search}`, '4'],
    [`└ ${review}`, '4'],
  ])
  expect(rows.map(([, , , own, whole]) => [readUsd(own), readUsd(whole)])).toEqual([
    [sum([null]), sum([null, explore, search, review])],
    [sum([explore]), sum([explore, search])],
    [sum([search]), sum([search])],
    [sum([review]), sum([review])],
  ])
  const depths = await agents
    .locator('tbody th > span')
    .evaluateAll((found) => found.map(({ className }) => className))
  expect(depths).toEqual(['indent-0', 'indent-1', 'indent-2', 'indent-1'])
})

test('a long session shows the rest of its rows on demand, and older sessions are found by a time', async () => {
  const session = 'long-session'
  const headers = { 'x-claude-code-session-id': session }
  for (let sent = 0; sent < 360; sent += 60)
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const answer = await rig.server.call(
          { max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] },
          { headers },
        )
        await answer.text()
      }),
    )
  await expect
    .poll(
      async () =>
        (
          await rig.server.admin<{ readonly data: readonly unknown[] }>(
            'GET',
            `/admin/v1/sessions/${session}`,
          )
        ).data.length,
    )
    .toBe(360)

  await openPage(`/sessions?open=${session}`)
  const rows = page.getByRole('dialog').getByRole('table', { name: 'Calls' }).locator('tbody tr')
  await rows.first().waitFor()
  // Behind the drawer is a table with the same keys.
  for (const key of ['j', 'j', '/', 'k']) await page.keyboard.press(key)
  const focused = await rows.first().evaluate((row) => row.contains(document.activeElement))
  const first = await rows.count()
  await page.getByRole('button', { name: 'Show more of the 10 other rows' }).click()
  await expect.poll(() => rows.count()).toBe(360)
  await openPage(`/sessions?until=${encodeURIComponent('2020-01-01T00:00:00.000Z')}`)
  await expect.poll(() => page.getByText('name no session').count()).toBe(1)

  expect(focused).toBe(true)
  expect(first).toBe(350)
})

test('a page has a hundred sessions, and leads to the older ones', async () => {
  const call = async (session: number) => {
    const messages = [{ role: 'user', content: 'Hi' }]
    const headers = { 'x-claude-code-session-id': `paged-${session}` }
    await (await rig.server.call({ max_tokens: 1, messages }, { headers })).text()
  }
  await Promise.all(Array.from({ length: 101 }, (_, session) => call(session)))
  const list = () =>
    rig.server.admin<{ readonly data: readonly unknown[] }>('GET', '/admin/v1/sessions?limit=1000')
  await expect.poll(async () => (await list()).data.length).toBeGreaterThan(100)
  const sessions = (await list()).data.length

  await openPage('/sessions')
  const rows = page.getByRole('table').locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(100)
  await page.getByRole('button', { name: 'Older' }).click()

  await expect.poll(() => rows.count()).toBe(sessions - 100)
})

test('calls are filtered by a label in the address, and the live tail honours it', async () => {
  const label = (project: string) => ({ headers: { 'x-anthology-labels': `project=${project}` } })
  const send = (project: string) =>
    rig.server.call({ messages: [{ role: 'user', content: project }] }, label(project))
  await send('apollo')
  await send('gemini')

  await openPage('/calls')
  await page.getByRole('button', { name: 'More filters' }).click()
  await page.getByLabel('Label, as name=value').fill('project=apollo')
  const rows = page.getByRole('table', { name: 'Calls' }).locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(1)
  const { searchParams } = new URL(page.url())
  await page.getByText('Connecting …').waitFor({ state: 'detached' })
  await send('gemini')
  await send('apollo')
  await expect.poll(() => rows.count()).toBe(2)
  await rows.first().getByRole('button').click()
  await page.getByRole('link', { name: 'project=apollo' }).waitFor()
  await openPage('/usage?group=label:project')
  await page.getByRole('link', { name: /gemini/ }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('label')).toBe('project=gemini')
  await expect.poll(() => rows.count()).toBe(2)

  expect(searchParams.get('label')).toBe('project=apollo')
})

test('an alias is edited: mistakes are named in place, the plan is previewed, and calls follow at once', async () => {
  const openForm = (name: string) => page.getByRole('button', { name }).click()
  await openPage('/routing')
  await openForm('Add an alias')
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name that clients send').fill('claude-opus-4-1')
  await dialog.getByLabel(/^Model, under/).fill('claude-opus-9')
  await dialog.getByLabel(/^Share of/).fill('120')
  await expect.poll(() => dialog.getByText('The share is a number from 0 to 100.').count()).toBe(1)
  await dialog.getByLabel(/^Share of/).fill('100')
  await dialog.getByText('0 %: claude-opus-4-1 as it is without the alias').waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  const refusal = await dialog.getByRole('alert').innerText()
  const marked = await dialog.locator('[aria-invalid="true"]').evaluateAll((found) => found.length)
  await dialog.getByLabel(/^Model, under/).fill('claude-sonnet-4-0')
  await dialog.getByRole('button', { name: 'Preview' }).click()
  const plan = await dialog.getByRole('table', { name: 'Planned attempts' }).innerText()
  await dialog.getByRole('button', { name: 'Save' }).click()
  const table = page.getByRole('table', { name: 'Aliases of models' })
  await table.getByText('changed here').waitFor()
  const moved = await callModel('claude-opus-4-1')
  await openForm('Reset the alias claude-opus-4-1')
  await dialog.getByRole('button', { name: 'Reset' }).click()
  // What is behind a dialog has no role.
  await dialog.waitFor({ state: 'detached' })
  await table.waitFor({ state: 'detached' })
  const back = await callModel('claude-opus-4-1')

  expect(refusal).toContain('claude-opus-9')
  expect(marked).toBe(1)
  expect(plan).toContain('claude-sonnet-4-20250514')
  expect([moved, back].map(({ model }) => model)).toEqual([
    'claude-sonnet-4-20250514',
    'claude-opus-4-1-20250805',
  ])
})

test('weights are edited with the shares that follow, and new conversations follow at once', async () => {
  await openPage('/routing')
  await page.getByRole('button', { name: 'Edit weights' }).click()
  const dialog = page.getByRole('dialog')
  const save = dialog.getByRole('button', { name: 'Save' })
  await dialog.getByLabel('Weight of one').fill('0')
  await dialog.getByText('Every upstream of one, two has weight 0').waitFor()
  await save.click()
  const refusal = await dialog.getByRole('alert').innerText()
  await dialog.getByLabel('Weight of two').fill('3')
  await dialog.getByText('Conversations: one 0 %, two 100 %.').waitFor()
  await save.click()
  await page.getByText('In the file: one 1, two 0').waitFor()
  const moved = await callModel('claude-haiku-4-5', 'A new conversation.')
  await openPage('/settings')
  await page.getByText('the weights of upstreams').waitFor()
  await openPage('/routing')
  await page.getByRole('button', { name: 'Reset weights' }).click()
  await dialog.getByRole('button', { name: 'Reset weights' }).click()
  await page.getByText('changed here').waitFor({ state: 'detached' })
  const back = await callModel('claude-haiku-4-5', 'Another conversation.')

  expect(refusal).toContain('none of them would be asked')
  expect([moved, back].map(({ upstream }) => upstream)).toEqual(['two', 'one'])
})

test('the page of upstreams shows exhausted quotas with the time of their return, openings of circuits and reasons of failures', async () => {
  emulators.one.failNext({ status: 429, retry_after: 600 })
  await callModel('claude-opus-4-1')
  emulators.one.failNext({ status: 500 }, 2)
  await callModel('claude-sonnet-4-0')

  await openPage('/upstreams')
  const notice = page.getByText(/^The quota of claude-opus-4-1-20250805 is used up until/)
  const [, until = ''] = /until (.+)\.$/.exec(await notice.innerText()) ?? []
  await page.getByText('claude-sonnet-4-20250514 failed last: it answered 500').waitFor()
  const openings = page
    .getByRole('table', { name: 'Models at one' })
    .locator('tr', { hasText: 'claude-sonnet-4-2' })
  const cells = await openings.locator('th, td').allInnerTexts()

  const waitMs = Date.parse(until) - Date.now()
  expect(waitMs).toBeGreaterThan(480_000)
  expect(waitMs).toBeLessThanOrEqual(601_000)
  expect(cells.slice(0, 4)).toEqual(['claude-sonnet-4-20250514', 'open', '1', '1'])
})

test('the page of upstreams shows where a deployment of Foundry is hosted', async () => {
  await openPage('/upstreams')

  expect(await page.getByText('Hosted on').locator('xpath=following-sibling::dd[1]').innerText()).toBe(
    'Azure',
  )
})

test('the settings show the configuration, and no planted secret reaches the browser on any page', async () => {
  await openPage('/settings')
  const shown = await page.getByRole('region', { name: 'The file as it was read' }).innerText()
  const inForce = await page
    .getByRole('table', { name: 'Settings in force and the source of each' })
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)))
  const html: string[] = [await page.content()]
  for (const { path } of pages) {
    await openPage(path)
    html.push(await page.content())
  }
  const answers = await Promise.all(received)

  expect(JSON.parse(shown)).toEqual({
    store: 'postgres://db.example/anthology',
    upstreams: [
      { name: 'one', platform: 'anthropic', api_key: 'set, not shown', base_url: 'https://api.example/' },
      { name: 'two', platform: 'anthropic', api_key: 'set, not shown' },
    ],
    console: { oidc: { issuer: 'https://login.example', client_secret: 'set, not shown' } },
    telemetry: { otlp_endpoint: 'https://collector.example', otlp_headers: 'set, not shown' },
    webhooks: [{ url: 'https://hooks.example', secret: 'set, not shown' }],
    labels: ['project'],
  })
  expect(inForce).toEqual([
    ['port', '7171', 'default'],
    ['host', '0.0.0.0', 'flag --host'],
    ['data', '/srv/anthology', 'variable ANTHOLOGY_DATA'],
    ['store', 'postgres://db.example/anthology', 'file anthology.yaml'],
    ['upstreams', 'one: anthropictwo: anthropic', 'file anthology.yaml'],
    ['hosts', 'none', 'default'],
    ['tag_blocks', 'yes', 'default'],
  ])
  expect(answers.some((text) => text.includes('set, not shown'))).toBe(true)
  const secrets = [...Object.values(planted), rig.server.adminKey]
  const found = secrets.filter((secret) => [...html, ...answers].some((text) => text.includes(secret)))
  expect(found).toEqual([])
  expect(window.problems).toEqual([])
})

interface CallShape {
  readonly agent_id: string | null
  /** Null while the call runs. */
  readonly cost_usd: string | null
}

function openPage(path: string): Promise<void> {
  return openPageOf(page, rig.server, path)
}

async function callModel(model: string, text = 'Hello') {
  const { headers } = await rig.server.call({ model, messages: [{ role: 'user', content: text }] })
  return { model: headers.get('x-anthology-model'), upstream: headers.get('x-anthology-upstream') }
}

/** The amount of a text such as `$0.001234` in nano-dollars. */
function readUsd(text: string | null | undefined): bigint {
  const [, whole = '0', decimals = ''] = /^\$(\d+)\.(\d+)$/.exec(text ?? '') ?? []
  return BigInt(whole) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'))
}
