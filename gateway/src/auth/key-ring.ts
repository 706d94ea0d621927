import { hash as computeHash } from 'node:crypto'

import { deriveCredentials } from './aws-credentials.ts'
import type { AwsCredentials } from './aws-credentials.ts'
import { parseRanges } from './client-address.ts'
import type { AddressRanges } from './client-address.ts'
import { defaultWorkspaceId, unrestricted } from './key-record.ts'
import type { KeyOwner, KeyPermissions, KeyRecord, PreviousSecret } from './key-record.ts'
import { randomText } from '../http/request-id.ts'
import { RunningCalls } from './running-calls.ts'
import { createSecret } from './secret-file.ts'
import { createSigningKeys } from './signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** An authenticated key. Null permissions allow everything. */
export interface Key extends KeyOwner, Pick<KeyPermissions, 'rates' | 'expiresAtMs'> {
  readonly id: string
  readonly name: string
  readonly models: ReadonlySet<string> | null
  readonly protocols: ReadonlySet<string> | null
  readonly regions: ReadonlySet<string> | null
  readonly addresses: AddressRanges | null
}

/** The currently valid keys, looked up by the hash of the presented secret. */
export interface KeyRing {
  /** The key of a secret. It may have expired (`authenticate` checks that), but its secret is valid. */
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

interface KeyRingOptions {
  readonly cutsRevoked?: boolean | undefined
  readonly nowMs?: (() => number) | undefined
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
  { cutsRevoked = true, nowMs = Date.now }: KeyRingOptions = {},
): KeyRing {
  const own: [string, ValidKey][] = []
  const ownCredentials: [string, KeyCredentials][] = []
  for (const { id, name, secret, aws } of builtIn) {
    const key = createBuiltInKey(id, name)
    if (secret !== undefined) own.push([hashSecret(secret), { key, validUntilMs: Infinity }])
    if (aws !== undefined) ownCredentials.push([aws.accessKeyId, toCredentials(key, aws)])
  }
  let byHash = new Map(own)
  let byAccessKeyId = new Map(ownCredentials)
  let validIds = new Set(builtIn.map(({ id }) => id))
  const ownKeys = builtIn.map(({ id, name }) => createBuiltInKey(id, name))
  const runningCalls = new RunningCalls()

  return {
    find(secret) {
      const found = secret.length > maxSecretLength ? undefined : byHash.get(hashSecret(secret))
      return found === undefined || nowMs() >= found.validUntilMs ? undefined : found.key
    },
    findNamed(idOrName) {
      const keys = [...ownKeys, ...[...byHash.values()].map(({ key }) => key)]
      return keys.find(({ id }) => id === idOrName) ?? keys.find(({ name }) => name === idOrName)
    },
    findCredentials(accessKeyId) {
      const found = byAccessKeyId.get(accessKeyId)
      return found === undefined || nowMs() >= found.validUntilMs ? undefined : found
    },
    replace(records) {
      const hashes: [string, ValidKey][] = []
      const byAccessKey: [string, KeyCredentials][] = []
      for (const record of records) {
        if (record.revokedAtMs !== null) continue
        const key = toKey(record)
        for (const { hash, aws, validUntilMs } of listSecrets(record)) {
          hashes.push([hash, { key, validUntilMs }])
          if (aws === null) continue
          const { accessKeyId, secretAccessKey } = deriveCredentials(aws, rootSecret())
          // Unchanged credentials keep their cached signing keys; all others are dropped with the old map.
          const known = byAccessKeyId.get(accessKeyId)
          const stays = known?.secretAccessKey === secretAccessKey
          const credentials = stays
            ? { ...known, key, validUntilMs }
            : toCredentials(key, { accessKeyId, secretAccessKey }, validUntilMs)
          byAccessKey.push([accessKeyId, credentials])
        }
      }
      byHash = new Map([...hashes, ...own])
      byAccessKeyId = new Map([...byAccessKey, ...ownCredentials])
      validIds = new Set([...builtIn, ...[...byHash.values()].map(({ key }) => key)].map(({ id }) => id))
      runningCalls.cutOthers(validIds)
    },
    watch(keyId, cut) {
      if (!cutsRevoked) return () => {}
      if (!validIds.has(keyId)) {
        cut()
        return () => {}
      }
      return runningCalls.add(keyId, cut)
    },
  }
}

/** A key's AWS credentials with their cached signing keys. */
export interface KeyCredentials extends AwsCredentials {
  readonly key: Key
  readonly signingKeys: SigningKeys
  readonly validUntilMs: number
}

/** The key of a secret, which a rotation may have replaced. */
interface ValidKey {
  readonly key: Key
  readonly validUntilMs: number
}

/** The secrets of a key: the present one, and the one before its last rotation. */
function listSecrets({ hash, aws, previous }: KeyRecord): readonly PreviousSecret[] {
  const present = { hash, aws, validUntilMs: Infinity }
  return previous === null ? [present] : [present, previous]
}

function toCredentials(key: Key, aws: AwsCredentials, validUntilMs = Infinity): KeyCredentials {
  return { key, ...aws, signingKeys: createSigningKeys(aws.secretAccessKey), validUntilMs }
}

/**
 * Keys have 256 random bits, so a fast hash is enough: a slow one protects only
 * secrets that can be guessed.
 */
export function hashSecret(secret: string): string {
  return computeHash('sha256', secret)
}

/** Creates a key: the secret, to be shown once, and the record to store. Without a name its id is its name. */
export function createKey(
  name: string | null,
  models: readonly string[] | null,
  nowMs: number,
  more: Partial<KeyPermissions & KeyOwner> = {},
): { secret: string; record: KeyRecord } {
  const id = `key_${randomText(16)}`
  const { secret, ...stored } = createKeySecret()
  const record = {
    ...unrestricted,
    id,
    name: name ?? id,
    workspaceId: defaultWorkspaceId,
    memberId: null,
    ...more,
    ...stored,
    models,
    createdAtMs: nowMs,
    revokedAtMs: null,
    aws: null,
    previous: null,
  }
  return { secret, record }
}

/** Creates the secret of a key, to be shown once, with its stored forms. */
export function createKeySecret(): { secret: string; hash: string; hint: string } {
  const secret = createSecret()
  return { secret, hash: hashSecret(secret), hint: `${secret.slice(0, 16)}...${secret.slice(-4)}` }
}

const maxSecretLength = 4_096

/** A key that may use all models, in the default workspace. */
export function createBuiltInKey(id: string, name: string): Key {
  const owner = { workspaceId: defaultWorkspaceId, memberId: null }
  const { rates, expiresAtMs } = unrestricted
  return {
    id,
    name,
    models: null,
    protocols: null,
    regions: null,
    addresses: null,
    rates,
    expiresAtMs,
    ...owner,
  }
}

function toKey(record: KeyRecord): Key {
  const { id, name, workspaceId, memberId, rates, expiresAtMs, ipRanges } = record
  const toSet = (list: readonly string[] | null) => (list === null ? null : new Set(list))
  const parsed = ipRanges === null ? null : parseRanges(ipRanges)
  return {
    id,
    name,
    workspaceId,
    memberId,
    models: toSet(record.models),
    protocols: toSet(record.protocols),
    regions: toSet(record.regions),
    // Ranges are checked before they are stored. Text that is none must not open the key to every address.
    addresses: parsed === null ? null : parsed.ok ? parsed.ranges : noAddresses,
    rates,
    expiresAtMs,
  }
}

const noAddresses: AddressRanges = { contains: () => false }
