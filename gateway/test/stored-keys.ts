import type { DatabaseSync } from 'node:sqlite'

import type { KeyRecord } from '../src/auth/key-record.ts'
import { encodeKey, keyColumns } from '../src/store/key-row.ts'

/** Stores a key as another process does, without its checks and without a row of the audit log. */
export function insertKey(database: DatabaseSync, key: KeyRecord): void {
  const marks = keyColumns.map(() => '?').join(', ')
  database.prepare(`INSERT INTO keys (${keyColumns.join(', ')}) VALUES (${marks})`).run(...encodeKey(key))
  if (key.aws === null) return
  database
    .prepare('INSERT INTO aws_credentials (access_key_id, key_id, version) VALUES (?, ?, ?)')
    .run(key.aws.accessKeyId, key.id, key.aws.version)
}

/** Revokes a key by its id or name, as another process does. */
export function revokeKey(database: DatabaseSync, idOrName: string, nowMs: number): void {
  database
    .prepare('UPDATE keys SET revoked_at_ms = ? WHERE (id = ? OR name = ?) AND revoked_at_ms IS NULL')
    .run(nowMs, idOrName, idOrName)
}
