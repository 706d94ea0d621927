import type { Emulator } from '@anthology/emulator'
import type { Locator, Page } from 'playwright-core'

import type { TestWindow, WindowOptions } from '../browser.ts'
import { startConsole } from '../open-console.ts'
import type { ConsoleServer } from '../console-server.ts'

/** A signed-in window on the playground, in front of an emulator whose answers a test can script. */
export interface PlaygroundTest {
  readonly server: ConsoleServer
  readonly emulator: Emulator
  readonly window: TestWindow
  /** Another window, with storage of its own. */
  signIn(): Promise<TestWindow>
  /** Opens the playground with a new draft: the example. */
  open(query?: string): Promise<Page>
  close(): Promise<void>
}

export async function startPlayground(options: WindowOptions = {}): Promise<PlaygroundTest> {
  const rig = await startConsole()
  const { server } = rig
  const { emulator } = server
  const window = await rig.signIn(options)
  const { page } = window
  return {
    server,
    emulator,
    window,
    signIn: () => rig.signIn(),
    async open(query = '') {
      const search = new URLSearchParams(query)
      // Without models the page shows the newest Sonnet of the day.
      if (!search.has('m')) search.set('m', 'claude-sonnet-4-5-20250929')
      await page.goto(`${server.url}/console/playground?${search.toString()}`)
      await page.getByRole('button', { name: 'Example' }).click()
      return page
    },
    close: () => rig.close(),
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
