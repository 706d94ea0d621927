import { openConnections } from './postgres/connections.ts'
import { migratePostgres } from './postgres/migrations.ts'
import { createPostgresDatabase } from './postgres/postgres-database.ts'
import { openStoreClock } from './postgres/store-clock.ts'
import type { Database } from './database.ts'
import { openDatabase } from './sqlite/database.ts'
import { createSqliteDatabase } from './sqlite/sqlite-database.ts'
import type { OnUpgrade } from './upgrade.ts'

/** The place of the tables. */
export interface StoreLocation {
  readonly dataFolder: string
  /** A `postgres://` URL; undefined for SQLite in the data folder. */
  readonly store?: string | undefined
}

export interface StoreOptions {
  /** The caller holds the lock of the data folder (`lockDataFolder`). */
  readonly isLocked?: boolean
  /** The most connections to PostgreSQL. */
  readonly maxConnections?: number
  readonly onUpgrade?: OnUpgrade | undefined
}

/**
 * Opens the tables, and creates or upgrades them. Throws a GatewayError: `store_unavailable`, `store_refused` and
 * `store_too_new` for PostgreSQL; see `openDatabase` for SQLite.
 */
export async function openStore(location: StoreLocation, options: StoreOptions = {}): Promise<Database> {
  const { dataFolder, store } = location
  if (store === undefined) {
    const connection = openDatabase(dataFolder, {
      isLocked: options.isLocked ?? false,
      onUpgrade: options.onUpgrade,
    })
    // The wait for a lock is that of `createSqliteDatabase`, which does not block this thread.
    connection.exec('PRAGMA busy_timeout = 0')
    return createSqliteDatabase(connection)
  }
  const connections = await openConnections({ url: store, maxConnections: options.maxConnections })
  try {
    await migratePostgres(connections, store, options.onUpgrade)
    return createPostgresDatabase(connections, await openStoreClock(connections))
  } catch (error) {
    await connections.close()
    throw error
  }
}
