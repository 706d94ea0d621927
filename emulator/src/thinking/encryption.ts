import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { decodeBase64, encodeBase64 } from '@anthology/wire'

/**
 * Encrypts and authenticates a text with a key derived from the seed, for `signature` and redacted `data`. The API's own
 * values are base64 of a protobuf message with opaque contents (docs.claude.com, build-with-claude/extended-thinking);
 * these have the same outer form and use HMAC-SHA256. The same text gives the same envelope.
 */
export function encrypt(text: string, { seed, purpose }: EncryptionKey): string {
  const key = toKey(seed, purpose)
  const plain = utf8.encode(text)
  const nonce = mac(key, 'nonce', plain).slice(0, nonceBytes)
  const encrypted = mask(plain, key, nonce)
  return encode({ nonce, encrypted, mac: mac(key, 'mac', nonce, encrypted) })
}

/** Decrypts an envelope; null if it was made with another key or was changed. */
export function decrypt(envelope: string, { seed, purpose }: EncryptionKey): string | null {
  const parts = decode(envelope)
  if (!parts) return null
  const key = toKey(seed, purpose)
  const given = { ...parts, mac: mac(key, 'mac', parts.nonce, parts.encrypted) }
  // Base64 allows several encodings of the same bytes; only the canonical one is accepted.
  if (encode(given) !== envelope) return null
  return new TextDecoder().decode(mask(parts.encrypted, key, parts.nonce))
}

/** An envelope for one purpose cannot be decrypted for another. */
export interface EncryptionKey {
  readonly seed: string
  readonly purpose: 'thinking' | 'redacted_thinking' | 'web_search'
}

interface Parts {
  readonly nonce: Uint8Array
  readonly mac: Uint8Array
  readonly encrypted: Uint8Array
}

const utf8 = new TextEncoder()
const nonceBytes = 12
const macBytes = 32
/** Our envelopes are far shorter; a longer one is not decoded. */
const maxEnvelopeLength = 4_096

function toKey(seed: string, purpose: string): Uint8Array {
  return mac(utf8.encode(seed), purpose)
}

function mac(key: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = hmac.create(sha256, key).update(utf8.encode(`${label}\0`))
  for (const part of parts) state.update(part)
  return state.digest()
}

/** XOR with a key stream of HMACs over a counter; applying it twice restores the text. */
function mask(bytes: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const masked = new Uint8Array(bytes.length)
  for (let start = 0; start < bytes.length; start += macBytes) {
    const stream = mac(key, `stream ${start}`, nonce)
    for (let at = start; at < Math.min(start + macBytes, bytes.length); at += 1)
      masked[at] = (bytes[at] ?? 0) ^ (stream[at - start] ?? 0)
  }
  return masked
}

/** The constant first and last bytes inside every envelope. */
const head = [0x0a, 0x04, 0x08, 0x0b, 0x18, 0x02] as const
const tail = [0x18, 0x01] as const

function encode({ nonce, mac: tag, encrypted }: Parts): string {
  const body = [...head, ...field(0x12, nonce), ...field(0x1a, tag), ...field(0x22, encrypted)]
  return encodeBase64(Uint8Array.from([...field(0x12, body), ...tail]))
}

function field(tag: number, bytes: Iterable<number> & { readonly length: number }): number[] {
  return [tag, ...varint(bytes.length), ...bytes]
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)]
}

/** Slices the parts at their expected offsets; `decrypt` verifies them by encoding them again. */
function decode(envelope: string): Parts | null {
  const bytes = envelope.length > maxEnvelopeLength ? null : decodeBase64(envelope)
  if (!bytes) return null
  const nonceStart = 1 + varintLength(bytes, 1) + head.length + 2
  const macStart = nonceStart + nonceBytes + 2
  const encryptedTag = macStart + macBytes
  const encryptedStart = encryptedTag + 1 + varintLength(bytes, encryptedTag + 1)
  if (encryptedStart > bytes.length - tail.length) return null
  return {
    nonce: bytes.slice(nonceStart, nonceStart + nonceBytes),
    mac: bytes.slice(macStart, macStart + macBytes),
    encrypted: bytes.slice(encryptedStart, bytes.length - tail.length),
  }
}

function varintLength(bytes: Uint8Array, start: number): number {
  let length = 1
  while (((bytes[start + length - 1] ?? 0) & 0x80) !== 0) length += 1
  return length
}
