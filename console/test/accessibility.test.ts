import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { pages } from '../src/app/pages.ts'
import { checkAccessibility } from './accessibility.ts'
import { openPage, startConsole, untilLoaded } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'
import { seed } from './seed.ts'
import type { Seeded } from './seed.ts'

let rig: ConsoleTest
let views: readonly View[]

/** A page, or one of its parts that has to be opened first. */
interface View {
  readonly path: string
  readonly open?: (page: Page) => Promise<unknown>
  /** A CSS selector of the part to check. The frame around the parts of a page is checked with the page. */
  readonly part?: string
}

beforeAll(async () => {
  rig = await startConsole({ budgets: { labels: ['project'] } })
  const seeded = await seed(rig.server)
  const { id } = await rig.server.admin<{ readonly id: string }>('POST', '/admin/v1/budgets', {
    scope: 'organization',
    limit: '0.5',
    window: 'month',
  })
  views = [...pages.map(({ path }) => ({ path })), ...listParts(seeded, id)]
})

afterAll(() => rig.close())

function listParts({ session }: Seeded, budgetId: string): readonly View[] {
  const click = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click()
  const [content, dialog] = ['#content', '[role=dialog]']
  return [
    ...['prices', 'names', 'aliases', 'calendar', 'calculator', 'facts'].map((view) => ({
      path: `/models?view=${view}`,
      part: content,
    })),
    { path: '/models', open: click('Sources of the context window'), part: dialog },
    { path: '/models?view=prices', open: click('Sources of the prices'), part: dialog },
    { path: '/calls?live=off', open: click('More filters'), part: content },
    { path: '/calls?live=off&outcome=upstream_error', open: openCall('Facts'), part: dialog },
    { path: '/calls?live=off&outcome=answered', open: openCall('Headers'), part: dialog },
    { path: `/sessions?open=${session}`, part: dialog },
    { path: `/cache?session=${session}`, part: content },
    {
      path: '/usage?group=workspace&unit=model',
      open: (page) => page.getByText('Show the chart as a table').click(),
      part: content,
    },
    {
      path: '/usage?view=rejected',
      open: (page) => page.getByText('Show the chart as a table').click(),
      part: content,
    },
    { path: `/budgets?open=${budgetId}`, part: dialog },
    { path: '/budgets', open: click('Raise the budget of organization'), part: dialog },
    { path: '/budgets', open: click('Edit the budget of organization'), part: dialog },
    { path: '/members', open: click('Add a member'), part: dialog },
    { path: '/keys', open: click('Create a key'), part: dialog },
    { path: '/keys', open: click('Rotate ci'), part: dialog },
    {
      path: '/keys',
      open: (page) => page.getByRole('link', { name: 'ci', exact: true }).click(),
      part: dialog,
    },
    { path: '/playground?m=claude-sonnet-5-5,claude-haiku-5-5', open: click('Get code'), part: dialog },
    { path: '/playground', open: click('Prompts'), part: dialog },
    {
      path: '/playground',
      open: (page) => page.getByText('What changes on another model').click(),
      part: content,
    },
    { path: '/routing', open: click('Add an alias'), part: dialog },
    { path: '/routing', open: click('Edit weights'), part: dialog },
  ]
}

function openCall(tab: string) {
  return async (page: Page) => {
    await page.getByRole('rowheader').first().getByRole('button').click()
    await page.getByRole('dialog').getByRole('tab', { name: tab }).click()
  }
}

interface Shape {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
  readonly rules?: readonly string[]
}

const [wide, narrow] = [1280, 360]
// Only the colours differ between the themes.
const colours = ['color-contrast']
const pageShapes: readonly Shape[] = [
  { width: wide, colorScheme: 'light' },
  { width: wide, colorScheme: 'dark', rules: colours },
  { width: narrow, colorScheme: 'light' },
  { width: narrow, colorScheme: 'dark', rules: colours },
]
/** The parts of a page have its style, so they are checked once in each theme and width. */
const partShapes: readonly Shape[] = [
  { width: wide, colorScheme: 'light' },
  { width: narrow, colorScheme: 'dark' },
]

test('no page has an accessibility finding in either theme, wide or narrow', async () => {
  const window = await rig.signIn()
  const { page } = window
  const found: string[] = []
  for (const { path, open, part } of views) {
    await page.setViewportSize({ width: wide, height: 900 })
    await openPage(page, rig.server, path)
    await open?.(page)
    if (part !== undefined) await page.locator(part).waitFor()
    await untilLoaded(page)
    for (const { width, colorScheme, rules } of part === undefined ? pageShapes : partShapes) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      const findings = await checkAccessibility(page, { part, rules })
      if (await isWiderThanWindow(page)) findings.push('is wider than the window')
      findings.push(...(await listCutLabels(page)), ...(await listCutFields(page)))
      found.push(...findings.map((finding) => `${path}, ${width}, ${colorScheme}: ${finding}`))
    }
  }
  await window.close()

  expect(found).toEqual([])
  expect(window.problems).toEqual([])
})

/** Only tables and code may scroll sideways. */
function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
}

/** Labels of charts that the edge of the chart cuts off. */
function listCutLabels(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('svg.chart')].flatMap((chart) => {
      const frame = chart.getBoundingClientRect()
      return [...chart.querySelectorAll('text')]
        .map((label) => ({ text: label.textContent, box: label.getBoundingClientRect() }))
        .filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1)
        .map(({ text }) => `the chart cuts off ${text}`)
    }),
  )
}

/** Choices and times of which a column leaves too little to read the value. The arrow of a choice takes 16 pixels. */
function listCutFields(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d')
    const isCut = (field: Element) => {
      if (!(field instanceof HTMLSelectElement)) return field.clientWidth < 190
      const { font, paddingLeft, paddingRight } = getComputedStyle(field)
      if (canvas !== null) canvas.font = font
      const text = canvas?.measureText(field.selectedOptions[0]?.text ?? '').width ?? 0
      return field.clientWidth < text + parseFloat(paddingLeft) + parseFloat(paddingRight) + 16
    }
    return [...document.querySelectorAll('select, input[type="datetime-local"]')]
      .filter((field) => field.checkVisibility() && isCut(field))
      .map(
        (field) =>
          `cuts off the value of ${field.getAttribute('aria-label') ?? field.parentElement?.innerText}`,
      )
  })
}
