import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createContent } from '../../src/pages/playground/content.ts'
import { exampleDraft } from '../../src/pages/playground/draft.ts'
import { printContent, readContent } from '../../src/pages/playground/prompts/saved-content.ts'
import { createRow } from '../../src/pages/playground/rows/row.ts'
import { parseFragment, printFragment } from '../../src/pages/playground/share/content-link.ts'
import { checkAccessibility } from '../accessibility.ts'
import { hold } from '../browser.ts'
import { startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

test('a prompt is saved in two versions, compared, and opened again by its address', async () => {
  const page = await playground.open()
  const system = page.getByRole('textbox', { name: 'System prompt' })
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Prompts' }).click()
  await dialog.getByLabel('Name', { exact: true }).fill('weather')
  const save = dialog.getByRole('button', { name: 'Save as a new prompt' })
  const release = await hold(page, '**/admin/v1/prompts')
  await save.click()
  await expect.poll(() => save.isDisabled()).toBe(true)
  release()
  await dialog.getByRole('button', { name: 'Save as version 2 of weather' }).waitFor()
  await page.keyboard.press('Escape')
  await system.fill('You are a verbose assistant.')
  await page.getByRole('button', { name: 'Prompts' }).click()
  await dialog.getByLabel('Note').fill('longer')
  await dialog.getByRole('button', { name: 'Save as version 2 of weather' }).click()
  const diff = dialog.getByRole('region', { name: 'Differences' })
  await diff.waitFor()
  const changed = await diff.innerText()
  const findings = await checkAccessibility(page, { part: '[role=dialog]' })

  const address = new URL(page.url())
  address.searchParams.set('version', '1')
  address.searchParams.delete('dialog')
  await page.goto(address.href)
  await expect.poll(() => system.inputValue()).toBe('You are a concise assistant.')
  await system.fill('An edit stays.')
  await page.getByRole('button', { name: 'Get code' }).click()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })

  expect(changed).toContain('- You are a concise assistant.')
  expect(changed).toContain('+ You are a verbose assistant.')
  expect(await system.inputValue()).toBe('An edit stays.')
  expect(findings).toEqual([])
  expect(playground.window.problems).toEqual([])
})

test('the open dialog with its choices, and the open test rows are in the address, and back closes the dialog', async () => {
  const page = await playground.open()
  const dialog = page.getByRole('dialog')
  await page.getByText('Test rows').first().click()
  await page.waitForURL(/rows=open/)
  await page.getByRole('button', { name: 'Get code' }).click()
  await dialog.getByLabel('Send to').selectOption('bedrock')
  await dialog.getByRole('button', { name: 'Python' }).click()
  await dialog.getByRole('region', { name: 'Code in Python' }).waitFor()
  await page.reload()
  const code = await dialog.getByRole('region', { name: 'Code in Python' }).innerText()
  await page.goBack()
  await dialog.waitFor({ state: 'detached' })
  const address = new URL(page.url()).searchParams
  const rows = await page.locator('details', { hasText: 'Test rows' }).getAttribute('open')

  expect(code).toContain('AnthropicBedrock')
  expect([...address.keys()]).toEqual(['m', 'rows'])
  expect(rows).not.toBeNull()
})

test('the address of a prompt that does not exist says so', async () => {
  const page = await playground.open('?prompt=prompt_none&version=1')
  await page.getByText("there is no prompt 'prompt_none'").waitFor()
})

test('variables and test rows stay when the page is loaded again, and are saved with a version', async () => {
  const page = await playground.open('?rows=open')
  const value = page.getByLabel('word, row 1')
  const variable = page.getByLabel('{{word}}')
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Translate {{word}}')
  await variable.fill('tree')
  await page.getByRole('button', { name: 'Add row' }).click()
  await value.fill('house')
  await page.reload()
  const kept = [await variable.inputValue(), await value.inputValue()]
  await page.getByRole('button', { name: 'Prompts' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Name/).fill('translation')
  await dialog.getByRole('button', { name: 'Save as a new prompt' }).click()
  await page.waitForURL(/version=1/)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.reload()
  await expect.poll(() => value.inputValue()).toBe('house')
  const saved = await variable.inputValue()
  await page.evaluate(() => {
    for (const [name, text] of Object.entries(localStorage))
      localStorage.setItem(name, String(text).replace('Administrator', 'Somebody else'))
  })
  await page.goto(`${playground.server.url}/console/playground`)
  const message = page.getByRole('textbox', { name: 'User message 1' })
  const ofOther = await message.inputValue()

  expect(saved).toBe('tree')
  expect(ofOther).toBe('What is the weather in Lisbon?')
  expect(kept).toEqual(['tree', 'house'])
  expect(playground.window.problems).toEqual([])
})

test('a link has the whole prompt, opens in another browser without a run, and gives back what it replaced', async () => {
  const page = await playground.open('?rows=open&m=claude-haiku-4-5-20251001,claude-sonnet-4-5-20250929')
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Translate {{word}}')
  await page.getByLabel('{{word}}').fill('tree')
  await page.getByRole('button', { name: 'Share' }).click()
  const link = await page.getByRole('region', { name: 'Link' }).innerText()
  const findings = await checkAccessibility(page, { part: '[role=dialog]' })
  const other = await playground.signIn()
  await other.page.goto(`${playground.server.url}/console/playground`)
  const message = other.page.getByRole('textbox', { name: 'User message 1' })
  await message.fill('Mine')
  other.takeRequests()
  await other.page.goto(link)
  await expect.poll(() => message.inputValue()).toBe('Translate {{word}}')
  await other.page.reload()
  const opened = new URL(other.page.url())
  const variable = await other.page.getByLabel('{{word}}').inputValue()
  const requests = other.takeRequests().filter((path) => !path.startsWith('/console/'))
  await other.page.getByRole('button', { name: 'Get mine back' }).click()
  const mine = await message.inputValue()
  await other.page.goto(`${playground.server.url}/console/playground#prompt=broken`)
  await other.page.getByText('The address has no readable prompt').waitFor()
  await other.close()

  expect([opened.searchParams.get('m'), opened.hash]).toEqual([
    'claude-haiku-4-5-20251001,claude-sonnet-4-5-20250929',
    '',
  ])
  expect([variable, mine]).toEqual(['tree', 'Mine'])
  expect(requests).toEqual([])
  expect(findings).toEqual([])
  expect(other.problems).toEqual([])
})

test('a hostile link shows its texts, runs no script and breaks neither the page nor the next visit', async () => {
  const script = '<img src=x onerror="window.hacked=true">{{constructor}}{{__proto__}}'
  const deep = '['.repeat(50_000) + ']'.repeat(50_000)
  const noText = { toString: 1, valueOf: 1 }
  const blocks = [
    { kind: 'text', text: script },
    { kind: 'raw', value: { type: noText } },
    { kind: 'raw', value: { type: 'tool_use', id: noText, name: noText } },
    { kind: 'file', name: script, mediaType: 'image/"><script>', data: script },
  ]
  const tools = JSON.stringify([
    { name: noText, input_schema: { properties: { a: { type: noText, enum: [noText] } } } },
  ])
  const turns = [
    { role: 'assistant', blocks },
    { role: 'user', blocks },
  ]
  for (const draft of [
    { turns, tools, system: script, betas: script, otherMembers: '{"model":{},"messages":[1]}' },
    { turns, tools: deep, schema: deep, otherMembers: deep },
  ]) {
    const content = { draft, models: ['none', script], values: { constructor: script }, rows: [null, {}] }
    const fragment = await printFragment(content as never)
    const { page } = playground.window
    await page.goto(`${playground.server.url}/console/playground?rows=open&dialog=code#${fragment}`)
    await page.getByText('This prompt came with the link').waitFor()
    await page.keyboard.press('Escape')
    await page.goto(`${playground.server.url}/console/models`)
    await page.goto(`${playground.server.url}/console/playground?rows=open`)
    await page.getByRole('textbox', { name: 'User message 2' }).first().waitFor()
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
  }
  const { problems } = playground.window
  expect(problems.filter((problem) => !problem.includes('ERR_INVALID_URL'))).toEqual([])
})

test('a saved prompt has no token of an MCP server', async () => {
  const otherMembers = JSON.stringify({
    mcp_servers: [{ url: 'https://mcp.example', authorization_token: 'a-secret' }],
  })
  const text = JSON.stringify({ draft: { ...exampleDraft, otherMembers } })
  const { page } = playground.window
  const fragment = deflateRawSync(text).toString('base64url')
  await page.goto(`${playground.server.url}/console/playground#prompt=${fragment}`)
  await page.getByText('This prompt came with the link').waitFor()
  await page.getByRole('button', { name: 'Prompts' }).click()
  await page.getByRole('dialog').getByLabel(/^Name/).fill('with a server')
  await page.getByRole('button', { name: 'Save as a new prompt' }).click()
  await page.waitForURL(/version=1/)
  const id = new URL(page.url()).searchParams.get('prompt') ?? ''
  const saved = await playground.server.admin('GET', `/admin/v1/prompts/${id}/versions/1`)

  expect(JSON.stringify(saved)).toContain('https://mcp.example')
  expect(JSON.stringify(saved)).not.toContain('a-secret')
})

test('a fragment is read as it was printed, has no token of an MCP server, and has a bound', async () => {
  const servers = [{ type: 'url', url: 'https://mcp.example', authorization_token: 'a-secret' }]
  const otherMembers = JSON.stringify({ mcp_servers: servers, metadata: { user_id: 'ü' } })
  const draft = { ...exampleDraft, otherMembers }
  const content = { ...createContent(draft), models: ['m'], values: { a: '€😀' }, rows: [] }
  const read = await parseFragment((await printFragment(content)) ?? '')
  const large = { ...content, values: { a: randomBytes(20_000).toString('base64') } }
  const expanded = deflateRawSync(JSON.stringify({ draft: { system: 'x'.repeat(2_000_000) } }))

  expect(read?.values).toEqual({ a: '€😀' })
  expect(JSON.parse(read?.draft.otherMembers ?? '')).toEqual({
    mcp_servers: [{ type: 'url', url: 'https://mcp.example' }],
    metadata: { user_id: 'ü' },
  })
  expect(await printFragment(large)).toBeNull()
  for (const other of ['', '!', 'AAAA', expanded.toString('base64url')])
    expect(await parseFragment(`prompt=${other}`)).toBeNull()
})

test('a saved content is read as it was written, and any other value without an error', () => {
  const content = {
    ...createContent(exampleDraft),
    models: ['claude-sonnet-4-5-20250929'],
    values: { word: 'tree' },
    rows: [createRow({ word: 'house' })],
  }
  const read = readContent(JSON.parse(JSON.stringify(content)))
  expect(read === null ? null : printContent(read)).toBe(printContent(content))

  const members = fc.constantFrom(
    'draft',
    'turns',
    'blocks',
    'kind',
    'text',
    'raw',
    'value',
    'cache',
    'system',
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value')),
      fc.dictionary(members, tie('value')),
    ),
  }))
  fc.assert(
    fc.property(value, (draft) => {
      const found = readContent({ draft })
      if (found !== null) expect(typeof printContent(found)).toBe('string')
    }),
  )
})
