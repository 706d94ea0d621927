import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Price, PriceOptions, Usage } from '../../src/index.ts'
import { models, computePrice } from '../../src/index.ts'
import { ratesFor } from '../../src/pricing/price-rate.ts'
import { modelNamed } from '../request.ts'

const million = 1_000_000
const asOf = '2026-11-22'

/** One million of each kind, so the cost in dollars equals the price on the page. */
const oneOfEach: Usage = {
  input_tokens: million,
  cache_creation: { ephemeral_5m_input_tokens: million, ephemeral_1h_input_tokens: million },
  cache_read_input_tokens: million,
  output_tokens: million,
}

test('halves every price in a batch, the published ones of input and output and the cache prices alike', () => {
  const usage = { ...oneOfEach, service_tier: 'batch' }

  // Opus 4.1: $15, $18.75, $30, $1.50, $75.
  expect(getCosts(usage, 'claude-opus-4-1')).toEqual({
    input: 7_500_000_000n,
    cache_write_5m: 9_375_000_000n,
    cache_write_1h: 15_000_000_000n,
    cache_read: 750_000_000n,
    output: 37_500_000_000n,
  })
})

test('halves the printed cache prices of Haiku 3 in a batch, not those of a multiplier', () => {
  expect(getCosts({ ...oneOfEach, service_tier: 'batch' }, 'claude-3-haiku-20240307')).toEqual({
    input: 125_000_000n,
    cache_write_5m: 150_000_000n,
    cache_write_1h: 250_000_000n,
    cache_read: 15_000_000n,
    output: 625_000_000n,
  })
})

test('bills a five-minute write of Haiku 5.5 in a batch at half of its price, on either side of the step', () => {
  const short: Usage = { cache_creation_input_tokens: 100_000, service_tier: 'batch' }
  const long: Usage = { cache_creation_input_tokens: 100_001, service_tier: 'batch' }

  // $0.125 / 2 = $0.0625 per million; above the step $0.625 / 2 = $0.3125.
  expect(getCosts(short, 'claude-haiku-5-5')['cache_write_5m']).toBe(6_250_000n)
  expect(getCosts(long, 'claude-haiku-5-5')['cache_write_5m']).toBe(31_250_312n)
})

test('rounds that line once, half to even: 100,001 tokens at 312,500 pico-dollars are 31,250,312.5 nano-dollars', () => {
  const price = computePrice({ cache_creation_input_tokens: 100_001 }, modelNamed('claude-haiku-5-5'), {
    asOf,
    batch: true,
  })

  expect(getLine(price, 'cache_write_5m')).toEqual({
    component: 'cache_write_5m',
    quantity: 100_001n,
    unit: 'token',
    picoUsdPerUnit: 312_500n,
    costNanoUsd: 31_250_312n,
    modifiers: ['long_prompt', 'batch'],
  })
})

test('applies the two steps of Haiku 5.5 without a header', () => {
  const short: Usage = { input_tokens: 60_000, cache_read_input_tokens: 40_000, output_tokens: 1000 }
  const long: Usage = { input_tokens: 60_001, cache_read_input_tokens: 40_000, output_tokens: 1000 }

  // 60,000 x $0.10 + 40,000 x $0.01 + 1,000 x $0.50 per million = $0.0069.
  expect(getTotal(short, 'claude-haiku-5-5', { betas: [] })).toBe(6_900_000n)
  // 60,001 x $0.50 + 40,000 x $0.05 + 1,000 x $2.50 per million = $0.0345005.
  expect(getTotal(long, 'claude-haiku-5-5', { betas: [] })).toBe(34_500_500n)
})

test('prices Sonnet 4 at 200,000 tokens by the table and at 200,001 by the long-context prices', () => {
  const day = '2025-08-15'
  const usage = (input_tokens: number): Usage => ({ input_tokens, output_tokens: 1000 })

  // 200,000 x $3 + 1,000 x $15 per million.
  expect(getTotal(usage(200_000), 'claude-sonnet-4-0', { asOf: day })).toBe(615_000_000n)
  // 200,001 x $6 + 1,000 x $22.50 per million.
  expect(getTotal(usage(200_001), 'claude-sonnet-4-0', { asOf: day })).toBe(1_222_506_000n)
})

test('halves the long-context prices in a batch: $3 and $11.25', () => {
  const usage = { input_tokens: million, output_tokens: million, service_tier: 'batch' }

  expect(getCosts(usage, 'claude-sonnet-4-0', { asOf: '2025-08-15' })).toEqual({
    input: 3_000_000_000n,
    output: 11_250_000_000n,
  })
})

test('ends the long-context prices of Sonnet 4.5 with its beta, on 2026-04-30', () => {
  const usage: Usage = { input_tokens: 200_001 }

  expect(getTotal(usage, 'claude-sonnet-4-5', { asOf: '2026-04-29' })).toBe(1_200_006_000n)
  expect(getTotal(usage, 'claude-sonnet-4-5', { asOf: '2026-04-30' })).toBe(600_003_000n)
})

test('requires the header if the sent headers are known', () => {
  const usage: Usage = { input_tokens: 200_001 }
  const sent = { asOf: '2025-10-01', betas: ['context-1m-2025-08-07'] }

  expect(getTotal(usage, 'claude-sonnet-4-5', sent)).toBe(1_200_006_000n)
  expect(getTotal(usage, 'claude-sonnet-4-5', { ...sent, betas: [] })).toBe(600_003_000n)
})

test('keeps the long-context prices of a retired model, which is served with the facts of its era', () => {
  const usage: Usage = { input_tokens: 200_001 }

  expect(getTotal(usage, 'claude-sonnet-4-0', { asOf })).toBe(1_200_006_000n)
  expect(getTotal(usage, 'claude-sonnet-4-0', { asOf, lifecycle: 'enforce' })).toBe(600_003_000n)
})

test('has one price at any length from the 4.6 models on', () => {
  expect(getTotal({ input_tokens: 900_000 }, 'claude-opus-4-6')).toBe(4_500_000_000n)
  expect(getTotal({ input_tokens: 900_000 }, 'claude-sonnet-5-5')).toBe(1_800_000_000n)
})

test.each(['bedrock', 'vertex'] as const)(
  'adds 10 % on a regional endpoint of %s from the 4.5 generation on',
  (platform) => {
    const options = { platform, region: 'regional' } as const

    expect(getTotal({ input_tokens: million }, 'claude-haiku-4-5', options)).toBe(1_100_000_000n)
    expect(getTotal({ input_tokens: million }, 'claude-opus-5-5', options)).toBe(4_400_000_000n)
    expect(getTotal({ input_tokens: million }, 'claude-opus-4-1', options)).toBe(15_000_000_000n)
  },
)

test('adds nothing on a global endpoint, nor on the Claude API', () => {
  const usage: Usage = { input_tokens: million }

  expect(getTotal(usage, 'claude-haiku-4-5', { platform: 'bedrock', region: 'global' })).toBe(1_000_000_000n)
  expect(getTotal(usage, 'claude-haiku-4-5', { platform: 'bedrock' })).toBe(1_000_000_000n)
  expect(getTotal(usage, 'claude-haiku-4-5', { platform: 'anthropic', region: 'regional' })).toBe(
    1_000_000_000n,
  )
})

test('multiplies region and batch: 1.1 x 0.5 of each price of Haiku 4.5', () => {
  const options = { platform: 'bedrock', region: 'regional', batch: true } as const

  expect(getCosts(oneOfEach, 'claude-haiku-4-5', options)).toEqual({
    input: 550_000_000n,
    cache_write_5m: 687_500_000n,
    cache_write_1h: 1_100_000_000n,
    cache_read: 55_000_000n,
    output: 2_750_000_000n,
  })
  expect(
    getLine(computePrice(oneOfEach, modelNamed('claude-haiku-4-5'), { asOf, ...options }), 'input').modifiers,
  ).toEqual(['batch', 'regional'])
})

test('bills inference in the US at 1.1 times every token price, without changing searches', () => {
  const usage: Usage = {
    ...oneOfEach,
    inference_geo: 'us',
    server_tool_use: { web_search_requests: 1 },
  }

  // Opus 4.6: $5, $6.25, $10, $0.50, $25.
  expect(getCosts(usage, 'claude-opus-4-6')).toEqual({
    input: 5_500_000_000n,
    cache_write_5m: 6_875_000_000n,
    cache_write_1h: 11_000_000_000n,
    cache_read: 550_000_000n,
    output: 27_500_000_000n,
    web_search: 10_000_000n,
  })
})

test('has no price for inference in the US before the 4.6 models, because older models reject it', () => {
  expect(computePrice({ inference_geo: 'us' }, modelNamed('claude-opus-4-5'), { asOf })).toEqual({
    ok: false,
    because: 'unknown_price',
    detail: 'no price for inference_geo "us"',
  })
})

test.each([
  ['claude-opus-4-8', 10_000_000_000n, 50_000_000_000n],
  ['claude-opus-5', 10_000_000_000n, 50_000_000_000n],
  ['claude-opus-5-5', 8_000_000_000n, 40_000_000_000n],
  ['claude-fable-5-2', 16_000_000_000n, 80_000_000_000n],
  ['claude-mythos-5-2', 16_000_000_000n, 80_000_000_000n],
])('bills fast mode of %s at fast-mode prices', (name, input, output) => {
  const usage: Usage = { input_tokens: million, output_tokens: million, speed: 'fast' }

  expect(getCosts(usage, name)).toEqual({ input, output })
})

test('multiplies fast mode and the US: 1.1 x $8 and $40 of Opus 5.5', () => {
  const usage: Usage = {
    input_tokens: million,
    output_tokens: million,
    speed: 'fast',
    inference_geo: 'us',
  }

  expect(getCosts(usage, 'claude-opus-5-5')).toEqual({ input: 8_800_000_000n, output: 44_000_000_000n })
})

test('bills fast mode of Opus 4.6 at $30 and $150 until 2026-06-29, and at standard since', () => {
  const usage: Usage = { input_tokens: million, output_tokens: million, speed: 'fast' }

  expect(getCosts(usage, 'claude-opus-4-6', { asOf: '2026-06-28' })).toEqual({
    input: 30_000_000_000n,
    output: 150_000_000_000n,
  })
  expect(getCosts(usage, 'claude-opus-4-6', { asOf: '2026-06-29' })).toEqual({
    input: 5_000_000_000n,
    output: 25_000_000_000n,
  })
})

test('bills fast mode of Opus 4.6 at $30 and $150 before 2026-03-13 too, and a prompt above 200,000 at $60 and $225', () => {
  const fast = (input_tokens: number) => ({ input_tokens, output_tokens: million, speed: 'fast' })
  const costs = (input: number) => getCosts(fast(input), 'claude-opus-4-6', { asOf: '2026-03-12' })

  expect(costs(200_000)).toMatchObject({ input: 6_000_000_000n, output: 150_000_000_000n })
  expect(costs(200_001)).toMatchObject({ input: 12_000_060_000n, output: 225_000_000_000n })
  expect(getCosts(fast(million), 'claude-opus-4-6', { asOf: '2026-03-13' })).toMatchObject({
    input: 30_000_000_000n,
    output: 150_000_000_000n,
  })
})

test('has no price for fast mode of Opus 4.8 from 2026-11-30 on, when it becomes an error', () => {
  const usage: Usage = { input_tokens: million, speed: 'fast' }

  expect(getOk(usage, 'claude-opus-4-8', { asOf: '2026-11-29' })).toBe(true)
  expect(getOk(usage, 'claude-opus-4-8', { asOf: '2026-11-30' })).toBe(false)
  expect(getOk({ input_tokens: million }, 'claude-opus-4-8', { asOf: '2026-11-30' })).toBe(true)
})

test('has no price for fast mode of Opus 4.7 from 2026-07-24 on, when it became an error', () => {
  const usage: Usage = { input_tokens: million, speed: 'fast' }

  expect(getTotal(usage, 'claude-opus-4-7', { asOf: '2026-07-23' })).toBe(30_000_000_000n)
  expect(computePrice(usage, modelNamed('claude-opus-4-7'), { asOf: '2026-07-24' })).toMatchObject({
    because: 'unknown_price',
  })
})

test('has fast mode on the Claude API only, except Fable 5.2 on Google Cloud, and never in a batch', () => {
  const fast: Usage = { input_tokens: million, speed: 'fast' }

  expect(getOk(fast, 'claude-opus-5-5', { platform: 'vertex' })).toBe(false)
  expect(getOk(fast, 'claude-fable-5-2', { platform: 'vertex' })).toBe(true)
  expect(getOk(fast, 'claude-fable-5-2', { platform: 'bedrock' })).toBe(false)
  expect(getOk(fast, 'claude-opus-5-5', { batch: true })).toBe(false)
})

test('bills cache reads of Opus 5.5 at $0.20, a twentieth of its input price', () => {
  expect(getTotal({ cache_read_input_tokens: million }, 'claude-opus-5-5')).toBe(200_000_000n)
})

test('halves the cache reads of Sonnet 5.5 on 2026-10-07', () => {
  const usage: Usage = { cache_read_input_tokens: million }

  expect(getTotal(usage, 'claude-sonnet-5-5', { asOf: '2026-09-28' })).toBe(200_000_000n)
  expect(getTotal(usage, 'claude-sonnet-5-5', { asOf: '2026-10-06' })).toBe(200_000_000n)
  expect(getTotal(usage, 'claude-sonnet-5-5', { asOf: '2026-10-07' })).toBe(100_000_000n)
})

test('has no price for Mythos Preview', () => {
  expect(getOk({ input_tokens: 1 }, 'claude-mythos-preview', {})).toBe(false)
})

test('lists the applied modifiers, and none at the standard price', () => {
  const listModifiers = (usage: Usage, options: PriceOptions = {}): readonly string[] =>
    getLine(computePrice(usage, modelNamed('claude-haiku-5-5'), { asOf, ...options }), 'output').modifiers

  expect(listModifiers({ output_tokens: 1 })).toEqual([])
  expect(listModifiers({ input_tokens: 100_001, service_tier: 'batch', inference_geo: 'us' })).toEqual([
    'long_prompt',
    'batch',
    'geo_us',
  ])
})

test('has a whole number of pico-dollars for every price under every modifier', () => {
  const flags = [false, true]
  const all = models.flatMap((model) =>
    flags.flatMap((batch) =>
      flags.flatMap((us) =>
        [0n, 150_000n, 300_000n].flatMap((promptTokens) =>
          flags.map((regional) =>
            ratesFor(model, {
              day: asOf,
              promptTokens,
              batch,
              us,
              regional,
              fast: false,
              platform: 'bedrock',
              betas: undefined,
            }),
          ),
        ),
      ),
    ),
  )

  for (const rates of all.filter((one) => one.ok)) {
    for (const { pico, over } of Object.values(rates.perToken)) expect(pico % over).toBe(0n)
  }
  expect(all.filter(({ ok }) => ok).length).toBeGreaterThan(300)
})

test('costs no less when any count grows', () => {
  const count = fc.nat(400_000)
  const usages = fc.record({
    input_tokens: count,
    output_tokens: count,
    cache_read_input_tokens: count,
    cache_creation: fc.record({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }),
    server_tool_use: fc.record({ web_search_requests: fc.nat(5) }),
    service_tier: fc.constantFrom('standard', 'batch'),
  })
  const grown = fc.constantFrom('input_tokens', 'output_tokens', 'cache_read_input_tokens')

  fc.assert(
    fc.property(usages, grown, fc.nat(100_000), fc.constantFrom(...priced()), (usage, name, more, model) => {
      const before = computePrice(usage, model, { asOf })
      const after = computePrice({ ...usage, [name]: usage[name] + more }, model, { asOf })

      if (!before.ok || !after.ok) throw new Error('a price is missing')
      expect(after.totalNanoUsd >= before.totalNanoUsd).toBe(true)
      for (const { costNanoUsd, quantity } of after.lines) {
        expect(typeof costNanoUsd).toBe('bigint')
        expect(typeof quantity).toBe('bigint')
      }
    }),
  )
})

function priced(): typeof models {
  return models.filter(({ rateCards }) => rateCards.length > 0)
}

function getOk(usage: Usage, name: string, options: PriceOptions): boolean {
  return computePrice(usage, modelNamed(name), { asOf, ...options }).ok
}

function getTotal(usage: Usage, name: string, options: PriceOptions = {}): bigint {
  return getKnown(computePrice(usage, modelNamed(name), { asOf, ...options })).totalNanoUsd
}

/** The cost of each component that is not zero. */
function getCosts(usage: Usage, name: string, options: PriceOptions = {}): Record<string, bigint> {
  const { lines } = getKnown(computePrice(usage, modelNamed(name), { asOf, ...options }))
  return Object.fromEntries(lines.map((line) => [line.component, line.costNanoUsd]))
}

function getLine(price: Price, component: string): Extract<Price, { ok: true }>['lines'][number] {
  const line = getKnown(price).lines.find((one) => one.component === component)
  if (line === undefined) throw new Error(`no line of ${component}`)
  return line
}

function getKnown(price: Price): Extract<Price, { ok: true }> {
  if (!price.ok) throw new Error(price.detail)
  return price
}
