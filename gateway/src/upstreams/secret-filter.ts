import type { Receiver } from '@anthology/wire'

import { chooseKnownSecrets, replaceSecrets } from '../log.ts'
import type { LearnedSecrets } from './credentials/learned-secrets.ts'

/**
 * Redacts an account's credential in its responses, in header values and in the
 * body, before anything reads, stores or forwards them: an upstream such as a
 * debugging proxy may echo it.
 */
export function filterSecrets(
  inner: Receiver,
  secrets: readonly string[],
  learned?: LearnedSecrets,
): Receiver {
  if (learned === undefined) return filterKnown(inner, secrets)
  let filtered: Receiver = inner
  return {
    // The credential of this request has been fetched by now.
    head: (status, headers) => {
      filtered = filterKnown(inner, [...secrets, ...learned.list])
      filtered.head(status, headers)
    },
    chunk: (bytes) => filtered.chunk(bytes),
    end: () => filtered.end(),
    fail: (error) => filtered.fail(error),
  }
}

function filterKnown(inner: Receiver, secrets: readonly string[]): Receiver {
  const known = chooseKnownSecrets(secrets)
  if (known.length === 0) return inner
  const needles = known.map((secret) => Buffer.from(secret))
  /** The end of the body so far, if it may be the start of a secret. */
  let held: Uint8Array = noBytes

  return {
    head: (status, headers) => inner.head(status, redactHeaders(headers, known)),
    chunk(bytes) {
      const clean = removeSecrets(held.length === 0 ? bytes : Buffer.concat([held, bytes]), needles)
      let heldBytes = 0
      for (const needle of needles) heldBytes = Math.max(heldBytes, countPending(clean, needle))
      if (heldBytes === 0) {
        held = noBytes
        return inner.chunk(clean)
      }
      held = clean.subarray(clean.length - heldBytes)
      return clean.length === heldBytes || inner.chunk(clean.subarray(0, clean.length - heldBytes))
    },
    end() {
      if (held.length > 0) inner.chunk(held)
      inner.end()
    },
    fail: (error) => inner.fail(error),
  }
}

function redactHeaders(
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const entries = Object.entries(headers)
  if (!entries.some(([, value]) => secrets.some((secret) => value.includes(secret)))) return headers
  return Object.fromEntries(entries.map(([name, value]) => [name, replaceSecrets(value, secrets)]))
}

/** Replaces the needles in bytes, and changes no other byte. */
function removeSecrets(body: Uint8Array, needles: readonly Buffer[]): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!needles.some((needle) => bytes.includes(needle))) return body
  // Latin-1 maps every byte to one character, so all other bytes stay unchanged.
  const known = needles.map((needle) => needle.toString('latin1'))
  return Buffer.from(replaceSecrets(bytes.toString('latin1'), known), 'latin1')
}

/** The number of bytes at the end that are the start of the needle. */
function countPending(bytes: Uint8Array, needle: Buffer): number {
  const last = bytes[bytes.length - 1]
  // Events end with a line feed, which is in no secret.
  if (last === undefined || !needle.includes(last)) return 0
  const tail = bytes.subarray(Math.max(0, bytes.length - needle.length + 1))
  const [first = 0] = needle
  for (let at = tail.indexOf(first); at >= 0; at = tail.indexOf(first, at + 1)) {
    const pending = tail.subarray(at)
    if (needle.subarray(0, pending.length).equals(pending)) return pending.length
  }
  return 0
}

const noBytes = new Uint8Array(0)
