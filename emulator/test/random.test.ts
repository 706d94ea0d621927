import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createRandom, createShuffle, createFingerprint, computeFingerprint } from '../src/random.ts'

test('a fingerprint depends on the texts, their order and their boundaries', () => {
  const prints = [['ab', 'c'], ['a', 'bc'], ['c', 'ab'], ['abc'], ['abc', '']].map((texts) =>
    computeFingerprint(...texts),
  )

  expect(new Set(prints).size).toBe(5)
  expect(prints[0]).toMatch(/^[0-9a-f]{16}$/)
})

test('a text added in parts differs from the same text added whole', () => {
  const chunks = createFingerprint('s')
  chunks.add('a')
  chunks.add('b')
  const whole = createFingerprint('s')
  whole.add('ab')

  expect(chunks.value()).not.toBe(whole.value())
})

test('random numbers stay below their limit and are reproducible', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 1_000 }), (seed, limit) => {
      const [one, same] = [createRandom(computeFingerprint(seed)), createRandom(computeFingerprint(seed))]
      const drawn = Array.from({ length: 20 }, () => one.below(limit))

      expect(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < limit)).toBe(true)
      expect(Array.from({ length: 20 }, () => same.below(limit))).toEqual(drawn)
    }),
  )
})

test('a shuffle returns every item before any repeats', () => {
  const deal = createShuffle(['a', 'b', 'c'], createRandom(computeFingerprint('x')))

  for (let round = 0; round < 5; round += 1)
    expect([deal(), deal(), deal()].toSorted()).toEqual(['a', 'b', 'c'])
})
