import { findStringEnd } from './json-bytes.ts'

export interface JsonBounds {
  readonly maxDepth: number
  readonly maxValues: number
}

/**
 * The bounds of a body that is parsed as a whole. A parser's time depends on the number of values, and this number keeps
 * the event loop responsive; text counts once, however long it is. Recursion over 500 levels is safe on the default
 * stack.
 */
export const parsedBodyBounds: JsonBounds = { maxDepth: 500, maxValues: 200_000 }

/**
 * Returns a sentence about the first bound that a JSON text exceeds, or null. It reads bytes and builds nothing, so
 * it costs a fraction of `JSON.parse`. A text that is not JSON is left to the parser. The member names of an object
 * do not count as values.
 */
export function findExceededBound(bytes: Uint8Array, bounds: JsonBounds = parsedBodyBounds): string | null {
  let depth = 0
  let values = 1
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = findStringEnd(bytes, at)
      if (end < 0) return null
      at = end - 1
    } else if (byte === openBracket || byte === openBrace) {
      depth += 1
      values += 1
      if (depth > bounds.maxDepth) return `the JSON is nested deeper than ${bounds.maxDepth} levels`
    } else if (byte === closeBracket || byte === closeBrace) {
      depth -= 1
    } else if (byte === comma) {
      values += 1
    }
    if (values > bounds.maxValues) return `the JSON has more than ${bounds.maxValues} values`
  }
  return null
}

const quote = 0x22
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
