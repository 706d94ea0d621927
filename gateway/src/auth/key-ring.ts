import { hash } from 'node:crypto'

import { deriveCredentials } from './aws-credentials.ts'
import type { AwsCredentials } from './aws-credentials.ts'
import { defaultWorkspaceId } from './key-record.ts'
import type { KeyOwner, KeyRecord } from './key-record.ts'
import { randomText } from '../http/request-id.ts'
import { createSecret } from './secret-file.ts'
import { createSigningKeys } from './signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** An authenticated key. */
export interface Key extends KeyOwner {
  readonly id: string
  readonly name: string
  readonly models: ReadonlySet<string> | null
  /** The regions of the upstreams that it may use; null: all. */
  readonly regions: ReadonlySet<string> | null
}

/** The currently valid keys, looked up by the hash of the presented secret. */
export interface KeyRing {
  find(secret: string): Key | undefined
  /** Finds a valid key by its id or its name, for explanations. */
  findNamed(idOrName: string): Key | undefined
  /** Looks up the access key id of an AWS signature. */
  findCredentials(accessKeyId: string): KeyCredentials | undefined
  /** Replaces all stored keys; built-in keys stay. Cuts the running calls of keys that are not valid any more. */
  replace(records: readonly KeyRecord[]): void
  /**
   * Registers a running call of a key: `cut` is called when the key is revoked, at once if it already is. Returns a
   * function that ends the registration.
   */
  watch(keyId: string, cut: () => void): () => void
}

/** A key that is not in the store, with its credentials. */
export interface BuiltInKey {
  readonly id: string
  readonly name: string
  readonly secret?: string | undefined
  readonly aws?: AwsCredentials | undefined
}

/**
 * `builtIn` are keys that are not in the store: the data folder's local key and `ANTHOLOGY_KEY`. Without `cutsRevoked`
 * the running calls of a revoked key continue to their end.
 */
export function createKeyRing(
  builtIn: readonly BuiltInKey[],
  rootSecret: () => string,
  cutsRevoked = true,
): KeyRing {
  const own: [string, Key][] = []
  const ownCredentials: [string, KeyCredentials][] = []
  for (const { id, name, secret, aws } of builtIn) {
    const key = createBuiltInKey(id, name)
    if (secret !== undefined) own.push([hashSecret(secret), key])
    if (aws !== undefined) ownCredentials.push([aws.accessKeyId, toCredentials(key, aws)])
  }
  let byHash = new Map(own)
  let byAccessKeyId = new Map(ownCredentials)
  let validIds = new Set(builtIn.map(({ id }) => id))
  const ownKeys = builtIn.map(({ id, name }) => createBuiltInKey(id, name))
  const runningCalls = new Map<string, Set<() => void>>()

  return {
    find: (secret) => (secret.length > maxSecretLength ? undefined : byHash.get(hashSecret(secret))),
    findNamed(idOrName) {
      const keys = [...ownKeys, ...byHash.values()]
      return keys.find(({ id }) => id === idOrName) ?? keys.find(({ name }) => name === idOrName)
    },
    findCredentials: (accessKeyId) => byAccessKeyId.get(accessKeyId),
    replace(records) {
      const hashes: [string, Key][] = []
      const byAccessKey: [string, KeyCredentials][] = []
      for (const record of records) {
        if (record.revokedAtMs !== null) continue
        const key = toKey(record)
        hashes.push([record.hash, key])
        if (record.aws === null) continue
        const { accessKeyId, secretAccessKey } = deriveCredentials(record.aws, rootSecret())
        // Unchanged credentials keep their cached signing keys; all others are dropped with the old map.
        const known = byAccessKeyId.get(accessKeyId)
        const stays = known?.secretAccessKey === secretAccessKey
        const credentials = stays ? { ...known, key } : toCredentials(key, { accessKeyId, secretAccessKey })
        byAccessKey.push([accessKeyId, credentials])
      }
      byHash = new Map([...hashes, ...own])
      byAccessKeyId = new Map([...byAccessKey, ...ownCredentials])
      validIds = new Set([...builtIn, ...byHash.values()].map(({ id }) => id))
      for (const [keyId, cuts] of runningCalls)
        // A cut ends its call, which removes it from the set.
        if (!validIds.has(keyId)) for (const cut of cuts) cut()
    },
    watch(keyId, cut) {
      if (!cutsRevoked) return () => {}
      if (!validIds.has(keyId)) {
        cut()
        return () => {}
      }
      const cuts = runningCalls.get(keyId) ?? new Set()
      runningCalls.set(keyId, cuts.add(cut))
      return () => {
        if (cuts.delete(cut) && cuts.size === 0) runningCalls.delete(keyId)
      }
    },
  }
}

/** A key's AWS credentials with their cached signing keys. */
export interface KeyCredentials extends AwsCredentials {
  readonly key: Key
  readonly signingKeys: SigningKeys
}

function toCredentials(key: Key, aws: AwsCredentials): KeyCredentials {
  return { key, ...aws, signingKeys: createSigningKeys(aws.secretAccessKey) }
}

/**
 * Keys have 256 random bits, so a fast hash is enough: a slow one protects only
 * secrets that can be guessed.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret)
}

/** Creates a key: the secret, to be shown once, and the record to store. Without a name its id is its name. */
export function createKey(
  name: string | null,
  models: readonly string[] | null,
  nowMs: number,
): { secret: string; record: KeyRecord } {
  const secret = createSecret()
  const id = `key_${randomText(16)}`
  const record = {
    id,
    name: name ?? id,
    hash: hashSecret(secret),
    models,
    workspaceId: defaultWorkspaceId,
    memberId: null,
    createdAtMs: nowMs,
    revokedAtMs: null,
    aws: null,
  }
  return { secret, record }
}

const maxSecretLength = 4_096

/** A key that may use all models, in the default workspace. */
export function createBuiltInKey(id: string, name: string): Key {
  return { id, name, models: null, regions: null, workspaceId: defaultWorkspaceId, memberId: null }
}

function toKey({ id, name, models, workspaceId, memberId }: KeyRecord): Key {
  return {
    id,
    name,
    models: models === null ? null : new Set(models),
    regions: null,
    workspaceId,
    memberId,
  }
}
