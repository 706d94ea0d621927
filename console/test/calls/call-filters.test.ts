import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { checkAccessibility } from '../accessibility.ts'
import { hold } from '../browser.ts'
import { openPage, startConsole } from '../open-console.ts'
import type { ConsoleTest } from '../open-console.ts'

let rig: ConsoleTest
let page: Page

beforeAll(async () => {
  rig = await startConsole()
  for (const [model, words] of [
    ['claude-haiku-4-5', 1],
    ['claude-opus-4-1', 2_000],
  ] as const) {
    const messages = [{ role: 'user', content: 'word '.repeat(words) }]
    expect((await rig.server.call({ model, messages })).status).toBe(200)
  }
  page = (await rig.signIn()).page
})

afterAll(() => rig.close())

test('calls are filtered by the most that they cost and the most tokens that they have', async () => {
  for (const filter of ['max_cost_usd=0.02', 'max_tokens=1000']) {
    await openPage(page, rig.server, `/calls?live=off&${filter}`)
    await expect.poll(listModels).toEqual(['claude-haiku-4-5-20251001'])
  }
  await openPage(page, rig.server, '/calls?live=off&min_cost_usd=0.02&min_tokens=1000')
  await expect.poll(listModels).toEqual(['claude-opus-4-1-20250805'])
})

test('a value that is none is explained at its field, and the list stays', async () => {
  await openPage(page, rig.server, '/calls')
  await page.getByRole('button', { name: 'More filters' }).click()
  const field = page.getByLabel('Cost at most (USD)')
  const problem = page.getByText('Write an amount in US dollars, such as 0.25.')
  await field.fill('$1')
  await problem.waitFor()
  const models = await listModels()
  const isInvalid = await field.getAttribute('aria-invalid')
  const alerts = await page.getByRole('alert').count()
  const findings = await checkAccessibility(page)
  await field.fill('0.02')
  await problem.waitFor({ state: 'detached' })

  await expect.poll(listModels).toEqual(['claude-haiku-4-5-20251001'])
  expect([models.length, isInvalid, alerts, findings]).toEqual([2, 'true', 0, []])
})

test('the name of a key that is typed before the keys are known becomes its id', async () => {
  const { id } = await rig.server.admin<{ readonly id: string }>('POST', '/admin/v1/keys', { name: 'late' })
  const release = await hold(page, /\/admin\/v1\/keys\?/)
  await openPage(page, rig.server, '/calls?live=off')
  await page.getByLabel('Key', { exact: true }).fill('late')
  // Longer than a filter waits for more text.
  await page.waitForTimeout(600)
  release()

  await page.waitForURL((url) => url.searchParams.get('key') === id)
})

test('what is typed while a filter is applied stays', async () => {
  await openPage(page, rig.server, '/calls?live=off')
  const field = page.getByLabel('Session')
  // Types on in the moment in which the address gets the filter.
  await field.evaluate((input: HTMLInputElement) => {
    const replace = history.replaceState.bind(history)
    history.replaceState = (...values) => {
      history.replaceState = replace
      Reflect.set(HTMLInputElement.prototype, 'value', `${input.value}c`, input)
      input.dispatchEvent(new Event('input', { bubbles: true }))
      replace(...values)
    }
  })
  await field.fill('ab')

  await page.waitForURL((url) => url.searchParams.get('session') === 'abc')
  expect(await field.inputValue()).toBe('abc')
})

test('while the calls of another filter load, no list is called empty and the one before is marked', async () => {
  await openPage(page, rig.server, '/calls?live=off&model=none')
  await page.locator('.empty').waitFor()
  const release = await hold(page, /\/admin\/v1\/calls\?/)
  await page.locator('.empty').getByRole('button').click()
  await page.getByText('Loading …').waitFor()
  const empty = await page.locator('.empty').count()
  release()
  await expect.poll(async () => (await listModels()).length).toBe(2)

  const releaseAll = await hold(page, /\/admin\/v1\/calls\?/)
  await page.getByLabel('Outcome').selectOption('answered')
  await page.locator('.old').getByRole('table', { name: 'Calls' }).waitFor()
  releaseAll()
  await page.locator('.old').waitFor({ state: 'detached' })

  expect(empty).toBe(0)
})

test('a call leads to the playground with its model', async () => {
  await openPage(page, rig.server, '/calls?live=off&max_tokens=1000')
  await page.getByRole('rowheader').first().getByRole('button').click()
  await page.getByRole('dialog').getByRole('link', { name: 'Open in the playground' }).click()
  await page.getByRole('heading', { name: 'Playground', level: 1 }).waitFor()

  expect(new URL(page.url()).searchParams.get('m')).toBe('claude-haiku-4-5-20251001')
})

test('the page names the place of the calls that are no rows', async () => {
  await openPage(page, rig.server, '/calls')

  expect(await page.locator('.page-head').getByRole('link', { name: 'Rejected calls' }).count()).toBe(1)
})

test('a call is found by the id of its message behind more calls than one page looks through', async () => {
  const database = new DatabaseSync(join(rig.server.dataFolder, 'anthology.sqlite'), { timeout: 10_000 })
  // Each of 45,000 calls began a second before the one before it.
  database.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)
    INSERT INTO calls (id, started_at_ms, protocol, key_id, requested_model, model, upstream, platform, streamed, outcome, message_id)
    SELECT 'req_old_' || i, ${Date.now()} - i * 1000, 'messages', 'local', 'm', 'm', 'one', 'anthropic', 0, 'answered',
      'msg_' || i FROM n`)
  database.close()
  await openPage(page, rig.server, '/calls?id=msg_45000')
  const looked = await page.getByText(/^No call matches among those back to/).innerText()
  const findings = await checkAccessibility(page)
  await page.getByRole('button', { name: 'Look further back' }).click()
  await page.getByRole('table', { name: 'Calls' }).getByRole('rowheader').waitFor()
  const place = new URL(page.url()).searchParams.get('after')
  await openPage(page, rig.server, '/calls?id=msg_none')
  await page.getByRole('button', { name: 'Look further back' }).click()
  await page.getByText('No call matches these filters.').waitFor()

  expect(looked).toMatch(/ 20\d\d/)
  expect(place).not.toBeNull()
  expect(findings).toEqual([])
})

function listModels(): Promise<readonly string[]> {
  return page.getByRole('table', { name: 'Calls' }).locator('tbody td:nth-of-type(1)').allInnerTexts()
}
