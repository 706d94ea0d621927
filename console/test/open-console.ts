import type { Browser, Page } from 'playwright-core'

import { buildConsole, isConsoleStale } from '../../scripts/build-console.mjs'
import { openWindow, startBrowser } from './browser.ts'
import type { TestWindow, WindowOptions } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer, ConsoleServerOptions } from './console-server.ts'

/** A browser and a server with the built console: one of each for a file of tests. */
export interface ConsoleTest {
  readonly browser: Browser
  readonly server: ConsoleServer
  /** Opens a window that is signed in as an administrator, on the start page. */
  signIn(options?: WindowOptions): Promise<TestWindow>
  close(): Promise<void>
}

export async function startConsole(options: ConsoleServerOptions = {}): Promise<ConsoleTest> {
  if (isConsoleStale()) buildConsole(process.execPath)
  const [browser, server] = await Promise.all([startBrowser(), startConsoleServer(options)])
  return {
    browser,
    server,
    async signIn(windowOptions = {}) {
      const window = await openWindow(browser, windowOptions)
      const { token } = await server.admin<{ readonly token: string }>('POST', '/admin/v1/console-links')
      await window.page.goto(`${server.url}/console/#sign-in=${token}`)
      await window.page.getByRole('heading', { name: 'Start' }).waitFor()
      return window
    },
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

/** Opens a page by its address below `/console`, and waits until nothing of it and of its dialog is loading. */
export async function openPage(page: Page, { url }: Pick<ConsoleServer, 'url'>, path: string): Promise<void> {
  await page.goto(`${url}/console${path}`)
  await untilLoaded(page)
}

export async function untilLoaded(page: Page): Promise<void> {
  await page.locator('.page h1').waitFor()
  await page
    .locator(':is(#content, [role="dialog"]) :is(.loading, .old)')
    .first()
    .waitFor({ state: 'detached' })
}
