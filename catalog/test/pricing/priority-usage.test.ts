import { expect, test } from 'vitest'
import type { Usage } from '../../src/index.ts'
import { computePriorityUsage } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const asOf = '2025-11-15'

test('weighs the parts of a prompt: a read is a tenth of a token, a write 1.25 or 2', () => {
  const usage: Usage = {
    input_tokens: 1000,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 10 },
    cache_read_input_tokens: 5000,
    output_tokens: 70,
  }

  // 1,000 + 125 + 20 + 500 = 1,645 tokens.
  expect(computePriorityUsage(usage, modelNamed('claude-opus-4-1'), { asOf })).toEqual({
    ok: true,
    inputMilliTokens: 1_645_000n,
    outputMilliTokens: 70_000n,
  })
})

test('counts the input of a long context double and its output 1.5 times', () => {
  const usage = (input_tokens: number): Usage => ({ input_tokens, output_tokens: 10 })

  expect(computePriorityUsage(usage(200_000), modelNamed('claude-sonnet-4-0'), { asOf })).toMatchObject({
    inputMilliTokens: 200_000_000n,
    outputMilliTokens: 10_000n,
  })
  expect(computePriorityUsage(usage(200_001), modelNamed('claude-sonnet-4-0'), { asOf })).toMatchObject({
    inputMilliTokens: 400_002_000n,
    outputMilliTokens: 15_000n,
  })
})

test('counts 10 % more for inference in the US', () => {
  const usage: Usage = { cache_read_input_tokens: 1, output_tokens: 1, inference_geo: 'us' }

  expect(computePriorityUsage(usage, modelNamed('claude-opus-4-6'), { asOf: '2026-03-01' })).toMatchObject({
    inputMilliTokens: 110n,
    outputMilliTokens: 1100n,
  })
})

test.each([
  ['claude-3-haiku-20240307', 'claude-3-haiku-20240307 has no Priority Tier'],
  ['claude-opus-5-5', 'claude-opus-5-5 is not known to have a Priority Tier'],
])('reports that %s has no Priority Tier, or that it is not known', (name, detail) => {
  expect(computePriorityUsage({}, modelNamed(name), { asOf })).toEqual({
    ok: false,
    because: 'no_priority_tier',
    detail,
  })
})

test('rejects an invalid usage', () => {
  expect(computePriorityUsage({ input_tokens: -1 }, modelNamed('claude-opus-4-1'), { asOf })).toMatchObject({
    because: 'bad_usage',
  })
})
