import { findStringEnd } from './json-bytes.ts'

export interface JsonBounds {
  readonly maxDepth: number
  /** The maximum number of members and elements. */
  readonly maxValues: number
}

/**
 * The bounds of a body that is parsed as a whole. A parser's time depends on the number of values; with this maximum the
 * event loop stays responsive. A string is one value, however long it is. Recursion over 500 levels is safe on the
 * default stack.
 */
export const parsedBodyBounds: JsonBounds = { maxDepth: 500, maxValues: 150_000 }

/** Returns a sentence about the first bound that a JSON text exceeds, or null. */
export function findExceededBound(bytes: Uint8Array, bounds: JsonBounds = parsedBodyBounds): string | null {
  switch (countValues(bytes, bounds)) {
    case 'depth':
      return `the JSON is nested deeper than ${bounds.maxDepth} levels`
    case 'values':
      return `the JSON has more than ${bounds.maxValues} values`
    default:
      return null
  }
}

/**
 * Counts the values of JSON before it is parsed, or returns the bound that they exceed. It reads bytes and builds
 * nothing, so it costs a fraction of `JSON.parse`. A text that is not JSON is left to the parser.
 */
export function countValues(
  bytes: Uint8Array,
  { maxDepth, maxValues }: JsonBounds,
): number | 'depth' | 'values' {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const kind = kinds[bytes[at] ?? 0]
    if (kind === other) continue
    if (kind === opensString) {
      const end = findStringEnd(bytes, at)
      if (end < 0) return values
      at = end - 1
    } else if (kind === closing) depth -= 1
    else {
      values += 1
      if (values > maxValues) return 'values'
      if (kind === separator) continue
      depth += 1
      if (depth > maxDepth) return 'depth'
    }
  }
  return values
}

const other = 0
const opensString = 1
const separator = 2
const opening = 3
const closing = 4

/** A table lookup per byte costs half as much as comparisons. */
const kinds = new Uint8Array(256)
kinds[0x22] = opensString
kinds[0x2c] = separator
for (const char of '{[') kinds[char.charCodeAt(0)] = opening
for (const char of '}]') kinds[char.charCodeAt(0)] = closing
