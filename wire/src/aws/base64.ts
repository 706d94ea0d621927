/** Standard base64 with padding (RFC 4648, 4). */
export type ToBase64 = (bytes: Uint8Array) => string
/** Null for a text that is not standard base64. */
export type FromBase64 = (text: string) => Uint8Array | null

export function encodeBase64(bytes: Uint8Array): string {
  const target = new Uint8Array(base64Length(bytes.length))
  writeBase64(bytes, target, 0)
  return ascii.decode(target)
}

/** The number of characters that this number of bytes becomes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

/** Writes the characters into `target` from `offset` on, which saves the text in between. */
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

/** The two characters of twelve bits, the first of them in the low byte. */
export function base64Pair(bits: number): number {
  return pairs[bits] ?? 0
}

/** The six bits of a character; -1 if it is no base64. */
export function base64Value(character: number): number {
  return values[character] ?? -1
}

/** Whether the text is standard base64 with padding. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

/** Reads standard base64; null for any other text. Bits behind the last byte are ignored, as AWS ignores them. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!isBase64(text)) return null
  const latin1 = atob(text)
  const bytes = new Uint8Array(latin1.length)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = latin1.charCodeAt(at)
  return bytes
}

/** The text whose UTF-8 bytes these are, or null where they are none; a byte order mark stays in it. */
export function decodeBase64Text(base64: string): string | null {
  const bytes = decodeBase64(base64)
  try {
    return bytes === null ? null : strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

export function encodeBase64Text(text: string): string {
  return encodeBase64(utf8.encode(text))
}

/** The sign that stands for no byte. */
export const base64Pad = 0x3d
const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const alphabet = utf8.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/** Two characters for each twelve bits, the first in the low byte. */
const pairs = new Uint16Array(4_096)
for (let bits = 0; bits < pairs.length; bits += 1)
  pairs[bits] = (alphabet[bits >>> 6] ?? 0) | ((alphabet[bits & 63] ?? 0) << 8)

const values = new Int8Array(256).fill(-1)
for (const [bits, character] of alphabet.entries()) values[character] = bits

const ascii = new TextDecoder('latin1')
