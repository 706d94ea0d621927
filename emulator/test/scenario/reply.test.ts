import { describe, expect, test } from 'vitest'

import { collect, getEvents, getText } from '../collecting-receiver.ts'
import { createEmulator } from '../../src/index.ts'
import { findStreamFault } from '../stream-grammar.ts'
import { note, play, reject, replyWith, send } from './play.ts'

const thinking = { type: 'enabled', budget_tokens: 1_024 }
const haiku = 'claude-3-haiku-20240307'

describe('a text', () => {
  test('is the whole answer, with the usage of its tokens', async () => {
    expect(await play({ text: 'Take an umbrella.' })).toMatchObject({
      content: [{ type: 'text', text: 'Take an umbrella.' }],
      stop_reason: 'end_turn',
      usage: { output_tokens: 5 },
    })
  })

  test('that is empty is an answer without content, as the service sends it', async () => {
    expect(await play({ text: '' })).toMatchObject({ content: [], stop_reason: 'end_turn' })
    expect(await play({})).toMatchObject({ content: [], stop_reason: 'end_turn' })
  })

  test('ends at max_tokens of the request, whatever stop reason is scripted', async () => {
    const message = await play(
      { text: 'One two three four five six.', stop_reason: 'end_turn' },
      { max_tokens: 3 },
    )

    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 3 } })
    expect('One two three four five six.').toContain(getText(message))
  })

  test('ends at a stop sequence of the request', async () => {
    expect(await play({ text: 'One, two, three.' }, { stop_sequences: ['two'] })).toMatchObject({
      content: [{ type: 'text', text: 'One, ' }],
      stop_reason: 'stop_sequence',
      stop_sequence: 'two',
    })
  })

  test('continues a prefill: the rest is sent if it begins with it, else all of it', async () => {
    const messages = [
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content: 'One, two' },
    ]

    expect(getText(await play({ text: 'One, two, three.' }, { messages }))).toBe(', three.')
    expect(getText(await play({ text: ' and more.' }, { messages }))).toBe(' and more.')
  })

  test('is not sent to a request that only warms the cache', async () => {
    const reply = { text: 'Hi.', usage: { input_tokens: 7, output_tokens: 9 } }

    expect(await play(reply, { max_tokens: 0 })).toMatchObject({
      content: [],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 7, output_tokens: 0 },
    })
  })
})

describe('thinking', () => {
  test('comes first, is signed, and is accepted when the client returns it', async () => {
    const emulator = replyWith({
      thinking: 'I need a note.',
      tool_calls: [{ name: 'note', input: { city: 'X' } }],
    })
    const body = { model: 'claude-opus-4-1', max_tokens: 2_000, thinking, tools: [note] }
    const question = { role: 'user', content: 'Take a note.' }
    const [, first] = await send(emulator, { ...body, messages: [question] })
    const { content } = first as { content: { type: string; id: string }[] } // It is a message.
    const result = { type: 'tool_result', tool_use_id: content[1]?.id, content: 'done' }
    emulator.replaceScenario({ version: 1, rules: [] })

    const [status] = await send(emulator, {
      ...body,
      messages: [question, { role: 'assistant', content }, { role: 'user', content: [result] }],
    })

    expect(content.map(({ type }) => type)).toEqual(['thinking', 'tool_use'])
    expect(status).toBe(200)
  })

  test('is hidden where the model omits it, and counts as thinking tokens', async () => {
    const message = await play(
      { thinking: 'One two three.', text: 'Four.' },
      { model: 'claude-opus-5', thinking: { type: 'adaptive' } },
    )

    expect(message).toMatchObject({
      content: [{ type: 'thinking', thinking: '', signature: expect.stringMatching(/./) }, { type: 'text' }],
      usage: { output_tokens_details: { thinking_tokens: expect.any(Number) } },
    })
    expect(message.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0)
  })

  test('is added where the service always thinks and the reply has none', async () => {
    const { content } = await play({ text: 'Hi.' }, { max_tokens: 2_000, thinking })

    expect(content.map(({ type }) => type)).toEqual(['thinking', 'text'])
  })

  test.each([
    ['is not enabled', {}, 'reply.thinking: thinking is not enabled in the request'],
    [
      'is disabled',
      { thinking: { type: 'disabled' } },
      'reply.thinking: thinking is not enabled in the request',
    ],
  ])('is refused where it %s', async (_name, more, reason) => {
    expect(await reject({ thinking: 'Hm.', text: 'Hi.' }, more)).toBe(reason)
  })

  test('after results of tools is refused without interleaved thinking', async () => {
    const emulator = replyWith({ thinking: 'First.', tool_calls: [{ name: 'note', input: { city: 'X' } }] })
    const body = { model: 'claude-opus-4-1', max_tokens: 2_000, thinking, tools: [note] }
    const question = { role: 'user', content: 'Take a note.' }
    const [, first] = await send(emulator, { ...body, messages: [question] })
    const { content } = first as { content: { id: string }[] } // It is a message.
    const result = { type: 'tool_result', tool_use_id: content[1]?.id, content: 'done' }
    const messages = [question, { role: 'assistant', content }, { role: 'user', content: [result] }]
    const interleaved = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' }

    const [refused, reason] = await send(emulator, { ...body, messages })
    const [accepted] = await send(emulator, { ...body, messages }, interleaved)

    expect([refused, accepted]).toEqual([400, 200])
    expect(reason).toContain('reply.thinking: after results of tools this model thinks only with interleaved')
  })
})

describe('a structured value', () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, people: { type: 'integer' } },
    required: ['city', 'people'],
    additionalProperties: false,
  }
  const format = { model: 'claude-opus-4-5', output_config: { format: { type: 'json_schema', schema } } }

  test('is the JSON text of the answer', async () => {
    const message = await play({ structured: { city: 'Lisbon', people: 5 } }, format)

    expect(JSON.parse(getText(message))).toEqual({ city: 'Lisbon', people: 5 })
  })

  test('takes values of the request as they are, numbers too', async () => {
    const message = await play(
      { structured: { city: '{{last_user}}', people: '{{json:$.max_tokens}}' } },
      format,
    )

    expect(JSON.parse(getText(message))).toEqual({ city: 'Hello!', people: 1_000 })
  })

  test.each([
    [{ structured: { city: 'Lisbon' } }, "reply.structured: must have required property 'people'"],
    [{ structured: { city: 1, people: 2 } }, 'reply.structured.city: must be string'],
    [{ text: '{"city":"L","people":2.5}' }, 'reply.text.people: must be integer'],
    [
      { text: 'Lisbon' },
      'reply.text: output_config.format in the request requires JSON, and the text is not',
    ],
  ])('that the schema forbids is refused: %j', async (reply, reason) => {
    expect(await reject(reply, format)).toBe(reason)
  })

  test('may be incomplete if the answer ends early', async () => {
    expect(await play({ text: '{"city":', stop_reason: 'max_tokens' }, format)).toMatchObject({
      content: [{ text: '{"city":' }],
      stop_reason: 'max_tokens',
    })
  })
})

describe('a stop reason', () => {
  const model = 'claude-opus-4-5'

  test.each([
    ['max_tokens', { model }],
    ['model_context_window_exceeded', { model }],
    ['refusal', { model }],
  ] as const)('%s is the one of the answer', async (reason, more) => {
    expect(await play({ text: 'So far.', stop_reason: reason }, more)).toMatchObject({
      content: [{ type: 'text', text: 'So far.' }],
      stop_reason: reason,
      stop_sequence: null,
      stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null,
    })
  })

  test('stop_sequence names one of the request, by default the first', async () => {
    const sequences = { stop_sequences: ['END', 'STOP'] }

    expect(await play({ text: 'A', stop_reason: 'stop_sequence' }, sequences)).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    })
    expect(
      await play({ text: 'A', stop_reason: 'stop_sequence', stop_sequence: 'STOP' }, sequences),
    ).toMatchObject({ stop_sequence: 'STOP' })
  })

  test.each([
    [{ stop_reason: 'refusal' }, { model: haiku }, `reply.stop_reason: ${haiku} has no refusal`],
    [{ refusal: true }, { model: haiku }, `reply.refusal: ${haiku} has no refusal`],
    [{ stop_reason: 'stop_sequence' }, {}, 'reply.stop_reason: the request has no stop_sequences'],
    [
      { stop_reason: 'stop_sequence', stop_sequence: 'X' },
      { stop_sequences: ['Y'] },
      'reply.stop_sequence: "X" is not one of',
    ],
    [
      { refusal: { category: 'cyber' } },
      {},
      'reply.refusal: claude-opus-4-1-20250805 answers as on 2025-08-15, and answers have stop_details since',
    ],
    [
      { stop_reason: 'model_context_window_exceeded' },
      {},
      'reply.stop_reason: claude-opus-4-1-20250805 has this stop reason only with the beta',
    ],
  ] as const)('that the model or the request cannot have is refused: %j', async (reply, more, reason) => {
    expect(await reject({ text: 'A', ...reply }, more)).toContain(reason)
  })

  test('of a refusal has details, and the stream has them as well', async () => {
    const refusal = { category: 'cyber', explanation: 'No.' }
    const events = await getEvents(replyWith({ refusal }), {
      model,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello!' }],
    })

    expect(await play({ refusal }, { model })).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', ...refusal },
      usage: { output_tokens: 1 },
    })
    expect(findStreamFault(events)).toBeNull()
    expect(events.find(({ type }) => type === 'message_delta')).toMatchObject({
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', ...refusal } },
    })
  })
})

describe('usage', () => {
  const body = { model: 'claude-opus-4-1', max_tokens: 100, messages: [{ role: 'user', content: 'Hello!' }] }

  test('is the same in the plain answer, in message_start and in message_delta', async () => {
    const usage = {
      input_tokens: 11,
      output_tokens: 22,
      cache_read_input_tokens: 33,
      cache_creation_input_tokens: 44,
      output_tokens_details: { thinking_tokens: 5 },
      service_tier: 'priority',
    } as const
    const cache_creation = { ephemeral_5m_input_tokens: 44, ephemeral_1h_input_tokens: 0 }
    const events = await getEvents(replyWith({ text: 'Hi.', usage }), body)
    const { output_tokens: _output, output_tokens_details: _details, ...input } = usage
    const { service_tier: _tier, ...final } = usage

    expect((await play({ text: 'Hi.', usage })).usage).toMatchObject({ ...usage, cache_creation })
    expect(events[0]).toMatchObject({ message: { usage: { ...input, cache_creation, output_tokens: 1 } } })
    expect(events.at(-2)).toMatchObject({ type: 'message_delta', usage: final })
    expect(findStreamFault(events)).toBeNull()
  })

  test.each([
    [
      { cache_creation: { ephemeral_1h_input_tokens: 7 } },
      {
        cache_creation_input_tokens: 7,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 7 },
      },
    ],
    [
      { cache_creation_input_tokens: 9, cache_creation: { ephemeral_1h_input_tokens: 7 } },
      {
        cache_creation_input_tokens: 9,
        cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 7 },
      },
    ],
    [
      { output_tokens_details: { thinking_tokens: 50 } },
      { output_tokens: 52, output_tokens_details: { thinking_tokens: 50 } },
    ],
    [{ server_tool_use: { web_search_requests: 2 } }, { server_tool_use: { web_search_requests: 2 } }],
  ])('adapts what follows from a given member: %j', async (usage, expected) => {
    expect((await play({ text: 'Hi.', usage })).usage).toMatchObject(expected)
  })

  test('counts for the rate limits of the answer', async () => {
    const limits = { requestsPerMinute: 10, inputTokensPerMinute: 10_000, outputTokensPerMinute: 10_000 }
    const emulator = createEmulator({
      capacity: { limits },
      now: () => Date.parse('2025-11-22T10:00:00Z'),
      scenario: { version: 1, rules: [{ reply: { text: 'Hi.', usage: { output_tokens: 1_000 } } }] },
    })
    const answer = await collect(emulator, { body })

    expect(answer.headers['anthropic-ratelimit-output-tokens-remaining']).toBe('9000')
  })
})
