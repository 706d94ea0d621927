import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildConsole, isConsoleStale } from '../../scripts/build-console.mjs'
import { openWindow, startBrowser } from './browser.ts'
import type { TestWindow, WindowOptions } from './browser.ts'
import { checkAccessibility } from './accessibility.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'
import { seed } from './seed.ts'
import type { Seeded } from './seed.ts'

let browser: Browser
let server: ConsoleServer
let seeded: Seeded

beforeAll(async () => {
  if (isConsoleStale()) buildConsole(process.execPath)
  browser = await startBrowser()
  server = await startConsoleServer()
  seeded = await seed(server)
})

afterAll(async () => {
  await browser.close()
  await server.close()
})

test('the link of the start signs in once, and leaves neither the address nor the history', async () => {
  const window = await openWindow(browser)
  const { page } = window
  await page.goto(server.link)
  await page.getByRole('heading', { name: 'Start' }).waitFor()

  const address = page.url()
  await page.goto('about:blank')
  await page.goBack()
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  const back = page.url()
  const other = await openWindow(browser)
  await other.page.goto(server.link)
  const refusal = await other.page.getByRole('alert').innerText()
  const [cookie] = await window.context.cookies()
  await window.close()
  await other.close()

  expect(address).toBe(`${server.url}/console/`)
  expect(back).toBe(address)
  expect(refusal).toMatch(/used already or has expired/)
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  expect(window.problems).toEqual([])
})

test('the admin key signs in, a wrong one does not, and signing out ends the session', async () => {
  const window = await openWindow(browser)
  const { page } = window
  await page.goto(`${server.url}/console/calls`)
  await page.getByLabel('Admin key').fill('sk-anthology-wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('this is not the admin key').waitFor()

  await page.getByLabel('Admin key').fill(server.adminKey)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Calls' }).waitFor()
  const [cookie] = await window.context.cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to Anthology' }).waitFor()
  const headers = { cookie: `${cookie?.name}=${cookie?.value}` }
  const after = await fetch(`${server.url}/admin/v1/calls`, { headers })
  await window.close()

  expect(after.status).toBe(401)
  expect(window.problems).toEqual([])
})

test('the palette and the keys reach pages, filters and rows', async () => {
  const { page, close } = await openSignedIn()

  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('usage')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Usage and cost' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('calls')
  await page.keyboard.press('Enter')
  // The page before has a table too.
  await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor()
  await page.getByRole('table', { name: 'Calls' }).waitFor()
  await page.keyboard.press('/')
  const focused = await page.evaluate(() => document.activeElement?.closest('label')?.textContent)
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  const opened = new URL(page.url()).searchParams.get('open')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.keyboard.press('?')
  const help = await page.getByRole('dialog').innerText()
  await close()

  expect(focused).toContain('Model')
  expect(opened).toMatch(/^req_/)
  expect(help).toContain('next and previous row')
})

test('a lost connection is shown and recovers', async () => {
  const { page, context, close } = await openSignedIn()
  await openPage(page, '/keys')

  await context.setOffline(true)
  await page.getByLabel('Show revoked keys').click()
  await page.getByText('The gateway does not answer').first().waitFor()
  await context.setOffline(false)
  await page.getByRole('table', { name: 'Keys' }).waitFor()
  const banners = await page.locator('.banner').count()
  await close()

  expect(banners).toBe(0)
})

test('a forced theme is there before the first paint, and no request leaves this server', async () => {
  const window = await openSignedIn({ theme: 'light' })
  const { page } = window
  await page.getByLabel('Theme').selectOption('dark')
  window.takeRequests()

  await page.reload({ waitUntil: 'commit' })
  const early = await page.evaluate(() => document.documentElement.dataset['theme'])
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const requests = window.takeRequests()
  await window.close()

  expect(early).toBe('dark')
  expect(background).toBe('rgb(20, 21, 19)')
  expect(requests.length).toBeGreaterThan(3)
  expect(requests.filter((path) => !path.startsWith('/'))).toEqual([])
  expect(window.problems).toEqual([])
})

const pages = [
  '/',
  '/usage',
  '/calls',
  '/sessions',
  '/upstreams',
  '/routing',
  '/keys',
  '/workspaces',
  '/members',
  '/budgets',
  '/audit',
  '/settings',
] as const

test.each([1280, 360])('no page has an accessibility finding in either theme, at %i px', async (width) => {
  const window = await openSignedIn({ width })
  const found: Record<string, readonly string[]> = {}
  const wide: string[] = []
  for (const path of [...pages, `/sessions?open=${seeded.session}`, '/calls?live=off']) {
    await openPage(window.page, path)
    if (path.startsWith('/calls')) await window.page.getByRole('button', { name: 'More filters' }).click()
    await window.page.emulateMedia({ colorScheme: 'light' })
    const light = await checkAccessibility(window.page)
    // Only the colours differ between the themes.
    await window.page.emulateMedia({ colorScheme: 'dark' })
    const dark = await checkAccessibility(window.page, ['color-contrast'])
    const findings = [...light, ...dark.map((finding) => `dark: ${finding}`)]
    if (findings.length > 0) found[path] = findings
    if (await isWiderThanWindow(window.page)) wide.push(path)
  }
  await window.close()

  expect(found).toEqual({})
  expect(wide).toEqual([])
  expect(window.problems).toEqual([])
})

test('a page asks the server a few times, however many rows it shows', async () => {
  const window = await openSignedIn()
  const counts: Record<string, number> = {}
  for (const path of pages) {
    window.takeRequests()
    await openPage(window.page, path)
    counts[path] = window.takeRequests().filter((url) => url.startsWith('/admin')).length
  }
  await window.close()

  expect(Math.max(...Object.values(counts)), JSON.stringify(counts)).toBeLessThanOrEqual(6)
})

async function openSignedIn(options: WindowOptions = {}): Promise<TestWindow> {
  const window = await openWindow(browser, options)
  const { token } = await server.admin<{ readonly token: string }>('POST', '/admin/v1/console-links')
  await window.page.goto(`${server.url}/console/#sign-in=${token}`)
  await window.page.getByRole('heading', { name: 'Start' }).waitFor()
  return window
}

async function openPage(page: Page, path: string): Promise<void> {
  await page.goto(`${server.url}/console${path}`)
  await page.locator('h1').waitFor()
  await page.waitForFunction(() => document.querySelector('#content [role="status"].muted') === null)
  await page.locator('.page').waitFor()
}

/** Only tables and code may scroll sideways. */
function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
}
