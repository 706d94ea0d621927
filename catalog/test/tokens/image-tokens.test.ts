import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { imageTokens, models } from '../../src/index.ts'
import { modelNamed } from '../request.ts'

const opus41 = modelNamed('claude-opus-4-1')

// The worked examples of the Vision page, which rounds: about 54, 1334 and 1590 tokens.
test.each([
  [200, 200, 54],
  [1000, 1000, 1334],
  [1092, 1092, 1590],
])('counts %i x %i as about %i tokens in 2025', (width, height, tokens) => {
  expect(Math.abs(imageTokens({ width, height }, opus41, '2025-08-15') - tokens)).toBeLessThanOrEqual(1)
})

test('counts squares of 28 pixels in 2026', () => {
  expect(imageTokens({ width: 280, height: 280 }, opus41, '2026-08-01')).toBe(100)
  expect(imageTokens({ width: 281, height: 280 }, opus41, '2026-08-01')).toBe(110)
})

test('scales a large image down, less far for models of high resolution', () => {
  const large = { width: 4000, height: 4000 }

  expect(imageTokens(large, opus41, '2025-08-15')).toBe(1600)
  expect(imageTokens(large, modelNamed('claude-opus-4-6'), '2026-11-22')).toBe(1568)
  expect(imageTokens(large, modelNamed('claude-opus-4-7'), '2026-11-22')).toBe(4784)
})

test('is a whole number within the limits for any image, and zero for an empty one', () => {
  fc.assert(
    fc.property(fc.constantFrom(...models), fc.nat(20_000), fc.nat(20_000), (model, width, height) => {
      const tokens = imageTokens({ width, height }, model, '2026-11-22')

      expect(Number.isInteger(tokens)).toBe(true)
      expect(tokens).toBeLessThanOrEqual(4784)
      expect(tokens > 0).toBe(width > 0 && height > 0)
    }),
  )
})
