import { parseName } from './body-index.ts'
import type { BodyIndexError } from './body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from './json-bytes.ts'

/** An element of an array. Offsets are bytes of the body; the end is exclusive. */
export interface ArrayElement {
  readonly ok: true
  readonly start: number
  readonly end: number
}

/**
 * Finds the elements of an array in a body, one by one, without parsing them; `indexBody` can index an
 * element that is an object. Array syntax is checked as strictly as `indexBody` checks an object; an error
 * ends the iteration.
 */
export function* iterateElements(
  bytes: Uint8Array,
  array: { readonly start: number; readonly end: number },
): Generator<ArrayElement | BodyIndexError> {
  if (bytes[array.start] !== openBracket) {
    yield { ok: false, because: 'not_an_array', message: 'the value is not an array', offset: array.start }
    return
  }
  let at = skipWhitespace(bytes, array.start + 1)
  if (bytes[at] === closeBracket && at + 1 === array.end) return
  for (;;) {
    const end = findValueEnd(bytes, at)
    if (end < 0) return yield broken(at)
    yield { ok: true, start: at, end }
    at = skipWhitespace(bytes, end)
    // The body index does not compare the kinds of brackets, so the bracket at the recorded end is checked here.
    if (bytes[at] === closeBracket && at + 1 === array.end) return
    if (bytes[at] !== comma) return yield broken(at)
    at = skipWhitespace(bytes, at + 1)
  }
}

/**
 * Yields the string values of all members with this name, at any depth, repeated or escaped names included.
 * The body must have been indexed before, so that every reader agrees which quotes open a string.
 */
export function* stringsNamed(bytes: Uint8Array, name: string): Generator<string> {
  for (const { start, end } of rangesNamed(bytes, name)) {
    const value = parseName(bytes, start, end)
    if (value !== undefined) yield value
  }
}

/** The same values as positions, with their quotes. */
export function* rangesNamed(
  bytes: Uint8Array,
  name: string,
): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = bytes.indexOf(quote); at >= 0;) {
    const nameEnd = findStringEnd(bytes, at)
    if (nameEnd < 0) return
    let next = nameEnd
    const colonAt = skipWhitespace(bytes, nameEnd)
    if (bytes[colonAt] === colon && isSpelling(bytes.subarray(at, nameEnd), name)) {
      const start = skipWhitespace(bytes, colonAt + 1)
      if (bytes[start] === quote) {
        next = findStringEnd(bytes, start)
        if (next < 0) return
        yield { start, end: next }
      }
    }
    at = bytes.indexOf(quote, next)
  }
}

/**
 * Yields all string values in a part of a body, at any depth, but no member names. The body must have been indexed
 * before.
 */
export function* iterateStrings(bytes: Uint8Array): Generator<string> {
  for (let at = bytes.indexOf(quote); at >= 0;) {
    const end = findStringEnd(bytes, at)
    if (end < 0) return
    if (bytes[skipWhitespace(bytes, end)] !== colon) {
      const value = parseName(bytes, at, end)
      if (value !== undefined) yield value
    }
    at = bytes.indexOf(quote, end)
  }
}

/** The longest spelling of a character, `\u0066`, has six bytes. */
function isSpelling(quoted: Uint8Array, name: string): boolean {
  const shortest = name.length + 2
  return quoted.length >= shortest && quoted.length <= shortest * 6 && parseName(quoted) === name
}

/** Reads the string that begins with the quote at `at`; undefined if it has no end or a broken escape. */
export function readStringAt(bytes: Uint8Array, at: number): string | undefined {
  const end = findStringEnd(bytes, at)
  return end < 0 ? undefined : parseName(bytes, at, end)
}

function broken(offset: number): BodyIndexError {
  return {
    ok: false,
    because: 'broken_json',
    message: `the body is not valid JSON at byte ${offset}`,
    offset,
  }
}

const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const quote = 0x22
const colon = 0x3a
