import { describe, expect, test } from 'vitest'
import { createMessageAccumulator } from '../../src/messages/accumulate.ts'
import type { AccumulatedMessage } from '../../src/messages/accumulate.ts'

test('concatenates text', () => {
  const message = accumulate([
    start,
    blockStart(0, { type: 'text', text: '' }),
    { type: 'ping' },
    blockDelta(0, { type: 'text_delta', text: 'Hello' }),
    blockDelta(0, { type: 'text_delta', text: '!' }),
    blockStop(0),
    end,
    { type: 'message_stop' },
  ])

  expect(message).toEqual({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-1-20250805',
    content: [{ type: 'text', text: 'Hello!' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 15, cache_creation: { ephemeral_5m_input_tokens: 3 } },
  })
})

describe('blocks', () => {
  test('concatenates thinking and its signature', () => {
    expect(
      block({ type: 'thinking', thinking: '', signature: '' }, [
        { type: 'thinking_delta', thinking: 'Let me' },
        { type: 'thinking_delta', thinking: ' see.' },
        { type: 'signature_delta', signature: 'EqQB' },
      ]),
    ).toEqual({ type: 'thinking', thinking: 'Let me see.', signature: 'EqQB' })
  })

  test('parses the input of a tool once it is complete', () => {
    expect(
      block({ type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }, [
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: '{"city": "S' },
        { type: 'input_json_delta', partial_json: 'ão Paulo"}' },
      ]),
    ).toEqual({ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'São Paulo' } })
  })

  test.each([
    ['no delta', []],
    ['an empty delta', [{ type: 'input_json_delta', partial_json: '' }]],
  ])('uses an empty input for a tool that got %s', (_, deltas) => {
    expect(block({ type: 'tool_use', name: 'now', input: {} }, deltas)).toEqual({
      type: 'tool_use',
      name: 'now',
      input: {},
    })
  })

  test('keeps a truncated input as text', () => {
    const deltas = [{ type: 'input_json_delta', partial_json: '{"city": "S' }]

    expect(block({ type: 'tool_use', name: 'weather', input: {} }, deltas)).toMatchObject({
      input: '{"city": "S',
    })
  })

  test.each([[null], [[]], [undefined]])('collects citations in place of %j', (citations) => {
    expect(
      block({ type: 'text', text: '', citations }, [
        { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'a' } },
        { type: 'text_delta', text: 'As said' },
        { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'b' } },
      ]),
    ).toEqual({
      type: 'text',
      text: 'As said',
      citations: [
        { type: 'char_location', cited_text: 'a' },
        { type: 'char_location', cited_text: 'b' },
      ],
    })
  })

  test('keeps a block without deltas', () => {
    const result = {
      type: 'web_search_tool_result',
      tool_use_id: 'srvtoolu_1',
      content: [{ url: 'https://x' }],
    }

    expect(block(result, [])).toEqual(result)
  })

  test('keeps blocks and deltas of a later version by the names of their members', () => {
    expect(
      block({ type: 'compaction', content: null }, [
        { type: 'compaction_delta', content: 'Earlier, ' },
        { type: 'compaction_delta', content: 'we met.', level: 2 },
      ]),
    ).toEqual({ type: 'compaction', content: 'Earlier, we met.', level: 2 })
  })

  test('keeps several blocks in their order', () => {
    const message = accumulate([
      start,
      blockStart(0, { type: 'redacted_thinking', data: 'x' }),
      blockStop(0),
      blockStart(1, { type: 'text', text: '' }),
      blockDelta(1, { type: 'text_delta', text: 'Hi' }),
      blockStop(1),
    ])

    expect(message?.content).toEqual([
      { type: 'redacted_thinking', data: 'x' },
      { type: 'text', text: 'Hi' },
    ])
  })
})

describe('the end of a message', () => {
  test('applies all members of the last delta', () => {
    const message = accumulate([
      start,
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null, container: { id: 'container_1' } },
        usage: { output_tokens: 7 },
        context_management: { applied_edits: [] },
      },
    ])

    expect(message).toMatchObject({
      type: 'message',
      stop_reason: 'tool_use',
      container: { id: 'container_1' },
      context_management: { applied_edits: [] },
      usage: { input_tokens: 25, output_tokens: 7 },
    })
    expect(message).not.toHaveProperty('delta')
  })

  test('keeps the reason if a later delta has none', () => {
    const message = accumulate([start, end, { ...end, delta: { stop_reason: null } }, { ...end, delta: {} }])

    expect(message).toMatchObject({ stop_reason: 'end_turn', stop_sequence: null })
  })

  test('is only reached with message_stop', () => {
    const accumulator = createMessageAccumulator()
    for (const event of [start, end]) accumulator.apply(named(event))
    expect(accumulator.complete).toBe(false)

    accumulator.apply(named({ type: 'message_stop' }))

    expect(accumulator.complete).toBe(true)
  })
})

describe('other streams', () => {
  test('have no message before message_start', () => {
    expect(createMessageAccumulator().message()).toBeNull()
  })

  test('unknown events are ignored, whatever their data', () => {
    const accumulator = createMessageAccumulator()

    accumulator.apply({ event: 'tides', data: 'high' })
    accumulator.apply({ event: 'message', data: '[DONE]' })
    accumulator.apply({ event: 'message', data: '{"type":"constructor"}' })

    expect(accumulator.message()).toBeNull()
  })

  test('an error event is exposed and the message before it is kept', () => {
    const accumulator = createMessageAccumulator()
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    for (const event of [start, blockStart(0, { type: 'text', text: 'Half' }), error, end])
      accumulator.apply(named(event))

    expect(accumulator.error).toEqual(error)
    expect(accumulator.message()).toMatchObject({ content: [{ text: 'Half' }], stop_reason: null })
    expect(accumulator.complete).toBe(false)
  })

  test('data without event lines is accepted', () => {
    const accumulator = createMessageAccumulator()

    accumulator.apply({ event: 'message', data: JSON.stringify(start) })

    expect(accumulator.message()).toMatchObject({ id: 'msg_1' })
  })

  test.each([
    ['a delta before the start', [blockDelta(0, {})]],
    ['a second start', [start, start]],
    ['a delta for a block that was not started', [start, blockDelta(0, {})]],
    ['the end of a block that was not started', [start, blockStop(0)]],
    ['two blocks with one index', [start, blockStart(0, {}), blockStart(0, {})]],
    ['the end of a message that was not started', [end]],
  ])('rejects %s', (_, events) => {
    expect(() => accumulate(events)).toThrow(
      expect.objectContaining({ name: 'WireError', code: 'event_out_of_order' }),
    )
  })

  test.each([
    ['data that is not JSON', { event: 'message_start', data: '{"type":' }],
    ['data that is not an object', { event: 'message_start', data: '[]' }],
    ['a start without a message', { event: 'message_start', data: '{}' }],
  ])('rejects %s', (_, event) => {
    expect(() => createMessageAccumulator().apply(event)).toThrow(
      expect.objectContaining({ code: 'sse_broken_json' }),
    )
  })

  test('a member named like an inherited one is kept', () => {
    const accumulator = createMessageAccumulator()
    accumulator.apply(named(start))
    accumulator.apply(named(blockStart(0, { type: 'text', text: '' })))
    const data = '{"index":0,"delta":{"__proto__":{"text":"evil"},"constructor":"x"}}'

    accumulator.apply({ event: 'content_block_delta', data })

    const [first] = accumulator.message()?.content ?? []
    expect(Object.getPrototypeOf(first)).toBe(Object.prototype)
    expect(first).toMatchObject({ text: '', constructor: 'x' })
  })
})

type Fields = Readonly<Record<string, unknown>>

const start = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-1-20250805',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1, cache_creation: { ephemeral_5m_input_tokens: 3 } },
  },
}
const end = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 15, input_tokens: null },
}

function blockStart(index: number, contentBlock: Fields): Fields {
  return { type: 'content_block_start', index, content_block: contentBlock }
}

function blockDelta(index: number, delta: Fields): Fields {
  return { type: 'content_block_delta', index, delta }
}

function blockStop(index: number): Fields {
  return { type: 'content_block_stop', index }
}

function named(event: Fields): { event: string; data: string } {
  return { event: String(event.type), data: JSON.stringify(event) }
}

function accumulate(events: readonly Fields[]): AccumulatedMessage | null {
  const accumulator = createMessageAccumulator()
  for (const event of events) accumulator.apply(named(event))
  return accumulator.message()
}

function block(contentBlock: Fields, deltas: readonly Fields[]): Fields | undefined {
  const events = deltas.map((delta) => blockDelta(0, delta))
  return accumulate([start, blockStart(0, contentBlock), ...events, blockStop(0)])?.content[0]
}
