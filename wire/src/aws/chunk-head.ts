import { base64Length, writeBase64 } from './base64.ts'
import { crc32 } from './crc32.ts'
import { frameOverheadBytes, preludeBytes, writePrelude } from './event-stream.ts'
import { eventFrameHeaders } from './frame-headers.ts'

/** How the message of an event begins: all that stands before the rest of its base64. */
export interface ChunkHead {
  readonly bytes: Uint8Array
  /** The same by eight, the first of them lowest, with up to seven zeros behind the last. */
  readonly words: BigInt64Array
  /** The checksum so far, without the first eight bytes. */
  readonly crc: number
}

/** The heads of messages whose JSON begins alike: only its length tells one from another, so those of usual lengths are made once. */
export class ChunkHeads {
  /** How many bytes of the JSON are in them, in whole steps of the base64. */
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

  /** Whether the JSON at this place begins so. */
  begin(source: DataView, start: number): boolean {
    for (let i = 0; i < this.#words.length; i += 1) {
      if (source.getInt32(start + 4 * i) !== this.#words[i]) return false
    }
    return true
  }

  /** For a message of so many bytes. */
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

/** What stands before the base64. */
const chunkHeadBytes = preludeBytes + chunkHeaders.length + payloadHead.length

/** The length of a message with so many bytes behind its base64, the checksum not counted. */
export function chunkBytes(jsonBytes: number, tailBytes: number): number {
  return chunkHeadBytes - preludeBytes + base64Length(jsonBytes) + tailBytes + frameOverheadBytes
}

/** Of messages of which nothing is known but their length. */
export const plainHeads = new ChunkHeads(new Uint8Array(0))

/** So many bytes begin nearly all events of a stream alike; they are whole steps of the base64 and of its words. */
export const sharedBytes = 72

/** Whether the JSON at one place begins as that at the other. */
export function beginAlike(source: DataView, one: number, other: number): boolean {
  for (let i = 0; i < sharedBytes; i += 4) {
    if (source.getInt32(one + i) !== source.getInt32(other + i)) return false
  }
  return true
}

/** The heads of messages that begin as this JSON does. */
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
