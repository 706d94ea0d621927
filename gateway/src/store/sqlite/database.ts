import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import { schemaVersion, tables } from './tables.ts'

/**
 * `process` survives the death of the process (`kill -9` included), because what
 * was committed lies in the operating system's cache; `power` waits for the disk.
 */
export type Durability = 'process' | 'power'

/** Opens the data folder's database and makes its tables where they are missing. */
export function openDatabase(dataFolder: string, durability: Durability = 'process'): DatabaseSync {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 5_000 })
  database.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`,
  )
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > schemaVersion) {
    database.close()
    throw new GatewayError(
      'data_folder_too_new',
      `${dataFolder} was written by a newer Anthology (schema ${version})`,
    )
  }
  if (version < schemaVersion)
    database.exec(`BEGIN IMMEDIATE; ${tables} PRAGMA user_version = ${schemaVersion}; COMMIT`)
  return database
}

/** Takes back what failed, unless SQLite has: after a full disk there is no transaction any more, and to say so would hide why. */
export function rollBack(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK')
}

/**
 * Makes this process the data folder's only server until it ends, however it
 * ends: the lock is an open transaction on a database of its own, and the
 * operating system drops it with the process.
 */
export function lockDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(dataFolder, 'lock.sqlite'), { timeout: 200 })
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    throw new GatewayError('data_folder_busy', `another Anthology serves the data folder ${dataFolder}`, {
      cause,
    })
  }
  return { release: () => lock.close() }
}
