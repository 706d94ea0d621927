import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Usage } from '@anthology/catalog'
import { computePrice, models } from '@anthology/catalog'
import { toChatUsage } from '@anthology/wire'
import { readUsage } from '../src/usage-shape.ts'

const opus5 = models.find(({ id }) => id === 'claude-opus-5')

// 100 uncached, 1,000 read, 200 written and 10 output tokens, in the usage of each API.
test.each([
  [
    'the Messages API',
    { input_tokens: 100, cache_read_input_tokens: 1000, cache_creation_input_tokens: 200, output_tokens: 10 },
  ],
  [
    'Converse',
    {
      inputTokens: 100,
      cacheReadInputTokens: 1000,
      cacheWriteInputTokens: 200,
      outputTokens: 10,
      totalTokens: 1310,
    },
  ],
  [
    'the metrics of Bedrock',
    {
      inputTokenCount: 100,
      cacheReadInputTokenCount: 1000,
      cacheWriteInputTokenCount: 200,
      outputTokenCount: 10,
      invocationLatency: 5,
    },
  ],
  [
    'chat completions, whose prompt includes the cache',
    {
      prompt_tokens: 1300,
      completion_tokens: 10,
      total_tokens: 1310,
      prompt_tokens_details: { cached_tokens: 1000, cache_write_tokens: 200 },
    },
  ],
  [
    'chat completions of a gateway that adds the counts of the Messages API',
    {
      prompt_tokens: 1300,
      completion_tokens: 10,
      cache_creation_input_tokens: 200,
      cache_read_input_tokens: 1000,
      prompt_tokens_details: { cached_tokens: 1000 },
    },
  ],
  [
    'the Responses API',
    {
      input_tokens: 1300,
      input_tokens_details: { cached_tokens: 1000, cache_write_tokens: 200 },
      output_tokens: 10,
    },
  ],
])('prices the usage of %s alike', (_, usage) => {
  // 100 x $5 + 1,000 x $0.50 + 200 x $6.25 + 10 x $25 per million.
  expect(computeCost(usage)).toBe(2_500_000n)
})

test('prices an hour of cache in Converse at its own price', () => {
  const usage = {
    inputTokens: 0,
    outputTokens: 0,
    cacheWriteInputTokens: 300,
    cacheDetails: [
      { ttl: '1h', inputTokens: 200 },
      { ttl: '5m', inputTokens: 100 },
    ],
  }

  // 200 x $10 + 100 x $6.25 per million.
  expect(computeCost(usage)).toBe(2_625_000n)
})

test.each([
  [{}, 'it is empty'],
  [{ input_tokens: null, output_tokens: null }, 'it has input_tokens, output_tokens'],
  [{ tokens: 5 }, 'it has tokens'],
  [{ inputTokens: -1 }, 'inputTokens is not a non-negative whole number'],
  [{ prompt_tokens: 1.5 }, 'prompt_tokens is not a non-negative whole number'],
  [{ outputTokens: '7' }, 'outputTokens is not a non-negative whole number'],
  [
    { prompt_tokens: 5, prompt_tokens_details: { cached_tokens: 6 } },
    'prompt_tokens is smaller than its cached tokens',
  ],
])('has no price for %j, and says why', (usage, problem) => {
  expect(readUsage(usage)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
})

test('reads back what the gateway answers to OpenAI clients, but for the cache', () => {
  const count = fc.nat({ max: 1_000_000 })
  fc.assert(
    fc.property(count, count, (input, output) => {
      const chat = toChatUsage({ input_tokens: input, output_tokens: output })

      expect(readUsage({ ...chat })).toMatchObject({
        ok: true,
        usage: { input_tokens: input, output_tokens: output },
      })
    }),
  )
})

function computeCost(given: Readonly<Record<string, unknown>>): bigint | string {
  const read = readUsage(given)
  if (!read.ok || opus5 === undefined) return 'unreadable'
  const usage: Usage = read.usage
  const price = computePrice(usage, opus5, { asOf: '2026-11-22' })
  return price.ok ? price.totalNanoUsd : price.detail
}
