import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Model, Price, Usage } from '../../src/index.ts'
import { models, computePrice, resolve } from '../../src/index.ts'

const asOf = '2025-08-15'

test('prices every component of a call by the table', () => {
  const usage: Usage = {
    input_tokens: 1000,
    cache_creation_input_tokens: 700,
    cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 400 },
    cache_read_input_tokens: 2000,
    output_tokens: 500,
    server_tool_use: { web_search_requests: 3 },
    service_tier: 'standard',
  }

  const price = computePrice(usage, model('claude-opus-4-1'), { asOf })

  expect(iterateLines(price)).toEqual([
    ['input', 1000n, 'token', 15_000_000n, 15_000_000n],
    ['cache_write_5m', 300n, 'token', 18_750_000n, 5_625_000n],
    ['cache_write_1h', 400n, 'token', 30_000_000n, 12_000_000n],
    ['cache_read', 2000n, 'token', 1_500_000n, 3_000_000n],
    ['output', 500n, 'token', 75_000_000n, 37_500_000n],
    ['web_search', 3n, 'request', 10_000_000_000n, 30_000_000n],
  ])
  expect(price).toMatchObject({
    ok: true,
    rateCard: 'claude-opus-4-1/2025-08-05',
    totalNanoUsd: 103_125_000n,
  })
})

test('bills Haiku 3 at its printed cache prices, which match no multiplier', () => {
  const usage: Usage = {
    cache_creation: { ephemeral_5m_input_tokens: 1_000_000, ephemeral_1h_input_tokens: 1_000_000 },
    cache_read_input_tokens: 1_000_000,
  }

  const costs = iterateLines(computePrice(usage, model('claude-3-haiku-20240307'), { asOf })).map(
    (line) => line[4],
  )

  expect(costs).toEqual([0n, 300_000_000n, 500_000_000n, 30_000_000n, 0n])
})

test('always lists input and output, and nothing else that is zero', () => {
  expect(
    iterateLines(computePrice({}, model('claude-opus-4-0'), { asOf })).map(([component]) => component),
  ).toEqual(['input', 'output'])
})

test('prices cache writes without a breakdown as five-minute writes', () => {
  const usage: Usage = { cache_creation_input_tokens: 10, cache_creation: null }

  expect(getQuantities(computePrice(usage, model('claude-opus-4-0'), { asOf }))).toMatchObject({
    cache_write_5m: 10n,
  })
})

test('prices cache writes missing from the breakdown as five-minute writes', () => {
  const usage: Usage = {
    cache_creation_input_tokens: 10,
    cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 },
  }

  const quantities = getQuantities(computePrice(usage, model('claude-opus-4-0'), { asOf }))

  expect(quantities).toMatchObject({ cache_write_5m: 7n, cache_write_1h: 3n })
})

test('keeps the standard prices up to 200,000 prompt tokens, whatever the output', () => {
  const usage: Usage = { input_tokens: 100_000, cache_read_input_tokens: 100_000, output_tokens: 64_000 }

  const price = computePrice(usage, model('claude-sonnet-4-0'), { asOf })

  // 100,000 x $3 + 100,000 x $0.30 + 64,000 x $15 per million.
  expect(price).toMatchObject({ totalNanoUsd: 300_000_000n + 30_000_000n + 960_000_000n })
})

test('bills every token at the long-context prices from 200,001 prompt tokens', () => {
  const usage: Usage = {
    input_tokens: 100_000,
    cache_creation: { ephemeral_5m_input_tokens: 50_000, ephemeral_1h_input_tokens: 20_000 },
    cache_read_input_tokens: 30_001,
    output_tokens: 1000,
  }

  const prices = iterateLines(computePrice(usage, model('claude-sonnet-4-0'), { asOf })).map(
    ([component, , , pico]) => [component, pico],
  )

  expect(prices).toEqual([
    ['input', 6_000_000n],
    ['cache_write_5m', 7_500_000n],
    ['cache_write_1h', 12_000_000n],
    ['cache_read', 600_000n],
    ['output', 22_500_000n],
  ])
})

test('has no long-context step for models similar to Sonnet 4', () => {
  const usage: Usage = { input_tokens: 200_001 }

  expect(computePrice(usage, model('claude-3-7-sonnet-latest'), { asOf })).toMatchObject({
    totalNanoUsd: 600_003_000n,
  })
})

test.each([
  [{ service_tier: 'flex' }, 'no price for service_tier "flex"'],
  [{ speed: 'fast' }, 'no price for speed "fast"'],
  [{ inference_geo: 'us' }, 'no price for inference_geo "us"'],
  [{ inference_geo: 'mars' }, 'no price for inference_geo "mars"'],
  [{ speed: 'warp' }, 'no price for speed "warp"'],
])('has no price for %j', (usage, detail) => {
  const price = computePrice({ input_tokens: 1, ...usage }, model('claude-opus-4-1'), { asOf })

  expect(price).toEqual({ ok: false, because: 'unknown_price', detail })
})

test('a counter without a price is named, and the tokens keep their prices', () => {
  const usage = {
    input_tokens: 1_000_000,
    output_tokens: 0,
    cache_creation: { ephemeral_24h_input_tokens: 1_000_000 },
    server_tool_use: { mind_readings: 2, code_execution_requests: 3, never_used: 0 },
  }

  // Deliberately not of the type: a newer API may have counters unknown to this catalog.
  expect(computePrice(usage as Usage, model('claude-opus-4-1'), { asOf })).toMatchObject({
    ok: true,
    // $15, and $18.75 for the write, which is priced as one of five minutes.
    totalNanoUsd: 33_750_000_000n,
    unpriced: [
      '1000000 "ephemeral_24h_input_tokens" of cache_creation',
      '2 "mind_readings" of server_tool_use',
      '3 "code_execution_requests" of server_tool_use',
    ],
  })
})

test('searches for tools and fetched pages cost only their tokens', () => {
  const server_tool_use = { tool_search_requests: 2, web_fetch_requests: 3 }
  expect(
    computePrice({ input_tokens: 1, server_tool_use }, model('claude-opus-4-1'), { asOf }),
  ).toMatchObject({
    ok: true,
    totalNanoUsd: 15_000n,
    unpriced: [],
  })
})

test.each([
  { service_tier: 'standard' },
  { service_tier: 'priority' },
  { service_tier: null },
  { speed: 'standard' },
  { speed: null },
  { inference_geo: 'global' },
  { inference_geo: 'not_available' },
  { inference_geo: null },
  { server_tool_use: { web_search_requests: 0, web_fetch_requests: 7 } },
  { server_tool_use: null, cache_creation: null },
])('prices %j as standard', (usage: Usage) => {
  const price = computePrice({ input_tokens: 1_000_000, ...usage }, model('claude-opus-4-1'), { asOf })

  expect(price).toMatchObject({ ok: true, totalNanoUsd: 15_000_000_000n })
})

test.each([
  { input_tokens: -1 },
  { output_tokens: 1.5 },
  { cache_read_input_tokens: Number.NaN },
  { cache_creation_input_tokens: Number.POSITIVE_INFINITY },
  { input_tokens: 2 ** 53 },
  { input_tokens: '7' },
  { cache_creation: { ephemeral_1h_input_tokens: -3 } },
  { cache_creation: 7 },
  { server_tool_use: { web_search_requests: true } },
  { server_tool_use: [] },
  null,
  'usage',
])('rejects the usage %j', (usage) => {
  // Deliberately not of the type: usage is outside input.
  expect(computePrice(usage as Usage, model('claude-opus-4-1'), { asOf })).toMatchObject({
    ok: false,
    because: 'bad_usage',
  })
})

test('has no price before the first rate card', () => {
  expect(computePrice({}, model('claude-opus-4-1'), { asOf: '2025-08-04' })).toMatchObject({
    because: 'unknown_price',
  })
  expect(computePrice({}, model('claude-opus-4-1'), { asOf: '2025-08-05' })).toMatchObject({ ok: true })
})

test('keeps the last rate card of a retired model', () => {
  const price = computePrice({ input_tokens: 1000 }, model('claude-3-opus-latest'), { asOf: '2030-01-01' })

  expect(price).toMatchObject({ ok: true, totalNanoUsd: 15_000_000n })
})

test('loses nothing below a nano-dollar: one token at the prices of the page is exact', () => {
  const usage: Usage = { input_tokens: 1, cache_read_input_tokens: 1, output_tokens: 1 }

  const price = computePrice(usage, model('claude-3-haiku-20240307'), { asOf })

  expect(iterateLines(price).map((line) => line[4])).toEqual([250n, 30n, 1250n])
  expect(price).toMatchObject({ totalNanoUsd: 1530n })
})

test('rounds a line with half a nano-dollar to the even one', () => {
  const cheap: Model = {
    ...model('claude-3-haiku-20240307'),
    rateCards: [
      {
        id: 'test',
        from: '2024-01-01',
        standard: {
          input: '0.0005',
          cache_write_5m: '1',
          cache_write_1h: '1',
          cache_read: '1',
          output: '0.0015',
        },
        source: 'overview-2025-08',
      },
    ],
  }

  const price = computePrice({ input_tokens: 1, output_tokens: 1 }, cheap, { asOf })

  expect(iterateLines(price).map((line) => line[4])).toEqual([0n, 2n])
})

test('sums its lines to its total for any usage, in whole numbers only', () => {
  const priced = models.filter(({ rateCards }) => rateCards.length > 0)
  const count = fc.option(fc.maxSafeNat(), { nil: undefined })
  const usages = fc.record({
    input_tokens: count,
    output_tokens: count,
    cache_creation_input_tokens: count,
    cache_read_input_tokens: count,
    cache_creation: fc.option(
      fc.record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
    ),
    server_tool_use: fc.option(fc.record({ web_search_requests: count })),
  })

  fc.assert(
    fc.property(usages, fc.constantFrom(...priced), (usage, one) => {
      const lines = iterateLines(computePrice(usage, one, { asOf: '2026-11-22' }))
      const sum = lines.reduce((total, line) => total + line[4], 0n)

      expect(computePrice(usage, one, { asOf: '2026-11-22' })).toMatchObject({ ok: true, totalNanoUsd: sum })
      for (const [, quantity, , pico, cost] of lines) {
        const error = cost * 1000n - quantity * pico
        expect(error >= -500n && error <= 500n).toBe(true)
      }
    }),
  )
})

test('never throws, whatever the usage is', () => {
  fc.assert(
    fc.property(fc.anything(), (usage) => {
      // Deliberately not of the type: usage is outside input.
      expect(typeof computePrice(usage as Usage, model('claude-opus-4-1'), { asOf }).ok).toBe('boolean')
    }),
  )
})

test.each(['money.ts', 'price.ts', 'price-rate.ts', 'tool-price.ts', 'priority-usage.ts'])(
  '%s does no floating-point arithmetic',
  (file) => {
    const code = readFileSync(new URL(`../../src/pricing/${file}`, import.meta.url), 'utf8')

    expect(code).not.toMatch(/parseFloat|Number\(|Math\.|toFixed/)
  },
)

function model(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no ${name} in the catalog`)
  return found.model
}

function iterateLines(price: Price): (readonly [string, bigint, string, bigint, bigint])[] {
  if (!price.ok) throw new Error(price.detail)
  return price.lines.map((line) => [
    line.component,
    line.quantity,
    line.unit,
    line.picoUsdPerUnit,
    line.costNanoUsd,
  ])
}

function getQuantities(price: Price): Record<string, bigint> {
  return Object.fromEntries(iterateLines(price).map(([component, quantity]) => [component, quantity]))
}
