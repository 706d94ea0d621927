import { readFileSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { adminRoutes } from '../../gateway/src/endpoints/admin/admin.ts'
import { pages } from '../src/app/pages.ts'
import { auditTexts } from '../src/texts/audit.ts'
import { hold } from './browser.ts'
import type { TestWindow } from './browser.ts'
import type { ConsoleServer } from './console-server.ts'
import { openPage as openPageOf, startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'
import { seed } from './seed.ts'
import type { Seeded } from './seed.ts'
import { loadTail } from './tail-load.ts'

let rig: ConsoleTest
let server: ConsoleServer
let seeded: Seeded
let window: TestWindow
let page: Page

beforeAll(async () => {
  rig = await startConsole({ budgets: { labels: ['project'] } })
  server = rig.server
  seeded = await seed(server)
  window = await rig.signIn()
  page = window.page
})

afterAll(() => rig.close())

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

test('calls are filtered by the name of a key, and the address has its id', async () => {
  await openPage('/calls?live=off')
  await page.getByLabel('Key', { exact: true }).fill('agents')
  await page.waitForURL(/key=key_/)
  const rows = page.getByRole('table', { name: 'Calls' }).locator('tbody tr')
  await expect
    .poll(async () => new Set(await rows.locator('td:nth-of-type(2)').allInnerTexts()))
    .toEqual(new Set(['agents']))
  await page.reload()
  await expect.poll(() => page.getByLabel('Key', { exact: true }).inputValue()).toBe('agents')
  await openPage(`/usage?workspace=${seeded.workspaceId}`)
  await page.getByText('Workspace: research').waitFor()
})

test('the file of calls has all that match the filters, not only those of the page', async () => {
  await openPage(`/calls?live=off&key=${seeded.ci.id}`)
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ])
  const csv = readFileSync(await download.path(), 'utf8')
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    `/admin/v1/calls?limit=200&key=${seeded.ci.id}`,
  )
  await page.getByText(`${data.length} ended calls`, { exact: true }).waitFor()

  const [, ...lines] = csv.trim().split('\r\n')
  expect(lines.map((line) => line.split(',')[0])).toEqual(data.map(({ id }) => id))
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

test('the live tail of a busy server keeps a bounded number of rows, nodes and bytes', async () => {
  const busy = await rig.signIn()
  const [early, , late] = await loadTail(busy.page, server, { events: 15, samples: 3 })
  await busy.close()

  expect(late?.rows).toBe(early?.rows)
  expect(late?.rows).toBeLessThanOrEqual(350)
  expect(late?.nodes).toBeLessThan((early?.nodes ?? 0) * 1.2)
  // 2,000 rows of about 1 KB lie between; a page that kept them would need more.
  expect((late?.heapBytes ?? Infinity) - (early?.heapBytes ?? 0)).toBeLessThan(2_000_000)
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

test('the tab of a call is in the address, and stays when the next call is opened', async () => {
  await openPage('/calls?live=off&outcome=answered')
  await page.getByRole('rowheader').first().getByRole('button').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('tab', { name: 'Price' }).click()
  await page.waitForURL(/tab=price/)
  const first = page.url()

  await page.keyboard.press('j')
  await page.waitForURL((url) => url.href !== first)
  await dialog.getByRole('table').waitFor()
  const isPrice = await dialog.getByRole('tab', { name: 'Price' }).getAttribute('aria-selected')
  await page.reload()
  await dialog.getByRole('table').waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  const { search } = new URL(page.url())

  expect(new URL(first).searchParams.get('tab')).toBe('price')
  expect(isPrice).toBe('true')
  expect(search).toBe('?live=off&outcome=answered')
})

test('the list of keys shows what each has cost, and which were not used', async () => {
  await server.admin('POST', '/admin/v1/keys', { name: 'never' })
  await openPage('/keys')
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    `/admin/v1/calls?limit=200&key=${seeded.ci.id}`,
  )
  const readRow = (name: string) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      .innerText()
  // The costs come after the keys.
  await expect.poll(() => readRow('never')).toContain('not used')
  const used = await readRow('ci')
  const readLastUse = (name: string) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      .locator('td')
      .nth(1)
      .innerText()
  expect(await readLastUse('never')).toBe('never')
  expect(await readLastUse('ci')).toMatch(/^(?:\d\d:\d\d:\d\d|\d+ \w+, \d\d:\d\d)$/)

  expect(readUsd(/\$[\d.]+/.exec(used)?.[0] ?? '')).toBe(
    data.reduce((sum, { cost_usd: cost }) => sum + readUsd(`$${cost ?? '0'}`), 0n),
  )
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

test('a call shows its headers, and one that has none yet states it', async () => {
  const headers = { 'user-agent': 'a-client/1.2', 'anthropic-beta': 'one-2025-01-01', cookie: 'a=secret' }
  const call = await server.call({ messages: [{ role: 'user', content: 'Hi.' }] }, { headers })
  server.emulator.failNext({ stall: true, after_events: 2 })
  const running = await server.call({ stream: true, messages: [{ role: 'user', content: 'Hi.' }] })
  const callId = call.headers.get('request-id') ?? ''
  await server.untilStored(callId)
  await openPage(`/calls?tab=headers&open=${callId}`)
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Only these headers are kept').waitFor()
  const rows = await dialog
    .getByRole('table', { name: 'Headers of the request' })
    .getByRole('row')
    .allInnerTexts()
  const runningId = running.headers.get('request-id')
  // A running call is in the store after half a second.
  const show = () =>
    fetch(`${server.url}/admin/v1/calls/${runningId}`, { headers: { 'x-api-key': server.adminKey } })
  await expect.poll(async () => (await show()).status).toBe(200)
  await openPage(`/calls?tab=headers&open=${runningId}`)
  await dialog.getByText('No headers are kept of this call').waitFor()
  await running.body?.cancel()
  // The sums of usage are compared with the ledger later.
  await server.untilStored(runningId ?? '')

  expect(rows.slice(1).map((row) => row.split(/\s+/))).toEqual([
    ['user-agent', 'a-client/1.2'],
    ['anthropic-version', '2023-06-01'],
    ['anthropic-beta', 'one-2025-01-01'],
  ])
})

test('a failed call shows the message of its error at its top', async () => {
  server.emulator.failNext({ status: 400, error: 'max_tokens: <b>too large</b>' })
  const call = await server.call({ messages: [{ role: 'user', content: 'Broken.' }] })
  const id = call.headers.get('request-id') ?? ''
  await server.untilStored(id)
  // As if the page was faster than the store.
  const missing = { status: 404, json: { detail: 'there is no such call' } }
  await page.route(`**/admin/v1/calls/${id}`, (route) => route.fulfill(missing), { times: 1 })
  await openPage(`/calls?open=${id}`)
  const dialog = page.getByRole('dialog')
  const message = dialog.getByText('max_tokens: <b>too large</b>')
  await message.waitFor()
  const timeline = await dialog.getByRole('heading', { name: 'Timeline' }).boundingBox()

  expect(call.status).toBe(400)
  expect((await message.boundingBox())?.y).toBeLessThan(timeline?.y ?? 0)
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

test('the invoice of a workspace is its usage of the month, as a page and as a file', async () => {
  await openPage('/invoices')
  const release = await hold(page, new RegExp(`/workspaces/${seeded.workspaceId}/invoices/`))
  await page.getByLabel('Workspace').selectOption('research')
  const month = new Date().toISOString().slice(0, 7)
  const table = page.getByRole('table', { name: `Invoice of research for ${month}` })
  await page.getByText('Loading …').waitFor()
  const early = await table.count()
  release()
  await table.waitFor()
  const lines = await table.locator('tbody tr td:last-child').allInnerTexts()
  const [foot = ''] = await table.locator('tfoot tr').allInnerTexts()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV' }).click(),
  ])
  const csv = readFileSync(await download.path(), 'utf8')
  const usage = await server.admin<{ readonly total: { readonly cost_usd: string } }>(
    'GET',
    `/admin/v1/usage?workspace=${seeded.workspaceId}&since=${month}-01T00:00:00Z`,
  )

  const total = readUsd(`$${usage.total.cost_usd}`)
  // Not even for a moment are the lines of another workspace those of this one.
  expect(early).toBe(0)
  expect(total).toBeGreaterThan(0n)
  expect(readUsd(foot)).toBe(total)
  expect(lines.reduce((sum, cost) => sum + readUsd(cost), 0n)).toBe(total)
  expect(csv.split('\n')).toHaveLength(lines.length + 2)
})

test('the markup of a workspace is set on its invoice, which shows it, and removed', async () => {
  await openPage('/invoices')
  await page.getByLabel('Workspace').selectOption('research')
  await page.getByRole('button', { name: 'Set' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Percent').fill('nonsense')
  await dialog.getByRole('button', { name: 'Set' }).click()
  const problem = await dialog.getByRole('alert').innerText()
  await dialog.getByLabel('Percent').fill('12.5')
  await dialog.getByRole('button', { name: 'Set' }).click()
  const markup = page.getByText('Markup of 12.5 %')
  await markup.waitFor()
  const remove = page.getByRole('button', { name: /^Remove the terms from/ })
  const release = await hold(page, '**/invoice-terms/*')
  await remove.click()
  await expect.poll(() => remove.isDisabled()).toBe(true)
  release()
  await page.getByText('The workspace pays what its calls cost.').waitFor()
  await markup.waitFor({ state: 'detached' })

  expect(problem).toContain('must be percent')
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

test('the limits of a key show what is used of them at this moment, also after the page is loaded again', async () => {
  const { key, id } = await server.admin<{ readonly key: string; readonly id: string }>(
    'POST',
    '/admin/v1/keys',
    // A limit is refilled as time passes: this one not before a minute is over.
    { name: 'limited', rates: { models: { 'claude-sonnet-4-5': { requests_per_minute: 1 } } } },
  )
  await server.admin('POST', '/admin/v1/budgets', { scope: 'key:limited', limit: '1', window: 'day' })
  await expect.poll(async () => (await ask(key)).status).toBe(200)
  await openPage('/keys')
  await page.getByRole('link', { name: 'limited', exact: true }).click()
  const rates = page.getByRole('table', { name: 'Used of the limits per minute' })
  await rates.waitFor()
  await page.reload()
  const used = await rates.getByRole('row').nth(1).innerText()
  const budget = page.getByRole('table', { name: 'Budgets' }).getByRole('row').nth(1)
  // The call is booked a moment after its answer.
  await expect.poll(() => budget.innerText()).toMatch(/key:limited\s+0\.\d %/)
  const address = new URL(page.url()).searchParams

  expect(used).toMatch(/claude-sonnet-4-5-20250929\s+1 of 1\s+unlimited/)
  expect(address.get('open')).toBe(id)
})

test('a key is edited with every permission, and rotated with an overlap', async () => {
  const { key: first } = await server.admin<{ readonly key: string }>('POST', '/admin/v1/keys', {
    name: 'edited',
    rates: { models: { 'claude-haiku-4-5': { requests_per_minute: 7 } } },
  })
  await openPage('/keys')
  await page.getByRole('button', { name: 'Edit edited' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Models/).fill('claude-haiku-4-5, claude-sonnet-4-5')
  await dialog.getByLabel('Messages').check()
  await dialog.getByLabel(/^Regions/).fill('us-east-1')
  await dialog.getByLabel(/^Addresses/).fill('127.0.0.0/8')
  await dialog.getByLabel(/^Valid until/).fill('2100-01-02T03:04')
  await dialog.getByLabel('Requests per minute, All models').fill('60')
  await dialog.getByLabel('Output tokens per minute, All models').fill('unlimited')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('edited is changed').waitFor()
  const edited = await server.admin<object>('GET', '/admin/v1/keys/edited')
  await page.getByRole('button', { name: 'Rotate edited' }).click()
  await page.getByLabel('The present secret stays valid').selectOption('for an hour')
  await dialog.getByRole('button', { name: 'Rotate' }).click()
  const second = (await page.getByRole('region', { name: 'the new key' }).innerText()).trim()
  await page.getByRole('button', { name: 'I have copied it' }).click()
  await page.getByText('old secret until').waitFor()
  const listModels = (key: string) => fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': key } })
  await expect.poll(async () => (await listModels(second)).status).toBe(200)

  expect(edited).toMatchObject({
    models: ['claude-haiku-4-5-20251001', 'claude-sonnet-4-5-20250929'],
    protocols: ['messages'],
    regions: ['us-east-1'],
    ip_ranges: ['127.0.0.0/8'],
    rates: {
      requests_per_minute: 60,
      output_tokens_per_minute: 'unlimited',
      models: { 'claude-haiku-4-5-20251001': { requests_per_minute: 7 } },
    },
    expires_at: new Date('2100-01-02T03:04').toISOString(),
  })
  expect((await listModels(first)).status).toBe(200)
})

test('a budget is set, and it refuses calls at once', async () => {
  await openPage('/budgets')
  await page.getByRole('button', { name: 'Set a budget' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Limits the calls of').selectOption('a key')
  await form.getByLabel('Key', { exact: true }).fill('none')
  await form.getByText('No valid key has this name now.').waitFor()
  await form.getByLabel('Key', { exact: true }).fill('ci')
  await form.getByText('No valid key has this name now.').waitFor({ state: 'detached' })
  await page.getByLabel('Limit in US dollars').fill('0.000001')
  await page.getByRole('dialog').getByRole('button', { name: 'Set a budget' }).click()
  await page.getByRole('rowheader', { name: 'key:ci' }).waitFor()

  await expect.poll(async () => (await ask(seeded.ci.key)).status).toBe(429)
  const refusal = await ask(seeded.ci.key)

  expect(await refusal.text()).toContain('key:ci')
})

test('a budget shows its burn-down, equal to its spending, and a raise lets calls through again', async () => {
  // Calls that ran while the budget was created count within seconds, by their rows.
  await expect.poll(isSpendingStored).toBe(true)
  await openPage('/budgets')
  await page.getByRole('button', { name: 'Burn-down of key:ci' }).click()
  const dialog = page.getByRole('dialog')
  const table = dialog.getByRole('table', { name: 'Money left in the budget of key:ci' })
  await table.waitFor()
  const costs = await table.locator('tbody tr td:nth-of-type(1)').allInnerTexts()
  const forecast = await dialog.getByText('The limit is reached.').count()
  const spent = readUsd(`$${(await findBudget()).spent}`)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Raise the budget of key:ci' }).click()
  await page.getByLabel(/^Raised limit/).fill('100')
  await page.getByLabel(/^Until/).fill('2100-01-01')
  await dialog.getByRole('button', { name: 'Raise', exact: true }).click()
  await page.getByText('raised to $100.00').waitFor()

  await expect.poll(async () => (await ask(seeded.ci.key)).status).toBe(200)
  expect(costs.reduce((sum, cost) => sum + readUsd(cost), 0n)).toBe(spent)
  expect(forecast).toBe(1)
})

test('usage is shown by any two dimensions, and the cross table adds up to the total', async () => {
  await openPage('/usage?group=key&unit=model')
  await page.getByText('Show the chart as a table').click()
  const table = page.getByRole('table', { name: 'Cost by Key and Model' })
  const [foot = ''] = await table.locator('tfoot tr').allInnerTexts()
  const sums = foot.split('\t').slice(1).map(readUsd)
  const total = await page.locator('.figure strong').first().innerText()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV: Cost by Key and Model' }).click(),
  ])
  const csv = readFileSync(await download.path(), 'utf8')
  await page.getByLabel('Group by').selectOption('Workspace')
  await page.getByRole('table', { name: 'Usage by Workspace' }).waitFor()
  const address = new URL(page.url()).searchParams

  expect(sums.at(-1)).toBe(readUsd(total))
  expect(sums.slice(0, -1).reduce((sum, one) => sum + one, 0n)).toBe(readUsd(total))
  expect(csv).toMatch(/^model,.*agents/)
  expect([address.get('group'), address.get('unit')]).toEqual(['workspace', 'model'])
})

test('while another report of usage loads, the one before keeps its title, and nothing is called empty', async () => {
  await openPage('/usage?group=key')
  const keys = page.getByRole('table', { name: 'Usage by Key' }).locator('tbody tr')
  const before = await keys.allInnerTexts()
  const release = await hold(page, /\/admin\/v1\/usage\?/)
  await page.getByLabel('Group by').selectOption('Workspace')
  await page.locator('.old').waitFor()
  const held = await keys.allInnerTexts()
  release()
  await page.getByRole('table', { name: 'Usage by Workspace' }).waitFor()

  await openPage('/usage?model=none')
  await page.getByText('No call in this period.').waitFor()
  const releaseAll = await hold(page, /\/admin\/v1\/usage\?/)
  await page.getByRole('button', { name: 'Show all' }).click()
  await page.getByText('Loading …').waitFor()
  const empty = await page.locator('.empty').count()
  releaseAll()
  await page.getByRole('table', { name: 'Usage by Model' }).waitFor()

  expect(before.length).toBeGreaterThan(1)
  expect(held).toEqual(before)
  expect(empty).toBe(0)
})

test('every number of usage leads to its calls: those of a bar, and those of a row within the filters', async () => {
  const count = async () =>
    (await page.getByRole('table', { name: 'Calls' }).locator('tbody tr').count()).toString()
  await openPage(`/usage?group=model&key=${seeded.ci.id}`)
  const row = page
    .getByRole('table', { name: 'Usage by Model' })
    .getByRole('row')
    .filter({ hasText: 'claude-opus-4-1-20250805' })
  const calls = await row.getByRole('cell').first().innerText()
  await row.getByRole('link').click()
  await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor()
  await expect.poll(count).toBe(calls)

  await openPage(`/usage?group=model&metric=calls&key=${seeded.ci.id}`)
  await page
    .locator('.chart-pick')
    .last()
    .click({ position: { x: 5, y: 120 } })
  await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor()
  const bar = new URL(page.url()).searchParams
  await openPage('/usage?group=model&unit=workspace')
  await page.getByText('Show the chart as a table').click()
  await page.getByRole('link', { name: 'Calls of research' }).click()
  await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor()
  const cross = new URL(page.url()).searchParams

  expect(bar.get('key')).toBe(seeded.ci.id)
  expect(Date.parse(bar.get('until') ?? '') - Date.parse(bar.get('since') ?? '')).toBeLessThanOrEqual(
    86_400_000,
  )
  expect(cross.get('workspace')).toBe(seeded.workspaceId)
})

test('calls that the gateway rejected are counted by key and error code, and the list of calls leads there', async () => {
  const messages = [{ role: 'user', content: 'Hi.' }]
  await server.call({ model: 'claude-opus-4-1', max_tokens: 10_000_000, messages }, { key: seeded.ci.key })
  await server.call({ model: 'claude-opus-9' }, { key: seeded.ci.key })
  // The counts are written within a second.
  await expect.poll(listRejected).toEqual(expect.arrayContaining(['bad_request', 'unknown_model']))
  await openPage(`/calls?live=off&key=${seeded.ci.id}&outcome=shut_down&model=none`)
  await page.locator('.empty').getByRole('link', { name: 'Rejected calls' }).click()
  const table = page.getByRole('table', { name: 'Rejected calls by key and error code' })
  await table.waitFor()
  const rows = await table.locator('tbody tr').allInnerTexts()
  const tab = await page.getByRole('tab', { name: 'Rejected' }).innerText()
  const axis = await page.locator('svg.chart text[text-anchor="end"]').allTextContents()
  const address = new URL(page.url()).searchParams
  const filters = await page.getByText('does not filter by').count()
  await openPage(`/usage?view=rejected&model=claude-opus-4-1-20250805`)
  await page.getByText('does not filter by: Model.').waitFor()

  const shown = rows.map((row) => row.split(/\s+/).slice(0, 2).join(' '))
  expect(shown).toEqual(expect.arrayContaining(['ci bad_request', 'ci unknown_model']))
  expect(new Set(shown.map((row) => row.split(' ')[0]))).toEqual(new Set(['ci']))
  expect(rows.join()).toContain('the request is not valid')
  expect([address.get('view'), address.get('key')]).toEqual(['rejected', seeded.ci.id])
  expect(tab).toMatch(/^Rejected \(\d+\)$/)
  expect(axis.filter((text) => !/^[\d,]+$/.test(text))).toEqual([])
  expect(axis.length).toBeGreaterThan(1)
  expect(filters).toBe(0)
})

test('an upstream is tested, a request is explained, and a change is in the audit', async () => {
  await openPage('/upstreams')
  await page.getByRole('button', { name: 'Test emulator' }).click()
  await page.getByText('It answers').waitFor()
  await openPage('/routing?model=claude-haiku-4-5')
  await page.getByRole('button', { name: 'Explain' }).click()
  const plan = await page.getByRole('table', { name: 'Planned attempts' }).innerText()
  await openPage('/audit?action=createWorkspace')
  await page.getByRole('button', { name: 'Show the change workspace created' }).click()
  const after = await page.getByRole('region', { name: 'After' }).innerText()
  await page.keyboard.press('Escape')
  const time = await page.locator('tbody th').first().innerText()
  const row = await page.getByRole('row', { name: /research/ }).innerText()
  await page.getByLabel('Action').selectOption('key created')
  await page.getByRole('cell', { name: 'key created' }).first().waitFor()
  const actions = await page.locator('tbody td:nth-of-type(2)').allInnerTexts()
  await openPage('/audit?action=makeKey')
  await page.getByText('There is no action makeKey.').waitFor()
  await openPage('/audit?actor=nobody')
  await page.getByText('No change matches these filters.').waitFor()

  expect(plan).toContain('emulator')
  expect(time).toMatch(/^\d+ \w+ \d{4}, \d\d:\d\d:\d\d \S+$/)
  expect(JSON.parse(after)).toMatchObject({ name: 'research' })
  expect(row).toMatch(/the admin key\s+as admin\s+workspace created\s+research/)
  expect(new Set(actions)).toEqual(new Set(['key created']))
})

test('the filter of the audit names every action that the server logs', () => {
  const logged = adminRoutes.filter((route) => 'change' in route).map(({ operation }) => operation)

  expect(Object.keys(auditTexts.actions).toSorted()).toEqual(logged.toSorted())
})

test('workspaces and members show what their calls have cost', async () => {
  await openPage('/workspaces')
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'research' }) })
  await expect.poll(() => row.innerText()).toContain('$')
  const { data } = await server.admin<{ readonly data: readonly CallShape[] }>(
    'GET',
    `/admin/v1/calls?limit=200&workspace=${seeded.workspaceId}`,
  )
  const shown = readUsd(/\$[\d.]+/.exec(await row.innerText())?.[0] ?? '')
  await openPage('/members')
  const member = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'Ann Lee' }) })
  await expect.poll(() => member.innerText()).toContain('not used')

  expect(shown).toBe(data.reduce((sum, { cost_usd: cost }) => sum + readUsd(`$${cost ?? '0'}`), 0n))
})

test('the buttons of a row cover no column of keys and budgets at 1280 pixels, and say so where they do', async () => {
  await server.admin('POST', '/admin/v1/keys', {
    name: 'payments-prod-eu-west',
    workspace_id: seeded.workspaceId,
    models: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
    expires_at: '2100-01-01T00:00:00Z',
  })
  await server.admin('POST', '/admin/v1/budgets', { scope: 'organization', limit: '5000', window: 'month' })
  for (const path of ['/keys', '/budgets']) {
    await page.setViewportSize({ width: 1280, height: 900 })
    await openPage(path)
    // The costs come after the keys, and the class after a change of the width.
    await page.locator('td.number').filter({ hasText: '$' }).first().waitFor()
    const frame = page.locator('.table-frame')
    const read = () => frame.evaluate((part) => [part.scrollWidth - part.clientWidth, part.className])
    await expect.poll(read).toEqual([0, 'table-frame'])
    await page.setViewportSize({ width: 900, height: 900 })
    await expect.poll(() => frame.getAttribute('class')).toBe('table-frame has-more')
    await frame.evaluate((part) => part.scrollTo({ left: part.scrollWidth }))
    await expect.poll(() => frame.getAttribute('class')).toBe('table-frame')
  }
  await page.setViewportSize({ width: 1280, height: 900 })
})

test('a script in a name, a label, a prompt, a session or a header never runs, on any page', async () => {
  const script = '<img src=x onerror="window.hacked=true"><script>window.hacked=true</script>'
  await server.admin('POST', '/admin/v1/workspaces', { name: script })
  await server.admin('POST', '/admin/v1/members', { name: script, role: 'viewer' })
  const { key } = await server.admin<{ readonly key: string }>('POST', '/admin/v1/keys', { name: script })
  const prompt = await server.admin<{ readonly prompt_id: string }>('POST', '/admin/v1/prompts', {
    name: script,
    note: script,
    content: { models: ['claude-haiku-4-5-20251001'], draft: { system: script } },
  })
  const budget = await server.admin<{ readonly id: string }>('POST', '/admin/v1/budgets', {
    scope: `key:${script}`,
    limit: '1',
    window: 'day',
  })
  await expect.poll(async () => (await ask(key)).status).toBe(200)
  const headers = {
    'x-claude-code-session-id': 'javascript:alert(1)',
    'user-agent': script,
    // A label has no comma and no equals sign.
    'x-anthology-labels': 'project=<script>window.hacked()</script>',
  }
  const call = await server.call({ messages: [{ role: 'user', content: script }] }, { key, headers })
  const headersPath = `/calls?tab=headers&open=${call.headers.get('request-id') ?? ''}`
  const shown = [
    ...pages.map(({ path }) => path),
    '/usage?group=key&unit=label:project',
    '/usage?group=label:project',
    `/calls?open=${call.headers.get('request-id') ?? ''}`,
    headersPath,
    `/playground?prompt=${prompt.prompt_id}&version=1`,
    `/budgets?open=${budget.id}`,
    `/sessions?open=${encodeURIComponent('javascript:alert(1)')}`,
    `/models?on=${encodeURIComponent(script)}&m=${encodeURIComponent(script)}`,
  ]
  const found: unknown[] = []
  for (const path of shown) {
    await openPage(path)
    const traces = await page.evaluate(() => ({
      ran: 'hacked' in globalThis,
      elements: document.querySelectorAll('img[src="x"], script:not([src])').length,
      links: [...document.links].filter(({ protocol }) => protocol === 'javascript:').length,
    }))
    if (traces.ran || traces.elements > 0 || traces.links > 0) found.push([path, traces])
  }
  await openPage(headersPath)
  const agent = page.getByRole('dialog').getByRole('row', { name: 'user-agent' }).getByRole('cell')
  const shownAgent = await agent.innerText()

  expect(call.status).toBe(200)
  expect(found).toEqual([])
  expect(shownAgent).toBe(script)
  expect(window.problems).toEqual([])
})

/** The error codes of the rejected calls of a key. */
async function listRejected(): Promise<readonly string[]> {
  const path = `/admin/v1/rejected-calls?key=${seeded.ci.id}`
  const { keys } = await server.admin<{ readonly keys: readonly { readonly code: string }[] }>('GET', path)
  return keys.map(({ code }) => code)
}

interface BudgetShape {
  readonly id: string
  readonly scope: string
  readonly spent: string
}

interface CallShape {
  readonly id: string
  readonly cost_usd: string
  readonly quantities: { readonly cache_read: number }
}

async function findBudget(): Promise<BudgetShape> {
  const { data } = await server.admin<{ readonly data: readonly BudgetShape[] }>('GET', '/admin/v1/budgets')
  return data.find(({ scope }) => scope === 'key:ci')!
}

/** Whether the ledger has all calls that were answered, and the budget counts exactly these. */
async function isSpendingStored(): Promise<boolean> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  if (!/^anthology_ledger_lag_records 0$/m.test(metrics)) return false
  const { id, spent } = await findBudget()
  const { data } = await server.admin<{ readonly data: readonly { readonly cost_usd: string }[] }>(
    'GET',
    `/admin/v1/budgets/${id}/spending`,
  )
  return data.reduce((sum, { cost_usd: cost }) => sum + readUsd(`$${cost}`), 0n) === readUsd(`$${spent}`)
}

function openPage(path: string): Promise<void> {
  return openPageOf(page, server, path)
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
