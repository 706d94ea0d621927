import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { dropAllShares } from '../../budgets/share-table.ts'
import { monotonicMs } from '../../clock.ts'
import { GatewayError } from '../../errors.ts'
import { Ingester } from '../ingester.ts'
import type { Recovered } from '../ingester.ts'
import { findSegments } from '../journal-folder.ts'
import { openStore } from '../open-store.ts'
import type { StoreLocation } from '../open-store.ts'
import { openConnections } from '../postgres/connections.ts'
import { migratePostgres } from '../postgres/migrations.ts'
import { createPostgresSink } from '../postgres/postgres-sink.ts'
import { readReplicaId } from '../replica-id.ts'
import type { LedgerSink } from '../sink.ts'
import { databaseName, lockDataFolder, openDatabase } from '../sqlite/database.ts'
import { createSqliteSink } from '../sqlite/sqlite-sink.ts'
import type { OnUpgrade } from '../upgrade.ts'

export interface ReplayOptions {
  /** See `listJournalPlaces`. */
  readonly emergencyFolder?: string | undefined
  readonly onUpgrade?: OnUpgrade | undefined
}

/**
 * Stores the calls that the journals of a data folder still have, and removes the journals. Its shares of budgets in
 * PostgreSQL end: its calls and batches count by their rows. No server may use the folder (`data_folder_busy`).
 */
export async function replayJournals(
  dataFolder: string,
  to: StoreLocation,
  options: ReplayOptions = {},
): Promise<Recovered> {
  requireServerFolder(dataFolder, options.emergencyFolder)
  const lock = lockDataFolder(dataFolder)
  try {
    const recovered = await replayLocked(dataFolder, to, options)
    if (to.store !== undefined) await dropShares(dataFolder, to)
    return recovered
  } finally {
    lock.release()
  }
}

/** A wrong name must not look like a folder that has nothing left to store. */
function requireServerFolder(dataFolder: string, emergencyFolder: string | undefined): void {
  const isKnown = ['journal', 'replica-id', databaseName].some((name) => existsSync(join(dataFolder, name)))
  if (!isKnown && findSegments(dataFolder, emergencyFolder).length === 0)
    throw new GatewayError(
      'backup_failed',
      `${dataFolder} is not the data folder of a server: it has no journal`,
    )
}

/** The caller has locked the data folder. */
export async function replayLocked(
  dataFolder: string,
  to: StoreLocation,
  { emergencyFolder, onUpgrade }: ReplayOptions = {},
): Promise<Recovered> {
  const sink = await openSink(dataFolder, to, onUpgrade)
  try {
    const findOwn = () => findSegments(dataFolder, emergencyFolder)
    const ingester = new Ingester({ findSegments: findOwn, sink, nowMs: monotonicMs })
    const recovered = await ingester.recover()
    await ingester.close()
    return recovered
  } finally {
    await sink.close()
  }
}

async function dropShares(dataFolder: string, to: StoreLocation): Promise<void> {
  const database = await openStore(to)
  try {
    await dropAllShares(database, readReplicaId(dataFolder))
  } finally {
    await database.close()
  }
}

async function openSink(
  dataFolder: string,
  { dataFolder: target, store }: StoreLocation,
  onUpgrade: OnUpgrade | undefined,
): Promise<LedgerSink> {
  if (store === undefined)
    return createSqliteSink(openDatabase(target, { isLocked: target === dataFolder, onUpgrade }))
  const connections = await openConnections({ url: store, maxConnections: 2 })
  try {
    await migratePostgres(connections, store, onUpgrade)
  } catch (error) {
    await connections.close()
    throw error
  }
  return createPostgresSink({ connections, replica: readReplicaId(dataFolder) })
}
