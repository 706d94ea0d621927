import { base64Pad, base64Pair } from './base64.ts'
import { crc32Far, crc32Near, crc32Word } from './crc32.ts'

/** The source and target memory, and the checksum of the bytes written to the target so far. */
export interface Base64WithCrc {
  readonly source: DataView
  readonly target: DataView
  crc: number
}

/**
 * Writes the base64 of the source's bytes from `start` to `end` to the target at `offset`, and updates the
 * checksum with the written bytes. For a few hundred bytes this single pass costs less than one native call
 * each for base64 and checksum, with the views and strings they need.
 */
export function writeBase64WithCrc(copy: Base64WithCrc, start: number, end: number, offset: number): void {
  const { source, target } = copy
  let register = ~copy.crc
  let at = start
  let to = offset
  // Twelve bytes, read as three words, become sixteen characters, written as four words.
  for (const stepsEnd = end - 11; at < stepsEnd; at += 12) {
    const first = source.getInt32(at)
    const second = source.getInt32(at + 4)
    const third = source.getInt32(at + 8)
    const word0 = base64Word(first >>> 8)
    const word1 = base64Word(((first & 0xff) << 16) | (second >>> 16))
    const word2 = base64Word(((second & 0xffff) << 8) | (third >>> 24))
    const word3 = base64Word(third & 0xffffff)
    target.setInt32(to, word0, true)
    target.setInt32(to + 4, word1, true)
    target.setInt32(to + 8, word2, true)
    target.setInt32(to + 12, word3, true)
    register = crc32Far(register ^ word0, word1) ^ crc32Near(word2, word3)
    to += 16
  }
  if (at < end - 5) {
    const first = source.getInt32(at)
    const low = base64Word(first >>> 8)
    const high = base64Word(((first & 0xff) << 16) | source.getUint16(at + 4))
    target.setInt32(to, low, true)
    target.setInt32(to + 4, high, true)
    register = crc32Near(register ^ low, high)
    at += 6
    to += 8
  }
  if (at < end - 2) {
    const word = base64Word((source.getUint16(at) << 8) | source.getUint8(at + 2))
    target.setInt32(to, word, true)
    register = crc32Word(register ^ word)
    at += 3
    to += 4
  }
  if (at < end) {
    const word = lastWord(source, at, end)
    target.setInt32(to, word, true)
    register = crc32Word(register ^ word)
  }
  copy.crc = ~register >>> 0
}

/** Encodes three bytes as four characters, the first in the lowest byte. */
function base64Word(triple: number): number {
  return base64Pair(triple >>> 12) | (base64Pair(triple & 0xfff) << 16)
}

/** Encodes the last one or two bytes, with padding. */
function lastWord(source: DataView, at: number, end: number): number {
  if (end - at === 1) return base64Pair(source.getUint8(at) << 4) | (base64Pad << 16) | (base64Pad << 24)
  const bits = source.getUint16(at) << 2
  return base64Pair(bits >>> 6) | ((base64Pair(bits & 0x3f) >>> 8) << 16) | (base64Pad << 24)
}
