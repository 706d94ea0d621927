import { parseName } from './body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from './json-bytes.ts'
import { iterateElements } from './parts.ts'

const jsonText: unique symbol = Symbol('JSON text')

/**
 * A JSON value as the text that its author wrote, so that numbers keep their digits and members their order.
 * No parsed body contains one, because its only member is a symbol.
 */
export interface JsonText {
  readonly [jsonText]: string
}

/** A value's position in a body; the end is exclusive. */
export interface JsonRange {
  readonly start: number
  readonly end: number
}

/** `text` must be valid JSON. */
export function createJsonText(text: string): JsonText {
  return { [jsonText]: text }
}

/** Like `JSON.stringify`, but prints each `JsonText` unchanged. Recurses, so the depth must be bounded. */
export function printJsonTexts(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isJsonText(value)) return value[jsonText]
  if (Array.isArray(value)) return `[${value.map(printJsonTexts).join(',')}]`
  let members = ''
  for (const [name, member] of Object.entries<unknown>({ ...value })) {
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${printJsonTexts(member)}`
  }
  return `{${members}}`
}

function isJsonText(value: object): value is JsonText {
  return jsonText in value
}

/** The positions of an object's members in valid JSON. The last of several with one name counts, as in `JSON.parse`. */
export function listMembers(bytes: Uint8Array, { start, end }: JsonRange): ReadonlyMap<string, JsonRange> {
  const members = new Map<string, JsonRange>()
  let at = skipWhitespace(bytes, start + 1)
  while (at < end && bytes[at] === quote) {
    const keyEnd = findStringEnd(bytes, at)
    const name = parseName(bytes.subarray(at, keyEnd))
    const valueStart = skipWhitespace(bytes, skipWhitespace(bytes, keyEnd) + 1)
    const valueEnd = findValueEnd(bytes, valueStart)
    if (keyEnd < 0 || valueEnd < 0) break
    if (name !== undefined) members.set(name, { start: valueStart, end: valueEnd })
    at = skipWhitespace(bytes, skipWhitespace(bytes, valueEnd) + 1)
  }
  return members
}

/** The positions of an array's elements in valid JSON. */
export function listElements(bytes: Uint8Array, array: JsonRange): readonly JsonRange[] {
  const elements: JsonRange[] = []
  for (const element of iterateElements(bytes, array)) if (element.ok) elements.push(element)
  return elements
}

export interface JsonBounds {
  readonly maxDepth: number
  /** The maximum number of members and elements. */
  readonly maxValues: number
}

/** Counts the values of JSON before it is parsed, or returns the bound that they exceed; strings are skipped. */
export function countValues(
  bytes: Uint8Array,
  { maxDepth, maxValues }: JsonBounds,
): number | 'depth' | 'values' {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = findStringEnd(bytes, at)
      if (end < 0) return values
      at = end - 1
    } else if (byte === comma) values += 1
    else if (byte === openBrace || byte === openBracket) {
      depth += 1
      values += 1
      if (depth > maxDepth) return 'depth'
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1
    if (values > maxValues) return 'values'
  }
  return values
}

const quote = 0x22
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
