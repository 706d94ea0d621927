import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Message } from '@anthology/wire'

import { createEmulator } from '../../src/index.ts'
import { collect, getJson, getMessage } from '../collecting-receiver.ts'
import { bindingControls, interleaved } from './exchange.ts'

const emulator = createEmulator()
const weather = {
  name: 'get_weather',
  description: 'The weather in a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const question = { role: 'user', content: 'Use get_weather to find out what the weather is like in Paris.' }
const withBudget = {
  model: 'claude-opus-4-1',
  max_tokens: 4_000,
  thinking: { type: 'enabled', budget_tokens: 2_000 },
  tools: [weather],
  messages: [question],
}

describe('a tool loop over the wire', () => {
  test('thinks, calls, accepts its own thinking and answers', async () => {
    const first = await getMessage(emulator, withBudget)
    const second = await getMessage(emulator, { ...withBudget, messages: getLoop(first) })

    expect(first.content[0]?.type).toBe('thinking')
    expect(first.stop_reason).toBe('tool_use')
    expect(second.stop_reason).toBe('end_turn')
    expect(second.content.map(({ type }) => type)).toEqual(['text'])
  })

  test('thinks about the results as well if thinking is interleaved', async () => {
    const first = await getMessage(emulator, withBudget)
    const collected = await collect(emulator, {
      body: { ...withBudget, messages: getLoop(first) },
      headers: { 'anthropic-beta': interleaved },
    })

    expect(getJson(collected)).toMatchObject({ content: [{ type: 'thinking' }, { type: 'text' }] })
  })

  test('rejects changed thinking, also in count_tokens', async () => {
    const first = await getMessage(emulator, withBudget)
    const content = first.content.map((block) =>
      block.type === 'thinking' ? { ...block, thinking: `${block.thinking} Or not.` } : block,
    )
    const { max_tokens: _, ...counted } = { ...withBudget, messages: getLoop({ ...first, content }) }
    const error = {
      type: 'invalid_request_error',
      message:
        'messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. ' +
        'These blocks must remain as they were in the original response.',
    }

    const asked = await collect(emulator, { body: { ...counted, max_tokens: 4_000 } })
    const measured = await collect(emulator, { body: counted, path: '/v1/messages/count_tokens' })
    expect([asked.status, measured.status]).toEqual([400, 400])
    expect(getJson(asked)).toMatchObject({ error })
    expect(getJson(measured)).toMatchObject({ error })
  })
})

test('thinking of another model is dropped, and with the beta the response reports it', async () => {
  const ofFable = { model: 'claude-fable-5-2', max_tokens: 4_000, messages: [question] }
  const first = await getMessage(emulator, ofFable)
  const messages = [
    question,
    { role: 'assistant', content: first.content },
    { role: 'user', content: 'Thanks.' },
  ]
  const headers = { 'anthropic-beta': bindingControls }

  const plain = await collect(emulator, { body: { ...ofFable, messages, model: 'claude-opus-5' } })
  const told = await collect(emulator, { body: { ...ofFable, messages, model: 'claude-opus-5' }, headers })
  const own = await collect(emulator, { body: { ...ofFable, messages }, headers })
  expect(getJson(plain)).not.toHaveProperty('input_transformations')
  expect(getJson(told)).toHaveProperty('input_transformations', [
    { type: 'thinking_dropped', path: 'messages.1.content.0', reason: 'model_binding_mismatch' },
  ])
  expect(getJson(own)).toHaveProperty('input_transformations', [])
})

test('any answer with thinking is accepted when it is returned', async () => {
  const bodies = fc.record({
    config: fc.constantFrom(
      { model: 'claude-3-7-sonnet-20250219', thinking: { type: 'enabled', budget_tokens: 1_024 } },
      { model: 'claude-sonnet-4-5', thinking: { type: 'enabled', budget_tokens: 1_024 } },
      { model: 'claude-opus-4-8', thinking: { type: 'adaptive', display: 'summarized' } },
      { model: 'claude-sonnet-5' },
      { model: 'claude-opus-5-5' },
      { model: 'claude-fable-5-2', thinking: { type: 'adaptive', display: 'summarized' } },
    ),
    max_tokens: fc.integer({ min: 1_025, max: 3_000 }),
    text: fc.stringMatching(/^\S[ -~]{0,80}$/),
  })
  await fc.assert(
    fc.asyncProperty(bodies, async ({ config, max_tokens, text }) => {
      const body = { ...config, max_tokens, messages: [{ role: 'user', content: text }] }
      const answer = await getMessage(emulator, body)
      const more = [
        { role: 'assistant', content: answer.content },
        { role: 'user', content: 'Go on.' },
      ]
      const next = await collect(emulator, { body: { ...body, messages: [...body.messages, ...more] } })

      expect(answer.content.map(({ type }) => type)).toContain('text')
      expect(next.status).toBe(200)
    }),
    { numRuns: 60 },
  )
})

function getLoop(answer: Message): readonly object[] {
  const results = answer.content.flatMap((block) =>
    block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: '21 degrees' }] : [],
  )
  return [question, { role: 'assistant', content: answer.content }, { role: 'user', content: results }]
}
