import type { PoolClient } from 'pg'

import { runTransaction } from './postgres-database.ts'

/** Creates the daily partitions of `calls` that rows need, each once. */
export interface Partitions {
  /** Creates the missing partitions of the days (UTC) of these times, outside of a transaction. */
  ensure(client: PoolClient, timesMs: Iterable<number>): Promise<void>
  /** The next `ensure` looks at the store again, because any server may have removed a partition. */
  forget(): void
}

export function createPartitions(): Partitions {
  const known = new Set<number>()

  return {
    async ensure(client, timesMs) {
      const missing = new Set<number>()
      for (const timeMs of timesMs) {
        const day = Math.floor(timeMs / dayMs)
        if (!known.has(day)) missing.add(day)
      }
      if (missing.size === 0) return
      await runTransaction(client, async () => {
        // Creating a partition locks the table; two replicas that do so at once must not wait for each other.
        await client.query(`SELECT pg_advisory_xact_lock(${partitionLock})`)
        for (const day of missing) await client.query(createPartition(day))
      })
      for (const day of missing) known.add(day)
    },
    forget: () => known.clear(),
  }
}

/**
 * Removes the partition of the oldest day before `firstDay`. Returns false if there is none, or if another server
 * removes one at the moment. Detaching waits for the statements that use `calls`, and no statement waits for it; the
 * detached table is used by nobody. An interrupted removal is continued by the next one.
 */
export async function removeOldPartition(client: PoolClient, firstDay: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: bigint }>(
    `SELECT pg_try_advisory_lock(${removalLock}) AS locked`,
  )
  if (rows[0]?.locked !== 1n) return false
  try {
    const found = (await listPartitions(client)).filter(({ day }) => day < firstDay)
    const [oldest] = found.toSorted((one, other) => one.day - other.day)
    if (oldest === undefined) return false
    if (oldest.state !== 'detached')
      await client.query(
        `ALTER TABLE calls DETACH PARTITION ${oldest.name} ${oldest.state === 'attached' ? 'CONCURRENTLY' : 'FINALIZE'}`,
      )
    await client.query(`DROP TABLE ${oldest.name}`)
    return true
  } finally {
    // A connection that was lost has lost its locks too.
    await client.query(`SELECT pg_advisory_unlock(${removalLock})`).catch(() => {})
  }
}

interface Partition {
  readonly name: string
  /** Since 1970. */
  readonly day: number
  /** `detaching`: a removal was interrupted before the end of `DETACH`; `detached`: before `DROP`. */
  readonly state: 'attached' | 'detaching' | 'detached'
}

async function listPartitions(client: PoolClient): Promise<readonly Partition[]> {
  const { rows } = await client.query<{ name: string; state: Partition['state'] }>(
    `SELECT relname AS name, CASE WHEN inhrelid IS NULL THEN 'detached' WHEN inhdetachpending THEN 'detaching'
       ELSE 'attached' END AS state
     FROM pg_class LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
     WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'calls'::regclass)
       AND relname ~ '^calls_(before_)?[0-9]+$'`,
  )
  return rows.map(({ name, state }) => ({ name, state, day: parsePartitionName(name) }))
}

/** True for the error of a row whose partition does not exist. */
export function isMissingPartition(error: unknown): boolean {
  // `check_violation`: the table has no other check. The message is in the language of the server.
  return error instanceof Error && 'code' in error && error.code === '23514'
}

/** The name of a day's partition: `calls_` and the number of the day since 1970. */
export function getPartitionName(day: number): string {
  return day < 0 ? `calls_before_${-day}` : `calls_${day}`
}

function parsePartitionName(name: string): number {
  const number = Number(/\d+$/.exec(name)?.[0])
  return name.startsWith('calls_before_') ? -number : number
}

export const dayMs = 86_400_000

function createPartition(day: number): string {
  const range = `FROM (${day * dayMs}) TO (${(day + 1) * dayMs})`
  return `CREATE TABLE IF NOT EXISTS ${getPartitionName(day)} PARTITION OF calls FOR VALUES ${range}`
}

/** The advisory lock of new partitions: any number that nothing else in the database uses. */
const partitionLock = '4702958303'

/** The one of removed partitions. New ones must not wait for a removal, which may wait for a report. */
const removalLock = '4702958305'
