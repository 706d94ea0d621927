import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseUsdPerMTok } from '../../../src/index.ts'
import { completeRateCard } from '../../../src/models/defaults/rate-card.ts'

const card = { from: '2029-01-02', source: 'pricing-2026-10' } as const

// A page prints at most four decimals.
const price = fc.integer({ min: 1, max: 10_000_000 }).map((count) => String(count / 10_000))

test('computes cache and batch prices exactly, with the cents unless they are whole dollars', () => {
  fc.assert(
    fc.property(price, price, (input, output) => {
      const { standard, batch } = completeRateCard('claude-opus-9', { ...card, standard: { input, output } })
      const pico = parseUsdPerMTok(input)

      expect(parseUsdPerMTok(standard.cache_write_5m) * 4n).toBe(pico * 5n)
      expect(parseUsdPerMTok(standard.cache_write_1h)).toBe(pico * 2n)
      expect(parseUsdPerMTok(standard.cache_read) * 10n).toBe(pico)
      expect(parseUsdPerMTok(batch?.input ?? '') * 2n).toBe(pico)
      expect(parseUsdPerMTok(batch?.output ?? '') * 2n).toBe(parseUsdPerMTok(output))
      for (const computed of [standard.cache_write_5m, standard.cache_write_1h, standard.cache_read])
        expect(computed).toMatch(/^\d+(\.\d{2,6})?$/)
      expect([standard.input, standard.output]).toEqual([input, output])
    }),
  )
})

test('prefers a price that the model file states', () => {
  const { standard, fast } = completeRateCard('claude-opus-9', {
    ...card,
    standard: { input: '0.80', cache_write_1h: '1.6', output: '4' },
    fast: { input: '8', cache_read: '0.40', output: '40', ended: null },
  })

  expect(standard).toEqual({
    input: '0.80',
    cache_write_5m: '1',
    cache_write_1h: '1.6',
    cache_read: '0.08',
    output: '4',
  })
  expect(fast?.cache_read).toBe('0.40')
})

test('is named after the model and its day, unless the model file names it', () => {
  const facts = { ...card, standard: { input: '1', output: '5' } }

  expect(completeRateCard('claude-opus-9', facts).id).toBe('claude-opus-9/2029-01-02')
  expect(completeRateCard('claude-opus-9', { ...facts, id: 'own/2029-01-02' }).id).toBe('own/2029-01-02')
})
