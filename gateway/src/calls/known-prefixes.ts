import { crc32 } from 'node:zlib'

import type { JsonRange, PromptGroup } from '@anthology/wire'

import type { Call } from './call.ts'

/** The first messages of a conversation, which its next call repeats byte for byte. */
export interface KnownPrefix {
  /** The bytes from the start of the array to the start of the message behind them, and their CRC-32. */
  readonly length: number
  readonly checksum: number
  /** The number of their blocks, and of the bytes of these. */
  readonly blocks: number
  readonly blockBytes: number
  /** The tags of the blocks of each message. */
  readonly tags: readonly (readonly string[])[]
}

/**
 * Keeps the tags of the first messages of recent conversations. A call then needs a checksum of the bytes that it has in
 * common with the call before, which is native and ten times faster than finding blocks, and the blocks of its new
 * messages. The result is the same without them: after a restart, or in another process, everything is tagged again.
 */
export class KnownPrefixes {
  readonly #prefixes = new Map<string, KnownPrefix>()

  find(call: PrefixCall, messages: JsonRange): KnownPrefix | null {
    if (messages.end - messages.start < minBytes) return null
    const known = this.#prefixes.get(nameConversation(call, messages))
    if (known === undefined || messages.start + known.length >= messages.end) return null
    const { body } = call
    const isSame = crc32(body.subarray(messages.start, messages.start + known.length)) === known.checksum
    return isSame ? known : null
  }

  /**
   * Notes the messages before the first breakpoint, because breakpoints move. `groups` and `tags` are those behind `known`,
   * the prefix with which they were found.
   */
  note(
    call: PrefixCall,
    messages: JsonRange,
    found: {
      readonly known: KnownPrefix | null
      readonly groups: readonly PromptGroup[]
      readonly tags: readonly (readonly string[])[]
    },
  ): void {
    if (messages.end - messages.start < minBytes) return
    const { known, groups, tags } = found
    const end = groups.findIndex(({ blocks }) => blocks.some(({ breakpoint }) => breakpoint !== null))
    // The last message has no next one, at whose start the prefix could end.
    const count = end < 0 ? groups.length - 1 : end
    const next = groups[count]
    if (next === undefined || count < 1) return
    const added = groups.slice(0, count).flatMap(({ blocks }) => blocks)
    const from = messages.start + (known?.length ?? 0)
    const prefix = {
      length: next.start - messages.start,
      checksum: crc32(call.body.subarray(from, next.start), known?.checksum ?? 0),
      blocks: (known?.blocks ?? 0) + added.length,
      blockBytes: (known?.blockBytes ?? 0) + added.reduce((sum, block) => sum + block.end - block.start, 0),
      tags: [...(known?.tags ?? []), ...tags.slice(0, count)],
    }
    if (prefix.blocks > maxBlocks) return
    const name = nameConversation(call, messages)
    // The order of the map is that of their last use.
    this.#prefixes.delete(name)
    this.#prefixes.set(name, prefix)
    const [oldest] = this.#prefixes.keys()
    if (this.#prefixes.size > maxPrefixes && oldest !== undefined) this.#prefixes.delete(oldest)
  }
}

/** The parts of a call that identify its conversation. */
export interface PrefixCall extends Pick<Call, 'body' | 'clientIds'> {
  readonly key: Pick<Call['key'], 'id'>
}

/** Below this size all blocks are found within some microseconds. */
const minBytes = 16 * 1024

/** A tag takes about 30 bytes of memory, so all prefixes together take 30 MB at most, and usually 2 MB. */
const maxPrefixes = 500
const maxBlocks = 2_000

/** Two conversations with one name only replace each other's prefix. */
function nameConversation({ body, clientIds, key }: PrefixCall, { start }: JsonRange): string {
  const beginning = crc32(body.subarray(start, start + 1_024))
  return [key.id, clientIds.session, clientIds.agent, beginning].join(' ')
}
