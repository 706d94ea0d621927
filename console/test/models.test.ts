import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { TestWindow } from './browser.ts'
import { startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'

let rig: ConsoleTest
let window: TestWindow

beforeAll(async () => {
  rig = await startConsole()
  window = await rig.signIn()
})

afterAll(() => rig.close())

async function openModels(query: string): Promise<Page> {
  const { page } = window
  await page.goto(`${rig.server.url}/console/models${query}`)
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
  return page
}

/** The table of a tab, as the texts of its cells. */
async function readTable(page: Page, name: string): Promise<readonly (readonly string[])[]> {
  const rows = await page.getByRole('region', { name, exact: true }).getByRole('row').all()
  return Promise.all(rows.map(async (row) => (await row.locator('th, td').allInnerTexts()).map(trim)))
}

function trim(text: string): string {
  return text.split('\n')[0]?.trim() ?? ''
}

test('the comparison of August 2025 has the cells of the Models overview page', async () => {
  const page = await openModels('?on=2025-08-28')
  expect(await readTable(page, 'Compare')).toEqual([
    [
      'Feature',
      'Claude Opus 4.1',
      'Claude Opus 4',
      'Claude Sonnet 4',
      'Claude Sonnet 3.7',
      'Claude Haiku 3.5',
      'Claude Haiku 3',
    ],
    [
      'Description',
      'Our most capable model',
      'Our previous flagship model',
      'High-performance model',
      'High-performance model with early extended thinking',
      'Our fastest model',
      'Fast and compact model for near-instant responsiveness',
    ],
    [
      'Strengths',
      'Highest level of intelligence and capability',
      'Very high intelligence and capability',
      'High intelligence and balanced performance',
      'High intelligence with toggleable extended thinking',
      'Intelligence at blazing speeds',
      'Quick and accurate targeted performance',
    ],
    ['Multilingual', 'Yes', 'Yes', 'Yes', 'Yes', 'Yes', 'Yes'],
    ['Vision', 'Yes', 'Yes', 'Yes', 'Yes', 'Yes', 'Yes'],
    ['Extended thinking', 'Yes', 'Yes', 'Yes', 'Yes', 'No', 'No'],
    ['Priority Tier', 'Yes', 'Yes', 'Yes', 'Yes', 'Yes', 'No'],
    [
      'API model name',
      'claude-opus-4-1-20250805',
      'claude-opus-4-20250514',
      'claude-sonnet-4-20250514',
      'claude-3-7-sonnet-20250219',
      'claude-3-5-haiku-20241022',
      'claude-3-haiku-20240307',
    ],
    ['Comparative latency', 'Moderately Fast', 'Moderately Fast', 'Fast', 'Fast', 'Fastest', 'Fast'],
    ['Context window', '200K', '200K', '200K / 1M (beta)', '200K', '200K', '200K'],
    [
      'Max output',
      '32,000 tokens',
      '32,000 tokens',
      '64,000 tokens',
      // The page says it in a note.
      '64,000 tokens / 128,000 (beta)',
      '8,192 tokens',
      '4,096 tokens',
    ],
    ['Training data cut-off', 'Mar 2025', 'Mar 2025', 'Mar 2025', 'Nov 2024', 'Jul 2024', 'Aug 2023'],
    ['Status', 'active', 'active', 'active', 'active', 'active', 'active'],
  ])
})

test('the prices of August 2025 are those of the page, deprecated models included', async () => {
  const page = await openModels('?on=2025-08-28&view=prices')
  const rows = (await readTable(page, 'Prices')).map((cells) => cells.slice(0, 6))
  expect(rows).toEqual([
    ['Model', 'Base input', '5m cache writes', '1h cache writes', 'Cache hits and refreshes', 'Output'],
    ['Claude Opus 4.1', '$15', '$18.75', '$30', '$1.50', '$75'],
    ['Claude Opus 4', '$15', '$18.75', '$30', '$1.50', '$75'],
    ['Claude Sonnet 4', '$3', '$3.75', '$6', '$0.30', '$15'],
    ['Claude Sonnet 3.7', '$3', '$3.75', '$6', '$0.30', '$15'],
    ['Claude Haiku 3.5', '$0.80', '$1', '$1.6', '$0.08', '$4'],
    ['Claude Haiku 3', '$0.25', '$0.30', '$0.50', '$0.03', '$1.25'],
    ['Claude Sonnet 3.5', '$3', '$3.75', '$6', '$0.30', '$15'],
    ['Claude Opus 3', '$15', '$18.75', '$30', '$1.50', '$75'],
  ])
})

test('the names of a model on three platforms are those of the page', async () => {
  const page = await openModels('?on=2025-08-28&view=names&m=claude-opus-4-1-20250805')
  const [, row] = await readTable(page, 'Names')
  expect(row).toEqual([
    'Claude Opus 4.1',
    'claude-opus-4-1',
    'claude-opus-4-1-20250805',
    'anthropic.claude-opus-4-1-20250805-v1:0',
    'claude-opus-4-1@20250805',
    'not offered',
  ])
})

test('the day is chosen by the slider and stays in the address', async () => {
  const page = await openModels('?view=aliases')
  await page.getByRole('button', { name: 'August 2025' }).click()
  const row = page.getByRole('row').filter({ has: page.getByText('claude-opus-4-0', { exact: true }) })
  await expect.poll(() => row.getByRole('cell').first().innerText()).toBe('claude-opus-4-20250514')
  await page.getByLabel('Day of the facts').press('ArrowRight')
  await expect.poll(() => new URL(page.url()).searchParams.get('on')).toBe('2025-08-29')
  expect(new URL(page.url()).searchParams.get('view')).toBe('aliases')
})

test('the calculator prices a call to the nano-dollar', async () => {
  const page = await openModels('?on=2025-08-28&view=calculator&m=claude-3-haiku-20240307')
  await page.getByLabel('Input tokens').fill('1')
  await page.getByLabel('Output tokens').fill('1')
  await page.getByLabel('Number of calls').fill('3')
  const row = page.getByRole('row').filter({ hasText: 'Claude Haiku 3' })
  // 0.25 and 1.25 USD per million tokens.
  await expect.poll(() => row.getByRole('cell').first().innerText()).toBe('$0.0000015')
  expect(await row.getByRole('cell').nth(1).innerText()).toBe('$0.0000045')
})

test('only the pages of the console itself are asked for', async () => {
  await openModels('')
  window.takeRequests()
  await openModels('?view=facts')
  expect(window.takeRequests().filter((url) => !url.startsWith('/'))).toEqual([])
  expect(window.problems).toEqual([])
})
