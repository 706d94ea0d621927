import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openWindow } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'
import { openPage, startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'

const dayMs = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString()
const monthOf = (days: number) => daysAgo(days).slice(0, 7)

let rig: ConsoleTest
let page: Page
/** A server that keeps everything. */
let forever: ConsoleServer
let foreverPage: Page

beforeAll(async () => {
  rig = await startConsole({ retention: { calls: '31d', rollups: '90d' } })
  page = (await rig.signIn()).page
  forever = await startConsoleServer()
  foreverPage = (await openWindow(rig.browser)).page
  await foreverPage.goto(forever.link)
  await foreverPage.getByRole('heading', { name: 'Start' }).waitFor()
})

afterAll(async () => {
  await rig.close()
  await forever.close()
})

const callsNote = `Calls are kept for 31 days: those before ${daysAgo(31).slice(0, 10)} are removed.`
const sumsNote = `Sums are kept for 90 days, by whole months: those before ${monthOf(90)}-01 are removed.`
const usageNote = `${callsNote} This page shows the sums, which have a retention of their own.`

/** The address of a page, whether it has no call yet, and what it says about retention. */
const views: readonly (readonly [path: string, notes: readonly string[]])[] = [
  ['/calls', [callsNote]],
  [`/calls?since=${daysAgo(40)}`, [callsNote]],
  [`/calls?until=${daysAgo(40)}`, [callsNote]],
  ['/calls?model=claude-opus-4-1', [callsNote]],
  [`/calls?since=${daysAgo(7)}`, []],
  ['/sessions', [callsNote]],
  [`/sessions?until=${daysAgo(40)}`, [callsNote]],
  ['/usage', []],
  ['/usage?period=90d', [usageNote]],
  ['/usage?period=365d', [sumsNote, usageNote]],
  ['/invoices', []],
  [`/invoices?month=${monthOf(90)}`, []],
  [`/invoices?month=${monthOf(130)}`, [sumsNote]],
  // There the month begins before it does in UTC.
  [`/invoices?month=${monthOf(90)}&zone=Asia/Tokyo`, [sumsNote]],
]

test('lists say in place which of their rows are removed, also where they are empty', async () => {
  expect(await readNotes(page, rig.server)).toEqual(views)

  for (const days of [20, 0]) {
    rig.server.setBack(days * dayMs)
    await rig.server.call({ messages: [{ role: 'user', content: 'Hello' }] })
  }
  await openPage(page, rig.server, '/calls')
  await expect.poll(() => page.getByRole('table', { name: 'Calls' }).locator('tbody tr').count()).toBe(2)

  expect(await readNotes(page, rig.server)).toEqual(views)
})

test('the check of the usage counts the calls that are kept, and does not take removed ones for a difference', async () => {
  rig.server.setBack(60 * dayMs)
  await rig.server.call({ messages: [{ role: 'user', content: 'Hello' }] })
  rig.server.setBack(0)
  await rig.server.call({ messages: [{ role: 'user', content: 'Hello' }] })

  await openPage(page, rig.server, '/usage?period=90d')
  await page.getByText(/^Checked: the latest \d+ rows of the ledger, since/).waitFor()
})

test('without a retention no page speaks of removed rows', async () => {
  expect(await readNotes(foreverPage, forever)).toEqual(views.map(([path]) => [path, []]))
})

test('the settings say what is stored and for how long', async () => {
  await openPage(page, rig.server, '/settings')
  await page.getByText('for 31 days;').waitFor()
  await openPage(foreverPage, forever, '/settings')
  await foreverPage.getByText('forever').first().waitFor()

  expect(await readStored(page)).toEqual([
    ['Facts of calls', `for 31 days; those before ${daysAgo(31).slice(0, 10)} are removed`],
    ['Sums for reports', `for 90 days; those before ${monthOf(90)}-01 are removed`],
    ['Prompts and answers', 'never'],
  ])
  expect(await readStored(foreverPage)).toEqual([
    ['Facts of calls', 'forever'],
    ['Sums for reports', 'forever'],
    ['Prompts and answers', 'never'],
  ])
})

async function readNotes(from: Page, server: ConsoleServer) {
  const found: [string, readonly string[]][] = []
  for (const [path] of views) {
    await openPage(from, server, path)
    await from.waitForLoadState('networkidle')
    const notes = await from.getByRole('note').allInnerTexts()
    found.push([path, notes.map((text) => text.trim())])
  }
  return found
}

function readStored(from: Page): Promise<readonly (readonly (string | null)[])[]> {
  return from
    .locator('section', { has: from.getByRole('heading', { name: 'Stored' }) })
    .locator('dt')
    .evaluateAll((names) =>
      names.map((name) => [name.textContent, name.nextElementSibling?.textContent ?? null]),
    )
}
