import { copyFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import { databaseName, lockDataFolder, openDatabase } from '../sqlite/database.ts'
import { findCorruption } from '../sqlite/integrity.ts'
import { schemaVersion } from '../sqlite/tables.ts'
import type { StoreLocation } from '../open-store.ts'
import { openConnections } from '../postgres/connections.ts'
import { migratePostgres } from '../postgres/migrations.ts'
import { unfinishedCopy, unfinishedCopyVersion } from '../unfinished-copy.ts'
import type { OnUpgrade } from '../upgrade.ts'
import type { Difference } from './column-sums.ts'
import { compareSums, copyStore, findUsedTable, mergeStore, sumStore } from './copy-store.ts'
import type { OnProgress } from './copy-store.ts'
import { openTarget, requireUnserved } from './copy-target.ts'
import { replayLocked } from './replay.ts'
import { countRows, openSnapshot, openSqliteSnapshot } from './snapshot.ts'
import type { Snapshot } from './snapshot.ts'
import { makeWorkFolder } from './work-folder.ts'

/** The result of a copy: the copied rows, and the columns that differ when both stores are read again. */
export interface TransferResult {
  readonly rows: number
  readonly differences: readonly Difference[]
}

/** Reports a step and its progress. */
export type OnTransfer = (step: 'upgrade' | 'copy' | 'compare', progress: Parameters<OnProgress>[0]) => void

/**
 * Copies a store into an empty one, reads the copy again and compares every column. Neither store may be served
 * meanwhile (`data_folder_busy`); a target with rows is refused (`store_not_empty`). `emergencyFolder`: see
 * `listJournalPlaces`.
 */
export async function transferStore(
  from: StoreLocation,
  to: StoreLocation,
  onProgress: OnTransfer = () => {},
  emergencyFolder?: string,
): Promise<TransferResult> {
  if (from.store === undefined) requireDataFolder(from.dataFolder)
  else await requireUnserved(from.store)
  const lock = from.store === undefined ? lockDataFolder(from.dataFolder) : null
  try {
    await upgradeSource(from, onProgress)
    // The journals may have calls that the database does not have yet.
    if (lock !== null) await replayLocked(from.dataFolder, from, { emergencyFolder })
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
    const differences = compareSums(read, written)
    if (differences.length === 0) await target.markUnfinished(false)
    return { rows: read.reduce((sum, { rows }) => sum + rows, 0), differences }
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
    await upgradeSource(location, onProgress)
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

/**
 * Writes one state of the store into a new SQLite file for its owner only, while servers may use the store. Throws if the
 * file exists; writes none if the copy differs from the store. `onFolder` gets a folder that the caller removes if a signal ends the process.
 */
export async function backUpStore(
  from: StoreLocation,
  file: string,
  onProgress: OnTransfer = () => {},
  onFolder: (folder: string) => void = () => {},
): Promise<TransferResult> {
  if (existsSync(file)) throw new GatewayError('backup_failed', `${file} exists already`)
  const parent = dirname(resolve(file))
  if (!existsSync(parent)) throw new GatewayError('backup_failed', `there is no folder ${parent}`)
  const folder = makeWorkFolder(parent, 'backup')
  // No signal is handled while SQLite writes its copy.
  if (from.store !== undefined) onFolder(folder)
  try {
    const result =
      from.store === undefined
        ? await vacuumInto(from.dataFolder, join(folder, databaseName))
        : await copyIntoFolder(from, folder, onProgress)
    // A file that differs from the store is no backup, and one that was made meanwhile stays.
    if (existsSync(file)) throw new GatewayError('backup_failed', `${file} exists already`)
    if (result.differences.length === 0) renameSync(join(folder, databaseName), file)
    return result
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function vacuumInto(dataFolder: string, file: string): Promise<TransferResult> {
  // SQLite takes an empty file, and keeps its mode.
  writeFileSync(file, '', { mode: 0o600 })
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
  await upgradeSource(from, onProgress)
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

export interface RestoreResult {
  /** The store had rows or a server, so that the missing rows were added. */
  readonly isMerge: boolean
  /** Hours whose calls are back, without the sums of those that retention had removed before the backup. */
  readonly incompleteHours: number
}

/**
 * Restores a backup. An empty store that no server uses becomes equal to it. To any other one the missing rows are added;
 * nothing is changed or removed, so a server may run. `onFolder`: see `backUpStore`.
 */
export async function restoreStore(
  file: string,
  to: StoreLocation,
  onProgress: OnTransfer = () => {},
  onFolder: (folder: string) => void = () => {},
): Promise<RestoreResult> {
  if (!existsSync(file)) throw new GatewayError('backup_failed', `there is no file ${file}`)
  const folder = makeFolderFor(file)
  onFolder(folder)
  try {
    // A copy is upgraded if it is of an older version; the backup stays as it is.
    copyFileSync(file, join(folder, databaseName))
    requireBackup(file, folder)
    openDatabase(folder, { onUpgrade: toOnUpgrade(onProgress) }).close()
    const source = openSqliteSnapshot(join(folder, databaseName))
    const target = await openTarget(to, { isExclusive: false, onUpgrade: toOnUpgrade(onProgress) })
    try {
      const report: OnProgress = (progress) => onProgress('copy', progress)
      if (target.isServed || (await findUsedTable(target.queries)) !== null)
        return { isMerge: true, ...(await mergeStore(source, target, report)) }
      await copyStore(source, target, report)
      await target.markUnfinished(false)
      return { isMerge: false, incompleteHours: 0 }
    } finally {
      await target.close()
      await source.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A folder beside the backup, where such a file has room, or a temporary one if no folder can be made there. */
function makeFolderFor(file: string): string {
  try {
    return makeWorkFolder(dirname(resolve(file)), 'restore')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && unwritable.has(String(error.code)))) throw error
    return makeWorkFolder(tmpdir(), 'restore')
  }
}

/** Codes for a folder of a read-only medium, of another user, or of the system. */
const unwritable: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM', 'ENOENT'])

/**
 * Checks the copy of a backup in a folder before anything of it is restored, with its indexes: a call that an index lacks
 * would not be read.
 */
function requireBackup(file: string, folder: string): void {
  if (existsSync(`${file}-wal`) && statSync(`${file}-wal`).size > 0)
    throw new GatewayError(
      'backup_failed',
      `${file} is a database in use: its last rows are in ${file}-wal`,
      {
        hint: 'Make a backup of its data folder with anthology backup, and restore that.',
      },
    )
  const finding = findCorruption(folder, { full: true }) ?? findForeign(join(folder, databaseName))
  if (finding !== null)
    throw new GatewayError('backup_failed', `${file} cannot be restored: ${finding}`, {
      hint: 'Nothing was changed. Restore another backup.',
    })
}

function findForeign(file: string): string | null {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'calls'")
    if (tables.get() === undefined) return 'it has no table of calls, so it is no backup'
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    if (version === unfinishedCopyVersion) return unfinishedCopy
    return version > schemaVersion ? `it was written by a newer Anthology (schema ${version})` : null
  } finally {
    database.close()
  }
}

/** Upgrades a store of an older version before it is read. */
async function upgradeSource({ dataFolder, store }: StoreLocation, onProgress: OnTransfer): Promise<void> {
  const onUpgrade = toOnUpgrade(onProgress)
  if (store === undefined) {
    requireDataFolder(dataFolder)
    openDatabase(dataFolder, { isLocked: true, onUpgrade }).close()
    return
  }
  const connections = await openConnections({ url: store, maxConnections: 1 })
  try {
    await migratePostgres(connections, store, onUpgrade)
  } finally {
    await connections.close()
  }
}

function toOnUpgrade(onProgress: OnTransfer): OnUpgrade {
  return (progress) => onProgress('upgrade', progress)
}

function requireDataFolder(dataFolder: string): void {
  if (!existsSync(join(dataFolder, databaseName)))
    throw new GatewayError('backup_failed', `${dataFolder} is not a data folder: it has no ${databaseName}`)
}
