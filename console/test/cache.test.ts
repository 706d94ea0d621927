import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openWindow, startBrowser } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'

let browser: Browser
let server: ConsoleServer

beforeAll(async () => {
  browser = await startBrowser()
  server = await startConsoleServer()
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

test('the cache doctor shows a hit, the block that changed, and what it cost', async () => {
  const rules = 'A long system prompt with many rules. '.repeat(1_000)
  await ask('Today is Monday.', rules)
  await ask('Today is Monday.', rules)
  await ask('Today is Tuesday.', rules)
  const window = await openWindow(browser)
  const { page } = window
  await page.goto(server.link)
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  await page.goto(`${server.url}/console/cache`)
  await page.getByRole('region', { name: 'Choose a session' }).getByRole('button').click()
  const table = page.getByRole('region', { name: 'Calls of the session, the oldest first' })
  await table.waitFor()
  const states = await table.locator('.badge').allInnerTexts()
  const cells = await table.getByRole('row').nth(3).getByRole('cell').allInnerTexts()
  const extra = await table.getByRole('row').nth(3).getByRole('cell').last().innerText()
  const address = new URL(page.url()).searchParams.get('session')
  for (const [width, colorScheme] of [
    [1280, 'light'],
    [360, 'dark'],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => [width, id, nodes[0]?.html])).toEqual([])
  }

  expect(states).toEqual(['first call', 'hit', 'prefix changed'])
  expect(cells[0]).toContain('Changed: system block 1.')
  expect(cells[0]).toContain('Breakpoints: system block 2 (5 minutes)')
  expect(extra).toMatch(/^\$0\.0\d+$/)
  expect(address).toBe('session-one')
  expect(window.problems).toEqual([])
})

async function ask(...system: readonly [string, string]): Promise<void> {
  const [first, second] = system.map((text) => ({ type: 'text', text }))
  const response = await server.call(
    {
      system: [first, { ...second, cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: 'Hello' }],
    },
    { headers: { 'x-claude-code-session-id': 'session-one' } },
  )
  expect(response.status).toBe(200)
  await response.text()
}
