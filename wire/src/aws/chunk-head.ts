import { base64Length, writeBase64 } from './base64.ts'
import { crc32 } from './crc32.ts'
import { frameOverheadBytes, preludeBytes, writePrelude } from './event-stream.ts'
import { eventFrameHeaders } from './frame-headers.ts'

/** The start of an event's message, up to a given point in its base64. */
export interface ChunkHead {
  readonly bytes: Uint8Array
  /** The same bytes in little-endian groups of eight, zero-padded at the end. */
  readonly words: BigInt64Array
  /** The checksum up to here; it starts after the first eight bytes. */
  readonly crc: number
}

/**
 * The heads of messages whose JSON has the same start. They differ only in their length, so those of common
 * lengths are cached.
 */
export class ChunkHeads {
  /** The number of JSON bytes in the head, a multiple of the base64 step. */
  readonly jsonBytes: number
  #json: Uint8Array
  #words: Int32Array
  #known: (ChunkHead | undefined)[] = Array.from({ length: 1_024 }, () => undefined)

  constructor(json: Uint8Array) {
    this.jsonBytes = json.length
    this.#json = json
    const view = new DataView(json.buffer, json.byteOffset, json.length)
    this.#words = Int32Array.from({ length: json.length / 4 }, (_, i) => view.getInt32(4 * i))
  }

  /** True if the JSON at this offset has the same start. */
  begin(source: DataView, start: number): boolean {
    for (let i = 0; i < this.#words.length; i += 1) {
      if (source.getInt32(start + 4 * i) !== this.#words[i]) return false
    }
    return true
  }

  /** The head for a message of this length. */
  of(frameBytes: number): ChunkHead {
    const known = this.#known[frameBytes]
    if (known !== undefined) return known
    const bytes = new Uint8Array(chunkHeadBytes + base64Length(this.#json.length))
    bytes.set(chunkHeaders, preludeBytes)
    bytes.set(payloadHead, preludeBytes + chunkHeaders.length)
    writeBase64(this.#json, bytes, chunkHeadBytes)
    const preludeCrc = writePrelude(bytes, { frameBytes, headersBytes: chunkHeaders.length }, crc32)
    const head = { bytes, words: listWords(bytes), crc: crc32(bytes.subarray(8), preludeCrc) }
    if (frameBytes < this.#known.length) this.#known[frameBytes] = head
    return head
  }
}

const utf8 = new TextEncoder()
const chunkHeaders = eventFrameHeaders('chunk')
const payloadHead = utf8.encode('{"bytes":"')

/** The number of bytes before the base64. */
const chunkHeadBytes = preludeBytes + chunkHeaders.length + payloadHead.length

/** The length of a message with `tailBytes` between its base64 and the final checksum. */
export function chunkBytes(jsonBytes: number, tailBytes: number): number {
  return chunkHeadBytes - preludeBytes + base64Length(jsonBytes) + tailBytes + frameOverheadBytes
}

/** Heads without any JSON. */
export const plainHeads = new ChunkHeads(new Uint8Array(0))

/**
 * Nearly all events of a stream share this many bytes at their start; a multiple of the base64 step and of
 * its words.
 */
export const sharedBytes = 72

/** True if the JSON at both offsets has the same start. */
export function beginAlike(source: DataView, one: number, other: number): boolean {
  for (let i = 0; i < sharedBytes; i += 4) {
    if (source.getInt32(one + i) !== source.getInt32(other + i)) return false
  }
  return true
}

/** The heads for messages that start like this JSON. */
export function createHeads(json: Uint8Array): ChunkHeads {
  const beginning = json.slice(0, sharedBytes)
  const text = latin1.decode(beginning)
  const known = shared.get(text)
  if (known !== undefined) return known
  if (shared.size === maxShared) shared.clear()
  const heads = new ChunkHeads(beginning)
  shared.set(text, heads)
  return heads
}

const latin1 = new TextDecoder('latin1')
const shared = new Map<string, ChunkHeads>()
const maxShared = 16

function listWords(bytes: Uint8Array): BigInt64Array {
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 8) * 8))
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte)
  return BigInt64Array.from({ length: padded.byteLength / 8 }, (_, i) => padded.getBigInt64(8 * i, true))
}
