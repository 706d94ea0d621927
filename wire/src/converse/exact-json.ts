import { isRecord } from '../body/json-value.ts'

/**
 * Parses JSON and keeps the text of every number that a double cannot represent, such as an id of twenty
 * digits in a tool input: the number becomes a raw value that `JSON.stringify` prints unchanged. Returns
 * undefined, which is no JSON value, if the text is not JSON.
 */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
      const source = context?.source
      if (typeof value !== 'number' || source === undefined || isHeld(source, value)) return value
      return rawJson.rawJSON?.(source) ?? value
    })
  } catch {
    return undefined
  }
}

/** The JSON text of a value, or null if it is nested too deep. */
export function printJson(value: object): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

/** Converts a number or a raw number to double precision; null for any other value. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  return isRecord(value) && isRawNumber(value) ? Number(JSON.stringify(value)) : null
}

/** True for a number whose text was kept. */
export function isRawNumber(value: object): boolean {
  return rawJson.isRawJSON?.(value) === true
}

/** TypeScript's library does not include these yet. A runtime without them parses numbers like `JSON.parse`. */
const rawJson = JSON as { rawJSON?: (text: string) => unknown; isRawJSON?: (value: unknown) => boolean }

function isHeld(source: string, value: number): boolean {
  const shown = String(value)
  if (source === shown) return true
  // A double has few digits. A longer text is not compared, because it could be made slow to compare.
  return (
    source.length <= maxComparedLength && Number.isFinite(value) && toDecimal(source) === toDecimal(shown)
  )
}

const maxComparedLength = 100

/** A canonical form of sign, digits and exponent, equal for all spellings of a number. */
function toDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - kept.length)
  return `${sign}${kept}e${power}`
}
