import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Model, Usage } from '../../src/index.ts'
import { models, computePrice, resolve } from '../../src/index.ts'

test('adds the usage of a compaction, which the top-level counts omit', () => {
  // The numbers of the example on the Compaction page (October 2026), with an added cache.
  const usage: Usage = {
    input_tokens: 23_000,
    output_tokens: 1_000,
    iterations: [
      {
        type: 'compaction',
        input_tokens: 180_000,
        output_tokens: 3_500,
        cache_creation_input_tokens: 60,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
        cache_read_input_tokens: 7,
      },
      { type: 'message', input_tokens: 23_000, output_tokens: 1_000 },
    ],
  }

  const price = computePrice(usage, model('claude-opus-4-6'), { asOf: '2026-10-30' })

  const lines = price.ok ? price.lines : []
  expect(Object.fromEntries(lines.map(({ component, quantity }) => [component, quantity]))).toEqual({
    input: 203_000n,
    cache_write_5m: 20n,
    cache_write_1h: 40n,
    cache_read: 7n,
    output: 4_500n,
  })
})

test("an advisor's run has the prices of its own model, on top of the executor's", () => {
  const iterations = [
    { type: 'message', input_tokens: 100, output_tokens: 10 },
    { type: 'advisor_message', model: 'claude-opus-4-1', input_tokens: 1_000, output_tokens: 100 },
  ]
  const usage = { input_tokens: 100, output_tokens: 10, iterations }

  const price = computePrice(usage, model('claude-haiku-4-5'))

  // $1 and $5 per million for the executor, $15 and $75 for the advisor.
  expect(price).toMatchObject({ ok: true, totalNanoUsd: 150_000n + 22_500_000n })
  expect(price.ok && price.lines.map((line) => [line.component, line.model, line.costNanoUsd])).toEqual([
    ['input', undefined, 100_000n],
    ['output', undefined, 50_000n],
    ['input', 'claude-opus-4-1-20250805', 15_000_000n],
    ['output', 'claude-opus-4-1-20250805', 7_500_000n],
  ])
})

test('where a fallback has answered, each run has the prices of its own model', () => {
  const iterations = [
    { type: 'message', model: null, input_tokens: 100, output_tokens: 1 },
    { type: 'fallback_message', model: 'claude-opus-4-1', input_tokens: 100, output_tokens: 10 },
  ]
  const usage = { input_tokens: 100, output_tokens: 10, iterations }

  expect(computePrice(usage, model('claude-haiku-4-5'))).toMatchObject({
    ok: true,
    totalNanoUsd: 100_000n + 5_000n + 1_500_000n + 750_000n,
  })
})

test('has no price for a run of a model that the catalog does not know', () => {
  const iterations = [{ type: 'advisor_message', model: 'claude-next-9', input_tokens: 1, output_tokens: 1 }]

  expect(computePrice({ input_tokens: 1, iterations }, model('claude-opus-4-6'))).toEqual({
    ok: false,
    because: 'unknown_price',
    detail: 'no price for a run of "claude-next-9"',
  })
})

test('names a run of an unknown type and prices the rest', () => {
  const iterations = [{ type: 'dream', input_tokens: 1, output_tokens: 1 }]

  expect(computePrice({ input_tokens: 1, iterations }, model('claude-opus-4-1'))).toMatchObject({
    ok: true,
    totalNanoUsd: 15_000n,
    unpriced: ['"dream" of iterations'],
  })
})

test('returns a price or a reason for every JSON value', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(0, 1, 2 ** 53 - 1, 'fast', 'batch', 'us', 'priority', 'compaction', 'message'),
    // An object that cannot be converted to text.
    fc.constant({ toString: 1, valueOf: null }),
  )
  const counts = {
    input_tokens: value,
    output_tokens: value,
    cache_creation_input_tokens: value,
    cache_read_input_tokens: value,
    cache_creation: fc.oneof(
      value,
      fc.record({ ephemeral_5m_input_tokens: value, ephemeral_1h_input_tokens: value, other: value }),
    ),
    server_tool_use: fc.oneof(value, fc.record({ web_search_requests: value, other: value })),
  }
  const iteration = fc.record({ type: value, ...counts }, { requiredKeys: [] })
  const usages = fc.record(
    {
      ...counts,
      service_tier: value,
      inference_geo: value,
      speed: value,
      iterations: fc.oneof(value, fc.array(fc.oneof(value, iteration), { maxLength: 3 })),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(usages, fc.constantFrom(...models), (usage, one) => {
      // Deliberately not of the type: usage is outside input.
      const price = computePrice(usage as Usage, one)

      if (price.ok)
        expect(price.totalNanoUsd).toBe(price.lines.reduce((sum, line) => sum + line.costNanoUsd, 0n))
      else expect(price.detail).not.toBe('')
    }),
    { numRuns: 2_000 },
  )
})

test('reports an unpriced value that cannot be converted to text', () => {
  // Deliberately not of the type: an upstream may send any value.
  const usage = { input_tokens: 1, service_tier: { toString: 1 } } as unknown as Usage

  expect(computePrice(usage, model('claude-opus-4-1'))).toEqual({
    ok: false,
    because: 'unknown_price',
    detail: 'no price for service_tier of the type object',
  })
})

test.each([
  { iterations: {} },
  { iterations: [7] },
  { iterations: [{ type: 'compaction', input_tokens: 1.5 }] },
  { iterations: [{ type: 'compaction', cache_creation: { ephemeral_5m_input_tokens: -1 } }] },
  { iterations: [{ type: 'message', cache_creation: 7 }] },
])('rejects the usage %j', (usage) => {
  // Deliberately not of the type: usage is outside input.
  expect(computePrice(usage as unknown as Usage, model('claude-opus-4-6'))).toMatchObject({
    ok: false,
    because: 'bad_usage',
  })
})

function model(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}
