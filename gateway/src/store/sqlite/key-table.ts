import type { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import type { KeyRecord } from '../../auth/key-record.ts'

export function listKeys(database: DatabaseSync): readonly KeyRecord[] {
  return database
    .prepare(
      `SELECT id, name, hash, models, created_at_ms, revoked_at_ms, access_key_id, version
       FROM keys LEFT JOIN aws_credentials ON key_id = id ORDER BY created_at_ms, id`,
    )
    .all()
    .map((row) => ({
      id: String(row['id']),
      name: String(row['name']),
      hash: String(row['hash']),
      // Written by `insertKey` below, so it is an array of strings.
      models: row['models'] === null ? null : (JSON.parse(String(row['models'])) as string[]),
      createdAtMs: Number(row['created_at_ms']),
      revokedAtMs: row['revoked_at_ms'] === null ? null : Number(row['revoked_at_ms']),
      aws:
        row['access_key_id'] === null
          ? null
          : { accessKeyId: String(row['access_key_id']), version: Number(row['version']) },
    }))
}

export function insertKey(database: DatabaseSync, key: KeyRecord): void {
  database
    .prepare('INSERT INTO keys (id, name, hash, models, created_at_ms) VALUES (?, ?, ?, ?, ?)')
    .run(key.id, key.name, key.hash, key.models === null ? null : JSON.stringify(key.models), key.createdAtMs)
  if (key.aws === null) return
  database
    .prepare('INSERT INTO aws_credentials (access_key_id, key_id, version) VALUES (?, ?, ?)')
    .run(key.aws.accessKeyId, key.id, key.aws.version)
}

/** Revokes by id, or by name if only one live key has it. Returns the key's id. */
export function revokeKey(database: DatabaseSync, idOrName: string, nowMs: number): string {
  const live = listKeys(database).filter((key) => key.revokedAtMs === null)
  const found = live.filter((key) => key.id === idOrName || key.name === idOrName)
  const [key] = found
  if (key === undefined || found.length > 1) {
    const why =
      found.length > 1 ? `${found.length} live keys are named '${idOrName}'` : `no live key '${idOrName}'`
    throw new GatewayError('unknown_key', why, { hint: 'List the keys and take the id: anthology keys list' })
  }
  database.prepare('UPDATE keys SET revoked_at_ms = ? WHERE id = ?').run(nowMs, key.id)
  return key.id
}
