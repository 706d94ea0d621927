import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createClock, createEmulator } from '../src/index.ts'
import type { EmulatorOptions } from '../src/index.ts'
import { ask, collect } from './collecting-receiver.ts'
import type { Ask } from './collecting-receiver.ts'

const longSystem = [{ type: 'text', text: 'ab '.repeat(1_200), cache_control: { type: 'ephemeral' } }]
const tool = {
  name: 'get_weather',
  description: 'Get the weather in a place',
  input_schema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
}
const results = [
  { role: 'user', content: 'Weather in Oslo?' },
  { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' }] },
]
const bodies: readonly unknown[] = [
  ask('Hello!'),
  ask('Hello!', { stream: true }),
  ask('Write 60 words about tea', { stop_sequences: ['the'], system: 'Be “calm”.' }),
  ask('Why?', { system: longSystem }),
  ask('Why?', { system: longSystem, cache_control: { type: 'ephemeral', ttl: '1h' }, stream: true }),
  ask('Weather in Oslo?', { tools: [tool] }),
  ask('And now?', { tools: [tool], messages: results }),
  ask('Think about rivers', { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
  ask('Fetch https://example.org/', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }),
  ask('Compute 2 + 2', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }),
  ask('Hello!', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }),
  ask('Hello!', { model: 'claude-3-haiku-20240307', service_tier: 'standard_only' }),
  ask('Hello!', { model: 'nobody' }),
  { requests: [{ custom_id: 'a', params: ask('Hello!') }] },
  'no request',
]
const betas = [
  '',
  'context-management-2025-06-27,web-fetch-2025-09-10,code-execution-2025-08-25',
  'unheard-of-2025-01-01',
]
const paths = [
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/messages/batches',
  '/v1/chat/completions',
] as const
const call = fc.record({
  path: fc.oneof({ weight: 5, arbitrary: fc.constant(paths[0]) }, fc.constantFrom(...paths)),
  headers: fc.record(
    { 'anthropic-beta': fc.constantFrom(...betas), 'x-api-key': fc.constantFrom('a', 'b') },
    { requiredKeys: ['anthropic-beta'] },
  ),
  body: fc.constantFrom(...bodies),
})
const onBedrock = fc.constant({
  path: '/model/anthropic.claude-opus-4-1-20250805-v1:0/invoke',
  body: {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 50,
    messages: [{ role: 'user', content: 'Hello!' }],
  },
})
const calls = fc.array(fc.oneof({ weight: 9, arbitrary: call }, onBedrock), { minLength: 1, maxLength: 4 })
const waitsMs = fc.constantFrom(0, 0, 0, 1_000, 6 * 60_000, 25 * 3_600_000)
const order = fc.array(fc.record({ which: fc.nat(), waitMs: waitsMs }), { minLength: 4, maxLength: 12 })
const options = fc.record({
  seed: fc.constantFrom('anthology', 'b'),
  lifecycle: fc.constantFrom('ignore', 'warn'),
  capacity: fc.constantFrom(
    {},
    { limits: { requestsPerMinute: 5, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 } },
  ),
})

test('the same requests at the same times get the same bytes, from another emulator and after a reset', async () => {
  await fc.assert(
    fc.asyncProperty(calls, order, options, async (pool, steps, settings) => {
      const [one, other] = [start(settings), start(settings)]
      const requests = steps.map(({ which, waitMs }) => ({ waitMs, request: pool[which % pool.length]! }))

      const answers = await one.play(requests)

      expect(await other.play(requests)).toEqual(answers)
      one.reset()
      expect(await one.play(requests)).toEqual(answers)
    }),
  )
})

interface Step {
  readonly waitMs: number
  readonly request: Ask
}

function start(settings: EmulatorOptions) {
  const begin = '2025-08-14T23:50:00Z'
  const clock = createClock(begin)
  const emulator = createEmulator({ ...settings, now: clock.now })
  return {
    play: async (steps: readonly Step[]) => {
      const answers: unknown[] = []
      for (const { waitMs, request } of steps) {
        clock.advance(waitMs)
        answers.push(await collect(emulator, request))
      }
      return answers
    },
    reset: () => {
      clock.set(begin)
      emulator.reset()
    },
  }
}
