import { afterAll, beforeAll, expect, test } from 'vitest'

import { startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'

let rig: ConsoleTest

beforeAll(async () => {
  rig = await startConsole()
})

afterAll(() => rig.close())

test('the cache doctor has a snippet with a key without calls; with them it shows a hit, the block that changed, and what it cost', async () => {
  const window = await rig.signIn()
  const { page } = window
  await page.goto(`${rig.server.url}/console/cache`)
  await page.getByRole('button', { name: 'Create a key for these snippets' }).click()
  await page.getByText('ANTHROPIC_AUTH_TOKEN=sk-anthology-').waitFor()
  const rules = 'A long system prompt with many rules. '.repeat(1_000)
  await ask('Today is Monday.', rules)
  await ask('Today is Monday.', rules)
  await ask('Today is Tuesday.', rules)
  await page.reload()
  await page.getByRole('region', { name: 'Choose a session' }).getByRole('button').click()
  const table = page.getByRole('region', { name: 'Calls of the session, the oldest first' })
  await table.waitFor()
  const states = await table.locator('.badge').allInnerTexts()
  const cells = await table.getByRole('row').nth(3).getByRole('cell').allInnerTexts()
  const extra = await table.getByRole('row').nth(3).getByRole('cell').last().innerText()
  const address = new URL(page.url()).searchParams.get('session')

  expect(states).toEqual(['first call', 'hit', 'prefix changed'])
  expect(cells[0]).toContain('Changed: system block 1.')
  expect(cells[0]).toContain('Breakpoints: system block 2 (5 minutes)')
  expect(extra).toMatch(/^\$0\.0\d+$/)
  expect(address).toBe('session-one')
  expect(window.problems).toEqual([])
})

async function ask(...system: readonly [string, string]): Promise<void> {
  const [first, second] = system.map((text) => ({ type: 'text', text }))
  const response = await rig.server.call(
    {
      system: [first, { ...second, cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: 'Hello' }],
    },
    { headers: { 'x-claude-code-session-id': 'session-one' } },
  )
  expect(response.status).toBe(200)
  await response.text()
  await rig.server.untilStored(response.headers.get('request-id') ?? '')
}
