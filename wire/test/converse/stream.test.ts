import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { converseToMessage } from '../../src/converse/answer-to-messages.ts'
import { converseAnswer } from '../../src/converse/answer.ts'
import { createConverseReader } from '../../src/converse/stream-to-messages.ts'
import { createConverseStream } from '../../src/converse/stream.ts'
import type { OutputBlock } from '../../src/messages/content-block.ts'
import type { Message } from '../../src/messages/message.ts'
import { baseMessage } from './answer-examples.ts'
import { getEvents } from './stream-events.ts'

test('a stream has the members of the Bedrock API, in its order', () => {
  expect(
    toMembers({
      ...baseMessage,
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'c2VjcmV0' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
    }),
  ).toEqual([
    ['messageStart', { role: 'assistant' }],
    ['contentBlockDelta', { delta: { reasoningContent: { text: 'Hm.' } }, contentBlockIndex: 0 }],
    ['contentBlockDelta', { delta: { reasoningContent: { signature: 'c2ln' } }, contentBlockIndex: 0 }],
    ['contentBlockStop', { contentBlockIndex: 0 }],
    [
      'contentBlockDelta',
      { delta: { reasoningContent: { redactedContent: 'c2VjcmV0' } }, contentBlockIndex: 1 },
    ],
    ['contentBlockStop', { contentBlockIndex: 1 }],
    ['contentBlockDelta', { delta: { text: 'I look.' }, contentBlockIndex: 2 }],
    ['contentBlockStop', { contentBlockIndex: 2 }],
    ['contentBlockStart', { start: { toolUse: { toolUseId: 'toolu_1', name: 'f' } }, contentBlockIndex: 3 }],
    ['contentBlockDelta', { delta: { toolUse: { input: '' } }, contentBlockIndex: 3 }],
    ['contentBlockDelta', { delta: { toolUse: { input: '{"a":1}' } }, contentBlockIndex: 3 }],
    ['contentBlockStop', { contentBlockIndex: 3 }],
    ['messageStop', { stopReason: 'tool_use' }],
    [
      'metadata',
      {
        usage: {
          inputTokens: 10,
          outputTokens: 5,
          totalTokens: 445,
          cacheReadInputTokens: 400,
          cacheWriteInputTokens: 30,
          cacheDetails: [
            { ttl: '1h', inputTokens: 20 },
            { ttl: '5m', inputTokens: 10 },
          ],
        },
        metrics: { latencyMs: 42 },
        serviceTier: { type: 'default' },
      },
    ],
  ])
})

test('a citation is a delta of the text it belongs to', () => {
  const citation = {
    type: 'page_location',
    cited_text: 'The sky',
    document_index: 0,
    document_title: 'Paper',
    start_page_number: 1,
    end_page_number: 2,
  } as const
  const members = toMembers({
    ...baseMessage,
    content: [{ type: 'text', text: 'Blue.', citations: [citation] }],
  })

  expect(members.slice(1, 3)).toEqual([
    [
      'contentBlockDelta',
      {
        delta: {
          citation: {
            title: 'Paper',
            sourceContent: [{ text: 'The sky' }],
            location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
          },
        },
        contentBlockIndex: 0,
      },
    ],
    ['contentBlockDelta', { delta: { text: 'Blue.' }, contentBlockIndex: 0 }],
  ])
})

test('a block without a Converse equivalent is omitted without a gap, with a notice for a whole response', () => {
  const stream = createConverseStream({ latencyMs: () => 42 })
  const content: readonly OutputBlock[] = [
    { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
    { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
    { type: 'text', text: 'Found.' },
    { type: 'redacted_thinking', data: 'not base64' },
    { type: 'text', text: 'So.' },
  ]
  const members = getEvents({ ...baseMessage, content }, 99).flatMap((event) => stream.translate(event))

  const deltas = members.filter((each) => each.kind === 'event' && each.eventType === 'contentBlockDelta')
  expect(deltas.map(({ payload }) => payload)).toEqual([
    { delta: { text: 'Found.' }, contentBlockIndex: 0 },
    { delta: { text: 'So.' }, contentBlockIndex: 1 },
  ])
  const notices = ['server_tool_use', 'web_search_tool_result', 'redacted_thinking'].map(
    (type) => `Converse has no block for ${type}; it was left out of the answer`,
  )
  expect(converseAnswer({ ...baseMessage, content }, { latencyMs: 1 }).notices).toEqual(notices)
})

test('content in the start event of a block is translated too', () => {
  const stream = createConverseStream({ latencyMs: () => 42 })
  const blocks: readonly OutputBlock[] = [
    { type: 'text', text: 'Hi' },
    { type: 'thinking', thinking: 'Hm', signature: 's' },
    { type: 'tool_use', id: 'a', name: 'f', input: { b: 1 } },
    { type: 'tool_use', id: 'a', name: 'f', input: {} },
  ]
  const members = blocks.flatMap((content_block, index) => [
    ...stream.translate({ type: 'content_block_start', index, content_block }),
    ...stream.translate({ type: 'content_block_stop', index }),
  ])

  const deltas = members.flatMap(({ payload }) => ('delta' in payload ? [payload['delta']] : []))
  expect(deltas).toEqual([
    { text: 'Hi' },
    { reasoningContent: { text: 'Hm' } },
    { reasoningContent: { signature: 's' } },
    { toolUse: { input: '{"b":1}' } },
  ])
})

describe('the response fields that a client requests', () => {
  const message = { ...baseMessage, stop_reason: 'stop_sequence', stop_sequence: 'END' } as const

  test('are found in the message and nested under their names', () => {
    const responsePaths = [
      '/stop_sequence',
      '/usage/input_tokens',
      '/nothing',
      '/content/0/text',
      '/usage',
      '/a~1b',
    ]
    const later = { 'a/b': 1 }
    const { response } = converseAnswer(
      { ...message, content: [{ type: 'text', text: 'Hi' }], ...later },
      { latencyMs: 1, responsePaths },
    )

    expect(response.additionalModelResponseFields).toEqual({
      stop_sequence: 'END',
      usage: message.usage,
      content: { 0: { text: 'Hi' } },
      'a/b': 1,
    })
  })

  test.each(['/stop_sequence', '/delta/stop_sequence'])('are found in a stream with %s', (path) => {
    const stop = toMembers(message, [path]).at(-2)

    expect(JSON.stringify(stop)).toContain('"stop_sequence":"END"')
  })

  test('are absent if none is found', () => {
    expect(toMembers(message, ['/nothing', '/__proto__/x', '/constructor']).at(-2)).toEqual([
      'messageStop',
      { stopReason: 'stop_sequence' },
    ])
  })
})

test.each<[string, string, string, object?]>([
  ['overloaded_error', 'serviceUnavailableException', 'overloaded_error'],
  ['rate_limit_error', 'throttlingException', 'rate_limit_error'],
  ['invalid_request_error', 'validationException', 'invalid_request_error'],
  ['api_error', 'internalServerException', 'api_error'],
  [
    'timeout_error',
    'modelStreamErrorException',
    'api_error',
    { originalMessage: 'Sorry', originalStatusCode: 504 },
  ],
  ['odd_error', 'modelStreamErrorException', 'api_error', { originalMessage: 'Sorry' }],
])('%s in a stream becomes a %s, which translates back to %s', (type, exceptionType, back, original = {}) => {
  const [told] = createConverseStream({ latencyMs: () => 1 }).translate({
    type: 'error',
    error: { type, message: 'Sorry' },
  })

  expect(told).toEqual({ kind: 'exception', exceptionType, payload: { message: 'Sorry', ...original } })
  const read = createConverseReader({ id: 'msg_1', model: 'm' })
  expect(read({ kind: 'exception', type: exceptionType, payload: { message: 'Sorry' } })).toEqual([
    { type: 'error', error: { type: back, message: 'Sorry' } },
  ])
})

test('redacted thinking in several deltas becomes one block', () => {
  const read = createConverseReader({ id: 'msg_1', model: 'm' })
  const delta = (redactedContent: string) => ({
    kind: 'event' as const,
    type: 'contentBlockDelta',
    payload: { contentBlockIndex: 0, delta: { reasoningContent: { redactedContent } } },
  })
  const events = [
    delta('c2Vj'),
    delta('cmV0'),
    { kind: 'event' as const, type: 'contentBlockStop', payload: { contentBlockIndex: 0 } },
  ].flatMap((frame) => read(frame))

  expect(events).toEqual([
    { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'c2VjcmV0' } },
    { type: 'content_block_stop', index: 0 },
  ])
})

test('the reader ignores members of later API versions', () => {
  const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3, inputTokenCount: 1, serverToolUsage: {} }
  const answer = {
    output: { message: { role: 'assistant', content: [{ text: 'Hi', more: 1 }], more: 1 } },
    stopReason: 'end_turn',
    usage,
    metrics: { latencyMs: 1 },
    trace: {},
  }

  expect(converseToMessage(answer, { id: 'msg_1', model: 'm' })?.message).toMatchObject({
    content: [{ type: 'text', text: 'Hi' }],
    usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 0 },
  })
})

test('any value is translated as a response or rejected as none', () => {
  const frameTypes = [
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'x',
  ] as const
  const names = [
    'delta',
    'start',
    'toolUse',
    'toolUseId',
    'name',
    'text',
    'reasoningContent',
    'signature',
    'usage',
    'citation',
    'location',
    'contentBlockIndex',
    'output',
    'message',
    'content',
  ] as const
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(null, 1, 'a'),
      fc.array(tie('any'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 4 }),
    ),
  }))
  const frame = fc.record({
    kind: fc.constantFrom('event' as const, 'event' as const, 'exception' as const),
    type: fc.constantFrom(...frameTypes),
    payload: any,
  })
  fc.assert(
    fc.property(fc.array(frame), any, (frames, answer) => {
      const read = createConverseReader({ id: 'msg_1', model: 'm' })
      const events = frames.flatMap((each) => read(each))

      expect(events.every((event) => typeof event.type === 'string')).toBe(true)
      expect(converseToMessage(answer, { id: 'msg_1', model: 'm' })).toBeNull()
    }),
  )
})

function toMembers(message: Message, responsePaths: readonly string[] = []): readonly unknown[] {
  const stream = createConverseStream({ latencyMs: () => 42, responsePaths, serviceTier: 'default' })
  return getEvents(message, 99)
    .flatMap((event) => stream.translate(event))
    .map((each) => [each.kind === 'event' ? each.eventType : each.exceptionType, each.payload])
}
