import type { BodyIndex, Member } from '../body/body-index.ts'
import { findStringEnd, findValueEnd, skipWhitespace } from '../body/json-bytes.ts'
import type { JsonRange } from '../body/json-text.ts'

/** How long a cache breakpoint asks its prefix to be kept. */
export type CacheLifetime = '5m' | '1h'

/** A block that can be a part of a cached prefix: a tool, a system block, or a block of a message. */
export interface PromptBlock extends JsonRange {
  /** Its `cache_control` with one comma, which is no part of the cached content; null without one. */
  readonly control: JsonRange | null
  /** The string of a block that has only a text. A message whose content is a string has the same content. */
  readonly text: JsonRange | null
  /** Set if a cache breakpoint is at its end. */
  readonly breakpoint: CacheLifetime | null
}

/** The blocks of one tool, one system entry (always one block) or one message. */
export interface PromptGroup {
  /** The offset at which it begins. */
  readonly start: number
  readonly blocks: readonly PromptBlock[]
  /** The value of a message's `role`; null elsewhere. */
  readonly role: JsonRange | null
}

export interface PromptPart {
  readonly groups: readonly PromptGroup[]
  /** True if the part is longer than the bounds: the groups after these were not read. */
  readonly isCut: boolean
}

/** The cacheable blocks of a request in the order in which caches see them. */
export interface PromptBlocks {
  readonly tools: PromptPart
  readonly system: PromptPart
  readonly messages: PromptPart
  /** The breakpoint that a top-level `cache_control` puts at the last block; null without one. */
  readonly automatic: CacheLifetime | null
}

export interface PromptBounds {
  readonly maxBytes: number
  readonly maxBlocks: number
  /** Messages that are left out because the caller knows them. They count for the bounds. */
  readonly skip?: SkippedMessages | null
}

export interface SkippedMessages {
  /** The offset of the first message that is read. */
  readonly end: number
  readonly blocks: number
  readonly blockBytes: number
}

/**
 * Finds the cacheable blocks of an indexed body without parsing them. It reads each byte about once. The
 * blocks that it returns have at most `maxBytes` together. A value of another shape than the API's ends its part. Source of what is cached, and in which
 * order: "Prompt caching" (docs.claude.com, November 2025).
 */
export function findPromptBlocks(bytes: Uint8Array, index: BodyIndex, bounds: PromptBounds): PromptBlocks {
  const reader = new PromptReader(bytes, bounds)
  const find = (name: string): Member | undefined => index.members.findLast((member) => member.name === name)
  const control = find('cache_control')
  return {
    tools: reader.readBlocks(find('tools')),
    system: reader.readBlocks(find('system')),
    messages: reader.readMessages(find('messages'), bounds.skip ?? null),
    automatic: control === undefined ? null : readLifetime(bytes, control),
  }
}

/** Each `read` function returns the offset behind what it has read, or null where the value has another shape. */
class PromptReader {
  readonly #bytes: Uint8Array
  #bytesLeft: number
  #blocksLeft: number

  constructor(bytes: Uint8Array, { maxBytes, maxBlocks }: PromptBounds) {
    this.#bytes = bytes
    this.#bytesLeft = maxBytes
    this.#blocksLeft = maxBlocks
  }

  /** Tools, or a system prompt, which may be a string. */
  readBlocks(member: Member | undefined): PromptPart {
    if (member === undefined) return nothing
    const groups: PromptGroup[] = []
    const read = (at: number): number | null => {
      const block = this.#readBlock(at)
      if (block === null) return null
      groups.push({ start: at, blocks: [block], role: null })
      return block.end
    }
    const isWhole =
      this.#bytes[member.start] === quote
        ? read(member.start) !== null
        : this.#readArray(member.start, read) !== null
    return { groups, isCut: !isWhole }
  }

  readMessages(member: Member | undefined, skip: SkippedMessages | null): PromptPart {
    if (member === undefined) return nothing
    this.#bytesLeft -= skip?.blockBytes ?? 0
    this.#blocksLeft -= skip?.blocks ?? 0
    const groups: PromptGroup[] = []
    const read = (at: number): number | null => {
      const message = this.#readMessage(at)
      if (message === null) return null
      groups.push(message.group)
      return message.end
    }
    const end = skip === null ? this.#readArray(member.start, read) : this.#readElements(skip.end, read)
    return { groups, isCut: end === null }
  }

  #readMessage(start: number): { readonly group: PromptGroup; readonly end: number } | null {
    const blocks: PromptBlock[] = []
    const found: { role: JsonRange | null } = { role: null }
    const add = (at: number): number | null => {
      const block = this.#readBlock(at)
      if (block === null) return null
      blocks.push(block)
      return block.end
    }
    const end = this.#readObject(start, ({ keyStart, keyEnd, valueStart }) => {
      if (this.#isAt(keyStart, keyEnd, names.content))
        return this.#bytes[valueStart] === openBracket ? this.#readArray(valueStart, add) : add(valueStart)
      const valueEnd = this.#findEnd(valueStart)
      if (valueEnd !== null && this.#isAt(keyStart, keyEnd, names.role))
        found.role = { start: valueStart, end: valueEnd }
      return valueEnd
    })
    return end === null ? null : { group: { start, blocks, ...found }, end }
  }

  #readBlock(start: number): PromptBlock | null {
    const block =
      this.#bytes[start] === openBrace ? this.#readBlockObject(start) : this.#readPlainBlock(start)
    if (block === null) return null
    this.#blocksLeft -= 1
    this.#bytesLeft -= block.end - block.start
    return this.#blocksLeft < 0 || this.#bytesLeft < 0 ? null : block
  }

  #readPlainBlock(start: number): PromptBlock | null {
    const end = this.#findEnd(start)
    if (end === null) return null
    const text = this.#bytes[start] === quote ? { start, end } : null
    return { start, end, text, control: null, breakpoint: null }
  }

  #readBlockObject(start: number): PromptBlock | null {
    const found: FoundMembers = { text: null, control: null, breakpoint: null, isText: false, others: 0 }
    const end = this.#readObject(start, ({ keyStart, keyEnd, valueStart, commaAt }) => {
      const valueEnd = this.#findEnd(valueStart)
      if (valueEnd === null) return null
      const value = { start: valueStart, end: valueEnd }
      if (this.#isAt(keyStart, keyEnd, names.control)) {
        found.breakpoint = readLifetime(this.#bytes, value)
        found.control =
          commaAt === null
            ? { start: keyStart, end: this.#skipComma(valueEnd) }
            : { start: commaAt, end: valueEnd }
      } else if (this.#isAt(keyStart, keyEnd, names.text) && this.#bytes[valueStart] === quote)
        found.text = value
      else if (this.#isAt(keyStart, keyEnd, names.type))
        found.isText = this.#isAt(valueStart, valueEnd, names.text)
      else found.others += 1
      return valueEnd
    })
    if (end === null) return null
    const { control, breakpoint } = found
    const text = found.isText && found.others === 0 ? found.text : null
    return { start, end, control, breakpoint, text }
  }

  #readArray(start: number, readElement: (at: number) => number | null): number | null {
    const bytes = this.#bytes
    if (bytes[start] !== openBracket) return null
    const first = skipWhitespace(bytes, start + 1)
    return bytes[first] === closeBracket ? first + 1 : this.#readElements(first, readElement)
  }

  /** Reads from the start of an element to the end of its array. */
  #readElements(first: number, readElement: (at: number) => number | null): number | null {
    const bytes = this.#bytes
    for (let at = first; ;) {
      const end = readElement(at)
      if (end === null) return null
      at = skipWhitespace(bytes, end)
      if (bytes[at] === closeBracket) return at + 1
      if (bytes[at] !== comma) return null
      at = skipWhitespace(bytes, at + 1)
    }
  }

  #readObject(start: number, readMember: (member: MemberStart) => number | null): number | null {
    const bytes = this.#bytes
    if (bytes[start] !== openBrace) return null
    let at = skipWhitespace(bytes, start + 1)
    if (bytes[at] === closeBrace) return at + 1
    for (let commaAt: number | null = null; ;) {
      if (bytes[at] !== quote) return null
      const keyEnd = findStringEnd(bytes, at)
      const colonAt = keyEnd < 0 ? -1 : skipWhitespace(bytes, keyEnd)
      if (bytes[colonAt] !== colon) return null
      const valueStart = skipWhitespace(bytes, colonAt + 1)
      const end = readMember({ keyStart: at, keyEnd, valueStart, commaAt })
      if (end === null) return null
      at = skipWhitespace(bytes, end)
      if (bytes[at] === closeBrace) return at + 1
      if (bytes[at] !== comma) return null
      commaAt = at
      at = skipWhitespace(bytes, at + 1)
    }
  }

  #findEnd(start: number): number | null {
    const end = findValueEnd(this.#bytes, start)
    return end < 0 ? null : end
  }

  #skipComma(end: number): number {
    const at = skipWhitespace(this.#bytes, end)
    return this.#bytes[at] === comma ? skipWhitespace(this.#bytes, at + 1) : end
  }

  /** True if exactly these bytes are there. A name with escapes is another one: no client writes it so. */
  #isAt(start: number, end: number, wanted: Uint8Array): boolean {
    if (end - start !== wanted.length) return false
    for (let at = 0; at < wanted.length; at += 1) if (this.#bytes[start + at] !== wanted[at]) return false
    return true
  }
}

interface FoundMembers {
  text: JsonRange | null
  control: JsonRange | null
  breakpoint: CacheLifetime | null
  isText: boolean
  /** The number of members besides type, text and cache_control. */
  others: number
}

interface MemberStart {
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  /** The comma before the member; null for the first one. */
  readonly commaAt: number | null
}

/** Null for `null`, which is no breakpoint. */
function readLifetime(bytes: Uint8Array, { start, end }: JsonRange): CacheLifetime | null {
  if (bytes[start] !== openBrace) return null
  // The value is small. A longer one is none of the API's.
  const text = latin1.decode(bytes.subarray(start, Math.min(end, start + 256)))
  return /"ttl"\s*:\s*"1h"/.test(text) ? '1h' : '5m'
}

const nothing: PromptPart = { groups: [], isCut: false }

const utf8 = new TextEncoder()
const latin1 = new TextDecoder('latin1')
const names = {
  content: utf8.encode('"content"'),
  role: utf8.encode('"role"'),
  control: utf8.encode('"cache_control"'),
  text: utf8.encode('"text"'),
  type: utf8.encode('"type"'),
}

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
