import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import { isCorruption, readResultCode } from './integrity.ts'
import { migrate, needsMigration, rollupsVersion } from './migrations.ts'
import { fillRollups } from './rollup-writer.ts'
import { createUnfinishedError, unfinishedCopyVersion } from '../unfinished-copy.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { schemaVersion, tables } from './tables.ts'

/**
 * `process`: commits survive the death of the process (`kill -9` included), because
 * they are in the operating system's cache. `power`: commits wait for the disk. `store`: as `process`, and an answer
 * waits until its row is committed to the store, for disks that do not outlive the process.
 */
export type Durability = 'process' | 'power' | 'store'

/** `isLocked`: the caller already holds the folder's lock (`lockDataFolder`). */
export interface OpenOptions {
  readonly durability?: Durability
  readonly isLocked?: boolean
  readonly onUpgrade?: OnUpgrade | undefined
}

/**
 * Opens the data folder's database. Missing tables are created and those of an older version upgraded in place, but
 * never below a server of that older version: its statements would fail. Throws a GatewayError for a folder that a
 * newer version wrote (`data_folder_too_new`), for an older one that is being served (`data_folder_busy`), for a damaged
 * one (`data_folder_damaged`), and for one into which a copy has not ended (`copy_unfinished`).
 */
export function openDatabase(dataFolder: string, options: OpenOptions = {}): DatabaseSync {
  const { durability = 'process', isLocked = false, onUpgrade = () => {} } = options
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const file = createFile(dataFolder, databaseName)
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`,
    )
    const version = readVersion(database)
    if (version === unfinishedCopyVersion) throw createUnfinishedError('folder', dataFolder)
    if (version > schemaVersion)
      throw new GatewayError(
        'data_folder_too_new',
        `${dataFolder} was written by a newer Anthology (schema ${version})`,
      )
    if (version < schemaVersion) {
      const needsLock = !isLocked && needsMigration(database, version)
      const lock = needsLock ? lockDataFolder(dataFolder) : null
      try {
        upgrade(database, onUpgrade)
      } finally {
        lock?.release()
      }
    }
    return database
  } catch (error) {
    database.close()
    throw isCorruption(error) ? createDamageError(file, error.message) : error
  }
}

/** The file of the ledger in its data folder. */
export const databaseName = 'anthology.sqlite'

export function createDamageError(file: string, finding: string): GatewayError {
  return new GatewayError('data_folder_damaged', `the database ${file} is damaged: ${finding}`)
}

/**
 * Creates a missing database for its owner only; SQLite gives its other files the same mode. An existing one is not
 * opened here: closing it would release the locks that SQLite holds on it in this process.
 */
function createFile(dataFolder: string, name: string): string {
  const file = join(dataFolder, name)
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return file
}

/** Upgrades in one transaction. Reads the version again, because another process may have upgraded meanwhile. */
function upgrade(database: DatabaseSync, onUpgrade: OnUpgrade): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = readVersion(database)
    migrate(database, version, onUpgrade)
    database.exec(tables)
    if (version < rollupsVersion) fillRollups(database, onUpgrade)
    database.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`)
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** Marks the store as one into which a copy has not ended, or takes the mark away. */
export function markUnfinished(database: DatabaseSync, isUnfinished: boolean): void {
  database.exec(`PRAGMA user_version = ${isUnfinished ? unfinishedCopyVersion : schemaVersion}`)
}

/** After a full disk SQLite has already rolled back; a second ROLLBACK would fail and hide the cause. */
export function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK')
}

/**
 * Makes this process the data folder's only server until it exits, even by
 * `kill -9`: the lock is an open transaction on a separate database, and the
 * operating system releases it with the process.
 */
export function lockDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const file = createFile(dataFolder, 'lock.sqlite')
  const lock = new DatabaseSync(file, { timeout: 200 })
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if (readResultCode(cause) === sqliteBusy)
      throw new GatewayError('data_folder_busy', `another Anthology serves the data folder ${dataFolder}`, {
        cause,
      })
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('data_folder_damaged', `the lock ${file} cannot be used: ${because}`, {
      cause,
      hint: `Check that the disk is writable; then remove ${file}, which holds no data.`,
    })
  }
  return { release: () => lock.close() }
}

const sqliteBusy = 5
