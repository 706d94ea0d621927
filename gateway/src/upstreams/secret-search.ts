import { chooseKnownSecrets, replaceSecrets } from '../log.ts'

/** Finds given secrets in bytes. Every byte of an answer passes here, so the usual answer, which has none, must be cheap. */
export interface SecretSearch {
  /** Those that are long enough to be secrets, longest first. */
  readonly secrets: readonly string[]
  /** Replaces the secrets, and changes no other byte. */
  remove(bytes: Uint8Array): Uint8Array
  /** The number of bytes at the end that may be the start of a secret. */
  countPending(bytes: Uint8Array): number
}

export function createSecretSearch(all: readonly string[]): SecretSearch {
  const secrets = chooseKnownSecrets(all)
  const needles = secrets.map((secret) => Buffer.from(secret))
  const mayContain = createFilter(needles)
  // Latin-1 maps every byte to one character, so all other bytes stay unchanged.
  const latin1 = needles.map((needle) => needle.toString('latin1'))
  const members = new Uint8Array(256)
  for (const needle of needles) for (const byte of needle) members[byte] = 1
  return {
    secrets,
    remove: (body) => {
      if (!mayContain(body)) return body
      const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      if (!needles.some((needle) => bytes.includes(needle))) return body
      return Buffer.from(replaceSecrets(bytes.toString('latin1'), latin1), 'latin1')
    },
    countPending: (bytes) => {
      // Events end with a line feed, which is in no secret.
      if (members[bytes[bytes.length - 1] ?? 0] === 0) return 0
      return Math.max(...needles.map((needle) => countPending(bytes, needle)))
    },
  }
}

/**
 * Looks at a few places only, where it compares two bytes with all pairs of neighbours in the needles. The places are
 * less than a needle apart, so a needle in the bytes has at least one of them, with one of its own pairs.
 */
function createFilter(needles: readonly Buffer[]): (bytes: Uint8Array) => boolean {
  const pairs = new Uint8Array(65_536)
  for (const needle of needles)
    for (let at = 1; at < needle.length; at += 1) pairs[((needle[at - 1] ?? 0) << 8) | (needle[at] ?? 0)] = 1
  const step = Math.min(...needles.map((needle) => needle.length - 1))
  return (bytes) => {
    for (let at = step; at < bytes.length; at += step)
      if (pairs[((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0)] === 1) return true
    return false
  }
}

function countPending(bytes: Uint8Array, needle: Buffer): number {
  const tail = bytes.subarray(Math.max(0, bytes.length - needle.length + 1))
  const [first = 0] = needle
  for (let at = tail.indexOf(first); at >= 0; at = tail.indexOf(first, at + 1)) {
    const pending = tail.subarray(at)
    if (needle.subarray(0, pending.length).equals(pending)) return pending.length
  }
  return 0
}
