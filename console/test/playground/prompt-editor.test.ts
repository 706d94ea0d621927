import { afterAll, beforeAll, expect, test } from 'vitest'

import { createRequest } from '../../src/pages/playground/create-request.ts'
import { createTurn, emptyDraft } from '../../src/pages/playground/draft.ts'
import { readContent } from '../../src/pages/playground/prompts/saved-content.ts'
import { checkAccessibility } from '../accessibility.ts'
import { findAnswer, readFigure, run, startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'
import type { Page } from 'playwright-core'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

interface SentBody {
  readonly messages: readonly { readonly content: readonly Readonly<Record<string, unknown>>[] }[]
  readonly tools?: readonly Readonly<Record<string, unknown>>[]
}

/** Runs the prompt and reads the body that the page sent. */
async function send(page: Page): Promise<SentBody> {
  const sent = page.waitForRequest((request) => request.url().endsWith('/v1/messages'))
  await run(page)
  return (await sent).postDataJSON() as SentBody // The body of the Messages API.
}

test('a result of a tool can be added to a message, with the ids of the calls before it', async () => {
  const page = await playground.open()
  const answer = findAnswer(page, 'Claude Sonnet 4.5')
  await run(page)
  await answer.getByText('Calls get_weather').waitFor()
  await answer.getByRole('button', { name: 'Continue the conversation' }).click()
  const user = page.getByRole('region', { name: 'User message 3' })
  await user.getByRole('button', { name: 'Remove: tool result get_weather' }).click()
  await user.getByRole('button', { name: 'Add tool result' }).click()
  const id = await user.getByLabel('Answers the call').inputValue()
  const offered = await user
    .locator('datalist option')
    .evaluateAll((options) => options.map((option) => option.getAttribute('value')))
  await user.getByLabel('Result of get_weather').fill('no such city')
  await user.getByLabel('is an error').check()
  const { messages } = await send(page)
  await expect.poll(() => readFigure(answer, 'Stop reason')).toBe('end_turn')

  expect(offered).toEqual([id])
  expect(messages[2]?.content).toEqual([
    { type: 'tool_result', tool_use_id: id, content: 'no such city', is_error: true },
  ])
  expect(id).toMatch(/^toolu_/)
})

test('an id that no call has is sent as it was written', async () => {
  const page = await playground.open()
  await page.getByRole('button', { name: 'Add tool result: User message 1' }).click()
  await page.getByLabel('Answers the call').fill('toolu_mine')
  await page.getByLabel('Result', { exact: true }).fill('done')
  const { messages } = await send(page)

  expect(messages[0]?.content[0]).toEqual({
    type: 'tool_result',
    tool_use_id: 'toolu_mine',
    content: 'done',
  })
})

test('each message can have a breakpoint, and more than the API accepts are said in words', async () => {
  const page = await playground.open()
  await page.getByRole('button', { name: 'Add user message' }).click()
  await page.getByRole('textbox', { name: 'User message 2' }).fill('And tomorrow?')
  await page.getByLabel('Cache breakpoint: User message 1').selectOption('1h')
  await page.getByLabel('Cache breakpoint: User message 2').selectOption('5m')
  const { messages } = await send(page)
  const settings = page.getByRole('region', { name: 'Settings' })
  const before = await settings.getByRole('alert').count()

  await page.getByRole('textbox', { name: 'System prompt' }).fill('Be brief.')
  await settings.getByLabel('after the system prompt').check()
  const order = await settings.getByRole('alert').innerText()
  await settings.getByLabel('Time to live').selectOption('1h')
  const inOrder = await settings.getByRole('alert').count()
  await settings.getByLabel('after the tools').check()
  await page.getByRole('button', { name: 'Add user message' }).click()
  await page.getByRole('textbox', { name: 'User message 3' }).fill('And then?')
  await settings.getByLabel('after the last message').check()
  await page.getByLabel('Cache breakpoint: User message 2').selectOption('1h')
  const count = await settings.getByRole('alert').innerText()

  expect(messages.map(({ content }) => content.at(-1)?.['cache_control'])).toEqual([
    { type: 'ephemeral', ttl: '1h' },
    { type: 'ephemeral' },
  ])
  expect([before, inOrder]).toEqual([0, 0])
  expect(order).toContain('comes after one of 5 minutes')
  expect(count).toContain('5 cache breakpoints, and the API accepts 4')
})

test('a saved prompt keeps the breakpoints of its messages', () => {
  const turns = [{ ...createTurn('user', 'Hello'), cache: '1h' as const }]
  const read = readContent(JSON.parse(JSON.stringify({ models: [], draft: { ...emptyDraft, turns } })))
  const created = createRequest(read?.draft ?? emptyDraft, 'm')

  expect(created.ok && created.body['messages']).toEqual([
    {
      role: 'user',
      content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    },
  ])
})

test('the form of a tool and its JSON edit the same value, and the form loses no member', async () => {
  const page = await playground.open()
  await page.getByText(/^Tools get_weather/).click()
  const json = page.getByRole('textbox', { name: 'Tools (JSON array)' })
  await json.waitFor()
  const tools = [
    {
      name: 'find',
      strict: true,
      input_schema: {
        type: 'object',
        additionalProperties: false,
        properties: { size: { type: ['string', 'null'], 'x-own': 1 }, unit: { type: 'string' } },
        required: ['size'],
      },
    },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
  ]
  await json.fill(JSON.stringify(tools))
  const tool = page.getByRole('group', { name: 'Tool 1' })
  await tool.getByLabel('Description').first().fill('Finds things')
  const unit = tool.getByRole('group', { name: 'Property 2' })
  await unit.getByLabel('Allowed values').pressSequentially('m\nkm')
  await unit.getByLabel('Name').fill('size')
  const isRefused = await unit.getByLabel('Name').getAttribute('aria-invalid')
  await unit.getByLabel('Name').fill('measure')
  await unit.getByLabel('required').check()
  await tool.getByRole('button', { name: 'Add property: Tool 1' }).click()
  await tool.getByRole('group', { name: 'Property 3' }).getByLabel('Type').selectOption('integer')
  await page.getByRole('button', { name: 'Add tool', exact: true }).click()
  const findings = await checkAccessibility(page, { part: '.playground-settings' })
  const shown: unknown = JSON.parse((await json.innerText()).replaceAll('\u00A0', ' '))
  const { tools: sent } = await send(page)

  expect(isRefused).toBe('true')
  expect(shown).toEqual(sent)
  expect(sent).toEqual([
    {
      name: 'find',
      description: 'Finds things',
      strict: true,
      input_schema: {
        type: 'object',
        additionalProperties: false,
        properties: {
          size: { type: ['string', 'null'], 'x-own': 1 },
          measure: { type: 'string', enum: ['m', 'km'] },
          property_1: { type: 'integer', description: '' },
        },
        required: ['size', 'measure'],
      },
    },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
    { name: 'tool_1', description: '', input_schema: { type: 'object', properties: {}, required: [] } },
  ])
  expect(findings).toEqual([])
})
