import { divideHalfEven } from '@anthology/catalog'

import { readCell } from './read-cell.ts'

/**
 * Parses a decimal number, such as `-12.345` or `1.5E-7`, as a whole number of units of 10^-places. Digits beyond are
 * rounded half to even. Null for a text that is no number.
 */
export function parseDecimal(text: unknown, places: number): bigint | null {
  const {
    sign,
    whole,
    decimals = '',
    exponent = '0',
  } = /^\s*(?<sign>[+-]?)(?<whole>\d{1,30})(?:\.(?<decimals>\d{0,40}))?(?:[eE](?<exponent>[+-]?\d{1,2}))?\s*$/.exec(
    readCell(text),
  )?.groups ?? {}
  if (whole === undefined) return null
  const digits = BigInt(whole + decimals)
  const shift = places - decimals.length + Number(exponent)
  const size = shift >= 0 ? digits * 10n ** BigInt(shift) : divideHalfEven(digits, 10n ** BigInt(-shift))
  return sign === '-' ? -size : size
}

/** Dollars as pico-dollars. */
export function parseUsd(text: unknown): bigint | null {
  return parseDecimal(text, 12)
}

/** Fractional cents, as Anthropic's reports print them, as pico-dollars. */
export function parseCents(text: unknown): bigint | null {
  return parseDecimal(text, 10)
}
