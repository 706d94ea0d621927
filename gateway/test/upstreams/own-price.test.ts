import { computePrice, models } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { applyOwnRates, quoteOwnRates, readOwnPrice } from '../../src/upstreams/own-price.ts'

const usd = fc.integer({ min: 0, max: 99_999 }).map((value) => (value / 1_000).toFixed(3))

test('a quote by own prices holds for every way in which the prompt is cached', () => {
  const bounds = fc.tuple(fc.nat({ max: 200_000 }), fc.nat({ max: 200_000 })).map(([one, other]) => ({
    low: Math.min(one, other),
    high: Math.max(one, other),
  }))
  const model = models[0]
  if (model === undefined) throw new Error('the catalog is empty')

  fc.assert(
    fc.property(
      fc.record({ input: usd, output: usd, cache_read: usd, cache_write: usd }),
      bounds,
      bounds,
      fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
      (price, promptTokens, outputTokens, [size, output, first, second]) => {
        const rates = readOwnPrice(price, 'local')
        const pick = ({ low, high }: typeof promptTokens, number: number) => low + (number % (high - low + 1))
        const prompt = pick(promptTokens, size)
        const cached = first % (prompt + 1)
        const read = second % (cached + 1)
        const usage = {
          input_tokens: prompt - cached,
          cache_read_input_tokens: read,
          cache_creation: { ephemeral_5m_input_tokens: cached - read, ephemeral_1h_input_tokens: 0 },
          output_tokens: pick(outputTokens, output),
        }

        const cost = applyOwnRates(computePrice(usage, model), rates, 'upstream/local')
        const quoted = quoteOwnRates({ promptTokens, outputTokens }, undefined, rates)

        expect(cost.ok && cost.totalNanoUsd >= quoted.lowNanoUsd).toBe(true)
        expect(cost.ok && cost.totalNanoUsd <= quoted.highNanoUsd).toBe(true)
      },
    ),
  )
})

test('without marks for a cache only the price of input counts', () => {
  const rates = readOwnPrice({ input: '1', output: '2', cache_read: '0', cache_write: '9' }, 'local')
  const tokens = { promptTokens: { low: 1_000, high: 1_000 }, outputTokens: { low: 0, high: 500 } }

  expect(quoteOwnRates(tokens, [], rates)).toEqual({ lowNanoUsd: 1_000_000n, highNanoUsd: 2_000_000n })
})
