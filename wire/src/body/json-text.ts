import { parseName } from './body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from './json-bytes.ts'
import { iterateElements } from './parts.ts'

const jsonText: unique symbol = Symbol('JSON text')

/**
 * A JSON value as the text that its author wrote, so that numbers keep their digits and members their order.
 * Its only member is a symbol, so no client can put one into a body.
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
    const name = parseName(bytes, at, keyEnd)
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

const quote = 0x22
