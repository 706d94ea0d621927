import { describe, expect, test } from 'vitest'

import type { Message, StopReason } from '../../src/messages/message.ts'
import type { StreamEvent } from '../../src/messages/stream-event.ts'
import { translateMessage } from '../../src/openai/chat-completion.ts'
import { chatError, translateChatError } from '../../src/openai/chat-error.ts'
import { chatModel } from '../../src/openai/chat-model.ts'
import { createChatStream, encodeChatEvent } from '../../src/openai/chat-stream.ts'

describe('a completion', () => {
  test('contains the text of a message', () => {
    expect(complete(message([{ type: 'text', text: 'Hello' }], 'end_turn'), 1_755_000_000)).toEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_755_000_000,
      model: 'claude-opus-4-1-20250805',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: {
        prompt_tokens: 111,
        completion_tokens: 7,
        total_tokens: 118,
        prompt_tokens_details: { cached_tokens: 100 },
      },
    })
  })

  test('contains tool calls, but no thinking', () => {
    const content: Message['content'] = [
      { type: 'thinking', thinking: 'Hm', signature: 's' },
      { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: [1] } },
    ]

    expect(complete(message(content, 'tool_use'), 0).choices[0]).toMatchObject({
      message: {
        content: null,
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":[1]}' } }],
      },
      finish_reason: 'tool_calls',
    })
  })

  test('contains the tokens of thinking, if they are reported', () => {
    const usage = { input_tokens: 1, output_tokens: 7, output_tokens_details: { thinking_tokens: 5 } }
    const bytes = encode({ ...message([], 'end_turn'), usage })

    expect(translateMessage(bytes, 0).usage).toEqual({
      prompt_tokens: 1,
      completion_tokens: 7,
      total_tokens: 8,
      completion_tokens_details: { reasoning_tokens: 5 },
    })
  })

  test('has the arguments of calls as the model wrote them', () => {
    const input = '{"9":12345678901234567890, "1":1.50}'
    const text = `{"type":"message","content":[{"type":"text","text":"x"},
      {"type":"tool_use","input":${input},"id":"toolu_1","name":"f"}],"stop_reason":"tool_use","usage":{}}`

    const { choices } = translateMessage(new TextEncoder().encode(text), 0)

    expect(choices[0].message.tool_calls?.[0]?.function.arguments).toBe(input)
  })

  test('of an upstream that reports no usage has counts of 0', () => {
    const { usage: _, ...unmetered } = message([{ type: 'text', text: 'Hello' }], 'end_turn')

    const { choices, usage } = translateMessage(encode(unmetered), 0)

    expect(choices[0].message.content).toBe('Hello')
    expect(usage).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })
  })

  test.each(['', 'null', '[]', '{"type":"error"}', '<html>'])('is not made of %s', (text) => {
    expect(() => translateMessage(new TextEncoder().encode(text), 0)).toThrow()
  })

  test.each<[StopReason, string]>([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['pause_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
  ])('that stopped with %s finishes with %s', (reason, finish) => {
    expect(complete(message([], reason), 0).choices[0].finish_reason).toBe(finish)
  })
})

describe('a stream', () => {
  const start: StreamEvent = { type: 'message_start', message: message([], null) }
  const end: readonly StreamEvent[] = [
    {
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 9 },
    },
    { type: 'message_stop' },
  ]
  const open = (name: string): StreamEvent => ({
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'tool_use', id: `toolu_${name}`, name, input: {} },
  })
  const input = (json: string): StreamEvent => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'input_json_delta', partial_json: json },
  })
  const close: StreamEvent = { type: 'content_block_stop', index: 0 }

  test('contains text, calls and the finish reason', () => {
    const events: StreamEvent[] = [
      start,
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      close,
      open('f'),
      input(''),
      input('{"a"'),
      input(':1}'),
      close,
      open('g'),
      close,
      ...end,
    ]
    const chunks = events.flatMap(createChatStream({ created: 5, includeUsage: false }))

    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Hi' },
      { tool_calls: [{ index: 0, id: 'toolu_f', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'toolu_g', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ])
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
      ...Array.from({ length: 7 }, () => null),
      'tool_calls',
    ])
    expect(chunks[1]).toMatchObject({ id: 'msg_1', object: 'chat.completion.chunk', created: 5 })
    expect(chunks[1]).not.toHaveProperty('usage')
  })

  test('contains an input from the start event of its block', () => {
    const whole: StreamEvent = {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'toolu_f', name: 'f', input: { a: 1 } },
    }
    const chunks = [start, whole, close].flatMap(createChatStream({ created: 5, includeUsage: false }))

    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({
      tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }],
    })
  })

  test('has the input of a start event as the model wrote it', () => {
    const translator = createChatStream({ created: 5, includeUsage: false })
    const whole = '{"9": 12345678901234567890, "1": 1.50}'
    const block = `{"type":"tool_use","id":"toolu_f","name":"f","input":${whole}}`

    const sent = [
      JSON.stringify(start),
      `{"type":"content_block_start","index":0,"content_block":${block}}`,
      JSON.stringify(close),
    ].map((data) => encodeChatEvent(data, translator))

    expect(sent.at(-1)).toContain(JSON.stringify(whole))
  })

  test('ignores events of a later API version, and finishes with stop for an unknown reason', () => {
    // An upstream may send values outside today's types.
    const later = [
      { type: 'thread_started' },
      { type: 'message_delta', delta: { stop_reason: 'compaction' }, usage: { output_tokens: 9 } },
    ] as unknown as StreamEvent[]
    const chunks = [start, ...later].flatMap(createChatStream({ created: 5, includeUsage: false }))

    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'stop'])
  })

  test('contains the text of the start event of a block', () => {
    const text = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'Hi' } }
    const chunks = [start, text as StreamEvent, close].flatMap(
      createChatStream({ created: 5, includeUsage: false }),
    )

    expect(chunks.at(-1)?.choices[0]?.delta).toEqual({ content: 'Hi' })
  })

  test('keeps the counts that a later event sends as null, and finishes once, with the reason', () => {
    // Counts of a delta are null where the upstream does not know them.
    const deltas = [
      { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 3 } },
      {
        type: 'message_delta',
        delta: { stop_reason: 'max_tokens' },
        usage: { input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 },
      },
    ] as unknown as StreamEvent[]
    const events = [start, ...deltas, { type: 'message_stop' } as const]

    const chunks = events.flatMap(createChatStream({ created: 5, includeUsage: true }))

    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'length', undefined])
    expect(chunks.at(-1)?.usage).toEqual({
      prompt_tokens: 111,
      completion_tokens: 9,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 100 },
    })
  })

  test('finishes without a reason, too', () => {
    const events = [start, { type: 'message_stop' } as const]

    const chunks = events.flatMap(createChatStream({ created: 5, includeUsage: false }))

    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'stop'])
  })

  test('ends with the usage if requested', () => {
    const chunks = [start, ...end].flatMap(createChatStream({ created: 5, includeUsage: true }))

    expect(chunks.map(({ usage }) => usage)).toEqual([
      null,
      null,
      {
        prompt_tokens: 111,
        completion_tokens: 9,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 100 },
      },
    ])
    expect(chunks.at(-1)?.choices).toEqual([])
  })
})

test('errors and models have the shapes of OpenAI', () => {
  expect(chatError('not_found_error', 'model: x')).toEqual({
    error: { code: 'not_found_error', message: 'model: x', type: 'not_found_error', param: null },
  })
  expect(chatModel('claude-opus-4-1-20250805', '2025-08-05T00:00:00Z')).toEqual({
    id: 'claude-opus-4-1-20250805',
    object: 'model',
    created: 1_754_352_000,
    owned_by: 'anthropic',
  })
})

test.each([
  ['<html><body>Bad Gateway</body></html>', 'The upstream answered with status 502 and no readable error.'],
  ['', 'The upstream answered with status 502 and no readable error.'],
  ['{"reason":"x"}', 'The upstream answered with status 502 and no readable error.'],
  ['{"detail":"model not loaded"}', 'model not loaded'],
  ['upstream connect error', 'upstream connect error'],
  ['{"error":{"message":"slow down"}}', 'slow down'],
])('an error with the body %s has a sentence as its message', (body, text) => {
  expect(translateChatError(502, new TextEncoder().encode(body))).toEqual(chatError('api_error', text))
})

function complete(whole: Message, createdS: number) {
  return translateMessage(encode(whole), createdS)
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

function message(content: Message['content'], stopReason: StopReason | null): Message {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-1-20250805',
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: {
      input_tokens: 1,
      cache_creation_input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation: null,
      output_tokens: 7,
      service_tier: 'standard',
    },
  }
}
