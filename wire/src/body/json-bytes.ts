/**
 * Skips over JSON without building values. Each function accepts the offset where a token starts and returns
 * the offset just after it, or -1 for invalid JSON. None of them recurses, and all run in linear time.
 */

/** Skips the four whitespace characters of RFC 8259, and no others. */
export function skipWhitespace(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && kinds[bytes[at] ?? 0] === whitespace) at += 1
  return at
}

/**
 * Skips any value. Containers are skipped by counting brackets, so a container may be invalid inside; a
 * string or a number may not.
 */
export function findValueEnd(bytes: Uint8Array, start: number): number {
  const first = bytes[start]
  if (first === quote) return findStringEnd(bytes, start)
  if (first === 0x7b || first === 0x5b) return findContainerEnd(bytes, start)
  if (first === 0x74) return findWordEnd(bytes, start, 'true')
  if (first === 0x66) return findWordEnd(bytes, start, 'false')
  if (first === 0x6e) return findWordEnd(bytes, start, 'null')
  return findNumberEnd(bytes, start)
}

/**
 * Skips a string: finds each quote, then counts the backslashes before it. The backslashes before one quote cannot
 * reach past the previous quote, so each byte is read at most three times.
 */
export function findStringEnd(bytes: Uint8Array, start: number): number {
  for (let from = start + 1; ;) {
    const at = findQuote(bytes, from)
    if (at < 0) return -1
    let run = at
    while (run > from && bytes[run - 1] === backslash) run -= 1
    if ((at - run) % 2 === 0) return at + 1
    from = at + 1
  }
}

/** The engine's native search is fast on long strings, but a call of it costs as much as reading this many bytes. */
function findQuote(bytes: Uint8Array, from: number): number {
  const nearEnd = Math.min(from + nearBytes, bytes.length)
  for (let at = from; at < nearEnd; at += 1) if (bytes[at] === quote) return at
  return bytes.indexOf(quote, nearEnd)
}

const nearBytes = 64

/**
 * True if JSON contains an escape `\u00xx`, which may stand for an ASCII letter. A native search for the text of the
 * escape would stop at each backslash, which takes ten times as long in a string full of them.
 */
export function hasAsciiEscape(bytes: Uint8Array): boolean {
  // The character after a backslash belongs to its escape, so it begins no other.
  for (let at = bytes.indexOf(backslash); at >= 0; at = findBackslash(bytes, at + 2))
    if (bytes[at + 1] === letterU && bytes[at + 2] === zero && bytes[at + 3] === zero) return true
  return false
}

function findBackslash(bytes: Uint8Array, from: number): number {
  const nearEnd = Math.min(from + nearBytes, bytes.length)
  for (let at = from; at < nearEnd; at += 1) if (bytes[at] === backslash) return at
  return bytes.indexOf(backslash, nearEnd)
}

/**
 * A byte that is illegal in JSON outside strings ends the search. Otherwise a reader that accepts comments or
 * single quotes could see different strings.
 */
function findContainerEnd(bytes: Uint8Array, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.length; at += 1) {
    const kind = kinds[bytes[at] ?? 0] ?? foreign
    if (kind >= whitespace) continue
    if (kind === opening) {
      depth += 1
    } else if (kind === closing) {
      depth -= 1
      if (depth === 0) return at + 1
    } else if (kind === opensString) {
      const end = findStringEnd(bytes, at)
      if (end < 0) return -1
      at = end - 1
    } else return -1
  }
  return -1
}

function findWordEnd(bytes: Uint8Array, start: number, word: string): number {
  for (let i = 0; i < word.length; i += 1) {
    if (bytes[start + i] !== word.charCodeAt(i)) return -1
  }
  return start + word.length
}

function findNumberEnd(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === minus ? start + 1 : start
  const wholeEnd = skipDigits(bytes, at)
  if (wholeEnd === at) return -1
  // RFC 8259 allows no leading zeros.
  if (bytes[at] === zero && wholeEnd > at + 1) return -1
  at = wholeEnd

  if (bytes[at] === point) {
    const end = skipDigits(bytes, at + 1)
    if (end === at + 1) return -1
    at = end
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const digits = bytes[at + 1] === plus || bytes[at + 1] === minus ? at + 2 : at + 1
    const end = skipDigits(bytes, digits)
    if (end === digits) return -1
    at = end
  }
  return at
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const byte = bytes[at]
    if (byte === undefined || byte < zero || byte > nine) return at
    at += 1
  }
}

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
const plus = 0x2b
const point = 0x2e
const zero = 0x30
const letterU = 0x75
const nine = 0x39

const foreign = 0
const opensString = 1
const opening = 2
const closing = 3
/** This class and the next one do not end anything inside a container. */
const whitespace = 4
const inWord = 5

/** The class of each byte outside strings. */
const kinds = new Uint8Array(256)
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) kinds[byte] = whitespace
for (const char of ',:+-.0123456789eEtrufalsn') kinds[char.charCodeAt(0)] = inWord
for (const char of '{[') kinds[char.charCodeAt(0)] = opening
for (const char of '}]') kinds[char.charCodeAt(0)] = closing
kinds[quote] = opensString
