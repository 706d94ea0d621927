import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import { databaseName, lockDataFolder, openDatabase } from '../sqlite/database.ts'
import type { StoreLocation } from '../open-store.ts'
import type { OnUpgrade } from '../upgrade.ts'
import type { Difference } from './column-sums.ts'
import { compareSums, copyStore, mergeStore, sumStore } from './copy-store.ts'
import type { OnProgress } from './copy-store.ts'
import { openTarget } from './copy-target.ts'
import { replayLocked } from './replay.ts'
import { countRows, openSnapshot, openSqliteSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'

/** The result of a copy: the copied rows, and the columns that differ when both stores are read again. */
export interface TransferResult {
  readonly rows: number
  readonly differences: readonly Difference[]
}

/** Reports a step and its progress. */
export type OnTransfer = (step: 'upgrade' | 'copy' | 'compare', progress: Parameters<OnProgress>[0]) => void

/**
 * Copies a store into an empty one, reads the copy again and compares every column. Data folders must not be served
 * meanwhile (`data_folder_busy`); a target with rows is refused (`store_not_empty`).
 */
export async function transferStore(
  from: StoreLocation,
  to: StoreLocation,
  onProgress: OnTransfer = () => {},
): Promise<TransferResult> {
  if (from.store === undefined) requireDataFolder(from.dataFolder)
  const lock = from.store === undefined ? lockDataFolder(from.dataFolder) : null
  try {
    upgradeFolder(from, onProgress)
    // The journals may have calls that the database does not have yet.
    if (lock !== null) await replayLocked(from.dataFolder, from)
    const source = await openSnapshot(from)
    try {
      return await copyAndCompare(source, to, onProgress)
    } finally {
      await source.close()
    }
  } finally {
    lock?.release()
  }
}

async function copyAndCompare(
  source: Snapshot,
  to: StoreLocation,
  onProgress: OnTransfer,
): Promise<TransferResult> {
  const target = await openTarget(to, { isExclusive: true, onUpgrade: toOnUpgrade(onProgress) })
  try {
    const read = await copyStore(source, target, (progress) => onProgress('copy', progress))
    const written = await sumStore(target.queries, (progress) => onProgress('compare', progress))
    return {
      rows: read.reduce((sum, { rows }) => sum + rows, 0),
      differences: compareSums(read, written),
    }
  } finally {
    await target.close()
  }
}

/** Compares every column of two stores. */
export async function compareStores(
  one: StoreLocation,
  other: StoreLocation,
  onProgress: OnTransfer = () => {},
): Promise<TransferResult> {
  const sums = []
  for (const location of [one, other]) {
    upgradeFolder(location, onProgress)
    const snapshot = await openSnapshot(location)
    try {
      sums.push(await sumStore(snapshot, (progress) => onProgress('compare', progress)))
    } finally {
      await snapshot.close()
    }
  }
  const [first = [], second = []] = sums
  return {
    rows: first.reduce((sum, { rows }) => sum + rows, 0),
    differences: compareSums(first, second),
  }
}

/** Writes one state of the store into a new SQLite file, while servers may use the store. Throws if the file exists. */
export async function backUpStore(
  from: StoreLocation,
  file: string,
  onProgress: OnTransfer = () => {},
): Promise<TransferResult> {
  if (existsSync(file)) throw new GatewayError('backup_failed', `${file} exists already`)
  const folder = mkdtempSync(join(dirname(resolve(file)), '.anthology-backup-'))
  try {
    const result =
      from.store === undefined
        ? await vacuumInto(from.dataFolder, join(folder, databaseName))
        : await copyIntoFolder(from, folder, onProgress)
    renameSync(join(folder, databaseName), file)
    return result
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function vacuumInto(dataFolder: string, file: string): Promise<TransferResult> {
  const database = new DatabaseSync(join(dataFolder, databaseName), { timeout: 5_000 })
  try {
    database.prepare('VACUUM INTO ?').run(file)
  } finally {
    database.close()
  }
  const snapshot = openSqliteSnapshot(file)
  try {
    return { rows: await countRows(snapshot, 'calls'), differences: [] }
  } finally {
    await snapshot.close()
  }
}

async function copyIntoFolder(
  from: StoreLocation,
  folder: string,
  onProgress: OnTransfer,
): Promise<TransferResult> {
  const source = await openSnapshot(from)
  try {
    const result = await copyAndCompare(source, { dataFolder: folder }, onProgress)
    const database = new DatabaseSync(join(folder, databaseName))
    // One file: without a log beside it.
    database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE')
    database.close()
    return result
  } finally {
    await source.close()
  }
}

/**
 * Restores a backup. An empty store becomes equal to it. In a store with rows, the missing ones are added; nothing is
 * changed or removed, so a server may run.
 */
export async function restoreStore(
  file: string,
  to: StoreLocation,
  onProgress: OnTransfer = () => {},
): Promise<{ readonly isMerge: boolean }> {
  if (!existsSync(file)) throw new GatewayError('backup_failed', `there is no file ${file}`)
  const folder = mkdtempSync(join(dirname(resolve(file)), '.anthology-restore-'))
  try {
    // A copy is upgraded if it is of an older version; the backup stays as it is.
    copyFileSync(file, join(folder, databaseName))
    openDatabase(folder, { onUpgrade: toOnUpgrade(onProgress) }).close()
    const source = openSqliteSnapshot(join(folder, databaseName))
    const target = await openTarget(to, { isExclusive: false, onUpgrade: toOnUpgrade(onProgress) })
    try {
      const isMerge = await hasRows(target.queries)
      const report: OnProgress = (progress) => onProgress('copy', progress)
      if (isMerge) await mergeStore(source, target, report)
      else await copyStore(source, target, report)
      return { isMerge }
    } finally {
      await target.close()
      await source.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function hasRows(queries: Parameters<typeof countRows>[0]): Promise<boolean> {
  for (const table of ['calls', 'keys', 'resources']) if ((await countRows(queries, table)) > 0) return true
  return false
}

/** Upgrades a data folder of an older version, before it is read. PostgreSQL is upgraded by its servers. */
function upgradeFolder({ dataFolder, store }: StoreLocation, onProgress: OnTransfer): void {
  if (store !== undefined) return
  requireDataFolder(dataFolder)
  openDatabase(dataFolder, { isLocked: true, onUpgrade: toOnUpgrade(onProgress) }).close()
}

function toOnUpgrade(onProgress: OnTransfer): OnUpgrade {
  return (progress) => onProgress('upgrade', progress)
}

function requireDataFolder(dataFolder: string): void {
  if (!existsSync(join(dataFolder, databaseName)))
    throw new GatewayError('backup_failed', `${dataFolder} is not a data folder: it has no ${databaseName}`)
}
