import type { PoolClient } from 'pg'

import { callColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue, RowBatch } from '../../ledger/row-codec.ts'
import { encodeArray } from './array-literal.ts'
import { getCallColumnType } from './tables.ts'

const types = callColumns.map((name) => (getCallColumnType(name) === 'TEXT' ? 'text' : 'bigint'))
const arrays = types.map((type, index) => `$${index + 1}::${type}[]`)

const replaced = callColumns
  .filter((name) => name !== 'id' && name !== 'started_at_ms')
  .map((name) => `${name} = excluded.${name}`)

const insertRows = `INSERT INTO calls (${callColumns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`

const insertCalls = {
  name: 'anthology_insert_calls',
  text: `${insertRows}
    ON CONFLICT (id, started_at_ms) DO UPDATE SET ${replaced.join(', ')}
    WHERE excluded.outcome <> 'unknown'`,
} as const

const insertMissing = {
  name: 'anthology_insert_missing_calls',
  text: `${insertRows} ON CONFLICT (id, started_at_ms) DO NOTHING`,
} as const

const countRejections = {
  name: 'anthology_count_rejections',
  text: `INSERT INTO rejected_calls (day, key_id, code, calls)
    SELECT day, key_id, code, sum(calls)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS counted (day, key_id, code, calls)
    GROUP BY day, key_id, code ORDER BY day, key_id, code
    ON CONFLICT (day, key_id, code) DO UPDATE SET calls = rejected_calls.calls + excluded.calls`,
} as const

type Rows = readonly (readonly ColumnValue[])[]

/** Inserts ended calls in one statement. A row replaces one with the same id, but a call that ended is never `unknown`. Values are in the order of `callColumns`; no id may occur twice. */
export function writeCalls(client: PoolClient, rows: Rows): Promise<void> {
  return insert(client, rows, insertCalls)
}

/** The same for calls of a backup: a row that is there stays as it is. */
export function writeMissingCalls(client: PoolClient, rows: Rows): Promise<void> {
  return insert(client, rows, insertMissing)
}

async function insert(
  client: PoolClient,
  rows: Rows,
  statement: { readonly name: string; readonly text: string },
): Promise<void> {
  for (let at = 0; at < rows.length; at += maxRowsPerStatement) {
    const part = rows.slice(at, at + maxRowsPerStatement)
    const values = callColumns.map((_, column) => encodeArray(part.map((row) => row[column])))
    await client.query({ ...statement, values })
  }
}

export async function writeRejections(client: PoolClient, rejections: RowBatch['rejections']): Promise<void> {
  if (rejections.length === 0) return
  const values = [
    encodeArray(rejections.map(({ day }) => day)),
    encodeArray(rejections.map(({ key_id: keyId }) => keyId)),
    encodeArray(rejections.map(({ code }) => code)),
    encodeArray(rejections.map(({ calls }) => calls)),
  ]
  await client.query({ ...countRejections, values })
}

const maxRowsPerStatement = 1_000
