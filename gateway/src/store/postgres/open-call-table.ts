import type { PoolClient } from 'pg'

import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import type { OpenCall } from '../sink.ts'
import { encodeArray } from './array-literal.ts'

/** Lists running calls, in the caller's transaction. */
export async function writeOpenCalls(
  client: PoolClient,
  replica: string,
  calls: readonly OpenCall[],
): Promise<void> {
  if (calls.length === 0) return
  const values = [
    replica,
    encodeArray(calls.map(({ id }) => id)),
    encodeArray(calls.map(({ source }) => source)),
    encodeArray(calls.map(({ start }) => encodeStart(start))),
  ]
  await client.query({ ...upsert, values })
}

/** Removes calls that have ended, in the caller's transaction. */
export async function removeOpenCalls(
  client: PoolClient,
  replica: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await client.query({ ...remove, values: [replica, encodeArray(ids)] })
}

/** The times at which the listed calls of this server began, in milliseconds. */
export async function readListedTimes(client: PoolClient, replica: string): Promise<readonly number[]> {
  const { rows } = await client.query<{ started_at_ms: bigint }>({ ...selectTimes, values: [replica] })
  return rows.map((row) => Number(row.started_at_ms))
}

/** Moves the listed calls of this server to the ledger as `unknown`, and returns their number. */
export async function closeListed(
  client: PoolClient,
  replica: string,
  writeCalls: (rows: readonly (readonly ColumnValue[])[]) => Promise<void>,
): Promise<number> {
  const { rows } = await client.query<{ start: string }>({ ...removeAll, values: [replica] })
  // Written by `writeOpenCalls` above.
  const starts = rows.map(({ start }) => JSON.parse(start) as Record<string, ColumnValue>)
  await writeCalls(
    starts.map((start) => [...startColumns.map((name) => start[name] ?? null), 'unknown', ...emptyEnd]),
  )
  return starts.length
}

/** By name, so that a later version with other columns can read it. */
function encodeStart(values: readonly ColumnValue[]): string {
  return JSON.stringify(
    Object.fromEntries(startColumns.map((name, at) => [name, withoutNul(values[at] ?? null)])),
  )
}

/** JSON in PostgreSQL has no NUL either. */
function withoutNul(value: ColumnValue): ColumnValue {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value
}

/** The columns after the outcome, which are unknown. */
const emptyEnd: readonly null[] = callColumns.slice(startColumns.length + 1).map(() => null)

const upsert = {
  name: 'anthology_write_open_calls',
  text: `INSERT INTO open_calls (replica, id, source, start)
    SELECT DISTINCT ON (id) $1, id, source, start
    FROM unnest($2::text[], $3::text[], $4::text[]) AS opened (id, source, start)
    ON CONFLICT (replica, id) DO UPDATE SET source = excluded.source, start = excluded.start`,
} as const

const remove = {
  name: 'anthology_remove_open_calls',
  text: 'DELETE FROM open_calls WHERE replica = $1 AND id = ANY($2::text[])',
} as const

const selectTimes = {
  name: 'anthology_read_open_call_times',
  text: "SELECT CAST(start::jsonb ->> 'started_at_ms' AS BIGINT) AS started_at_ms FROM open_calls WHERE replica = $1",
} as const

const removeAll = {
  name: 'anthology_close_open_calls',
  text: 'DELETE FROM open_calls WHERE replica = $1 RETURNING start',
} as const
