import type { KeyRecord } from '../auth/key-record.ts'
import { readNullable, readNumber, readText } from './database.ts'
import type { SqlRow, SqlValue } from './database.ts'

/** The columns of `keys`, in the order of `encodeKey`. */
export const keyColumns = [
  'id',
  'name',
  'hash',
  'hint',
  'workspace_id',
  'member_id',
  'models',
  'protocols',
  'regions',
  'ip_ranges',
  'rates',
  'expires_at_ms',
  'created_at_ms',
  'revoked_at_ms',
  'previous_hash',
  'previous_until_ms',
] as const

/**
 * Reads keys with their AWS credentials: a key has one row for each. The statement means the same in SQLite and
 * PostgreSQL; more conditions and an order can follow.
 */
export const selectKeys = `SELECT ${keyColumns.join(', ')}, access_key_id, version, valid_until_ms
FROM keys LEFT JOIN aws_credentials ON key_id = id`

/** The values of a key's row. Its AWS credentials have a table of their own. */
export function encodeKey(key: KeyRecord): readonly SqlValue[] {
  return [
    key.id,
    key.name,
    key.hash,
    key.hint,
    key.workspaceId,
    key.memberId,
    encode(key.models),
    encode(key.protocols),
    encode(key.regions),
    encode(key.ipRanges),
    encode(key.rates),
    key.expiresAtMs,
    key.createdAtMs,
    key.revokedAtMs,
    key.previous?.hash ?? null,
    key.previous?.validUntilMs ?? null,
  ]
}

/** Joins the rows of `selectKeys` to keys, in the order of their first rows. */
export function decodeKeys(rows: readonly SqlRow[]): readonly KeyRecord[] {
  const keys = new Map<string, KeyRecord>()
  for (const row of rows) {
    const id = readText(row, 'id')
    const key = keys.get(id) ?? decodeKey(row, id)
    const accessKeyId = readNullable(row, 'access_key_id', readText)
    if (accessKeyId === null) keys.set(id, key)
    else {
      const aws = { accessKeyId, version: readNumber(row, 'version') }
      const isPrevious = row['valid_until_ms'] !== null
      if (!isPrevious) keys.set(id, { ...key, aws })
      else keys.set(id, key.previous === null ? key : { ...key, previous: { ...key.previous, aws } })
    }
  }
  return [...keys.values()]
}

function decodeKey(row: SqlRow, id: string): KeyRecord {
  const previousHash = readNullable(row, 'previous_hash', readText)
  return {
    id,
    name: readText(row, 'name'),
    hash: readText(row, 'hash'),
    hint: readNullable(row, 'hint', readText),
    workspaceId: readText(row, 'workspace_id'),
    memberId: readNullable(row, 'member_id', readText),
    // Each was written by `encodeKey`, so it has the type of its member.
    models: readNullable(row, 'models', decode) as KeyRecord['models'],
    protocols: readNullable(row, 'protocols', decode) as KeyRecord['protocols'],
    regions: readNullable(row, 'regions', decode) as KeyRecord['regions'],
    ipRanges: readNullable(row, 'ip_ranges', decode) as KeyRecord['ipRanges'],
    rates: readNullable(row, 'rates', decode) as KeyRecord['rates'],
    expiresAtMs: readNullable(row, 'expires_at_ms', readNumber),
    createdAtMs: readNumber(row, 'created_at_ms'),
    revokedAtMs: readNullable(row, 'revoked_at_ms', readNumber),
    aws: null,
    previous:
      previousHash === null
        ? null
        : { hash: previousHash, aws: null, validUntilMs: readNumber(row, 'previous_until_ms') },
  }
}

function encode(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function decode(row: SqlRow, column: string): unknown {
  return JSON.parse(readText(row, column))
}
