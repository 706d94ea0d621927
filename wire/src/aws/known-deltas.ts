import { createHeads, sharedBytes } from './chunk-head.ts'
import type { ChunkHead, ChunkHeads } from './chunk-head.ts'
import { crc32Between } from './crc32.ts'
import { preludeBytes } from './event-stream.ts'
import { readBase64WithCrc } from './read-base64-with-crc.ts'
import type { Base64Reading } from './read-base64-with-crc.ts'

/**
 * Nearly all messages of a stream are deltas of content that begin alike: only their length differs, and with it the
 * checksum of the prelude. Such a beginning is compared with the known one, whose checksum and SSE are known as well,
 * and the rest of the message is checked and decoded in one pass.
 */
export class KnownDeltas {
  #heads: ChunkHeads | null = null
  /** The SSE of the beginning in groups of eight bytes. */
  #lines = new BigInt64Array()
  #linesBytes = 0
  #eventLines: Uint8Array

  /** `eventLines` precede the JSON of each delta. */
  constructor(eventLines: Uint8Array) {
    this.#eventLines = eventLines
  }

  /** Learns the beginning of a delta from its JSON, which is `bytes` from `start` to `end`. */
  learn(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= sharedBytes) return
    const jsonAt = this.#eventLines.length
    const linesBytes = jsonAt + sharedBytes
    const lines = new Uint8Array(Math.ceil(linesBytes / 8) * 8)
    lines.set(this.#eventLines)
    lines.set(bytes.subarray(start, start + sharedBytes), jsonAt)
    this.#heads = createHeads(lines.subarray(jsonAt, linesBytes))
    this.#lines = new BigInt64Array(lines.buffer)
    this.#linesBytes = linesBytes
  }

  /**
   * Decodes the message at `copy.at` to its SSE at `copy.to`, except for the blank line, and sets both to their ends.
   * False for a message that is incomplete or wrong, that does not begin like the last one that was learned, or for
   * which there is no room.
   */
  decode(copy: Base64Reading): boolean {
    const { source, target, at: start, to } = copy
    if (this.#heads === null || start + preludeBytes > source.byteLength) return false
    const frameBytes = source.getUint32(start)
    const crcAt = start + frameBytes - 4
    if (frameBytes > maxKnownBytes || crcAt + 4 > source.byteLength) return false
    // The SSE is shorter than the message.
    if (to + frameBytes > target.byteLength) return false
    const head = this.#heads.of(frameBytes)
    const base64At = start + head.bytes.length
    if (base64At >= crcAt || !isAt(source, start, head)) return false
    for (let i = 0; i < this.#lines.length; i += 1) target.setBigInt64(to + 8 * i, this.#lines[i] ?? 0n, true)
    copy.at = base64At
    copy.to = to + this.#linesBytes
    copy.crc = head.crc
    readBase64WithCrc(copy, crcAt)
    const isRight =
      copy.at < crcAt &&
      source.getUint8(copy.at) === quote &&
      crc32Between(source, copy.at, crcAt, copy.crc) === source.getUint32(crcAt) &&
      !hasLineEnd(target, to + this.#linesBytes, copy.to)
    copy.at = isRight ? crcAt + 4 : start
    if (!isRight) copy.to = to
    return isRight
  }
}

/** Longer ones are rare, and native functions are faster for them. */
const maxKnownBytes = 1_023

function isAt(source: DataView, start: number, { bytes, words }: ChunkHead): boolean {
  // The last group is padded.
  const groups = bytes.length >>> 3
  for (let i = 0; i < groups; i += 1) if (source.getBigInt64(start + 8 * i, true) !== words[i]) return false
  for (let at = 8 * groups; at < bytes.length; at += 1)
    if (source.getUint8(start + at) !== bytes[at]) return false
  return true
}

/** JSON may contain line ends between its tokens. */
function hasLineEnd(bytes: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes.getUint8(at)
    if (byte === lineFeed || byte === carriageReturn) return true
  }
  return false
}

const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d
