import { createCipheriv, createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { findPromptBlocks } from '@anthology/wire'
import type { CacheLifetime, JsonRange, PromptBlock, PromptBlocks, PromptPart } from '@anthology/wire'

import { createPart, printTag, settings } from '../ledger/block-tags.ts'
import type { BlockTags } from '../ledger/block-tags.ts'
import type { Call } from './call.ts'
import { KnownPrefixes } from './known-prefixes.ts'
import type { KnownPrefix, PrefixCall } from './known-prefixes.ts'

/**
 * Tags the cacheable blocks of a request. `isCached`: the upstream reported cached tokens; otherwise only a request with
 * a breakpoint is tagged. Null without a cache, and where the secret cannot be read.
 */
export type TagBlocks = (call: TaggedCall, isCached: boolean) => BlockTags | null

type TaggedCall = PrefixCall & Pick<Call, 'index'>

/**
 * The checksum of a block (CRC-32) tells whether it is equal to another; AES-128 with a key of the data folder then hides
 * it. Both are native, so a call costs little more than finding its blocks, and the bytes are read once. The first 24 bits
 * of a permutation under a secret key are a keyed hash: without the key nobody can try texts against a tag, and blocks
 * of equal length and checksum are the only ones that it cannot tell apart.
 */
export function createBlockTagger(getRootSecret: () => string): TagBlocks {
  const prefixes = new KnownPrefixes()
  let encrypt: Encrypt | null = null
  return (call, isCached) => {
    if (!isCached && !mentionsCache(call)) return null
    try {
      encrypt ??= createEncrypt(getRootSecret())
      const messages = call.index.members.findLast(({ name }) => name === 'messages')
      const known = messages === undefined ? null : prefixes.find(call, messages)
      const skip =
        known === null || messages === undefined ? null : { ...known, end: messages.start + known.length }
      const blocks = findPromptBlocks(call.body, call.index, { ...bounds, skip })
      if (!isCached && !mayHaveBreakpoint(blocks)) return null
      const { tags, messageTags } = tagPrompt(call, blocks, { known, encrypt })
      if (messages !== undefined)
        prefixes.note(call, messages, { known, groups: blocks.messages.groups, tags: messageTags })
      return tags
    } catch {
      // No call may fail for its tags, for example because the data folder takes no file.
      return null
    }
  }
}

/** Bounds the work of one call. A longer prompt is tagged up to there. */
const bounds = { maxBytes: 4 * 1024 * 1024, maxBlocks: 20_000 }

/** Encrypts records of 16 bytes, each by itself. */
type Encrypt = (records: Buffer) => Buffer

/**
 * One cipher for all calls, because creating it costs more than a small request. ECB is the cipher without a mode: each
 * record is one block of it, nothing is carried over to the next, and equal records must give equal tags.
 */
function createEncrypt(rootSecret: string): Encrypt {
  const key = createHmac('sha256', rootSecret).update('block-tags:1').digest().subarray(0, 16)
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  return (records) => cipher.update(records)
}

/**
 * Most requests without a cache end here. The native search looks for the first byte of a name, which is rare here, until
 * it has stopped some dozen times; then it becomes twenty times slower. So it begins anew for each piece.
 */
function mentionsCache({ body }: Pick<Call, 'body'>): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  for (let at = 0; at < bytes.length; at += pieceBytes)
    if (bytes.subarray(at, at + pieceBytes + endOfName.length).includes(endOfName)) return true
  return false
}

const endOfName = '_control"'
const pieceBytes = 16 * 1024

function mayHaveBreakpoint({ tools, system, messages, automatic }: PromptBlocks): boolean {
  const isMarked = ({ groups, isCut }: PromptPart) =>
    isCut || groups.some(({ blocks }) => blocks.some(({ breakpoint }) => breakpoint !== null))
  return automatic !== null || [messages, system, tools].some(isMarked)
}

function tagPrompt(
  { body, index }: Pick<Call, 'body' | 'index'>,
  blocks: PromptBlocks,
  { known, encrypt }: { readonly known: KnownPrefix | null; readonly encrypt: Encrypt },
): TaggedPrompt {
  const { tools, system, messages, automatic } = blocks
  const checksums = new Checksums(body)
  for (const { groups } of [tools, system, messages])
    for (const group of groups) {
      const role = group.role === null ? 0 : checksums.sum(group.role)
      for (const block of group.blocks) checksums.addBlock(block, role)
    }
  for (const name of settings) {
    const member = index.get(name)
    if (member === undefined) checksums.addNothing()
    else checksums.addValue(member)
  }
  checksums.addNothing()
  const all = checksums.encrypt(encrypt)
  const take = (part: PromptPart) => part.groups.map((group) => group.blocks.map(() => all.next()))
  const tags = {
    tools: createPart(take(tools), { isCut: tools.isCut, minLevel: 1, maxLength: maxTextLengths.tools }),
    system: createPart(take(system), { isCut: system.isCut, minLevel: 1, maxLength: maxTextLengths.system }),
  }
  const messageTags = take(messages)
  return {
    messageTags,
    tags: {
      ...tags,
      messages: createPart([...(known?.tags ?? []), ...messageTags], {
        isCut: messages.isCut,
        minLevel: 0,
        maxLength: maxTextLengths.messages,
      }),
      settings: settings.map(() => all.next()).join(''),
      key: all.next(),
      breakpoints: listPlaces(blocks, automatic, known?.tags.length ?? 0),
    },
  }
}

interface TaggedPrompt {
  readonly tags: BlockTags
  /** The tags of the messages behind the known prefix. */
  readonly messageTags: readonly (readonly string[])[]
}

/** Characters: 90 tools, 20 system blocks and 160 messages with one block have a tag each; together below 1.5 KB. */
const maxTextLengths = { tools: 360, system: 80, messages: 800 }

/** The records of blocks, which a block cipher turns into tags: 16 bytes with checksum, length, and checksum of the role. */
class Checksums {
  readonly #bytes: Uint8Array
  readonly #records: number[] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  sum({ start, end }: JsonRange, before = 0): number {
    return crc32(this.#bytes.subarray(start, end), before)
  }

  /** A block without its breakpoint, which moves from turn to turn. A plain text is the same as a block with only that. */
  addBlock({ start, end, text, control }: PromptBlock, role: number): void {
    if (text !== null) this.#add(this.sum(text), text.end - text.start, role)
    else if (control === null) this.#add(this.sum({ start, end }), end - start, role)
    else {
      const first = this.sum({ start, end: control.start })
      const length = end - start - (control.end - control.start)
      this.#add(this.sum({ start: control.end, end }, first), length, role)
    }
  }

  addValue(range: JsonRange): void {
    this.#add(this.sum(range), range.end - range.start, 0)
  }

  addNothing(): void {
    this.#add(0, 0, 0)
  }

  /** Tags in the order of the records. */
  encrypt(encrypt: Encrypt): { next(): string } {
    const encrypted = encrypt(Buffer.from(new Uint32Array(this.#records).buffer))
    let at = 0
    return {
      next() {
        const tag = printTag(encrypted.readUIntBE(at, tagBytes))
        at += recordBytes
        return tag
      },
    }
  }

  #add(checksum: number, length: number, role: number): void {
    this.#records.push(checksum, length, role, 0)
  }
}

const recordBytes = 16
const tagBytes = 3

/** See `BlockTags.breakpoints`. `skipped`: the number of messages before those in `blocks`; they have none. */
function listPlaces(
  { tools, system, messages }: PromptBlocks,
  automatic: CacheLifetime | null,
  skipped: number,
): readonly string[] {
  const places: string[] = []
  const add = (place: string, lifetime: CacheLifetime | null) => {
    if (lifetime !== null) places.push(lifetime === '1h' ? `${place}:1h` : place)
  }
  for (const [letter, { groups }] of [
    ['t', tools],
    ['s', system],
    ['m', messages],
  ] as const)
    for (const [group, { blocks }] of groups.entries())
      for (const [block, { breakpoint }] of blocks.entries())
        add(letter === 'm' ? `m${skipped + group + 1}.${block + 1}` : `${letter}${group + 1}`, breakpoint)
  add('a', automatic)
  // The API accepts 4; of more, the last ones reach furthest.
  return places.slice(-maxBreakpoints)
}

const maxBreakpoints = 4
