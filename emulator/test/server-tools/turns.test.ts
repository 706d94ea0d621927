import { createMessageAccumulator } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { ask, collect, getEvents, getMessage } from '../collecting-receiver.ts'
import { findStreamFault } from '../stream-grammar.ts'
import {
  getAnswer,
  bash,
  betas,
  client,
  emulator,
  continueAnswer,
  idsIn,
  listResults,
  send,
  tea,
  webFetch,
  webSearch,
} from './answers.ts'

describe('a turn of more than ten rounds', () => {
  const question = 'Search 12 times for tea'

  test('pauses, and continues to its end when the content is sent back', async () => {
    const first = await getAnswer(question, webSearch)
    const second = await continueAnswer(question, first, webSearch)

    expect(first.stop_reason).toBe('pause_turn')
    expect(listResults(first.content)).toHaveLength(10)
    expect(first.content.at(-1)).toMatchObject({ type: 'web_search_tool_result' })
    expect(first.usage.server_tool_use).toMatchObject({ web_search_requests: 10 })
    expect(second.stop_reason).toBe('end_turn')
    expect(second.usage.server_tool_use).toMatchObject({ web_search_requests: 2 })
    expect(second.content.slice(0, 5).map(({ type }) => type)).toEqual([
      'server_tool_use',
      'web_search_tool_result',
      'server_tool_use',
      'web_search_tool_result',
      'text',
    ])
    expect(new Set(idsIn([...first.content, ...second.content])).size).toBe(12)
  })

  test('is accepted with its thinking, and reminders that an agent adds to results do not start another turn', async () => {
    const more = { model: 'claude-sonnet-4-20250514', max_tokens: 4_000, tools: [webSearch, client] }
    const thinking = { type: 'enabled', budget_tokens: 1_024 }
    const asked = { role: 'user', content: `${question}, then use get_weather` }
    const first = await getMessage(emulator, ask('', { ...more, thinking, messages: [asked] }))
    const paused = { role: 'assistant', content: first.content }
    const second = await getMessage(emulator, ask('', { ...more, thinking, messages: [asked, paused] }))
    const call = second.content.at(-1)
    const results = [
      { type: 'tool_result', tool_use_id: call && 'id' in call && call.id, content: 'Rain' },
      { type: 'text', text: '<system-reminder>Be brief.</system-reminder>' },
    ]
    const messages = [
      asked,
      paused,
      { role: 'assistant', content: second.content },
      { role: 'user', content: results },
    ]
    const third = await getMessage(emulator, ask('', { ...more, messages }))

    expect(first.content[0]).toMatchObject({ type: 'thinking' })
    expect([first.stop_reason, second.stop_reason, third.stop_reason]).toEqual([
      'pause_turn',
      'tool_use',
      'end_turn',
    ])
    expect(listResults(third.content)).toEqual([])
  })

  test('continues a use whose result is missing, and a truncated text', async () => {
    const whole = await getAnswer(question, webSearch)
    const open = { ...whole, content: whole.content.slice(0, 2) }
    const { content } = await continueAnswer(question, open, webSearch)
    const said = { ...whole, content: [...whole.content, { type: 'text', text: 'And so' } as const] }
    const rest = await continueAnswer(question, said, webSearch)

    expect(content[0]).toMatchObject({ tool_use_id: idsIn(open.content)[0] })
    expect(listResults(content)).toHaveLength(10)
    expect(rest.content.map(({ type }) => type)).toEqual(['text'])
  })
})

describe('in a conversation', () => {
  const all = [webSearch, webFetch, bash]
  const question = `Search for bread, read ${tea} and compute 2 + 2`

  test('the blocks are accepted, and a new question starts new rounds', async () => {
    const first = await getAnswer(question, ...all)
    const messages = [
      { role: 'user', content: question },
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'Now look up cats' },
    ]
    const { status, bytes } = await collect(emulator, {
      headers: betas,
      body: ask('', { messages, tools: all }),
    })

    expect(listResults(first.content)).toHaveLength(3)
    expect([status, new TextDecoder().decode(bytes)]).toEqual([
      200,
      expect.stringContaining('Cats sleep for more'),
    ])
  })

  test('a client tool is called as well', async () => {
    const tools = [webSearch, client]
    const asked = 'Search for tea and use get_weather'
    const first = await getMessage(emulator, ask(asked, { tools, tool_choice: { type: 'any' } }))
    const call = first.content.at(-1)
    const messages = [
      { role: 'user', content: asked },
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: call && 'id' in call && call.id, content: 'Rain' }],
      },
    ]
    const second = await getMessage(emulator, ask('', { messages, tools }))

    expect(first.stop_reason).toBe('tool_use')
    expect(second.content.every(({ type }) => type === 'text')).toBe(true)
    expect(JSON.stringify(second.content)).toContain('Rain')
  })

  test.each([
    [question, 1_000],
    [question, 30],
    [question, 60],
    ['Search 12 times for tea', 1_000],
    [`Fetch https://example.net/`, 1_000],
  ])(
    'the stream of %s within %i tokens follows the grammar and equals the plain response',
    async (text, max) => {
      const body = ask(text, { tools: all, max_tokens: max })
      const events = await getEvents(emulator, body, betas)
      const accumulator = createMessageAccumulator()
      for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })
      const plain = await send(body)

      expect(findStreamFault(events)).toBeNull()
      expect({ ...accumulator.message(), id: plain.id }).toEqual(plain)
    },
  )

  test('a result is complete in the start of its block, and an input is sent in deltas', async () => {
    const events = await getEvents(emulator, ask('Search for tea', { tools: [webSearch] }))
    const starts = events.flatMap((event) => (event.type === 'content_block_start' ? [event] : []))
    const deltas = events.flatMap((event) => (event.type === 'content_block_delta' ? [event] : []))
    const getDeltas = (block: number) => deltas.filter(({ index }) => index === block)

    expect(starts[1]?.content_block).toMatchObject({ type: 'server_tool_use', input: {} })
    expect(getDeltas(1).map(({ delta }) => delta.type)).toContain('input_json_delta')
    expect(starts[2]?.content_block).toMatchObject({ content: [{ url: tea }] })
    expect(getDeltas(2)).toEqual([])
  })

  test('an answer that was truncated between its rounds continues when it is sent back', async () => {
    for (const max_tokens of [8, 12, 16, 20, 30, 45]) {
      const body = ask(question, { tools: all, max_tokens })
      const cut = await send(body)
      const rest = await continueAnswer(question, cut, ...all)

      expect(cut.stop_reason).toBe('max_tokens')
      expect(rest.stop_reason).toBe('end_turn')
      const isBegun = cut.content.length > 1
      const results = [...listResults(cut.content), ...listResults(rest.content)]
      expect(results).toHaveLength(isBegun ? 3 : 0)
    }
  })
})
