import { isRecord } from '../body/json-value.ts'

/**
 * Reads JSON and keeps the text of every number that a double cannot hold, such as an id of twenty
 * digits in the input of a tool: it becomes a raw value that `JSON.stringify` prints as it was.
 * Undefined, which no JSON stands for, where the text is not JSON.
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

/** The text of the value, or null where it is nested too deep for one. */
export function printJson(value: object): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

/** A number to the precision of a double, also one whose text was kept; null for what is none. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  return isRecord(value) && isRawNumber(value) ? Number(JSON.stringify(value)) : null
}

/** Whether this is a number whose text was kept. */
export function isRawNumber(value: object): boolean {
  return rawJson.isRawJSON?.(value) === true
}

/** TypeScript's library does not know these yet; a runtime without them reads as `JSON.parse` does. */
const rawJson = JSON as { rawJSON?: (text: string) => unknown; isRawJSON?: (value: unknown) => boolean }

function isHeld(source: string, value: number): boolean {
  const shown = String(value)
  if (source === shown) return true
  // A double has few digits; what is longer is not worth comparing, and may be made to be slow.
  return (
    source.length <= maxComparedLength && Number.isFinite(value) && toDecimal(source) === toDecimal(shown)
  )
}

const maxComparedLength = 100

/** Sign, digits and exponent, the same for all spellings of one number. */
function toDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - kept.length)
  return `${sign}${kept}e${power}`
}
