import type { Reader } from './database.ts'
import type { StoreLocation } from './open-store.ts'
import { openPostgresDatabase } from './postgres/postgres-database.ts'
import { openSqliteReader } from './sqlite/sqlite-reader.ts'

/** The tables for reading, on connections of their own. */
export interface StoreReader extends Reader {
  close(): Promise<void>
}

/** Opens tables that exist. A store that cannot be reached fails the queries, and is opened again by a later one. */
export async function openReader({ dataFolder, store }: StoreLocation): Promise<StoreReader> {
  return store === undefined
    ? openSqliteReader(dataFolder)
    : openPostgresDatabase({ url: store, maxConnections: maxReaderConnections })
}

const maxReaderConnections = 4
