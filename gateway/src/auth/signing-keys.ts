import { createHmac, hash } from 'node:crypto'

import { deriveSigningKey } from '@anthology/wire'
import type { SignatureHashes, SignatureScope } from '@anthology/wire'

/**
 * A cache of signing keys, one for each access key. A signing key is valid for
 * one day, region and service; deriving it costs four times as much as the rest
 * of a verification.
 */
export interface SigningKeys {
  /** Returns the key of a scope, from the cache or newly derived. */
  derive(scope: SignatureScope): Uint8Array
  /** Caches a key after a request was verified with it, so that clients without the secret cannot fill the cache. */
  keep(scope: SignatureScope, key: Uint8Array): void
}

export function createSigningKeys(secretAccessKey: string): SigningKeys {
  const kept = new Map<string, Uint8Array>()

  return {
    derive: (scope) => kept.get(getName(scope)) ?? deriveSigningKey(secretAccessKey, scope, hashes),
    keep(scope, key) {
      const name = getName(scope)
      if (kept.has(name)) return
      // Evict the oldest: its day is over, or its client uses many regions.
      const [oldest] = kept.keys()
      if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest)
      kept.set(name, key)
    },
  }
}

/** Two services and a few regions, around midnight. */
const maxKept = 8

function getName({ date, region, service }: SignatureScope): string {
  return `${date}/${region}/${service}`
}

/** The hash functions of signatures, from Node's own library. */
export const hashes: SignatureHashes = {
  sha256: (data) => hash('sha256', data),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest(),
}
