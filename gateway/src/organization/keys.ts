import type { KeyRecord } from '../auth/key-record.ts'
import { followRename, noteNewName } from '../budgets/follow-names.ts'
import { GatewayError } from '../errors.ts'
import type { Queries, SqlValue } from '../store/database.ts'
import { decodeKeys, encodeKey, keyColumns, selectKeys } from '../store/key-row.ts'
import { printTime } from './change.ts'
import type { Change } from './change.ts'
import { checkKeyName, lockNames } from './name.ts'
import { findLiveMember } from './members.ts'
import { findLiveWorkspace, maxListed } from './workspaces.ts'
import type { ListOptions } from './workspaces.ts'

/** Stores a new key, with its name as `checkKeyName` returns it. Throws a GatewayError if its name is taken, or its workspace or member cannot have it. */
export async function insertKey(queries: Queries, given: KeyRecord): Promise<Change<KeyRecord>> {
  await lockNames(queries)
  // Without a name the id is the name.
  const key = { ...given, name: given.name === given.id ? given.name : checkKeyName(given.name) }
  await requireFreeName(queries, key)
  await requireOwner(queries, key)
  const marks = keyColumns.map(() => '?').join(', ')
  await queries.query(`INSERT INTO keys (${keyColumns.join(', ')}) VALUES (${marks})`, encodeKey(key))
  if (key.aws !== null) await insertCredentials(queries, key.id, key.aws)
  await noteNewName(queries)
  return describeChange(null, key)
}

/** The members of a key that can be changed. */
export type KeyChange = Partial<
  Pick<
    KeyRecord,
    'name' | 'memberId' | 'models' | 'protocols' | 'regions' | 'ipRanges' | 'rates' | 'expiresAtMs'
  >
>

export async function updateKey(
  queries: Queries,
  idOrName: string,
  change: KeyChange,
): Promise<Change<KeyRecord>> {
  await lockNames(queries)
  const before = await findLiveKey(queries, idOrName)
  const name = change.name === undefined ? before.name : checkKeyName(change.name)
  const after = { ...before, ...change, name }
  if (after.name !== before.name) await requireFreeName(queries, after)
  if (after.memberId !== before.memberId) await requireOwner(queries, after)
  await writeKey(queries, after)
  await followRename(queries, 'key', { id: after.id, from: before.name, to: after.name })
  return describeChange(before, after)
}

export async function revokeKey(
  queries: Queries,
  idOrName: string,
  nowMs: number,
): Promise<Change<KeyRecord>> {
  await lockNames(queries)
  const before = await findLiveKey(queries, idOrName)
  const after = { ...before, revokedAtMs: nowMs }
  await writeKey(queries, after)
  return describeChange(before, after)
}

/**
 * Gives a key a new secret, and new AWS credentials if it has any. The present ones stay valid until `validUntilMs`,
 * those of an earlier rotation end now. Id, name, limits and usage of the key stay.
 */
export async function rotateKey(
  queries: Queries,
  idOrName: string,
  next: Pick<KeyRecord, 'hash' | 'hint' | 'aws'> & { readonly validUntilMs: number },
): Promise<Change<KeyRecord>> {
  await lockNames(queries)
  const before = await findLiveKey(queries, idOrName)
  const { validUntilMs, ...secret } = next
  const aws = before.aws === null ? null : secret.aws
  const previous = { hash: before.hash, aws: before.aws, validUntilMs }
  const after = { ...before, ...secret, aws, previous }
  await writeKey(queries, after)
  await queries.query('DELETE FROM aws_credentials WHERE key_id = ? AND valid_until_ms IS NOT NULL', [
    before.id,
  ])
  await queries.query('UPDATE aws_credentials SET valid_until_ms = ? WHERE key_id = ?', [
    validUntilMs,
    before.id,
  ])
  if (aws !== null) await insertCredentials(queries, before.id, aws)
  return describeChange(before, after)
}

/** Lists all keys in the order of their creation. */
export async function listAllKeys(queries: Queries): Promise<readonly KeyRecord[]> {
  return decodeKeys(await queries.query(`${selectKeys} ORDER BY created_at_ms, id`))
}

/** A part of the keys. */
export interface KeyFilter extends Pick<ListOptions, 'after' | 'limit'> {
  readonly workspaceIds?: readonly string[] | null
  readonly memberId?: string | undefined
  readonly status?: KeyStatus | undefined
  readonly nowMs: number
}

export type KeyStatus = 'active' | 'expired' | 'revoked'

/** Lists keys in the order of their creation, `limit` at most, after a place. */
export async function findKeys(queries: Queries, filter: KeyFilter): Promise<readonly KeyRecord[]> {
  const { after = null, limit = maxListed, workspaceIds = null, memberId, status, nowMs } = filter
  const conditions: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...given: readonly SqlValue[]): void => {
    conditions.push(condition)
    values.push(...given)
  }
  if (after !== null)
    add('(created_at_ms > ? OR (created_at_ms = ? AND id > ?))', after[0], after[0], after[1])
  if (workspaceIds !== null)
    add(`workspace_id IN (${workspaceIds.map(() => '?').join(', ') || 'NULL'})`, ...workspaceIds)
  if (memberId !== undefined) add('member_id = ?', memberId)
  if (status === 'revoked') add('revoked_at_ms IS NOT NULL')
  if (status === 'active')
    add('revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?)', nowMs)
  if (status === 'expired') add('revoked_at_ms IS NULL AND expires_at_ms <= ?', nowMs)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  // The limit is one of keys, and a key may have several rows.
  const page = `SELECT id FROM keys ${where} ORDER BY created_at_ms, id LIMIT ?`
  const rows = await queries.query(`${selectKeys} WHERE id IN (${page}) ORDER BY created_at_ms, id`, [
    ...values,
    limit,
  ])
  return decodeKeys(rows)
}

/** Finds a key by its id, whether it is live or not. Throws a GatewayError if there is none. */
export async function getKey(queries: Queries, id: string): Promise<KeyRecord> {
  const [key] = decodeKeys(await queries.query(`${selectKeys} WHERE id = ?`, [id]))
  if (key !== undefined) return key
  throw createUnknownError(`there is no key '${id.slice(0, 100)}'`)
}

/**
 * Finds a live key by its id, or by its name. Names are unique among live keys, but a data folder of an earlier version
 * may have several live keys of one name. Throws a GatewayError if there is none, or more than one.
 */
export async function findLiveKey(queries: Queries, idOrName: string): Promise<KeyRecord> {
  const rows = await queries.query(
    `${selectKeys} WHERE (id = ? OR name = ?) AND revoked_at_ms IS NULL ORDER BY created_at_ms, id`,
    [idOrName, idOrName],
  )
  const live = decodeKeys(rows)
  const byId = live.filter(({ id }) => id === idOrName)
  const found = byId.length > 0 ? byId : live
  const [key] = found
  if (key === undefined) throw createUnknownError(`no live key '${idOrName.slice(0, 100)}'`)
  if (found.length > 1)
    throw new GatewayError('not_found', `${found.length} live keys are named '${idOrName}'`, {
      hint: `Name it by its id: ${found.map(({ id }) => id).join(', ')}`,
    })
  return key
}

function createUnknownError(message: string): GatewayError {
  return new GatewayError('not_found', message, {
    hint: 'List the keys and take the id: anthology keys list',
  })
}

export function getKeyStatus(
  { revokedAtMs, expiresAtMs }: Pick<KeyRecord, 'revokedAtMs' | 'expiresAtMs'>,
  nowMs: number,
): KeyStatus {
  if (revokedAtMs !== null) return 'revoked'
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'active'
}

/** A key as the admin API and the CLI print it, without its secret and its hash. */
export function printKey(key: KeyRecord) {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    workspace_id: key.workspaceId,
    member_id: key.memberId,
    models: key.models,
    protocols: key.protocols,
    regions: key.regions,
    ip_ranges: key.ipRanges,
    rates: key.rates,
    expires_at: printTime(key.expiresAtMs),
    aws_access_key_id: key.aws?.accessKeyId ?? null,
    previous_valid_until: printTime(key.previous?.validUntilMs ?? null),
    created_at: printTime(key.createdAtMs),
    revoked_at: printTime(key.revokedAtMs),
  }
}

function describeChange(before: KeyRecord | null, after: KeyRecord): Change<KeyRecord> {
  return {
    kind: 'key',
    id: after.id,
    workspaceId: after.workspaceId,
    before: before === null ? null : printKey(before),
    after: printKey(after),
    result: after,
  }
}

async function requireFreeName(queries: Queries, { id, name }: KeyRecord): Promise<void> {
  const taken = await queries.query(
    'SELECT 1 FROM keys WHERE id <> ? AND (id = ? OR (name = ? AND revoked_at_ms IS NULL))',
    [id, name, name],
  )
  if (taken.length === 0) return
  throw new GatewayError('name_taken', `a live key is named '${name}' already`, {
    hint: 'Choose another name, or revoke that key first: anthology keys revoke NAME',
  })
}

/** A member's keys are in the member's workspaces. */
async function requireOwner(queries: Queries, { workspaceId, memberId }: KeyRecord): Promise<void> {
  const workspace = await findLiveWorkspace(queries, workspaceId)
  if (memberId === null) return
  const { name, workspaces } = await findLiveMember(queries, memberId)
  if (workspaces !== null && !workspaces.includes(workspaceId))
    throw new GatewayError('conflict', `the member '${name}' is not in the workspace '${workspace.name}'`)
}

async function writeKey(queries: Queries, key: KeyRecord): Promise<void> {
  const assignments = keyColumns.map((column) => `${column} = ?`).join(', ')
  await queries.query(`UPDATE keys SET ${assignments} WHERE id = ?`, [...encodeKey(key), key.id])
}

async function insertCredentials(
  queries: Queries,
  keyId: string,
  { accessKeyId, version }: NonNullable<KeyRecord['aws']>,
): Promise<void> {
  await queries.query('INSERT INTO aws_credentials (access_key_id, key_id, version) VALUES (?, ?, ?)', [
    accessKeyId,
    keyId,
    version,
  ])
}
