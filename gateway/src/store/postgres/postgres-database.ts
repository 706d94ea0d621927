import type { PoolClient } from 'pg'

import type { Database, Queries, SqlArray, SqlRow, SqlValue } from '../database.ts'
import { numberTypes, openConnections } from './connections.ts'
import type { ConnectionOptions, Connections } from './connections.ts'
import type { StoreClock } from './store-clock.ts'
import { toPostgresStatement } from './placeholders.ts'

/** Opens a `Database` on PostgreSQL. Its tables must exist (`migrate`). */
export async function openPostgresDatabase(options: ConnectionOptions): Promise<Database> {
  return createPostgresDatabase(await openConnections(options))
}

/**
 * A `Database` on PostgreSQL. Writing transactions of all replicas exclude each other, as those of SQLite do: code that
 * reads before it writes is then right on both. Single statements run beside them.
 */
export function createPostgresDatabase(connections: Connections, clock: StoreClock = localClock): Database {
  return {
    dialect: 'postgres',
    query: (sql, values) => connections.use((client) => run(client, sql, values)),
    queryArrays: (sql, values) => connections.use((client) => runArrays(client, sql, values)),
    transaction: (work) =>
      connections.use((client) =>
        runTransaction(client, async () => {
          await client.query(`SELECT pg_advisory_xact_lock(${transactionLock})`)
          return work(createQueries(client))
        }),
      ),
    snapshot: (work) =>
      connections.use((client) =>
        runTransaction(
          client,
          () => work(createQueries(client)),
          'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
        ),
      ),
    nowMs: clock.nowMs,
    async close() {
      await clock.close()
      await connections.close()
    },
  }
}

/** Without a `StoreClock`, as in commands that only read. */
const localClock: StoreClock = { nowMs: Date.now, close: async () => {} }

/** Commits when `work` returns; an error rolls back and is thrown again. */
export async function runTransaction<Result>(
  client: PoolClient,
  work: () => Promise<Result>,
  begin = 'BEGIN',
): Promise<Result> {
  await client.query(begin)
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // On a broken connection PostgreSQL has rolled back already; the first error says why.
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** Statements on one connection. */
export function createQueries(client: PoolClient): Queries {
  return {
    dialect: 'postgres',
    query: (sql, values) => run(client, sql, values),
    queryArrays: (sql, values) => runArrays(client, sql, values),
  }
}

async function run(
  client: PoolClient,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<readonly SqlRow[]> {
  const { name, text, values: texts } = toPostgresStatement(sql, values)
  const { rows } = await client.query<SqlRow>({ name, text, values: [...texts] })
  return rows
}

async function runArrays(
  client: PoolClient,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<readonly SqlArray[]> {
  const { name, text, values: texts } = toPostgresStatement(sql, values)
  const { rows } = await client.query<SqlValue[]>({
    name,
    text,
    values: [...texts],
    rowMode: 'array',
    types: numberTypes,
  })
  return rows
}

/** The advisory lock of writing transactions: any number that nothing else in the database uses. */
export const transactionLock = '4702958301'
