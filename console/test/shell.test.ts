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
  await other.page.getByRole('alert').waitFor()

  expect(address).toBe(`${server.url}/console/`)
  expect(back).toBe(address)
  expect(await other.page.getByRole('alert').innerText()).toMatch(/used already or has expired/)
  expect(window.problems).toEqual([])
})
