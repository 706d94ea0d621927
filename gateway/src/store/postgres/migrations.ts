import type { PoolClient } from 'pg'

import { GatewayError } from '../../errors.ts'
import { describeUrl } from './connections.ts'
import type { Connections } from './connections.ts'
import { runTransaction } from './postgres-database.ts'
import { toPostgresTables } from '../schema/common.ts'
import { reconciliationTables } from '../schema/reconciliations.ts'
import { partIndex } from '../schema/rollups.ts'
import { routingTables } from '../schema/routing.ts'
import { detailsColumn, firstTables } from './tables.ts'

/** One step of the schema. Its statements run in the transaction of all missing steps. */
interface Migration {
  readonly version: number
  readonly sql: string
}

/** The answers of servers that share a budget. What was spent without a share is not a share any more. */
const addAnswersOfShares = `
  ALTER TABLE budget_leases ADD COLUMN IF NOT EXISTS since_ms BIGINT NOT NULL DEFAULT 0;
  ALTER TABLE budget_leases ADD COLUMN IF NOT EXISTS answered_wish BIGINT NOT NULL DEFAULT 0;
  DELETE FROM budget_leases WHERE holder = 'base';
`

/** The process of a batch, whose shares of budgets have its hold, and the index of all kinds of unsettled batches. */
const addProcesses = toPostgresTables(`
  ALTER TABLE resources ADD COLUMN IF NOT EXISTS process_id TEXT;
  DROP INDEX IF EXISTS resources_unsettled;
  CREATE INDEX resources_unsettled ON resources (seq) WHERE kind <> 'file' AND settled_at_ms IS NULL;
`)

/** Forward only, oldest first. A released step never changes. */
const migrations: readonly Migration[] = [
  { version: 1, sql: firstTables },
  { version: 2, sql: detailsColumn },
  { version: 3, sql: addAnswersOfShares },
  { version: 4, sql: toPostgresTables(reconciliationTables) },
  { version: 5, sql: partIndex },
  { version: 6, sql: toPostgresTables(routingTables) },
  { version: 7, sql: addProcesses },
]

/** The version that this release needs. */
export const postgresSchemaVersion = migrations.at(-1)?.version ?? 0

/**
 * Brings the database to this release's schema, under a lock that lets one process at a time do so. Throws
 * `store_too_new` for a database that a newer release has migrated.
 */
export async function migratePostgres(connections: Connections, url: string): Promise<void> {
  await connections.use((client) =>
    runTransaction(client, async () => {
      await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`)
      await client.query(
        'CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, applied_at_ms BIGINT NOT NULL)',
      )
      const version = await readVersion(client)
      if (version > postgresSchemaVersion)
        throw new GatewayError(
          'store_too_new',
          `${describeUrl(url)} was migrated by a newer Anthology (schema ${version})`,
        )
      for (const migration of migrations) {
        if (migration.version <= version) continue
        await client.query(migration.sql)
        await client.query('INSERT INTO schema_migrations VALUES ($1, $2)', [migration.version, Date.now()])
      }
    }),
  )
}

async function readVersion(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ version: bigint }>(
    'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
  )
  return Number(rows[0]?.version ?? 0)
}

/** The advisory lock of migrations: any number that nothing else in the database uses. */
const migrationLock = '4702958302'
