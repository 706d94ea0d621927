import type { Receiver } from '@anthology/wire'

import { chooseKnownSecrets, removeSecrets, replaceSecrets } from '../log.ts'
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
      const clean = removeSecrets(held.length === 0 ? bytes : Buffer.concat([held, bytes]), known)
      const heldBytes = Math.max(...needles.map((needle) => countPending(clean, needle)))
      held = heldBytes === 0 ? noBytes : clean.subarray(clean.length - heldBytes)
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

/** The number of bytes at the end that are the start of the needle. */
function countPending(bytes: Uint8Array, needle: Buffer): number {
  const tail = bytes.subarray(Math.max(0, bytes.length - needle.length + 1))
  const [first = 0] = needle
  for (let at = tail.indexOf(first); at >= 0; at = tail.indexOf(first, at + 1)) {
    const pending = tail.subarray(at)
    if (needle.subarray(0, pending.length).equals(pending)) return pending.length
  }
  return 0
}

const noBytes = new Uint8Array(0)
