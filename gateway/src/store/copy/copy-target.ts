import { setTimeout } from 'node:timers/promises'

import { GatewayError } from '../../errors.ts'
import type { Queries } from '../database.ts'
import { describeUrl, openConnections } from '../postgres/connections.ts'
import { markUnfinished, markWhole, migratePostgres } from '../postgres/migrations.ts'
import { createPostgresDatabase } from '../postgres/postgres-database.ts'
import { createPostgresSink } from '../postgres/postgres-sink.ts'
import { lockDataFolder, markUnfinished as markSqlite, openDatabase } from '../sqlite/database.ts'
import { createSqliteDatabase } from '../sqlite/sqlite-database.ts'
import { createSqliteSink } from '../sqlite/sqlite-sink.ts'
import type { StoreLocation } from '../open-store.ts'
import { createUnfinishedError } from '../unfinished-copy.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { createPostgresRowWriter, createSqliteRowWriter } from './row-writer.ts'
import type { CopyTarget } from './row-writer.ts'

export interface OpenTarget extends CopyTarget {
  /** A server uses the store, so that nothing in it may be removed. */
  readonly isServed: boolean
  close(): Promise<void>
}

interface TargetOptions {
  /** Throws `data_folder_busy` for a store that a server uses. */
  readonly isExclusive: boolean
  readonly onUpgrade: OnUpgrade
}

/** Opens a store for writing, and creates its tables. No server can begin to serve a data folder that none serves now. */
export async function openTarget(
  location: StoreLocation,
  { isExclusive, onUpgrade }: TargetOptions,
): Promise<OpenTarget> {
  return location.store === undefined
    ? openSqliteTarget(location.dataFolder, { isExclusive, onUpgrade })
    : openPostgresTarget(location.store, { isExclusive, onUpgrade })
}

function openSqliteTarget(dataFolder: string, { isExclusive, onUpgrade }: TargetOptions): OpenTarget {
  const lock = isExclusive ? lockDataFolder(dataFolder) : tryLock(dataFolder)
  try {
    const database = openDatabase(dataFolder, { isLocked: lock !== null, onUpgrade })
    return {
      queries: createSqliteDatabase(database),
      sink: createSqliteSink(database),
      rows: createSqliteRowWriter(database),
      isServed: lock === null,
      markUnfinished: async (isUnfinished) => markSqlite(database, isUnfinished),
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

/** Null: a server has the lock. */
function tryLock(dataFolder: string): ReturnType<typeof lockDataFolder> | null {
  try {
    return lockDataFolder(dataFolder)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'data_folder_busy') return null
    throw error
  }
}

async function openPostgresTarget(
  url: string,
  { isExclusive, onUpgrade }: TargetOptions,
): Promise<OpenTarget> {
  // A page of an old ledger may touch many partitions.
  const options = { url, maxConnections: 2, statementMs: 600_000, applicationName }
  const connections = await openConnections(options)
  try {
    await migratePostgres(connections, url, onUpgrade)
    const queries = createPostgresDatabase(connections)
    const isServed = await hasServers(queries)
    if (isServed && isExclusive) throw createBusyError(url)
    return {
      queries,
      sink: createPostgresSink({ connections, replica: 'copy' }),
      rows: createPostgresRowWriter(connections),
      isServed,
      async markUnfinished(isUnfinished) {
        if (!isUnfinished) return markWhole(connections)
        // Another copy, or a server, may have begun since the checks above.
        if (!(await markUnfinished(connections))) throw createUnfinishedError('database', describeUrl(url))
        if (!(await hasServers(queries))) return
        await markWhole(connections)
        throw createBusyError(url)
      },
      close: () => connections.close(),
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}

/** Throws `data_folder_busy` for a PostgreSQL that a server uses: its journal may have calls that the tables lack. */
export async function requireUnserved(url: string): Promise<void> {
  const connections = await openConnections({ url, maxConnections: 1, applicationName })
  try {
    if (await hasServers(createPostgresDatabase(connections))) throw createBusyError(url)
  } finally {
    await connections.close()
  }
}

function createBusyError(url: string): GatewayError {
  return new GatewayError('data_folder_busy', `a server or a command uses ${describeUrl(url)}`)
}

/** Those of a server have another one. */
const applicationName = 'anthology store'

/** A server is always connected, because it listens for changes. A connection that was just closed is gone soon. */
async function hasServers(queries: Queries): Promise<boolean> {
  for (let looks = 0; looks < maxLooks; looks += 1) {
    const rows = await queries.query(
      `SELECT 1 AS found FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'anthology' LIMIT 1`,
    )
    if (rows.length === 0) return false
    await setTimeout(pauseMs)
  }
  return true
}

const maxLooks = 10
const pauseMs = 100
