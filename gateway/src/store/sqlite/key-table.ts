import type { DatabaseSync } from 'node:sqlite'

import type { KeyRecord } from '../../auth/key-record.ts'
import type { SqlRow } from '../database.ts'
import { decodeKeys, selectKeys } from '../key-row.ts'

/** Lists all keys in the order of their creation, for the key ring of the server. */
export function listKeys(database: DatabaseSync): readonly KeyRecord[] {
  const statement = database.prepare(`${selectKeys} ORDER BY created_at_ms, id`)
  statement.setReadBigInts(true)
  return decodeKeys(statement.all() as SqlRow[]) // STRICT tables without BLOB or REAL columns hold only these types.
}
