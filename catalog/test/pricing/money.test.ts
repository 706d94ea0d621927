import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CatalogError } from '../../src/error.ts'
import {
  divideHalfEven,
  formatNanoUsd,
  formatUsdPerMTok,
  parseUsdPerMTok,
  roundPicoToNano,
} from '../../src/pricing/money.ts'

test.each([
  ['15', 15_000_000n],
  ['18.75', 18_750_000n],
  ['1.6', 1_600_000n],
  ['0.03', 30_000n],
  ['0.000001', 1n],
  ['0.0000010', 1n],
  ['0', 0n],
  ['0.10', 100_000n],
])('reads %s USD per million tokens as %d pico-dollars per token', (text, pico) => {
  expect(parseUsdPerMTok(text)).toBe(pico)
})

test.each([
  '',
  ' 15',
  '$15',
  '-1',
  '+1',
  '1e3',
  '1,5',
  '.5',
  '5.',
  '0x10',
  '0.0000001',
  'NaN',
  '1'.repeat(99),
])('rejects the price %j', (text) => {
  expect(() => parseUsdPerMTok(text)).toThrow(CatalogError)
})

test.each([
  [0n, 0n],
  [499n, 0n],
  [500n, 0n],
  [501n, 1n],
  [999n, 1n],
  [1_499n, 1n],
  [1_500n, 2n],
  [1_501n, 2n],
  [2_500n, 2n],
  [2_501n, 3n],
  [3_500n, 4n],
  [-500n, 0n],
  [-1_500n, -2n],
  [-2_500n, -2n],
  [-2_501n, -3n],
])('rounds %d pico-dollars half to even, to %d nano-dollars', (pico, nano) => {
  expect(roundPicoToNano(pico)).toBe(nano)
})

test.each([
  [7n, 2n, 4n],
  [5n, 2n, 2n],
  [6n, 4n, 2n],
  [2n, 3n, 1n],
  [1n, 3n, 0n],
  [-7n, 2n, -4n],
  [-5n, 2n, -2n],
  [12n, 4n, 3n],
])('divides %d by %d half to even, to %d', (dividend, divisor, quotient) => {
  expect(divideHalfEven(dividend, divisor)).toBe(quotient)
})

test.each([
  [0n, '0.00'],
  [1n, '0.000000001'],
  [123_000n, '0.000123'],
  [-1_500_000_000n, '-1.50'],
  [1_000_000_000n, '1.00'],
  [10_000_000n, '0.01'],
  [12_345_678_901_234_567_890n, '12345678901.23456789'],
])('formats %d nano-dollars as %s', (nano, text) => {
  expect(formatNanoUsd(nano)).toBe(text)
})

test('formats every amount without loss', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 24n), 10n ** 24n), (nano) => {
      const text = formatNanoUsd(nano)
      const [whole = '', decimals = ''] = text.replace('-', '').split('.')
      const size = BigInt(whole + decimals.padEnd(9, '0'))

      expect(text).toMatch(/^-?\d+\.\d{2,9}$/)
      expect(text.startsWith('-') ? -size : size).toBe(nano)
    }),
  )
})

test('parses every formatted price to the same price', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 15n), (pico) => {
      expect(parseUsdPerMTok(formatUsdPerMTok(pico))).toBe(pico)
    }),
  )
})

test('never rounds away by more than half a nano-dollar, and negative amounts like positive ones', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), (pico) => {
      const error = roundPicoToNano(pico) * 1000n - pico

      expect(error >= -500n && error <= 500n).toBe(true)
      expect(roundPicoToNano(-pico)).toBe(-roundPicoToNano(pico))
    }),
  )
})
