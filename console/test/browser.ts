import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { chromium as launcher } from 'playwright-core'
import type { Browser, BrowserContext, Page, Route } from 'playwright-core'

/** A browser window of a test, with everything that went wrong in it. */
export interface TestWindow {
  readonly page: Page
  readonly context: BrowserContext
  /** Uncaught errors, violations of the content security policy, and console errors. */
  readonly problems: readonly string[]
  /** The paths of all requests since the last call, and those to other hosts with their origin. */
  readonly takeRequests: () => readonly string[]
  readonly close: () => Promise<void>
}

export interface WindowOptions {
  readonly width?: number
  readonly theme?: 'light' | 'dark'
}

/** Starts Chromium, which on some machines now and then ends with SIGSEGV before it answers for the first time. */
export async function startBrowser(): Promise<Browser> {
  for (let start = 1; ; start += 1)
    try {
      return await launcher.launch({
        executablePath: await findBrowser(),
        args: chromium.args.filter((arg) => !arg.startsWith('--headless') && !blockingFlags.test(arg)),
        headless: true,
      })
    } catch (error) {
      if (start < maxStarts) continue
      throw new Error('Chromium cannot start on this machine, so the tests of the console cannot run', {
        cause: error,
      })
    }
}

const maxStarts = 4

/**
 * Returns the path of Chromium. The package unpacks it into TMPDIR and reuses what is there without a version check, so
 * the folder belongs to this project and to this version of the package.
 */
export function findBrowser(): Promise<string> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache/anthology-chromium')
  mkdirSync(folder, { recursive: true })
  process.env['TMPDIR'] = folder
  return chromium.executablePath()
}

/** Flags of the package that switch off the browser's protections, which the tests check. */
const blockingFlags = /^--(?:disable-web-security|allow-running-insecure-content|no-zygote|single-process)/

export async function openWindow(browser: Browser, options: WindowOptions = {}): Promise<TestWindow> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.theme ?? 'light',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  // This only ends a test that hangs: a busy machine may take many times as long as an idle one.
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  const problems: string[] = []
  let requests: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (?:40[0-9]|429)/.test(message.text()))
      problems.push(message.text())
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    const isOwn = url.hostname === '127.0.0.1'
    requests.push(isOwn ? url.pathname + url.search : request.url())
  })
  return {
    page,
    context,
    problems,
    takeRequests() {
      const taken = requests
      requests = []
      return taken
    },
    close: () => context.close(),
  }
}

/** Holds requests to an address back, all or the next ones only, until the function that it returns is called. */
export async function hold(page: Page, url: string | RegExp, times?: number): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const wait = async (route: Route) => {
    await promise
    await route.fallback()
  }
  await page.route(url, wait, times === undefined ? {} : { times })
  return resolve
}
