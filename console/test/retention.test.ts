import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { emptyDraft } from '../src/pages/playground/draft.ts'
import { createRequest } from '../src/pages/playground/create-request.ts'
import { readAnswer, readConversation } from '../src/pages/calls/conversation/read-conversation.ts'
import { readRequest } from '../src/pages/playground/read-request.ts'
import { checkAccessibility } from './accessibility.ts'
import { openWindow } from './browser.ts'
import type { TestWindow } from './browser.ts'
import { startConsoleServer } from './console-server.ts'
import type { ConsoleServer } from './console-server.ts'
import { openPage, startConsole } from './open-console.ts'
import type { ConsoleTest } from './open-console.ts'

const dayMs = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString()
const monthOf = (days: number) => daysAgo(days).slice(0, 7)

let rig: ConsoleTest
let window: TestWindow
let page: Page
/** A server that keeps everything. */
let forever: ConsoleServer
let foreverPage: Page

beforeAll(async () => {
  rig = await startConsole({
    retention: { calls: '31d', rollups: '90d' },
    bodies: { retention: '7d', max_bytes: 4_000 },
  })
  window = await rig.signIn()
  page = window.page
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
  expect(await readNotes(page, rig.server, views)).toEqual(views)

  for (const days of [20, 0]) {
    rig.server.setBack(days * dayMs)
    await rig.server.call({ messages: [{ role: 'user', content: 'Hello' }] })
  }
  await openPage(page, rig.server, '/calls')
  await expect.poll(() => page.getByRole('table', { name: 'Calls' }).locator('tbody tr').count()).toBe(2)

  expect(await readNotes(page, rig.server, views)).toEqual(views)
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
  const none = views.map(([path]) => [path, []] as const)
  expect(await readNotes(foreverPage, forever, none)).toEqual(none)
})

test('the settings say what is stored and for how long', async () => {
  await openPage(page, rig.server, '/settings')
  await page.getByText('for 31 days;').waitFor()
  await openPage(foreverPage, forever, '/settings')
  await foreverPage.getByText('forever').first().waitFor()

  expect(await readStored(page)).toEqual([
    ['Facts of calls', `for 31 days; those before ${daysAgo(31).slice(0, 10)} are removed`],
    ['Sums for reports', `for 90 days; those before ${monthOf(90)}-01 are removed`],
    ['Prompts and answers', `for 7 days; those before ${daysAgo(7).slice(0, 10)} are removed`],
  ])
  expect(await readStored(foreverPage)).toEqual([
    ['Facts of calls', 'forever'],
    ['Sums for reports', 'forever'],
    ['Prompts and answers', 'never'],
  ])
})

test('a stored conversation is shown as text, and the playground makes the same request of it', async () => {
  const hostile = `<script>globalThis.wasRun = 1</script><img src=x onerror="globalThis.wasRun = 1">`
  rig.server.emulator.use({ when: { last_user: hostile }, reply: { text: `Answer ${hostile}` } })
  const pixel =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const call = { type: 'tool_use', id: 'toolu_1', name: 'find', input: { what: hostile } }
  const blocks = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
    { type: 'text', text: hostile, cache_control: { type: 'ephemeral' } },
  ]
  const result = { type: 'tool_result', tool_use_id: 'toolu_1' }
  const body = {
    max_tokens: 300,
    stream: true,
    metadata: { user_id: 'a user' },
    system: [
      { type: 'text', text: `Rules ${hostile}` },
      { type: 'text', text: 'More rules.', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ],
    tools: [{ name: 'find', input_schema: { type: 'object', properties: {} } }],
    messages: [
      { role: 'user', content: 'Find it.' },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ ...result, content: [{ type: 'text', text: 'Found.' }] }, ...blocks] },
    ],
  }
  const answer = await rig.server.call(body)
  await answer.text()
  const id = answer.headers.get('request-id') ?? ''
  await openCall(page, rig.server, id, 'Show the conversation')
  const dialog = page.getByRole('dialog')
  await dialog.getByText(`Answer ${hostile}`).waitFor()
  const shown = await dialog.innerText()
  const findings = await checkAccessibility(page, { part: '[role=dialog]' })

  await dialog.getByRole('link', { name: 'Open in the playground' }).click()
  const request = page.getByRole('textbox', { name: 'User message 3' })
  await expect.poll(() => request.inputValue()).toBe(hostile)
  const json = page.getByRole('textbox', { name: 'Other members of the request (JSON object)' })
  await expect.poll(() => json.innerText()).toContain('More rules.')
  await page.getByText('“Other members of the request” in the settings has system: sent').waitFor()
  const [sent] = await Promise.all([
    page.waitForRequest('**/v1/messages'),
    page.getByRole('button', { name: 'Run', exact: true }).click(),
  ])
  // A link without the model shows that of the call, and a prompt that is saved takes the call's place in the address.
  await openPage(page, rig.server, `/playground?call=${id}`)
  await expect
    .poll(() => page.getByRole('combobox', { name: 'Model 1' }).inputValue())
    .toBe('claude-sonnet-4-5-20250929')
  await page.getByRole('button', { name: 'Prompts' }).click()
  await dialog.getByLabel('Name').fill('of a call')
  await dialog.getByRole('button', { name: 'Save as a new prompt' }).click()
  await page.getByText('Saved as version 1.').waitFor()
  await page.waitForURL(/prompt=/)
  const saved = new URL(page.url()).searchParams

  expect([saved.has('prompt'), saved.has('call')]).toEqual([true, false])
  expect(shown).toContain(`Rules ${hostile}`)
  expect(shown).toContain('Calls find')
  expect(shown).toContain('image/png, 70 bytes')
  expect(findings).toEqual([])
  expect(sent.postDataJSON()).toEqual({
    ...body,
    model: 'claude-sonnet-4-5-20250929',
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Find it.' }] },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ ...result, content: 'Found.' }, ...blocks] },
    ],
  })
  expect(await page.evaluate(() => 'wasRun' in globalThis)).toBe(false)
  expect(window.problems).toEqual([])
})

test('a call says why its conversation is cut or absent, and who may not read it sees no tab', async () => {
  const long = await rig.server.call({ messages: [{ role: 'user', content: 'long '.repeat(2_000) }] })
  await openCall(page, rig.server, long.headers.get('request-id') ?? '', 'Show the conversation')
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/^The request has 10,\d+ bytes, and only its first ones are stored/).waitFor()
  const links = await dialog.getByRole('link', { name: 'Open in the playground' }).count()
  await page.goto(`${rig.server.url}/console/playground?call=${long.headers.get('request-id')}`)
  await page.getByText('The stored request of the call is cut').waitFor()

  // Values that no text can be made of by `String`.
  const odd = { type: { toString: 1 }, text: { toString: 1 } }
  const failed = await rig.server.call({
    messages: [{ role: 'user', content: [odd, { ...odd, type: 'text' }, 7] }],
  })
  await openCall(page, rig.server, failed.headers.get('request-id') ?? '', 'Show the conversation')
  await dialog.locator('section').getByText('"toString": 1').first().waitFor()
  await dialog.getByText(/^messages\.0\.content\.0/).waitFor()

  const unstored = await forever.call({ messages: [{ role: 'user', content: 'Hello' }] })
  await openCall(foreverPage, forever, unstored.headers.get('request-id') ?? '')
  await foreverPage.getByText('Prompts and answers are not stored. Only the facts').waitFor()
  await foreverPage.getByRole('tab', { name: 'Conversation' }).click()
  await foreverPage.getByText('A section bodies in anthology.yaml').waitFor()
  await foreverPage.route('**/console/session', async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...(await response.json()), role: 'viewer' } })
  })
  await foreverPage.reload()
  await foreverPage.getByRole('tab', { name: 'Headers' }).waitFor()

  expect(links).toBe(0)
  expect(await foreverPage.getByRole('tab', { name: 'Conversation' }).count()).toBe(0)
})

test('every request of the Messages API opens in the playground as the request that it was', () => {
  const requests: readonly object[] = [
    { max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }], stream: false },
    {
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
      system: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      temperature: 0.5,
      stop_sequences: ['x', 'y'],
      thinking: { type: 'enabled', budget_tokens: 3_000 },
      tool_choice: { type: 'tool', name: 'find' },
      tools: [{ name: 'find', input_schema: { type: 'object' } }],
      output_config: { effort: 'low', format: { type: 'json_schema', schema: { type: 'object' } } },
    },
    // Nothing of these has a field.
    {
      messages: [{ role: 'system', content: [{ type: 'text', text: '' }] }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'low', task_budget: 3 },
      system: [],
      max_tokens: null,
    },
    { messages: [], system: [{ type: 'text', text: 'b' }] },
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a', citations: null, cache_control: { type: 'ephemeral', ttl: '5m' } },
            {
              type: 'tool_result',
              tool_use_id: 'x',
              content: [{ type: 'image', source: {} }],
              is_error: false,
            },
            { type: 'document', title: 'T', source: { type: 'url', url: 'http://x' } },
            { type: 'tool_result', tool_use_id: 'y' },
          ],
        },
      ],
    },
  ]

  for (const request of requests) {
    const draft = readRequest(JSON.stringify({ model: 'm', anthropic_version: 'v', ...request }), ['one'])
    const created = createRequest(draft ?? emptyDraft, 'm')
    const { stream, ...wanted } = toLists(request)
    expect(created).toEqual({
      ok: true,
      body: { model: 'm', ...wanted, ...(stream === true && { stream }) },
      betas: ['one'],
    })
  }
  const [, , replaced = {}, oneBlock = {}] = requests.map((request) =>
    readRequest(JSON.stringify(request), []),
  )
  // A field shows nothing that is not sent.
  expect(replaced).toMatchObject({ turns: [], toolChoice: '', thinking: '', effort: '', system: '' })
  expect(oneBlock).toMatchObject({ system: 'b', otherMembers: '' })
  expect([readRequest('{"messages":[', []), readRequest('[]', []), readRequest('{}', [])]).toEqual([
    null,
    null,
    null,
  ])
})

test('a request and an answer that are nested too deeply to be shown are texts', () => {
  // In these strings, brackets nest nothing.
  const text = JSON.stringify({ type: 'text', text: '[{"\\'.repeat(1_000) })
  const nest = (levels: number) =>
    `{"type":"message","messages":[{"content":[${text},${'['.repeat(levels)}${']'.repeat(levels)}]}],"content":[]}`
  const events = (levels: number) =>
    [
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', name: 'x', input: {} } },
      {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'input_json_delta', partial_json: '['.repeat(levels) + ']'.repeat(levels) },
      },
      { type: 'content_block_stop', index: 0 },
    ]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join('')

  const read = [100, 100_000].map((levels) => [
    readRequest(nest(levels), []) !== null,
    readConversation(nest(levels)) !== null,
    readAnswer({ text: nest(levels), stream: false, bytes: 1, truncated: false }) !== null,
    JSON.stringify(readAnswer({ text: events(levels), stream: true, bytes: 1, truncated: false })?.blocks)
      .length,
  ])

  expect(read).toEqual([
    [true, true, true, expect.any(Number)],
    [false, false, false, JSON.stringify([{ type: 'tool_use', name: 'x', input: {} }]).length],
  ])
})

/** A content or a system prompt that is a text means the same as a list of one block. */
function toLists(request: object): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(request)
  return JSON.parse(
    text
      .replaceAll('"content":"Hello"', '"content":[{"type":"text","text":"Hello"}]')
      .replaceAll('"system":[{"type":"text","text":"b"}]', '"system":"b"'),
  ) as never
}

/** Opens a call beside its list, and what a button of it shows. */
async function openCall(from: Page, { url }: ConsoleServer, id: string, button?: string): Promise<void> {
  // The row follows the answer by a moment.
  await expect
    .poll(async () => {
      await from.goto(`${url}/console/calls?live=off&open=${id}`)
      await from
        .getByRole('dialog')
        .getByRole('alert')
        .or(from.getByRole('tab', { name: 'Facts' }))
        .first()
        .waitFor()
      return from.getByRole('tab', { name: 'Facts' }).count()
    })
    .toBe(1)
  if (button !== undefined) await from.getByRole('button', { name: button }).click()
}

/** Reads the notes of each view, once all that it loads is there and as many as are expected are shown. */
async function readNotes(from: Page, server: ConsoleServer, expected: typeof views) {
  const found: [string, readonly string[]][] = []
  for (const [path, { length }] of expected) {
    await openPage(from, server, path)
    await from.waitForLoadState('networkidle')
    const shown = from.getByRole('note')
    if (length > 0) await shown.nth(length - 1).waitFor()
    const notes = await shown.allInnerTexts()
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
