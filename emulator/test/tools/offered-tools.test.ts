import type { Message } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { collect, getJson } from '../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const beta = 'mid-conversation-tool-changes-2026-07-01'

const clock = tool('get_time', 'Get the current time in a timezone')
const weather = tool('get_weather', 'Get the current weather in a given location')
const deferred = { ...weather, defer_loading: true }
const reference = { type: 'tool_reference', name: 'get_weather' }
const added = (definition: object) => ({
  type: 'tool_addition',
  tool: { type: 'tool_definition', definition },
})
const loaded = { type: 'tool_addition', tool: reference }
const removed = { type: 'tool_removal', tool: reference }
const webSearch = { type: 'web_search_20250305', name: 'web_search' }

describe('a tool that the conversation', () => {
  test.each<[string, readonly object[], readonly object[], readonly string[]]>([
    ['adds is called', [clock], [added(weather)], ['get_weather']],
    ['adds is called where the request has none', [], [added(weather)], ['get_weather']],
    ['does not add is not called', [clock], [], []],
    ['removes is not called any more', [clock, weather], [removed], []],
    ['removes and adds again is called', [clock, weather], [removed, loaded], ['get_weather']],
    ['adds and removes again is not called', [clock], [added(weather), removed], []],
    ['loads, because it was deferred, is called', [clock, deferred], [loaded], ['get_weather']],
    ['does not load is not called', [clock, deferred], [], []],
    ['names, and the request does not have, changes nothing', [clock], [loaded], []],
    ['adds for the server is run by it', [clock], [added(webSearch)], ['web_search']],
    [
      'removes of the server is not run',
      [webSearch, clock],
      [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'web_search' } }],
      [],
    ],
  ])('%s', async (_, tools, changes, calls) => {
    const message = getJson(await send(tools, changes)) as Message

    const names = message.content.flatMap((block) => ('name' in block ? block.name : []))
    expect([...new Set(names)]).toEqual(calls)
  })

  test('adds has the input that its own schema requires', async () => {
    const properties = { city: { type: 'string', maxLength: 20 }, unit: { enum: ['celsius'] } }
    const schema = { type: 'object', properties, required: ['city', 'unit'], additionalProperties: false }

    const message = getJson(await send([clock], [added({ ...weather, input_schema: schema })])) as Message

    const call = message.content.find(({ type }) => type === 'tool_use')
    expect(call).toMatchObject({ name: 'get_weather', input: { city: 'Lisbon', unit: 'celsius' } })
  })

  test.each([
    ['with a type that is none', { type: 'object', properties: { a: { type: 'str' } } }],
    ['with required in a property', { type: 'object', properties: { a: { required: true } } }],
    [
      'with a bound of draft 4',
      { type: 'object', properties: { a: { type: 'number', minimum: 1, exclusiveMinimum: true } } },
    ],
  ])('adds %s is rejected like one of the request', async (_, schema) => {
    const answer = await send([clock], [added({ ...weather, input_schema: schema })])

    const path = 'messages.1.content.0.tool_addition.tool.tool_definition.definition.custom.input_schema'
    expect(answer.status).toBe(400)
    expect(getJson(answer)).toMatchObject({
      error: {
        type: 'invalid_request_error',
        message: expect.stringContaining(
          `${path}: JSON schema is invalid. It must match JSON Schema draft 2020-12`,
        ),
      },
    })
  })

  test('adds is rejected without the beta', async () => {
    const answer = await send([clock], [added(weather)], {})

    expect(answer.status).toBe(400)
    expect(getJson(answer)).toMatchObject({
      error: { message: expect.stringContaining("'tool_addition'") },
    })
  })
})

function tool(name: string, description: string) {
  return { name, description, input_schema: { type: 'object', properties: { location: { type: 'string' } } } }
}

/** Asks for the weather and for a search, and then changes the tools. */
function send(
  tools: readonly object[],
  changes: readonly object[],
  headers: Readonly<Record<string, string>> = { 'anthropic-beta': beta },
) {
  const isSearch = JSON.stringify([tools, changes]).includes('web_search')
  const question = isSearch ? 'Search the web for tea' : "What's the weather like in Lisbon?"
  const messages = [
    { role: 'user', content: question },
    ...(changes.length === 0 ? [] : [{ role: 'system', content: changes }]),
  ]
  const body = { model: 'claude-opus-5-5', max_tokens: 2_000, tools, messages }
  return collect(emulator, { path: '/v1/messages', body, headers })
}
