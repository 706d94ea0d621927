import type { PoolClient } from 'pg'

import { GatewayError } from '../../errors.ts'
import { describeUrl, openConnections } from './connections.ts'
import type { Connections } from './connections.ts'
import { runTransaction } from './postgres-database.ts'
import { toPostgresTables } from '../schema/common.ts'
import { reconciliationTables } from '../schema/reconciliations.ts'
import { partIndex } from '../schema/rollups.ts'
import { routingTables } from '../schema/routing.ts'
import { readSessionTimes, sessionTables } from '../schema/sessions.ts'
import { createUnfinishedError, unfinishedCopyVersion } from '../unfinished-copy.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { partitionRollups } from './rollup-partitions.ts'
import { requireServerVersion } from './server-version.ts'
import { detailsColumn, firstTables } from './tables.ts'

/** One step of the schema. Its statements run in the transaction of all missing steps. */
interface Migration {
  readonly version: number
  readonly run: string | ((client: PoolClient, onUpgrade: OnUpgrade) => Promise<void>)
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

/** The times of the sessions, and those of the stored calls. */
const addSessionTimes = `
  ${toPostgresTables(sessionTables)}
  INSERT INTO session_times (session_id, at_ms) ${readSessionTimes} ON CONFLICT DO NOTHING;
`

/** Forward only, oldest first. A released step never changes. */
const migrations: readonly Migration[] = [
  { version: 1, run: firstTables },
  { version: 2, run: detailsColumn },
  { version: 3, run: addAnswersOfShares },
  { version: 4, run: toPostgresTables(reconciliationTables) },
  { version: 5, run: partIndex },
  { version: 6, run: toPostgresTables(routingTables) },
  { version: 7, run: addProcesses },
  { version: 8, run: partitionRollups },
  { version: 9, run: addSessionTimes },
]

/** The version that this release needs. */
export const postgresSchemaVersion = migrations.at(-1)?.version ?? 0

/**
 * Brings the database to this release's schema, under a lock that lets one process at a time do so. Throws
 * `store_too_new` for a database that a newer release has migrated, `copy_unfinished` for one into which a copy has not
 * ended, and `store_refused` for a PostgreSQL that is too old.
 */
export async function migratePostgres(
  connections: Connections,
  url: string,
  onUpgrade: OnUpgrade = () => {},
): Promise<void> {
  await connections.use(requireServerVersion)
  if (requireKnown(await connections.use(readVersion), url) === postgresSchemaVersion) return
  // The longest statement may read all rows of a table.
  const patient = await openConnections({ url, maxConnections: 1, statementMs: maxStatementMs })
  try {
    await patient.use((client) => runTransaction(client, () => runMissing(client, url, onUpgrade)))
  } finally {
    await patient.close()
  }
}

/** Reads the version again, because another process may have migrated while this one waited for the lock. */
async function runMissing(client: PoolClient, url: string, onUpgrade: OnUpgrade): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(${migrationLock})`)
  await client.query(
    'CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY, applied_at_ms BIGINT NOT NULL)',
  )
  const version = requireKnown(await readVersion(client), url)
  for (const migration of migrations) {
    if (migration.version <= version) continue
    if (typeof migration.run === 'string') await client.query(migration.run)
    else await migration.run(client, onUpgrade)
    await client.query('INSERT INTO schema_migrations VALUES ($1, $2)', [migration.version, Date.now()])
  }
}

function requireKnown(version: number, url: string): number {
  if (version <= postgresSchemaVersion) return version
  if (version === unfinishedCopyVersion) throw createUnfinishedError('database', describeUrl(url))
  throw new GatewayError(
    'store_too_new',
    `${describeUrl(url)} was migrated by a newer Anthology (schema ${version})`,
  )
}

/** Marks the store as one into which a copy has not ended. Returns false if another copy has marked it. */
export async function markUnfinished(connections: Connections): Promise<boolean> {
  const { rowCount } = await connections.use((client) =>
    client.query('INSERT INTO schema_migrations VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      unfinishedCopyVersion,
      Date.now(),
    ]),
  )
  return rowCount === 1
}

/** Takes the mark away. */
export async function markWhole(connections: Connections): Promise<void> {
  await connections.use((client) =>
    client.query('DELETE FROM schema_migrations WHERE version = $1', [unfinishedCopyVersion]),
  )
}

/**
 * Throws `copy_unfinished` or `store_too_new` for a database that this release must not read, and changes nothing: for a
 * replica, which gets its tables from the store.
 */
export async function requireReadable(url: string): Promise<void> {
  const connections = await openConnections({ url, maxConnections: 1 })
  try {
    requireKnown(await connections.use(readVersion), url)
  } finally {
    await connections.close()
  }
}

/** 0 for a database without tables. */
async function readVersion(client: PoolClient): Promise<number> {
  const { rows: found } = await client.query<{ exists: bigint }>(
    "SELECT to_regclass('schema_migrations') IS NOT NULL AS exists",
  )
  if (found[0]?.exists !== 1n) return 0
  const { rows } = await client.query<{ version: bigint }>(
    'SELECT coalesce(max(version), 0) AS version FROM schema_migrations',
  )
  return Number(rows[0]?.version ?? 0)
}

const maxStatementMs = 600_000

/** The advisory lock of migrations: any number that nothing else in the database uses. */
const migrationLock = '4702958302'
