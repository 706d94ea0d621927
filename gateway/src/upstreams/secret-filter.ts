import type { Receiver } from '@anthology/wire'

import { replaceSecrets } from '../log.ts'
import type { UpstreamAccount } from './account.ts'
import { createSecretSearch } from './secret-search.ts'
import type { SecretSearch } from './secret-search.ts'

/**
 * Redacts what requests carry of an account's credentials in its responses, in header values and in the body, before
 * anything reads, stores or forwards them: an upstream such as a debugging proxy may echo it.
 */
export function filterSecrets(
  inner: Receiver,
  { secrets, sentSecrets = secrets, learned }: Pick<UpstreamAccount, 'secrets' | 'sentSecrets' | 'learned'>,
): Receiver {
  if (learned === undefined) return filterKnown(inner, findSearch(sentSecrets, noSecrets))
  let filtered: Receiver = inner
  return {
    // The credential of this request has been fetched by now.
    head: (status, headers) => {
      filtered = filterKnown(inner, findSearch(sentSecrets, learned.sent))
      filtered.head(status, headers)
    },
    chunk: (bytes) => filtered.chunk(bytes),
    end: () => filtered.end(),
    fail: (error) => filtered.fail(error),
  }
}

/** The latest search of each account, by its list of secrets. */
const searches = new WeakMap<readonly string[], { learned: readonly string[]; search: SecretSearch }>()

function findSearch(secrets: readonly string[], learned: readonly string[]): SecretSearch {
  const known = searches.get(secrets)
  if (known?.learned === learned) return known.search
  const search = createSecretSearch([...secrets, ...learned])
  searches.set(secrets, { learned, search })
  return search
}

function filterKnown(inner: Receiver, search: SecretSearch): Receiver {
  if (search.secrets.length === 0) return inner
  /** The end of the body so far, if it may be the start of a secret. */
  let held: Uint8Array = noBytes

  return {
    head: (status, headers) => inner.head(status, redactHeaders(headers, search.secrets)),
    chunk(bytes) {
      const clean = search.remove(held.length === 0 ? bytes : Buffer.concat([held, bytes]))
      const heldBytes = search.countPending(clean)
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

const noBytes = new Uint8Array(0)
const noSecrets: readonly string[] = []
