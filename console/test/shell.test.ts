import type { Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { pages } from '../src/app/pages.ts'
import { openWindow } from './browser.ts'
import { openPage, startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'
import type { ConsoleServer } from './console-server.ts'
import { seed } from './seed.ts'

let rig: ConsoleTest
let server: ConsoleServer

beforeAll(async () => {
  rig = await startConsole()
  server = rig.server
  await seed(server)
})

afterAll(() => rig.close())

test('the link of the start signs in once, and leaves neither the address nor the history', async () => {
  const window = await openWindow(rig.browser)
  const { page } = window
  await page.goto(server.link)
  await page.getByRole('heading', { name: 'Start' }).waitFor()

  const address = page.url()
  await page.goto('about:blank')
  await page.goBack()
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  const back = page.url()
  const other = await openWindow(rig.browser)
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

test('the snippet of the first call stays in the address', async () => {
  const { page, close } = await rig.signIn()
  await page.getByRole('tab', { name: 'Python' }).click()
  await expect.poll(() => new URL(page.url()).searchParams.get('snippet')).toBe('Python')

  await page.reload()
  await page.getByText('from anthropic import Anthropic').waitFor()
  await page.getByRole('combobox', { name: 'Client' }).selectOption('Kotlin')
  await page.getByText('val client = AnthropicOkHttpClient.builder()').waitFor()
  const address = new URL(page.url()).search
  await page.getByRole('tab', { name: 'curl' }).click()
  await expect.poll(() => new URL(page.url()).search).toBe('?client=Kotlin')
  await close()

  expect(address).toBe('?snippet=Python&client=Kotlin')
})

test('the admin key signs in, a wrong one does not, and signing out ends the session', async () => {
  const window = await openWindow(rig.browser)
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

test('a sign-out that fails says so, and can be tried again', async () => {
  const { page, close } = await rig.signIn()
  await openPage(page, server, '/calls')
  const leave = page.getByRole('button', { name: 'Sign out' })
  const fail = (route: Route) => route.fulfill({ status: 503, json: { detail: 'the store does not answer' } })
  await page.route('**/console/session', fail, { times: 1 })

  await leave.click()
  await page.getByText('the store does not answer').waitFor()
  await leave.click()
  await page.getByRole('heading', { name: 'Sign in to Anthology' }).waitFor()
  await close()
})

test('a session that has ended is explained at the same address, and signing in comes back to it', async () => {
  const { page, context, close } = await rig.signIn()
  await openPage(page, server, '/calls?live=off&model=claude-haiku-4-5-20251001')

  await context.clearCookies()
  await page.getByLabel('Outcome').selectOption('answered')
  await page.getByText('Your session has ended').waitFor()
  await page.getByLabel('Admin key').fill(server.adminKey)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('table', { name: 'Calls' }).waitFor()
  const { search } = new URL(page.url())
  await close()

  expect(search).toBe('?live=off&model=claude-haiku-4-5-20251001&outcome=answered')
})

test('a change after the session has ended says so too', async () => {
  const { page, context, close } = await rig.signIn()
  await openPage(page, server, '/workspaces')
  await page.getByRole('button', { name: 'Create a workspace' }).click()
  await page.getByLabel('Name').fill('late')

  await context.clearCookies()
  await page.getByRole('dialog').getByRole('button', { name: 'Create a workspace' }).click()
  await page.getByText('Your session has ended').waitFor()
  const left = await page.getByRole('dialog').count()
  await close()

  expect(left).toBe(0)
})

test('a text is copied where the browser offers no clipboard, as over plain http', async () => {
  const { page, close } = await rig.signIn()
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
  await openPage(page, server, '/')

  await page.getByRole('button', { name: 'Copy: Endpoint' }).click()
  await page.getByText('Copied').waitFor()
  await openPage(page, server, '/calls?live=off')
  await page.getByLabel('Session').focus()
  await page.keyboard.press('Control+v')
  await expect.poll(() => page.getByLabel('Session').inputValue()).toBe(server.url)
  await close()
})

test('the palette keeps the chosen command in sight, and gives the focus back', async () => {
  const { page, close } = await rig.signIn()
  await page.getByRole('button', { name: 'Search' }).first().focus()
  await page.keyboard.press('Control+k')

  await page.keyboard.press('ArrowUp')
  const chosen = page.getByRole('option', { selected: true })
  const [name, box, list] = [
    await chosen.innerText(),
    await chosen.boundingBox(),
    await page.getByRole('listbox').boundingBox(),
  ]
  await page.keyboard.press('Escape')
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('Search') === true)
  await close()

  expect(name).toContain('Dark')
  expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual((list?.y ?? 0) + (list?.height ?? 0))
})

test('the palette opens what can be created, and a key by its id', async () => {
  const { page, close } = await rig.signIn()
  for (const [text, heading] of [
    ['create a key', 'Create a key'],
    ['budget', 'Set a budget'],
    ['member', 'Add a member'],
    ['create a work', 'Create a workspace'],
  ] as const) {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill(text)
    await page.getByRole('option', { name: heading }).click()
    await page.getByRole('dialog', { name: heading }).waitFor()
    await page.reload()
    await page.getByRole('dialog', { name: heading }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: heading }).waitFor({ state: 'detached' })
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('ro')
  const [first] = await page.getByRole('option').allInnerTexts()
  await page.keyboard.press('Escape')
  const { data } = await server.admin<{ readonly data: readonly { readonly id: string }[] }>(
    'GET',
    '/admin/v1/keys',
  )
  const id = data[0]?.id ?? ''
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill(id)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  const opened = new URL(page.url()).searchParams.get('open')
  await close()

  expect(first).toContain('Routing')
  expect(id).toMatch(/^key_/)
  expect(opened).toBe(id)
})

test('the palette and the keys reach pages, filters and rows', async () => {
  const { page, close } = await rig.signIn()

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
  const { page, context, close } = await rig.signIn()
  await openPage(page, server, '/keys')

  await context.setOffline(true)
  await page.getByLabel('Show revoked keys').click()
  await page.getByText('The gateway does not answer').first().waitFor()
  await context.setOffline(false)
  await page.getByRole('table', { name: 'Keys' }).waitFor()
  await page.locator('.banner').waitFor({ state: 'detached' })
  await close()
})

test('the live tail is back at once when the gateway answers again', async () => {
  const { page, context, close } = await rig.signIn()
  await openPage(page, server, '/calls')
  await page.getByText('Connecting …').waitFor({ state: 'detached' })

  // The tail's own next try, after a second, never comes.
  await page.evaluate(() => {
    const start = globalThis.setTimeout
    Reflect.set(globalThis, 'setTimeout', (run: () => void, ms: number) =>
      ms === 1_000 ? 0 : start(run, ms),
    )
  })
  // Playwright cuts new connections only, so the page connects anew while there is none.
  await context.setOffline(true)
  await page.getByLabel('Live').click()
  await page.getByLabel('Live').click()
  await page.getByText('Connection lost').waitFor()
  await context.setOffline(false)
  await page.locator('.banner').waitFor({ state: 'detached' })
  await page.getByText('Connection lost').waitFor({ state: 'detached' })
  await close()
})

test('a forced theme is there before the first paint, and no request leaves this server', async () => {
  const opened = await rig.signIn({ theme: 'light' })
  const { page } = opened
  await page.getByLabel('Theme').selectOption('dark')
  opened.takeRequests()

  // A browser paints nothing before it has read the start of the body.
  await page.addInitScript(() => {
    const watcher = new MutationObserver(() => {
      window.name =
        document.body === null ? `${document.documentElement.dataset['theme']} before the body` : ''
    })
    watcher.observe(document, { subtree: true, attributeFilter: ['data-theme'] })
  })
  await page.reload()
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const early = await page.evaluate(() => window.name)
  const requests = opened.takeRequests()
  await opened.close()

  expect(early).toBe('dark before the body')
  expect(background).toBe('rgb(20, 21, 19)')
  expect(requests.length).toBeGreaterThan(3)
  expect(requests.filter((path) => !path.startsWith('/'))).toEqual([])
  expect(opened.problems).toEqual([])
})

test('a page asks the server a few times, for no report without a bound, and does not move what it has shown', async () => {
  const window = await rig.signIn()
  const shifts: Record<string, number> = {}
  await window.page.addInitScript(watchShifts)
  const counts: Record<string, number> = {}
  const unbounded: string[] = []
  for (const { path } of pages) {
    window.takeRequests()
    await openPage(window.page, server, path)
    const asked = window.takeRequests().filter((url) => url.startsWith('/admin'))
    counts[path] = asked.length
    shifts[path] = await window.page.evaluate(() => Number(document.defaultView?.name))
    // A list has a page of 100 rows unless the request names another; a report of usage would have a page of single values.
    unbounded.push(...asked.filter((url) => /^\/admin\/v1\/usage\?(?!.*\btop=)/.test(url)))
  }
  await window.close()

  expect(Math.max(...Object.values(counts)), JSON.stringify(counts)).toBeLessThanOrEqual(6)
  expect(unbounded).toEqual([])
  // The limit of a good page by Web Vitals.
  expect(Object.entries(shifts).filter(([, shift]) => !(shift < 0.1))).toEqual([])
})

/** Keeps the cumulative layout shift of the page in the name of its window. */
function watchShifts(): void {
  window.name = '0'
  new PerformanceObserver((list) => {
    const shifts = list.getEntries() as unknown as readonly { readonly value: number }[] // Of this type only.
    window.name = String(shifts.reduce((sum, { value }) => sum + value, Number(window.name)))
  }).observe({ type: 'layout-shift', buffered: true })
}
