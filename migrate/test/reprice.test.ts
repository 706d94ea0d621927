import { computePrice, models, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { reprice } from '../src/index.ts'
import type { UsedTokens } from '../src/index.ts'

const day = '2025-08-28'

function find(name: string): Model {
  const found = resolve(name)
  if (!found.ok) throw new Error(`no model ${name}`)
  return found.model
}

function use(
  name: string,
  quantities: Partial<UsedTokens['quantities']>,
  more: Partial<UsedTokens> = {},
): UsedTokens {
  const none = { input: 0n, cache_write_5m: 0n, cache_write_1h: 0n, cache_read: 0n, output: 0n }
  const used = { ...none, ...quantities }
  return {
    model: find(name).id,
    platform: 'anthropic',
    isBatch: false,
    calls: 1n,
    quantities: used,
    costNanoUsd: 1n,
    ...more,
  }
}

test('the move of the page costs the same tokens at the prices of the target', () => {
  const used = use('claude-3-7-sonnet-20250219', { input: 1_000_000n, output: 1_000_000n })

  expect(reprice(used, { target: find('claude-sonnet-4-20250514'), day })).toMatchObject({
    lowNanoUsd: 18_000_000_000n,
    highNanoUsd: 18_000_000_000n,
  })
  expect(reprice(used, { target: find('claude-opus-4-1-20250805'), day })).toMatchObject({
    lowNanoUsd: 90_000_000_000n,
    highNanoUsd: 90_000_000_000n,
  })
})

test('a model that does not move costs what it cost', () => {
  const used = use('claude-opus-4-1', { input: 5n }, { costNanoUsd: 75n })

  expect(reprice(used, { target: find('claude-opus-4-1'), day })).toEqual({
    target: null,
    lowNanoUsd: 75n,
    highNanoUsd: 75n,
    assumptions: [],
  })
})

test('another tokenizer raises the upper bound by 35 %, and thinking that nobody asked for is said', () => {
  const target = find('claude-opus-5')
  const found = reprice(use('claude-opus-4-1', { input: 1_000_000n }), { target, day: '2026-11-29' })

  expect(found?.highNanoUsd).toBe(((found?.lowNanoUsd ?? 0n) * 135n) / 100n)
  expect(found?.assumptions.join(' ')).toMatch(/35 %.*thinking/)
})

test('a higher minimum for caching prices cached tokens as plain input at most', () => {
  const target = find('claude-opus-4-5')
  const found = reprice(use('claude-opus-4-1', { cache_read: 1_000_000n }), { target, day: '2026-01-15' })

  expect([found?.lowNanoUsd, found?.highNanoUsd]).toEqual([500_000_000n, 5_000_000_000n])
})

test('a batch costs half', () => {
  const target = find('claude-sonnet-4-20250514')
  const used = use('claude-3-7-sonnet-20250219', { input: 1_000_000n }, { isBatch: true })

  expect(reprice(used, { target, day })?.lowNanoUsd).toBe(1_500_000_000n)
})

test('the lower bound is the price of the same usage, and never above the upper one', () => {
  const count = fc.bigInt(0n, 50_000n)
  const quantities = fc.record({
    input: count,
    cache_write_5m: fc.constant(0n),
    cache_write_1h: fc.constant(0n),
    cache_read: count,
    output: count,
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.constantFrom(...models),
      quantities,
      (from, target, tokens) => {
        const found = reprice(use(from.id, tokens), { target, day: '2026-11-29' })
        if (found === null || found.target === null) return
        const usage = {
          input_tokens: Number(tokens.input),
          cache_read_input_tokens: Number(tokens.cache_read),
          output_tokens: Number(tokens.output),
        }
        const price = computePrice(usage, target, { asOf: '2026-11-29' })
        // Lines are rounded one by one, the sum once.
        if (price.ok) expect(Number(found.lowNanoUsd - price.totalNanoUsd)).toBeCloseTo(0, -1)
        expect(found.highNanoUsd).toBeGreaterThanOrEqual(found.lowNanoUsd)
      },
    ),
  )
})
