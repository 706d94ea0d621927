import type { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import type { KeyRecord } from '../../auth/key-record.ts'
import { rollBack } from './database.ts'

export function listKeys(database: DatabaseSync): readonly KeyRecord[] {
  return database
    .prepare(
      `SELECT id, name, hash, models, workspace_id, member_id, created_at_ms, revoked_at_ms, access_key_id, version
       FROM keys LEFT JOIN aws_credentials ON key_id = id ORDER BY created_at_ms, id`,
    )
    .all()
    .map((row) => ({
      id: String(row['id']),
      name: String(row['name']),
      hash: String(row['hash']),
      // Written by `insertKey` below, so it is an array of strings.
      models: row['models'] === null ? null : (JSON.parse(String(row['models'])) as string[]),
      workspaceId: String(row['workspace_id']),
      memberId: row['member_id'] === null ? null : String(row['member_id']),
      createdAtMs: Number(row['created_at_ms']),
      revokedAtMs: row['revoked_at_ms'] === null ? null : Number(row['revoked_at_ms']),
      aws:
        row['access_key_id'] === null
          ? null
          : { accessKeyId: String(row['access_key_id']), version: Number(row['version']) },
    }))
}

/** Stores a new key. The name is checked in the inserting transaction, so that two processes cannot both take it. */
export function insertKey(database: DatabaseSync, key: KeyRecord): void {
  const models = key.models === null ? null : JSON.stringify(key.models)
  database.exec('BEGIN IMMEDIATE')
  try {
    const { changes } = database
      .prepare(
        `INSERT INTO keys (id, name, hash, models, workspace_id, member_id, created_at_ms)
         SELECT ?, ?, ?, ?, ?, ?, ?
         WHERE NOT EXISTS (SELECT 1 FROM keys WHERE id = ? OR (name = ? AND revoked_at_ms IS NULL))`,
      )
      .run(
        key.id,
        key.name,
        key.hash,
        models,
        key.workspaceId,
        key.memberId,
        key.createdAtMs,
        key.name,
        key.name,
      )
    if (changes === 0) throw createNameTakenError(key.name)
    if (key.aws !== null)
      database
        .prepare('INSERT INTO aws_credentials (access_key_id, key_id, version) VALUES (?, ?, ?)')
        .run(key.aws.accessKeyId, key.id, key.aws.version)
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function createNameTakenError(name: string): GatewayError {
  return new GatewayError('key_name_taken', `a live key is named '${name}' already`, {
    hint: 'Choose another name, or revoke that key first: anthology keys revoke NAME',
  })
}

/**
 * Revokes by id, or by name. Names are unique among live keys, but a data folder of an earlier version may have
 * several live keys of one name. Returns the key's id.
 */
export function revokeKey(database: DatabaseSync, idOrName: string, nowMs: number): string {
  const live = listKeys(database).filter((key) => key.revokedAtMs === null)
  const byId = live.filter(({ id }) => id === idOrName)
  const found = byId.length > 0 ? byId : live.filter(({ name }) => name === idOrName)
  const [key] = found
  if (key === undefined)
    throw new GatewayError('unknown_key', `no live key '${idOrName}'`, {
      hint: 'List the keys and take the id: anthology keys list',
    })
  if (found.length > 1)
    throw new GatewayError('unknown_key', `${found.length} live keys are named '${idOrName}'`, {
      hint: `Revoke each by its id: ${found.map(({ id }) => id).join(', ')}`,
    })
  database.prepare('UPDATE keys SET revoked_at_ms = ? WHERE id = ?').run(nowMs, key.id)
  return key.id
}
