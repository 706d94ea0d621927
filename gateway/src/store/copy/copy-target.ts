import { openConnections } from '../postgres/connections.ts'
import { migratePostgres } from '../postgres/migrations.ts'
import { createPostgresDatabase } from '../postgres/postgres-database.ts'
import { createPostgresSink } from '../postgres/postgres-sink.ts'
import { lockDataFolder, openDatabase } from '../sqlite/database.ts'
import { createSqliteDatabase } from '../sqlite/sqlite-database.ts'
import { createSqliteSink } from '../sqlite/sqlite-sink.ts'
import type { StoreLocation } from '../open-store.ts'
import type { OnUpgrade } from '../upgrade.ts'
import type { CopyTarget } from './copy-store.ts'
import { createPostgresRowWriter, createSqliteRowWriter } from './row-writer.ts'

export interface OpenTarget extends CopyTarget {
  close(): Promise<void>
}

interface TargetOptions {
  /** No server may serve the data folder meanwhile. */
  readonly isExclusive: boolean
  readonly onUpgrade: OnUpgrade
}

/** Opens a store for writing, and creates its tables. */
export async function openTarget(
  location: StoreLocation,
  { isExclusive, onUpgrade }: TargetOptions,
): Promise<OpenTarget> {
  return location.store === undefined
    ? openSqliteTarget(location.dataFolder, { isExclusive, onUpgrade })
    : openPostgresTarget(location.store, onUpgrade)
}

function openSqliteTarget(dataFolder: string, { isExclusive, onUpgrade }: TargetOptions): OpenTarget {
  const lock = isExclusive ? lockDataFolder(dataFolder) : null
  try {
    const database = openDatabase(dataFolder, { isLocked: isExclusive, onUpgrade })
    return {
      queries: createSqliteDatabase(database),
      sink: createSqliteSink(database),
      rows: createSqliteRowWriter(database),
      close() {
        database.close()
        lock?.release()
        return Promise.resolve()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

async function openPostgresTarget(url: string, onUpgrade: OnUpgrade): Promise<OpenTarget> {
  // A page of an old ledger may touch many partitions.
  const connections = await openConnections({ url, maxConnections: 2, statementMs: 600_000 })
  try {
    await migratePostgres(connections, url, onUpgrade)
    return {
      queries: createPostgresDatabase(connections),
      sink: createPostgresSink({ connections, replica: 'copy' }),
      rows: createPostgresRowWriter(connections),
      close: () => connections.close(),
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}
