import { aliases, calendar, compare, models } from '@anthology/catalog'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { listComparison, platforms, seedDay } from '../src/pages/models/model-facts.ts'
import {
  listAliasSources,
  listGroup,
  listNameSources,
  listPriceSources,
  listRetirementSources,
} from '../src/pages/models/source-lists.ts'
import type { SourceList } from '../src/pages/models/source-lists.ts'
import { factNames } from '../src/texts/facts.ts'
import { checkAccessibility } from './accessibility.ts'
import type { TestWindow } from './browser.ts'
import { openPage, startConsole } from './open-console.ts'
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

test('every fact of the catalog has a name', () => {
  const fields = compare(models, { asOf: '2026-11-30' }).map(({ field }) => field)

  expect(Object.keys(factNames)).toEqual(fields)
})

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
    // The button for the sources has no text.
    '',
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

test('a narrow window shows the tab that is open', async () => {
  const narrow = await rig.signIn({ width: 360 })
  await openPage(narrow.page, rig.server, '/models?view=calculator')
  const tab = narrow.page.getByRole('tab', { name: 'Calculator' })
  const isInSight = () =>
    tab.evaluate((element) => element.getBoundingClientRect().right <= document.documentElement.clientWidth)
  await expect.poll(isInSight).toBe(true)
  await narrow.close()
})

test('the calculator prices a call to the nano-dollar', async () => {
  const page = await openModels('?on=2025-08-28&view=calculator&m=claude-3-haiku-20240307')
  await page.getByLabel('Input tokens').fill('1')
  await page.getByLabel('Output tokens').fill('1')
  await page.getByLabel('Number of calls').fill('3')
  const row = page.getByRole('row').filter({ hasText: 'Claude Haiku 3' })
  // 0.25 and 1.25 USD per million tokens.
  await expect.poll(() => row.getByRole('cell').first().innerText()).toBe('$0.0000015')
  await expect.poll(() => row.getByRole('cell').nth(1).innerText()).toBe('$0.0000045')
})

/** The first day of the catalog, past days, and one after its last change. */
const days = ['2024-03-01', seedDay, '2026-02-15', '2026-11-30']

test.each(days)('every cell of every table has a source on %s', (day) => {
  const cells: readonly (readonly [cell: string, lists: readonly SourceList[]])[] = [
    ...models.flatMap((model) => [
      ...listComparison(day).map(
        ({ row, group }) => [`${row} of ${model.id}`, [listGroup(model, group, day)]] as const,
      ),
      [`status of ${model.id}`, [listGroup(model, 'lifecycle', day)]] as const,
      [`prices of ${model.id}`, listPriceSources(model, day)] as const,
      [`names of ${model.id}`, listNameSources(model, day)] as const,
    ]),
    ...[...aliases].map(([alias, targets]) => [alias, listAliasSources(targets)] as const),
    ...platforms.flatMap((platform) =>
      calendar({ asOf: day, platform }).map(
        (entry) => [`${entry.model} on ${platform}`, listRetirementSources(entry, day)] as const,
      ),
    ),
  ]

  const empty = cells.filter(
    ([, lists]) => lists.length === 0 || lists.some(({ pages }) => pages.length === 0 || pages.includes('')),
  )

  expect(empty.map(([cell]) => cell)).toEqual([])
})

test.each([
  ['with the default selection', ''],
  ['for all models on a past day', `?on=2025-08-28&m=${models.map(({ id }) => id).join(',')}`],
])('every cell of the comparison has a button for its sources, %s', async (_case, query) => {
  const page = await openModels(query)
  const cells = page.getByRole('region', { name: 'Compare', exact: true }).locator('td')
  const names = await cells.evaluateAll((all) =>
    all.map((cell) =>
      [...cell.querySelectorAll('button')].map((button) => button.getAttribute('aria-label')).join(' + '),
    ),
  )

  expect(names.length).toBeGreaterThan(50)
  expect(names.filter((name) => !/^Sources of the [^+]+ of Claude [^+]+$/.test(name))).toEqual([])
})

test('the sources of a cell open by the keyboard, with links, and without an accessibility finding', async () => {
  const page = await openModels('?on=2025-08-28')
  const button = page.getByRole('button', {
    name: 'Sources of the context window of Claude Opus 4.1',
    exact: true,
  })
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Sources of the context window of Claude Opus 4.1' })
  await dialog.waitFor()

  expect(await dialog.getByRole('listitem').allInnerTexts()).toEqual([
    'Models overview, August 2025, docs.anthropic.com/en/docs/about-claude/models/overview',
  ])
  expect(await dialog.getByRole('link').getAttribute('href')).toBe(
    'https://docs.anthropic.com/en/docs/about-claude/models/overview',
  )
  expect(await checkAccessibility(page)).toEqual([])
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true)
})

test('a page that was written after the day, and a value that no page states, are marked', async () => {
  const page = await openModels('?on=2025-08-28&m=claude-opus-4-1-20250805,claude-fable-5-2')
  const read = async (name: string) => {
    await page.getByRole('button', { name, exact: true }).click()
    const text = await page.getByRole('dialog').innerText()
    await page.keyboard.press('Escape')
    return text
  }

  expect(await read('Sources of the status of Claude Opus 4.1')).toContain('Written after 2025-08-28')
  expect(await read('Sources of the latency of Claude Opus 4.1')).not.toContain('Written after')
  expect(await read('Sources of the latency of Claude Fable 5.2')).toContain('None of these pages states it.')
})

test.each([
  ['prices', 'Prices', 'Sources of the prices of Claude Opus 4.1', 'Rate card of 2025-08-05'],
  ['names', 'Names', 'Sources of the names of Claude Opus 4.1', 'Names'],
  ['aliases', 'Aliases', 'Sources of the alias claude-opus-4-1', 'claude-opus-4-1-20250805 from 2025-08-05'],
  ['calendar', 'Retirements', 'Sources of the retirement of Claude Opus 4', 'Status and dates'],
  ['calculator', 'Calculator', 'Sources of the prices of Claude Opus 4.1', 'Rate card of 2025-08-05'],
])('every row of %s has a button for its sources', async (view, region, name, heading) => {
  const page = await openModels(`?on=2025-08-28&view=${view}`)
  const rows = page.getByRole('region', { name: region, exact: true }).locator('tbody tr')
  const buttons = await rows.getByRole('button', { name: /^Sources of the / }).count()
  expect([buttons > 0, buttons]).toEqual([true, await rows.count()])

  await page.getByRole('button', { name, exact: true }).click()
  const dialog = page.getByRole('dialog', { name })
  await dialog.getByRole('heading', { name: heading, exact: true }).waitFor()

  expect(await dialog.getByRole('listitem').count()).toBeGreaterThan(0)
  await page.keyboard.press('Escape')
})

test('all facts list the sources of a model by group', async () => {
  const page = await openModels('?view=facts&m=claude-opus-4-1-20250805')
  await page.getByText('Sources: Claude Opus 4.1').click()

  expect(await page.locator('details[open] h3').allInnerTexts()).toEqual([
    'Names',
    'Abilities',
    'Limits',
    'Thinking',
    'Tokens and caching',
    'Prices',
    'Status and dates',
  ])
})

test('only the pages of the console itself are asked for', async () => {
  await openModels('')
  window.takeRequests()
  await openModels('?view=facts')
  expect(window.takeRequests().filter((url) => !url.startsWith('/'))).toEqual([])
  expect(window.problems).toEqual([])
})
