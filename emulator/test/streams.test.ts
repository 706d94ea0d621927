import { createMessageAccumulator } from '@anthology/wire'
import type { StreamEvent } from '@anthology/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'
import { ask, getEvents, getMessage } from './collecting-receiver.ts'
import { findStreamFault } from './stream-grammar.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })
const weather = {
  name: 'get_weather',
  description: 'Get the weather in a place',
  input_schema: {
    type: 'object',
    properties: { location: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } },
    required: ['location', 'unit'],
  },
}
const clock = { name: 'get_time', input_schema: { type: 'object' } }

describe('for any valid request', () => {
  const [use, result] = [
    { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { location: 'Oslo' } },
    { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain, “heavy”' },
  ]
  const questions = fc
    .record(
      {
        model: fc.constantFrom(
          'claude-opus-4-1',
          'claude-3-7-sonnet-20250219',
          'claude-sonnet-4-20250514',
          'claude-3-haiku-20240307',
        ),
        messages: fc.constantFrom<readonly unknown[]>(
          [{ role: 'user', content: 'Hello!' }],
          [{ role: 'user', content: 'Write 120 words about tea' }],
          [
            {
              role: 'user',
              content: 'What is the weather in Paris, Rome and Oslo in celsius, and what is the time?',
            },
          ],
          [
            { role: 'user', content: 'Weather in Oslo?' },
            { role: 'assistant', content: [use] },
            { role: 'user', content: [result] },
          ],
          [
            { role: 'user', content: '你好 🙂' },
            { role: 'assistant', content: 'So' },
          ],
          [
            {
              role: 'user',
              content:
                'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86',
            },
          ],
        ),
        max_tokens: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1_025, max: 4_000 })),
        stop_sequences: fc.array(fc.constantFrom('e', ' the', 'emulator', '\n\nA', '“'), { maxLength: 2 }),
        tools: fc.constantFrom([weather], [weather, clock]),
        tool_choice: fc.constantFrom(
          { type: 'auto' },
          { type: 'any' },
          { type: 'none' },
          { type: 'tool', name: 'get_weather' },
        ),
        thinking: fc.constant({ type: 'enabled', budget_tokens: 1_024 }),
        system: fc.constantFrom('Be brief.', 'Always call get_time for the final answer.'),
      },
      { requiredKeys: ['model', 'messages', 'max_tokens'] },
    )
    .map(validate)

  test('the stream follows the grammar and has the same message as the plain response', async () => {
    const emulators = [emulator, createEmulator({ asOf: '2026-11-22', lifecycle: 'warn' })]
    let answered = 0
    await fc.assert(
      fc.asyncProperty(questions, fc.constantFrom(...emulators), async (body, asked) => {
        const message = await getMessage(asked, body).catch(() => null)
        if (message === null) return
        answered += 1
        const events = await getEvents(asked, body)

        expect(findStreamFault(events)).toBeNull()
        expect({ ...told(events), id: message.id }).toEqual(message)
        expect(message.usage.output_tokens).toBeLessThanOrEqual(body.max_tokens)
      }),
      { numRuns: 250 },
    )
    expect(answered).toBeGreaterThan(100)
  })
})

describe('a stream of calls', () => {
  test('has one complete member per delta, after an empty one', async () => {
    const body = ask('Weather in Paris in celsius?', { tools: [weather] })
    const chunks = inputPieces(await getEvents(emulator, body))

    expect(chunks).toEqual(['', '{"location": "Paris"', ', "unit": "celsius"', '}'])
  })

  test('has small fragments of JSON if requested', async () => {
    const headers = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' }
    const body = ask('Weather in San Francisco in celsius?', { tools: [weather] })
    const chunks = inputPieces(await getEvents(emulator, body, headers))

    expect(chunks.length).toBeGreaterThan(5)
    expect(JSON.parse(chunks.join(''))).toEqual({ location: 'San Francisco', unit: 'celsius' })
  })

  test('cut by max_tokens ends with the members that were complete', async () => {
    const body = ask('Weather in Paris in celsius?', { tools: [weather], tool_choice: { type: 'any' } })
    const seen = new Set<string>()
    for (let max_tokens = 1; max_tokens < 40; max_tokens += 1) {
      const message = await getMessage(emulator, { ...body, max_tokens })
      const events = await getEvents(emulator, { ...body, max_tokens })

      expect(findStreamFault(events)).toBeNull()
      expect(told(events).content).toEqual(message.content)
      for (const block of message.content)
        if (block.type === 'tool_use') seen.add(JSON.stringify(block.input))
      if (message.stop_reason === 'tool_use') break
      expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: max_tokens } })
    }
    expect([...seen]).toEqual(['{}', '{"location":"Paris"}', '{"location":"Paris","unit":"celsius"}'])
  })

  test('ends inside its JSON if small fragments were requested', async () => {
    const headers = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' }
    const body = ask('Weather in Paris in celsius?', {
      tools: [weather],
      tool_choice: { type: 'any' },
      max_tokens: 8,
    })
    const events = await getEvents(emulator, body, headers)

    expect(() => JSON.parse(inputPieces(events).join(''))).toThrow()
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'max_tokens' } })
  })
})

describe('the grammar', () => {
  test('detects violations', async () => {
    const events = await getEvents(emulator, ask('Weather in Paris in celsius?', { tools: [weather] }))

    expect(findStreamFault(events)).toBeNull()
    for (let at = 0; at < events.length; at += 1) {
      const isLoose = events[at]?.type === 'ping' || events[at]?.type === 'content_block_delta'
      if (!isLoose) expect(findStreamFault(events.toSpliced(at, 1))).not.toBeNull()
      const twice = events.toSpliced(at, 0, ...events.slice(at, at + 1))
      const mayRepeat = isLoose || events[at]?.type === 'message_delta'
      if (!mayRepeat) expect(findStreamFault(twice)).not.toBeNull()
    }
  })
})

/** A tool choice requires tools. Thinking requires enough max_tokens, no forced choice and no prefill. Haiku 3 has none. */
function validate(
  body: Readonly<Record<string, unknown>> & { readonly max_tokens: number; readonly model: string },
) {
  const { thinking, tool_choice, ...free } = body
  const others = { ...free, ...(free['tools'] !== undefined && tool_choice !== undefined && { tool_choice }) }
  if (thinking === undefined || body.max_tokens <= 1_024 || body.model === 'claude-3-haiku-20240307')
    return others
  return { ...free, thinking }
}

function told(events: readonly StreamEvent[]) {
  const accumulator = createMessageAccumulator()
  for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })
  expect(accumulator.complete).toBe(true)
  return { ...accumulator.message() }
}

function inputPieces(events: readonly StreamEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'input_json_delta'
      ? event.delta.partial_json
      : [],
  )
}
