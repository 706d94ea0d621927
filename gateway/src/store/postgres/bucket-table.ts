import { expiryMs } from '../../leases/bucket-store.ts'
import type { BucketFacts, BucketStore } from '../../leases/bucket-store.ts'
import type { SharedBucket } from '../../leases/shared-bucket.ts'
import { emptyBucket } from '../../leases/shared-bucket.ts'
import { encodeArray } from './array-literal.ts'
import type { Connections } from './connections.ts'
import { runTransaction } from './postgres-database.ts'

export function createBucketTable(connections: Connections, channel: string): BucketStore {
  return {
    update: (names, change) =>
      connections.use((client) =>
        runTransaction(client, async () => {
          const wanted = encodeArray(names)
          await client.query({ ...create, values: [wanted, JSON.stringify(emptyBucket)] })
          const { rows } = await client.query<{ name: string; bucket: string }>({
            ...lock,
            values: [wanted],
          })
          const found = await client.query<{ now_ms: bigint; holders: string | null }>({
            ...readFacts,
            values: [expiryMs],
          })
          const facts: BucketFacts = {
            nowMs: Number(found.rows[0]?.now_ms ?? 0),
            live: new Set(JSON.parse(found.rows[0]?.holders ?? '[]') as string[]), // A JSON array of holders.
          }
          // Written by the update below.
          const changed = rows.map(({ name, bucket }) =>
            JSON.stringify(change(JSON.parse(bucket) as SharedBucket, name, facts)),
          )
          const values = [encodeArray(rows.map(({ name }) => name)), encodeArray(changed), facts.nowMs]
          await client.query({ ...write, values })
        }),
      ),
    keepAlive: (holders) =>
      connections.use(async (client) => {
        const { rows } = await client.query<{ now_ms: bigint }>({
          ...keepAlive,
          values: [encodeArray(holders)],
        })
        return Number(rows[0]?.now_ms ?? 0)
      }),
    endHolders: (holders) =>
      connections.use(async (client) => {
        await client.query('DELETE FROM lease_holders WHERE holder = ANY($1::text[])', [encodeArray(holders)])
      }),
    send: (payload) =>
      connections.use(async (client) => {
        await client.query('SELECT pg_notify($1, $2)', [channel, payload])
      }),
    removeIdle: (sinceMs) =>
      connections.use(async (client) => {
        await client.query('DELETE FROM rate_buckets WHERE changed_at_ms < $1', [sinceMs])
        await client.query('DELETE FROM lease_holders WHERE seen_at_ms < $1', [sinceMs])
      }),
  }
}

const nowMs = 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)'

const create = {
  name: 'anthology_create_buckets',
  text: `INSERT INTO rate_buckets (name, bucket, changed_at_ms)
    SELECT name, $2, ${nowMs} FROM unnest($1::text[]) AS wanted (name) ORDER BY name
    ON CONFLICT (name) DO NOTHING`,
} as const

// In one order, so that two transactions never wait for each other.
const lock = {
  name: 'anthology_lock_buckets',
  text: 'SELECT name, bucket FROM rate_buckets WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE',
} as const

const readFacts = {
  name: 'anthology_read_lease_facts',
  text: `SELECT ${nowMs} AS now_ms, (SELECT json_agg(holder) FROM lease_holders
    WHERE seen_at_ms > ${nowMs} - $1::bigint) AS holders`,
} as const

const write = {
  name: 'anthology_write_buckets',
  text: `UPDATE rate_buckets SET bucket = changed.bucket, changed_at_ms = $3
    FROM unnest($1::text[], $2::text[]) AS changed (name, bucket) WHERE rate_buckets.name = changed.name`,
} as const

const keepAlive = {
  name: 'anthology_keep_holders',
  text: `INSERT INTO lease_holders (holder, seen_at_ms)
    SELECT holder, ${nowMs} FROM unnest($1::text[]) AS live (holder) ORDER BY holder
    ON CONFLICT (holder) DO UPDATE SET seen_at_ms = excluded.seen_at_ms RETURNING seen_at_ms AS now_ms`,
} as const
