import { parseName } from '../body/body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from '../body/json-bytes.ts'
import type { JsonRange } from '../body/json-text.ts'
import { iterateElements, readStringAt } from '../body/parts.ts'

/**
 * Collects the kinds of source of the images and documents in an indexed body's `messages` or `system`, such as `base64`,
 * `url` and `file`, without building values: those within tool results, fetched pages and documents too, and
 * `container_upload`, a block that names a file. Input of tools is free JSON, which may look the same, and is left out.
 * Broken JSON ends the search. It yields after each block.
 */
export function* collectSourceTypes(
  bytes: Uint8Array,
  prompt: JsonRange,
  found: Set<string>,
): Generator<void, void, void> {
  for (const element of iterateElements(bytes, prompt)) {
    if (!element.ok) return
    const blocks = findBlocks(bytes, element)
    // An element of `system` is itself a block.
    if (blocks === null) readBlock({ bytes, found, depth: 0 }, element.start)
    else
      for (const block of iterateElements(bytes, blocks)) {
        if (!block.ok) return
        readBlock({ bytes, found, depth: 0 }, block.start)
        yield
      }
    yield
  }
}

/** The list of blocks of a message; null if it has none. */
function findBlocks(bytes: Uint8Array, { start }: JsonRange): JsonRange | null {
  if (bytes[start] !== openBrace) return null
  let blocks: JsonRange | null = null
  readMembers(bytes, start, (name, at) => {
    const end = findValueEnd(bytes, at)
    if (name === 'content' && bytes[at] === openBracket) blocks = { start: at, end }
    return end
  })
  return blocks
}

interface Search {
  readonly bytes: Uint8Array
  readonly found: Set<string>
  readonly depth: number
}

/** Reads a list of blocks, or the one result of a server tool. Each of these returns the end of its value; -1: broken. */
function readContent(search: Search, start: number): number {
  const { bytes } = search
  if (bytes[start] === openBrace) return readBlock(search, start)
  if (bytes[start] !== openBracket) return findValueEnd(bytes, start)
  let at = skipWhitespace(bytes, start + 1)
  while (bytes[at] !== closeBracket) {
    const end = readBlock(search, at)
    if (end < 0) return -1
    at = skipComma(bytes, end)
  }
  return at + 1
}

/** Members may be in any order, so the source of a block counts once its type is known. */
function readBlock({ bytes, found, depth }: Search, start: number): number {
  if (bytes[start] !== openBrace || depth === maxDepth) return findValueEnd(bytes, start)
  let type: string | undefined
  let sources: Set<string> | undefined
  const end = readMembers(bytes, start, (name, at) => {
    if (name === 'type') type = readText(bytes, at)
    if (name === 'content') return readContent({ bytes, found, depth: depth + 1 }, at)
    if (name === 'source') return readSource({ bytes, found: (sources = new Set()), depth: depth + 1 }, at)
    return findValueEnd(bytes, at)
  })
  if (type === 'image' || type === 'document') for (const kind of sources ?? []) found.add(kind)
  if (type === 'container_upload') found.add(type)
  return end
}

/** Reads the kind of a source, and the blocks of one of kind `content`. */
function readSource(search: Search, start: number): number {
  const { bytes, found } = search
  if (bytes[start] !== openBrace) return findValueEnd(bytes, start)
  return readMembers(bytes, start, (name, at) => {
    const kind = name === 'type' ? readText(bytes, at) : undefined
    if (kind !== undefined) found.add(kind)
    return name === 'content' ? readContent(search, at) : findValueEnd(bytes, at)
  })
}

function readMembers(
  bytes: Uint8Array,
  start: number,
  readValue: (name: string | undefined, at: number) => number,
): number {
  let at = skipWhitespace(bytes, start + 1)
  while (bytes[at] === quote) {
    const nameEnd = findStringEnd(bytes, at)
    if (nameEnd < 0) return -1
    const colonAt = skipWhitespace(bytes, nameEnd)
    const end = readValue(readName(bytes.subarray(at, nameEnd)), skipWhitespace(bytes, colonAt + 1))
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
/** The result of a fetched page, the page, its document, and an image in it; the schema accepts nothing deeper. */
const maxDepth = 5
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const quote = 0x22
