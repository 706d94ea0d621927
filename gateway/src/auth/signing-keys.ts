import { createHmac, hash } from 'node:crypto'

import { deriveSigningKey } from '@anthology/wire'
import type { SignatureHashes, SignatureScope } from '@anthology/wire'

/**
 * The signing keys of one access key that are in use. A key is good for one day,
 * region and service; deriving it costs four times what the rest of a
 * verification does. They go with the pair that they belong to.
 */
export interface SigningKeys {
  /** The key of a scope, kept or derived anew. */
  derive(scope: SignatureScope): Uint8Array
  /** Keeps a key that a request was really signed with: whoever knows no secret can make us keep nothing. */
  keep(scope: SignatureScope, key: Uint8Array): void
}

export function createSigningKeys(secretAccessKey: string): SigningKeys {
  const kept = new Map<string, Uint8Array>()

  return {
    derive: (scope) => kept.get(getName(scope)) ?? deriveSigningKey(secretAccessKey, scope, hashes),
    keep(scope, key) {
      const name = getName(scope)
      if (kept.has(name)) return
      // The oldest goes: it is that of a day that is over, or of a client that uses many regions.
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
