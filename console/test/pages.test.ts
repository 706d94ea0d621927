import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildConsole, isConsoleStale } from '../../scripts/build-console.mjs'
import { openWindow, startBrowser } from './browser.ts'
import type { TestWindow } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'
import { seed } from './seed.ts'
import type { Seeded } from './seed.ts'

let browser: Browser
let server: ConsoleServer
let seeded: Seeded
let window: TestWindow
let page: Page

beforeAll(async () => {
  if (isConsoleStale()) buildConsole(process.execPath)
  browser = await startBrowser()
  server = await startConsoleServer()
  seeded = await seed(server)
  window = await openWindow(browser)
  page = window.page
  await page.goto(server.link)
  await page.getByRole('heading', { name: 'Start' }).waitFor()
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

test('the start page creates a key for its snippets, and the snippet works', async () => {
  await page.getByRole('button', { name: 'Create a key for these snippets' }).click()
  await page.getByText('This key is shown only now').waitFor()
  const snippet = await page.getByRole('region', { name: 'Snippet for curl' }).innerText()

  const key = /x-api-key: (sk-anthology-[\w-]+)/.exec(snippet)?.[1] ?? ''
  const body = JSON.parse(/-d '(.*)'/.exec(snippet)?.[1] ?? '{}') as object
  await expect.poll(async () => (await server.call(body, { key })).status).toBe(200)

  expect(snippet).toContain(`${server.url}/v1/messages`)
})

test('calls are filtered by the address, and the live tail honours the filter', async () => {
  await openPage('/calls?outcome=failed')
  const table = page.getByRole('table')
  await table.waitFor()
  const before = await table.getByRole('row').count()
  await untilTailIsOpen()

  await server.call({ messages: [{ role: 'user', content: 'Fine.' }] })
  server.emulator.failNext({ status: 500 }, 2)
  await server.call({ messages: [{ role: 'user', content: 'Broken.' }] })
  await expect.poll(() => table.getByRole('row').count()).toBe(before + 1)
  const outcomes = await table.locator('.badge').allInnerTexts()

  expect(outcomes.filter((text) => text.includes('answered'))).toEqual([])
})

test('an open call stops the list, which offers the new calls afterwards', async () => {
  await openPage('/calls')
  await untilTailIsOpen()
  await page.getByRole('table').getByRole('button').first().click()
  await page.getByRole('dialog').waitFor()

  await server.call({ messages: [{ role: 'user', content: 'While one is open.' }] })
  const pill = page.getByText('1 new call')
  await pill.waitFor({ state: 'attached' })
  await page.keyboard.press('Escape')
  await pill.waitFor({ state: 'detached' })
})

test('a call shows its price lines, its usage as sent, and that bodies are not stored', async () => {
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    '/admin/v1/calls?cache=hit&limit=1',
  )
  const [call] = data
  await openPage(`/calls?open=${call?.id}`)
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Prompts and answers are not stored').waitFor()
  await dialog.getByRole('tab', { name: 'Price' }).click()
  const sum = await dialog.getByRole('table').getByRole('row').last().innerText()
  const lines = await dialog.getByRole('table').innerText()
  await dialog.getByRole('tab', { name: 'Usage' }).click()
  const usage = await dialog.getByRole('region', { name: 'Usage as the upstream sent it' }).innerText()

  expect(readUsd(sum)).toBe(BigInt(Math.round(Number(call?.cost_usd) * 1e9)))
  expect(lines).toContain('Cache read')
  expect(JSON.parse(usage)).toMatchObject({ cache_read_input_tokens: call?.quantities.cache_read })
})

test('a call that was sent twice shows its routing in plain words', async () => {
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    '/admin/v1/calls?outcome=upstream_error&limit=1',
  )
  await openPage(`/calls?open=${data[0]?.id}`)
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('heading', { name: 'Routing' }).waitFor()
  const items = await dialog.getByRole('listitem').allInnerTexts()

  expect(items).toEqual(['emulator: first for this conversation', 'emulator: failed', 'emulator: failed'])
})

test('the sums of usage equal the ledger to the nano-dollar, and the page states it', async () => {
  await openPage('/usage?group=key')
  const check = await page.getByText('Checked: the').innerText()
  const rows = page.getByRole('table', { name: 'Usage by Key' }).locator('tbody tr')
  const costs = await rows.evaluateAll((found) =>
    found.map((row) => row.querySelectorAll('td')[5]?.textContent ?? ''),
  )
  const ledger = await sumCalls()

  expect(costs.reduce((sum, cost) => sum + readUsd(cost), 0n)).toBe(ledger)
  expect(readUsd(check)).toBe(ledger)
})

test('a key is created, shown once, and revoked by typing its name', async () => {
  await openPage('/keys')
  await page.getByRole('button', { name: 'Create a key' }).click()
  await page.getByLabel('Name').fill('a/b: <c> @d')
  await page.getByRole('dialog').getByRole('button', { name: 'Create a key' }).click()
  const secret = (await page.getByRole('region', { name: 'the new key' }).innerText()).trim()
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await expect.poll(async () => (await ask(secret)).status).toBe(200)

  await page.getByRole('button', { name: 'Revoke a/b: <c> @d' }).click()
  const revoke = page.getByRole('dialog').getByRole('button', { name: 'Revoke' })
  const isLocked = await revoke.isDisabled()
  await page.getByLabel('Type a/b: <c> @d to confirm').fill('a/b: <c> @d')
  await revoke.click()
  await page.getByText('a/b: <c> @d is revoked').waitFor()
  await expect.poll(async () => (await ask(secret)).status).toBe(401)

  expect(isLocked).toBe(true)
  expect(await page.content()).not.toContain(secret)
})

test('a budget is set, and it refuses calls at once', async () => {
  await openPage('/budgets')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  await page.getByLabel('Scope').fill('key:ci')
  await page.getByLabel('Limit in US dollars').fill('0.000001')
  await page.getByRole('dialog').getByRole('button', { name: 'Set a budget' }).click()
  await page.getByRole('rowheader', { name: 'key:ci' }).waitFor()

  await expect.poll(async () => (await ask(seeded.ci.key)).status).toBe(429)
  const refusal = await ask(seeded.ci.key)

  expect(await refusal.text()).toContain('key:ci')
})

test('an upstream is tested, a request is explained, and a change is in the audit', async () => {
  await openPage('/upstreams')
  await page.getByRole('button', { name: 'Test emulator' }).click()
  await page.getByText('It answers').waitFor()
  await openPage('/routing?model=claude-haiku-4-5')
  await page.getByRole('button', { name: 'Explain' }).click()
  const plan = await page.getByRole('table', { name: 'Planned attempts' }).innerText()
  await openPage('/audit?action=createWorkspace')
  await page.getByRole('button', { name: 'Show the change createWorkspace' }).click()
  const after = await page.getByRole('region', { name: 'After' }).innerText()

  expect(plan).toContain('emulator')
  expect(JSON.parse(after)).toMatchObject({ name: 'research' })
})

test('a script in a name, a session or a header never runs, on any page that shows it', async () => {
  const script = '<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>'
  await server.admin('POST', '/admin/v1/workspaces', { name: script })
  await server.admin('POST', '/admin/v1/members', { name: script, role: 'viewer' })
  const { key } = await server.admin<{ readonly key: string }>('POST', '/admin/v1/keys', { name: script })
  await expect.poll(async () => (await ask(key)).status).toBe(200)
  const headers = { 'x-claude-code-session-id': 'javascript:alert(1)', 'user-agent': script }
  await server.call({ messages: [{ role: 'user', content: script }] }, { key, headers })
  for (const path of [
    '/',
    '/calls',
    '/usage?group=key',
    '/sessions',
    '/keys',
    '/workspaces',
    '/members',
    '/audit',
  ]) {
    await openPage(path)
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  }
  const links = await page.evaluate(
    () => [...document.links].filter(({ protocol }) => protocol === 'javascript:').length,
  )

  expect(links).toBe(0)
  expect(window.problems).toEqual([])
})

interface CallShape {
  readonly id: string
  readonly cost_usd: string
  readonly quantities: { readonly cache_read: number }
}

async function openPage(path: string): Promise<void> {
  await page.goto(`${server.url}/console${path}`)
  await page.locator('.page h1').waitFor()
  await page.waitForFunction(() => document.querySelector('#content [role="status"].muted') === null)
}

/** The tail shows a note until it is connected. */
async function untilTailIsOpen(): Promise<void> {
  await page.getByText('Connecting …').waitFor({ state: 'detached' })
}

function ask(key: string): Promise<Response> {
  return server.call({ messages: [{ role: 'user', content: 'Hello' }] }, { key })
}

/** The first amount of a text in nano-dollars. */
function readUsd(text: string): bigint {
  const [, whole = '0', decimals = ''] = /\$([\d,]+)\.(\d+)/.exec(text) ?? []
  return BigInt(whole.replaceAll(',', '')) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'))
}

/** Adds up all calls of the list of the admin API. */
async function sumCalls(): Promise<bigint> {
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    '/admin/v1/calls?limit=1000',
  )
  return data.reduce((sum, { cost_usd: cost }) => sum + (cost === null ? 0n : readUsd(`$${cost}`)), 0n)
}
