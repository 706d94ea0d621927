import type { KeyRecord } from '../auth/key-record.ts'
import { GatewayError } from '../errors.ts'
import type { Database, Queries, SqlRow } from './database.ts'
import { readNullable, readNumber, readText } from './database.ts'

/** Reads all keys with their AWS credentials, oldest first. */
export async function listStoredKeys(queries: Queries): Promise<readonly KeyRecord[]> {
  const rows = await queries.query(
    `SELECT id, name, hash, models, workspace_id, member_id, created_at_ms, revoked_at_ms, access_key_id, version
     FROM keys LEFT JOIN aws_credentials ON key_id = id ORDER BY created_at_ms, id`,
  )
  return rows.map(readKey)
}

/** Stores a new key. The name is checked in the inserting transaction, so that two processes cannot both take it. */
export async function insertStoredKey(database: Database, key: KeyRecord): Promise<void> {
  await database.transaction(async (queries) => {
    const sql = 'SELECT 1 AS taken FROM keys WHERE id = ? OR (name = ? AND revoked_at_ms IS NULL)'
    if ((await queries.query(sql, [key.id, key.name])).length > 0)
      throw new GatewayError('key_name_taken', `a live key is named '${key.name}' already`, {
        hint: 'Choose another name, or revoke that key first: anthology keys revoke NAME',
      })
    const models = key.models === null ? null : JSON.stringify(key.models)
    await queries.query(
      `INSERT INTO keys (id, name, hash, models, workspace_id, member_id, created_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [key.id, key.name, key.hash, models, key.workspaceId, key.memberId, key.createdAtMs],
    )
    if (key.aws !== null)
      await queries.query('INSERT INTO aws_credentials (access_key_id, key_id, version) VALUES (?, ?, ?)', [
        key.aws.accessKeyId,
        key.id,
        key.aws.version,
      ])
  })
}

/**
 * Revokes by id, or by name. Names are unique among live keys, but a store of an earlier version may have several live
 * keys of one name. Returns the key's id. Throws `unknown_key` if the key is not one live key.
 */
export async function revokeStoredKey(database: Database, idOrName: string, nowMs: number): Promise<string> {
  return database.transaction(async (queries) => {
    const live = (await listStoredKeys(queries)).filter((key) => key.revokedAtMs === null)
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
    await queries.query('UPDATE keys SET revoked_at_ms = ? WHERE id = ?', [nowMs, key.id])
    return key.id
  })
}

function readKey(row: SqlRow): KeyRecord {
  return {
    id: readText(row, 'id'),
    name: readText(row, 'name'),
    hash: readText(row, 'hash'),
    // Written as an array of strings.
    models: readNullable(row, 'models', (from, column) => JSON.parse(readText(from, column)) as string[]),
    workspaceId: readText(row, 'workspace_id'),
    memberId: readNullable(row, 'member_id', readText),
    createdAtMs: readNumber(row, 'created_at_ms'),
    revokedAtMs: readNullable(row, 'revoked_at_ms', readNumber),
    aws: readNullable(row, 'access_key_id', (from, column) => ({
      accessKeyId: readText(from, column),
      version: readNumber(from, 'version'),
    })),
  }
}
