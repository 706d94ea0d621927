import { openConnections } from './connections.ts'
import { postgresSchemaVersion } from './migrations.ts'
import { requireServerVersion } from './server-version.ts'

/** Facts about a PostgreSQL, for `anthology doctor`. */
export interface PostgresFacts {
  /** As PostgreSQL prints it, such as `18.4`. */
  readonly serverVersion: string
  /** The version of the tables; null if there are none yet. */
  readonly schemaVersion: number | null
  /** The version that this release needs. */
  readonly neededVersion: number
  /** The number of calls by PostgreSQL's own statistics. */
  readonly estimatedCalls: number
  readonly usesTls: boolean
}

/** Reads the facts and changes nothing. Throws `store_unavailable` or `store_refused`. */
export async function inspectPostgres(url: string): Promise<PostgresFacts> {
  const connections = await openConnections({ url, maxConnections: 1, maxConnectMs: 1_000 })
  try {
    return await connections.use(async (client) => {
      await requireServerVersion(client)
      const { rows } = await client.query<FactRow>(facts)
      const [row] = rows
      const version =
        row?.has_schema === 1n
          ? await client.query<{ version: bigint }>('SELECT max(version) AS version FROM schema_migrations')
          : null
      const schema = version?.rows[0]?.version ?? null
      return {
        serverVersion: row?.server_version ?? '',
        schemaVersion: schema === null ? null : Number(schema),
        neededVersion: postgresSchemaVersion,
        estimatedCalls: Number(row?.calls ?? 0),
        usesTls: row?.uses_tls === 1n,
      }
    })
  } finally {
    await connections.close()
  }
}

interface FactRow {
  readonly server_version: string
  readonly has_schema: bigint
  readonly calls: bigint | null
  readonly uses_tls: bigint
}

const facts = `SELECT current_setting('server_version') AS server_version,
  to_regclass('schema_migrations') IS NOT NULL AS has_schema,
  (SELECT CAST(sum(greatest(reltuples, 0)) AS BIGINT) FROM pg_class
    JOIN pg_inherits ON inhrelid = pg_class.oid WHERE inhparent = to_regclass('calls')) AS calls,
  coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), FALSE) AS uses_tls`
