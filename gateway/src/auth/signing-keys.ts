import { createHmac, hash } from 'node:crypto'

import { deriveSigningKey } from '@anthology/wire'
import type { SignatureHashes, SignatureScope } from '@anthology/wire'

/**
 * Caches the signing keys of one access key. A signing key is valid for one day,
 * region and service; deriving it costs four times as much as the rest of a
 * verification. The cache lives as long as the credentials it belongs to.
 */
export interface SigningKeys {
  /** Returns the signing key of a scope, cached or newly derived. */
  derive(scope: SignatureScope): Uint8Array
  /** Caches the key of a verified request; unverified requests must not fill the cache. */
  keep(scope: SignatureScope, key: Uint8Array): void
}

export function createSigningKeys(secretAccessKey: string): SigningKeys {
  const kept = new Map<string, Uint8Array>()

  return {
    derive: (scope) => kept.get(getName(scope)) ?? deriveSigningKey(secretAccessKey, scope, hashes),
    keep(scope, key) {
      const name = getName(scope)
      if (kept.has(name)) return
      // Evict the oldest: its day is over, or the client uses many regions.
      const [oldest] = kept.keys()
      if (kept.size >= maxKept && oldest !== undefined) kept.delete(oldest)
      kept.set(name, key)
    },
  }
}

/** Enough for two services in a few regions, with two days around midnight. */
const maxKept = 8

function getName({ date, region, service }: SignatureScope): string {
  return `${date}/${region}/${service}`
}

/** The hash functions of signatures, from Node's own library. */
export const hashes: SignatureHashes = {
  sha256: (data) => hash('sha256', data),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest(),
}
