import { expect, test } from 'vitest'

import type { ValidRequest } from '../../src/message/valid-request.ts'
import type { Completion, CompletionBlock } from '../../src/generate/completion.ts'
import { computeUsage } from '../../src/message/usage.ts'
import { accept } from '../cache/calls.ts'
import type { Body } from '../cache/calls.ts'

const input = {
  input_tokens: 10,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
} as const

test('the members of 2025', () => {
  expect(use({}, { day: '2025-08-15' })).toEqual({ ...input, output_tokens: 20, service_tier: 'standard' })
})

test('the members of 2026', () => {
  expect(use({ model: 'claude-opus-5-5' }, { day: '2026-11-22' })).toEqual({
    ...input,
    output_tokens: 20,
    service_tier: 'standard',
    inference_geo: 'global',
    speed: 'standard',
    output_tokens_details: { thinking_tokens: 7 },
  })
})

test('the requested geography, and none for models before 4.6', () => {
  const today = { day: '2026-11-22' }

  expect(use({ model: 'claude-opus-5-5', inference_geo: 'us' }, today).inference_geo).toBe('us')
  expect(use({ model: 'claude-haiku-4-5' }, today).inference_geo).toBe('not_available')
})

test('fast speed if available, standard speed without an error if fast mode has ended', () => {
  const today = { day: '2026-11-22' }

  expect(use({ model: 'claude-opus-5-5', speed: 'fast' }, today).speed).toBe('fast')
  expect(use({ model: 'claude-opus-4-6', speed: 'fast' }, today).speed).toBe('standard')
})

test('server tools are counted by their results; failed ones are free', () => {
  const failed = { type: 'web_search_tool_result_error', error_code: 'unavailable' }
  const page = { type: 'web_fetch_result', url: 'https://example.com' }
  const blocks = [
    whole('web_search_tool_result', []),
    whole('web_search_tool_result', failed),
    whole('web_fetch_tool_result', page),
    whole('web_fetch_tool_result', { type: 'web_fetch_tool_result_error', error_code: 'unavailable' }),
  ]

  expect(use({}, { day: '2025-11-22' }, blocks).server_tool_use).toEqual({
    web_search_requests: 1,
    web_fetch_requests: 1,
  })
  expect(use({}, { day: '2025-08-15' }, blocks.slice(0, 2)).server_tool_use).toEqual({
    web_search_requests: 1,
  })
  expect(use({}, { day: '2025-11-22' }).server_tool_use).toBe(undefined)
})

function use(body: Partial<Body>, more: Partial<ValidRequest>, blocks: readonly CompletionBlock[] = []) {
  const completion: Completion = {
    blocks,
    stopReason: 'end_turn',
    stopSequence: null,
    stopDetails: null,
    outputTokens: 20,
    thinkingTokens: 7,
  }
  const validation = accept({ messages: [{ role: 'user', content: 'Hi' }], ...body }, more)
  return computeUsage(validation, completion, {
    cached: { usage: input, commit: () => {} },
    tier: 'standard',
  })
}

function whole(type: 'web_search_tool_result' | 'web_fetch_tool_result', content: unknown): CompletionBlock {
  return { kind: 'whole', block: { type, tool_use_id: 'srvtoolu_1', content }, tokens: 1 }
}
