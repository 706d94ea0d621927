import { CatalogError } from '../error.ts'

/**
 * Parses a price in USD per million tokens, as the pricing page prints it, to pico-dollars per token:
 * `18.75` is 18,750,000. One dollar per million tokens is a million pico-dollars per token, so six decimals
 * are exact, and more are rejected.
 */
export function parseUsdPerMTok(text: string): bigint {
  const match = /^(?<whole>\d{1,15})(?:\.(?<decimals>\d{1,15}))?$/.exec(text)
  const decimals = (match?.groups?.['decimals'] ?? '').replace(/0+$/, '')
  if (match === null || decimals.length > 6) {
    throw new CatalogError('invalid_price', `not a price in USD per million tokens: ${text.slice(0, 40)}`)
  }
  return BigInt(`${match.groups?.['whole']}${decimals.padEnd(6, '0')}`)
}

/** Rounds pico-dollars to nano-dollars, half to even, so that rounding errors do not accumulate in one direction. */
export function roundPicoToNano(pico: bigint): bigint {
  return divideHalfEven(pico, 1000n)
}

/** Divides and rounds half to even; the divisor is positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend
  const [whole, twiceRest] = [size / divisor, (size % divisor) * 2n]
  const up = twiceRest > divisor || (twiceRest === divisor && whole % 2n === 1n)
  const rounded = up ? whole + 1n : whole
  return dividend < 0n ? -rounded : rounded
}

/**
 * Formats nano-dollars as an exact decimal number of dollars, with at least the cents: `0.00`, `0.000123`,
 * `-1.50`.
 */
export function formatNanoUsd(nano: bigint): string {
  return formatDecimal(nano, 9)
}

/** The inverse of `parseUsdPerMTok`, with at least the cents: 80,000 is `0.08`, 15,000,000 is `15.00`. */
export function formatUsdPerMTok(picoPerToken: bigint): string {
  return formatDecimal(picoPerToken, 6)
}

function formatDecimal(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  const decimals = digits.slice(-places).replace(/0+$/, '').padEnd(2, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${decimals}`
}
