import { parseName } from '../body/body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from '../body/json-bytes.ts'
import type { JsonRange } from '../body/json-text.ts'
import { readStringAt } from '../body/parts.ts'

/** Short steps of work on a body, which end with the offset after a value; -1: it is broken. */
type Steps = Generator<void, number, void>

interface Search {
  readonly bytes: Uint8Array
  readonly found: Set<string>
  readonly depth: number
}

/**
 * Collects the kinds of source of the images and documents in an indexed body's `messages` or `system`, such as `base64`,
 * `url` and `file`, in one pass and without building values: those within tool results, fetched pages and documents too,
 * and `container_upload`, a block that names a file. Input of tools is free JSON, which may look the same, and is left
 * out. Broken JSON ends the search.
 */
export function collectSourceTypes(bytes: Uint8Array, prompt: JsonRange, found: Set<string>): Steps {
  return readContent({ bytes, found, depth: 0 }, prompt.start)
}

/** Reads a list of messages or blocks, or the one result of a server tool; other content is skipped. */
function* readContent(search: Search, start: number): Steps {
  const { bytes } = search
  if (bytes[start] === openBrace) return yield* readBlock(search, start)
  if (bytes[start] !== openBracket) return findValueEnd(bytes, start)
  let at = skipWhitespace(bytes, start + 1)
  while (bytes[at] !== closeBracket) {
    const end = yield* readBlock(search, at)
    if (end < 0) return -1
    at = skipComma(bytes, end)
  }
  return at + 1
}

/** Reads a message or a block. Members may be in any order, so its source counts once its type is known. */
function* readBlock({ bytes, found, depth }: Search, start: number): Steps {
  if (bytes[start] !== openBrace || depth === maxDepth) return findValueEnd(bytes, start)
  let type: string | undefined
  const sources = new Set<string>()
  const end = yield* readMembers(bytes, start, function* (name, at) {
    if (name === 'type') type = readText(bytes, at)
    if (name === 'content') return yield* readContent({ bytes, found, depth: depth + 1 }, at)
    if (name === 'source') return yield* readSource({ bytes, found: sources, depth: depth + 1 }, at)
    return findValueEnd(bytes, at)
  })
  if (type === 'image' || type === 'document') for (const kind of sources) found.add(kind)
  if (type === 'container_upload') found.add(type)
  return end
}

/** Reads the kind of a source, and the blocks of one of kind `content`. */
function* readSource(search: Search, start: number): Steps {
  const { bytes, found } = search
  if (bytes[start] !== openBrace) return findValueEnd(bytes, start)
  return yield* readMembers(bytes, start, function* (name, at) {
    const kind = name === 'type' ? readText(bytes, at) : undefined
    if (kind !== undefined) found.add(kind)
    return name === 'content' ? yield* readContent(search, at) : findValueEnd(bytes, at)
  })
}

function* readMembers(
  bytes: Uint8Array,
  start: number,
  readValue: (name: string | undefined, at: number) => Steps,
): Steps {
  let at = skipWhitespace(bytes, start + 1)
  while (bytes[at] === quote) {
    yield
    const nameEnd = findStringEnd(bytes, at)
    if (nameEnd < 0) return -1
    const colonAt = skipWhitespace(bytes, nameEnd)
    const end = yield* readValue(readName(bytes.subarray(at, nameEnd)), skipWhitespace(bytes, colonAt + 1))
    if (end < 0) return -1
    at = skipComma(bytes, end)
  }
  return bytes[at] === closeBrace ? at + 1 : -1
}

function skipComma(bytes: Uint8Array, from: number): number {
  const at = skipWhitespace(bytes, from)
  return bytes[at] === comma ? skipWhitespace(bytes, at + 1) : at
}

/** Undefined for a name that is longer than those that are read, in their longest spelling with escapes. */
function readName(quoted: Uint8Array): string | undefined {
  return quoted.length <= maxNameLength ? parseName(quoted) : undefined
}

function readText(bytes: Uint8Array, at: number): string | undefined {
  return bytes[at] === quote ? readStringAt(bytes, at) : undefined
}

/** `content`, with six bytes for each character. */
const maxNameLength = 2 + 'content'.length * 6
/** A message, the result of a fetched page, the page, its document, and an image in it; the schema accepts nothing deeper. */
const maxDepth = 6
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const quote = 0x22
