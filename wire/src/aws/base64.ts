/** Encodes standard base64 with padding (RFC 4648, 4). The default is portable; a native function can replace it. */
export type ToBase64 = (bytes: Uint8Array) => string

/** Returns null if the text is not base64. */
export type FromBase64 = (text: string) => Uint8Array | null

export function encodeBase64(bytes: Uint8Array): string {
  const target = new Uint8Array(base64Length(bytes.length))
  writeBase64(bytes, target, 0)
  return ascii.decode(target)
}

/** The number of characters for a number of bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

/** Writes the characters into `target` at `offset`, without an intermediate string. */
export function writeBase64(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  const wholeEnd = bytes.length - (bytes.length % 3)
  let to = offset
  for (let at = 0; at < wholeEnd; at += 3) {
    const triple = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    target[to] = alphabet[triple >>> 18] ?? 0
    target[to + 1] = alphabet[(triple >>> 12) & 63] ?? 0
    target[to + 2] = alphabet[(triple >>> 6) & 63] ?? 0
    target[to + 3] = alphabet[triple & 63] ?? 0
    to += 4
  }
  if (wholeEnd === bytes.length) return
  const first = bytes[wholeEnd] ?? 0
  const second = bytes[wholeEnd + 1] ?? 0
  target[to] = alphabet[first >>> 2] ?? 0
  target[to + 1] = alphabet[((first & 3) << 4) | (second >>> 4)] ?? 0
  target[to + 2] = wholeEnd + 1 < bytes.length ? (alphabet[(second & 15) << 2] ?? 0) : base64Pad
  target[to + 3] = base64Pad
}

/** Encodes twelve bits as two characters, the first in the low byte. */
export function base64Pair(bits: number): number {
  return pairs[bits] ?? 0
}

/** Decodes standard base64. Returns null for wrong length, foreign characters, or non-zero trailing bits. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null
  const pad = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - pad)
  let to = 0
  for (let at = 0; at < text.length; at += 4) {
    const last = at + 4 === text.length
    const third = last && pad === 2 ? 0 : valueAt(text, at + 2)
    const fourth = last && pad > 0 ? 0 : valueAt(text, at + 3)
    const quad = (valueAt(text, at) << 18) | (valueAt(text, at + 1) << 12) | (third << 6) | fourth
    // A foreign character has the value -1, which stays negative when it is shifted.
    if (quad < 0) return null
    if (last && pad > 0 && (quad & (pad === 1 ? 0xff : 0xffff)) !== 0) return null
    bytes[to] = quad >>> 16
    if (to + 1 < bytes.length) bytes[to + 1] = (quad >>> 8) & 0xff
    if (to + 2 < bytes.length) bytes[to + 2] = quad & 0xff
    to += 3
  }
  return bytes
}

function valueAt(text: string, at: number): number {
  return values[text.charCodeAt(at)] ?? -1
}

/** The padding character. */
export const base64Pad = 0x3d
const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const values = new Int8Array(128).fill(-1)
for (const [value, char] of alphabet.entries()) values[char] = value

/** The two characters for each twelve bits, the first in the low byte. */
const pairs = new Uint16Array(4_096)
for (let bits = 0; bits < pairs.length; bits += 1)
  pairs[bits] = (alphabet[bits >>> 6] ?? 0) | ((alphabet[bits & 63] ?? 0) << 8)

const ascii = new TextDecoder('latin1')
