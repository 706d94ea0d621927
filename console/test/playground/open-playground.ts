import { createEmulator } from '@anthology/emulator'
import type { Emulator } from '@anthology/emulator'
import type { Browser, Locator, Page } from 'playwright-core'

import { openWindow, startBrowser } from '../browser.ts'
import type { TestWindow, WindowOptions } from '../browser.ts'
import { startConsoleServer } from '../console-server.ts'
import type { ConsoleServer } from '../console-server.ts'

/** A signed-in window on the playground, in front of an emulator whose answers a test can script. */
export interface PlaygroundTest {
  readonly server: ConsoleServer
  readonly emulator: Emulator
  readonly window: TestWindow
  /** Opens the playground with a new draft: the example. */
  open(query?: string): Promise<Page>
  close(): Promise<void>
}

export async function startPlayground(options: WindowOptions = {}): Promise<PlaygroundTest> {
  const browser: Browser = await startBrowser()
  const emulator = createEmulator()
  const server = await startConsoleServer({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
  })
  const window = await openWindow(browser, options)
  const { page } = window
  await page.goto(`${server.url}/console/`)
  await page.getByLabel('Admin key').fill(server.adminKey)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  return {
    server,
    emulator,
    window,
    async open(query = '') {
      await page.goto(`${server.url}/console/playground${query}`)
      await page.getByRole('button', { name: 'Example' }).click()
      return page
    },
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

export async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run', exact: true }).click()
}

/** The card with the answer of a model, by its name. */
export function findAnswer(page: Page, model: string): Locator {
  return page.getByRole('region', { name: `Answer: ${model}` })
}

/** A figure below an answer, such as its cost. */
export function readFigure(answer: Locator, name: string): Promise<string> {
  return answer.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd').innerText()
}
