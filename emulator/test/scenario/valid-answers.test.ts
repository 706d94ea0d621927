import { createMessageAccumulator } from '@anthology/wire'
import type { Message } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEmulator, parseScenario } from '../../src/index.ts'
import { getEvents } from '../collecting-receiver.ts'
import { findStreamFault } from '../stream-grammar.ts'
import { note, send } from './play.ts'
import type { Members } from './play.ts'

const betas = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' }
const search = { type: 'web_search_20250305', name: 'web_search' }
const use = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'tea' } }
const hit = {
  type: 'web_search_result',
  url: 'https://a.b',
  title: 'T',
  encrypted_content: 'x',
  page_age: null,
}
const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [hit] }
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

const text = fc.constantFrom('One, two STOP three.', '{"city":"L"}', 'Ω', '{{last_user}}')
const toolCall = fc.record(
  {
    name: fc.constantFrom('note', 'note', 'other'),
    input: fc.constantFrom({ city: 'L' }, { city: 1 }, {}),
    id: fc.constantFrom('call_1', 'call_2'),
  },
  { requiredKeys: ['name', 'input'] },
)
const block = fc.oneof(
  text.map((value) => ({ text: value })),
  fc.constantFrom({ thinking: 'Let me think.' }, { redacted_thinking: true } as const),
  toolCall.map((value) => ({ tool_call: value })),
  fc
    .constantFrom(use, found, { type: 'container_upload', file_id: 'file_1' })
    .map((value) => ({ block: value })),
)
const stop = fc.constantFrom(
  'end_turn',
  'tool_use',
  'max_tokens',
  'stop_sequence',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
)
/** Present in one of four cases. */
function rare<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value })
}

const ending = { stop_reason: rare(stop), refusal: rare(fc.constant(true as const)) }
const reply = fc
  .oneof(
    fc.record({
      ...ending,
      text: rare(text),
      thinking: rare(fc.constantFrom('Hm.', '')),
      tool_calls: rare(fc.array(toolCall, { maxLength: 2 })),
    }),
    fc.record({ ...ending, structured: fc.constantFrom<unknown>({ city: 'L' }, { city: 1 }, [1]) }),
    fc.record({ ...ending, blocks: fc.array(block, { maxLength: 5 }) }),
    fc.record({
      ...ending,
      blocks: fc
        .subarray(
          [{ thinking: 'I search.' }, { text: 'So.' }, { block: use }, { block: found }, { text: 'Hot.' }],
          {
            minLength: 2,
          },
        )
        .map((blocks) => [...blocks]),
    }),
  )
  .map(withoutUndefined)

const request = fc
  .record({
    model: fc.constantFrom('claude-opus-4-1', 'claude-opus-4-5', 'claude-opus-5', 'claude-3-haiku-20240307'),
    max_tokens: fc.constantFrom(6, 2_000, 2_000),
    tools: fc.constantFrom([note], [note, search], [search], [note, search]),
    tool_choice: rare(
      fc.constantFrom<unknown>(
        { type: 'none' },
        { type: 'any' },
        { type: 'tool', name: 'note' },
        { type: 'auto', disable_parallel_tool_use: true },
      ),
    ),
    thinking: rare(fc.constantFrom<unknown>({ type: 'enabled', budget_tokens: 1_024 }, { type: 'adaptive' })),
    stop_sequences: rare(fc.constant(['STOP'])),
    output_config: rare(fc.constant({ format: { type: 'json_schema', schema } })),
  })
  .map(withoutUndefined)

/** JSON leaves out what is undefined. */
function withoutUndefined<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

test('a scripted answer is one that the client can return, the same plain and streamed, or it is refused by name', async () => {
  const seen = { played: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(reply, request, async (scripted, body) => {
      const parsed = parseScenario(JSON.stringify({ version: 1, rules: [{ reply: scripted }] }), 's.json')
      if (!parsed.ok) return
      const sent = { ...body, messages: [{ role: 'user', content: 'One, ' }] }
      // A request that the API refuses says nothing about the reply.
      if ((await send(createEmulator(), sent, betas))[0] !== 200) return
      const emulator = createEmulator({ scenario: parsed.value })

      const [status, answer] = await send(emulator, sent, betas)

      if (status !== 200) {
        seen.refused += 1
        expect([status, answer]).toEqual([400, expect.stringMatching(refusal)])
        return
      }
      seen.played += 1
      const message = answer as Message // With status 200 it is one.
      const events = await getEvents(emulator, sent, betas)
      const accumulator = createMessageAccumulator()
      for (const event of events) accumulator.apply({ event: event.type, data: JSON.stringify(event) })
      expect(findStreamFault(events)).toBeNull()
      expect({ ...accumulator.message(), id: '' }).toEqual({ ...message, id: '' })
      const next = continueWith(sent, message)
      if (next !== null)
        expect((await send(createEmulator(), next, betas))[1]).toMatchObject({ type: 'message' })
    }),
    { numRuns: 800 },
  )
  // Both ends of the property are met often.
  expect(seen.played).toBeGreaterThan(100)
  expect(seen.refused).toBeGreaterThan(100)
})

const refusal = /^The scenario's rule 1 cannot answer this request: reply\.[a-z_]+[\w.]*: ./

/** The next request of a client: the answer, then results of its calls or a text; null if nobody would send it. */
function continueWith(
  sent: Members & { readonly messages: readonly unknown[] },
  message: Message,
): Members | null {
  const { content, stop_reason: reason } = message
  const isOpen =
    content.some(({ type }) => type === 'server_tool_use') && !content.some(({ type }) => type === found.type)
  if (content.length === 0 || content.some(({ type }) => type === 'container_upload')) return null
  // A tool of the service that was cut off has no result.
  if (isOpen && reason !== 'pause_turn') return null
  const results = content.flatMap((one) =>
    one.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: one.id, content: 'done' }] : [],
  )
  const user = { role: 'user', content: results.length > 0 ? results : 'Go on.' }
  const answer = { role: 'assistant', content }
  const { tool_choice: _choice, ...members } = sent
  return {
    ...members,
    max_tokens: 2_000,
    messages: [...sent.messages, answer, ...(reason === 'pause_turn' ? [] : [user])],
  }
}
