import { createServer, request } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'

import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { checkAccessibility } from '../accessibility.ts'
import type { TestWindow } from '../browser.ts'
import type { ConsoleServer } from '../console-server.ts'
import { openPage, startConsole } from '../open-console.ts'
import type { ConsoleTest } from '../open-console.ts'

let rig: ConsoleTest
let server: ConsoleServer
let window: TestWindow
let page: Page

const [haiku, sonnet] = ['claude-haiku-4-5-20251001', 'claude-sonnet-4-5-20250929']
/** The key of the calls of one test, whose name is in their rows. */
let key: { readonly id: string; readonly name: string; readonly key: string }
let keys = 0

beforeAll(async () => {
  rig = await startConsole()
  server = rig.server
  // More than a page of the list, and more than a window of one model.
  for (let sent = 0; sent < 120; sent += 20)
    await Promise.all(Array.from({ length: 20 }, () => send(haiku, server.key)))
})

beforeEach(async () => {
  key = await server.admin('POST', '/admin/v1/keys', { name: `key ${(keys += 1)}` })
  const asks = () => fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': key.key } })
  await expect.poll(async () => (await asks()).status).toBe(200)
  window = await rig.signIn()
  page = window.page
})

afterEach(() => window.close())

afterAll(() => rig.close())

test('calls that the tail has brought are on the first page, and on no older one', async () => {
  await openCalls('/calls')
  const first = await countRows()
  await send(sonnet)
  await untilShown()

  await page.getByRole('button', { name: 'Older' }).click()
  await page.getByRole('button', { name: 'Newest' }).waitFor()
  await expect.poll(countRows).toBeLessThan(first)
  const older = await page.getByText(key.name, { exact: true }).count()
  await page.getByRole('button', { name: 'Newest' }).click()
  await untilShown()

  expect(older).toBe(0)
})

test('a call that the tail has brought counts as one that matches', async () => {
  await openPage(page, server, `/calls?key=${key.id}`)
  await page.getByText('0 ended calls', { exact: true }).waitFor()
  // The next count is some seconds away.
  await page.route('**/admin/v1/calls/count*', () => {})
  await send(sonnet)
  await untilShown()

  await page.getByText('1 ended call', { exact: true }).waitFor()
})

test('a call that was made while the tail was off is there when it is on again', async () => {
  await openCalls('/calls')
  await page.getByLabel('Live').uncheck()
  const before = await countRows()
  await send(sonnet)
  await untilStored()
  const whileOff = await countRows()
  await page.getByLabel('Live').check()

  await untilShown()
  expect(whileOff).toBe(before)
})

test('a call that was made while the tab was hidden for a moment is there when it is seen again', async () => {
  await openCalls('/calls')
  await setVisibility('hidden')
  await send(sonnet)
  await untilStored()
  await setVisibility('visible')

  await untilShown()
})

test('a call that was made while the connection was lost is there after the next one', async () => {
  const line = await openLine()
  await openCalls('/calls')
  line.cut()
  await page.getByText('Connection lost').waitFor()
  await send(sonnet)
  await untilStored()
  line.restore()

  await untilShown()
  await line.close()
})

test('while the list is scrolled, its state is in sight and another filter shows no row of the one before', async () => {
  await openCalls('/calls')
  await send(sonnet)
  await untilShown()
  const above = await readPlace()
  await page.evaluate(() => globalThis.scrollTo(0, 600))
  const why = page.getByText('Paused while a call is open or the list is scrolled.')
  await why.waitFor()
  await send(sonnet)
  const pill = page.getByRole('button', { name: '1 new call' })
  await pill.waitFor()
  const inSight = await Promise.all([why, pill].map(isInSight))
  const below = await readPlace()
  const findings = await checkAccessibility(page)
  const before = await countRows()
  await pill.click()
  await expect.poll(countRows).toBe(before + 1)

  await setFilterWithoutScrolling('Model', haiku)
  await page.waitForURL(/model=/)
  await expect.poll(() => page.getByText(sonnet, { exact: true }).count()).toBe(0)
  const scrolled = await page.evaluate(() => globalThis.scrollY)

  expect(inSight).toEqual([true, true])
  expect(below).toBe(above)
  expect(findings).toEqual([])
  expect(scrolled).toBeGreaterThan(200)
})

test('a call that ran when the list was read ends there, however long ago it began', async () => {
  const end = await startSlowCall()
  await openCalls(`/calls?model=${sonnet}`)
  const running = page.locator('.badge', { hasText: 'running' })
  await running.waitFor()
  end()

  await running.waitFor({ state: 'detached' })
})

async function send(model: string, secret = key.key): Promise<void> {
  const answer = await server.call(
    { model, messages: [{ role: 'user', content: 'Hello.' }] },
    { key: secret },
  )
  expect(answer.status).toBe(200)
  await answer.text()
}

async function untilStored(): Promise<void> {
  const list = () => server.admin<{ readonly data: readonly CallShape[] }>('GET', '/admin/v1/calls?limit=1')
  await expect.poll(async () => (await list()).data[0]).toMatchObject({ key: key.name, outcome: 'answered' })
}

function untilShown(): Promise<void> {
  return page.getByText(key.name, { exact: true }).waitFor()
}

/** The place of the table on the page, however far that is scrolled. */
function readPlace(): Promise<number> {
  return page.getByRole('table').evaluate((table) => table.getBoundingClientRect().top + globalThis.scrollY)
}

/** Opens the page, and waits until its tail and the list after it are there. */
async function openCalls(path: string): Promise<void> {
  const lists: Promise<unknown>[] = []
  page.on('response', (response) => {
    if (/calls\?.*limit=100/.test(response.url())) lists.push(response.finished().catch(() => {}))
  })
  await openPage(page, server, path)
  await page.getByText('Connecting …').waitFor({ state: 'detached' })
  await expect.poll(() => lists.length).toBeGreaterThanOrEqual(2)
  await Promise.all(lists)
  await page.getByRole('table', { name: 'Calls' }).waitFor()
}

function rows() {
  return page.getByRole('table', { name: 'Calls' }).locator('tbody tr')
}

function countRows(): Promise<number> {
  return rows().count()
}

interface CallShape {
  readonly key: string
  readonly outcome: string
}

function isInSight(found: ReturnType<Page['getByText']>): Promise<boolean> {
  return found.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect()
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2))
  })
}

/** What a browser does when another tab comes in front of this one, and back. */
function setVisibility(state: 'hidden' | 'visible'): Promise<void> {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { value, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}

/** Types into a field that is out of sight, as an assistive technology can. */
function setFilterWithoutScrolling(label: string, text: string): Promise<void> {
  return page.getByLabel(label, { exact: true }).evaluate((field, value) => {
    Reflect.set(HTMLInputElement.prototype, 'value', value, field)
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }, text)
}

/** Starts a call that gets no answer, and returns a function with which its client closes it. */
async function startSlowCall(): Promise<() => void> {
  server.emulator.failNext({ first_byte_ms: 600_000 })
  const ending = new AbortController()
  fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'x-api-key': key.key,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: sonnet, max_tokens: 9, messages: [{ role: 'user', content: 'Hello.' }] }),
    signal: ending.signal,
  }).catch(() => {}) // It is aborted.
  const list = () =>
    server.admin<{ readonly data: readonly CallShape[] }>('GET', '/admin/v1/calls?limit=1&outcome=running')
  await expect.poll(async () => (await list()).data[0]?.outcome).toBe('running')
  return () => ending.abort()
}

/** Leads the stream of the page through a line that can be cut. */
async function openLine() {
  let isCut = false
  const sockets = new Set<Socket>()
  const proxy = createServer((incoming, outgoing) => {
    if (isCut) return void outgoing.destroy()
    // For the browser this is another origin, for the gateway it is not.
    const { origin: _origin, ...headers } = incoming.headers
    const own = { host: new URL(server.url).host, 'sec-fetch-site': 'same-origin' }
    const onward = request(`${server.url}${incoming.url}`, { headers: { ...headers, ...own } })
    onward.on('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      outgoing.flushHeaders()
      response.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    onward.end()
  }).listen(0, '127.0.0.1')
  proxy.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo // It listens on a port.
  await page.route(/\/admin\/v1\/calls\/stream/, (route) => {
    const { pathname, search } = new URL(route.request().url())
    return route.continue({ url: `http://127.0.0.1:${port}${pathname}${search}` })
  })
  return {
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    restore() {
      isCut = false
    },
    async close() {
      await page.unrouteAll()
      proxy.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
