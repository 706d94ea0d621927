import type { PoolClient } from 'pg'

import { runTransaction } from './postgres-database.ts'

/** Creates the daily partitions of `calls` that rows need, each once. */
export interface Partitions {
  /** Creates the missing partitions of the days (UTC) of these times, outside of a transaction. */
  ensure(client: PoolClient, timesMs: Iterable<number>): Promise<void>
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
  }
}

/** The name of a day's partition: `calls_` and the number of the day since 1970. */
export function getPartitionName(day: number): string {
  return day < 0 ? `calls_before_${-day}` : `calls_${day}`
}

export const dayMs = 86_400_000

function createPartition(day: number): string {
  const range = `FROM (${day * dayMs}) TO (${(day + 1) * dayMs})`
  return `CREATE TABLE IF NOT EXISTS ${getPartitionName(day)} PARTITION OF calls FOR VALUES ${range}`
}

/** The advisory lock of new partitions: any number that nothing else in the database uses. */
const partitionLock = '4702958303'
