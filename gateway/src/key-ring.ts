import { hash, randomBytes } from 'node:crypto'

import type { KeyRecord } from './ledger/key-table.ts'
import { randomText } from './request-id.ts'

/** What a call's key says about it. */
export interface Key {
  readonly id: string
  readonly name: string
  readonly models: ReadonlySet<string> | null
}

/** The keys that are valid now, found by the hash of what a client presents. */
export interface KeyRing {
  find(secret: string): Key | undefined
  /** Takes the stored keys as they are now; built-in ones stay. */
  replace(records: readonly KeyRecord[]): void
}

/** `builtIn` are keys that are not in the store: the data folder's local key and `ANTHOLOGY_KEY`. */
export function createKeyRing(builtIn: readonly { id: string; name: string; secret: string }[]): KeyRing {
  const own = builtIn.map(({ id, name, secret }) => [hashSecret(secret), { id, name, models: null }] as const)
  let byHash = new Map<string, Key>(own)

  return {
    find: (secret) => (secret.length > maxSecretLength ? undefined : byHash.get(hashSecret(secret))),
    replace(records) {
      const live = records.filter((record) => record.revokedAtMs === null)
      byHash = new Map([...live.map((record) => [record.hash, keyOf(record)] as const), ...own])
    },
  }
}

/**
 * Keys carry 256 random bits, so a plain hash is enough: there is nothing to
 * guess that a slow hash would make slower.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret)
}

export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}

/** A new key: the secret, to be shown once, and the record to store. */
export function createKey(
  name: string,
  models: readonly string[] | null,
  nowMs: number,
): { secret: string; record: KeyRecord } {
  const secret = createSecret()
  const record = {
    id: `key_${randomText(16)}`,
    name,
    hash: hashSecret(secret),
    models,
    createdAtMs: nowMs,
    revokedAtMs: null,
  }
  return { secret, record }
}

const maxSecretLength = 4_096

function keyOf(record: KeyRecord): Key {
  return { id: record.id, name: record.name, models: record.models === null ? null : new Set(record.models) }
}
