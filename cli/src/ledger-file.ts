import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

import {
  listAllKeys,
  openDatabase,
  openPostgresDatabase,
  openStore,
  requireReadable,
} from '@anthology/gateway'
import type { Database, OnUpgrade, StoreLocation } from '@anthology/gateway'

import { CliError } from './command.ts'
import type { StoreSettings } from './settings.ts'

/** A stored key that is not revoked. */
export interface LiveKey {
  readonly id: string
  readonly name: string
}

export function getLedgerFile(dataFolder: string): string {
  return join(dataFolder, 'anthology.sqlite')
}

/** A store, and who is told how far its upgrade is. */
export type OpenedLocation = StoreLocation & { readonly onUpgrade?: OnUpgrade | undefined }

/** Opens the ledger of a data folder that exists; a command that reads never creates one. */
export function openExistingLedger({ dataFolder, onUpgrade }: OpenedLocation): DatabaseSync {
  if (!existsSync(dataFolder)) throw new CliError(`there is no data folder ${dataFolder}`, howToName)
  if (!existsSync(getLedgerFile(dataFolder)))
    throw new CliError(`${dataFolder} is not a data folder: it has no anthology.sqlite`, howToName)
  return openLedger({ dataFolder, onUpgrade })
}

const howToName =
  'Name it with --data DIR or ANTHOLOGY_DATA, or run the command in the folder where the server was started.'

/** The tables that a command works on: PostgreSQL, or those of a data folder that exists. */
export async function openExistingStore(settings: OpenedLocation): Promise<Database> {
  if (settings.store === undefined) openExistingLedger(settings).close()
  return openOrCreateStore(settings)
}

/** The read replica of the store if there is one. It has its tables from the store. */
export async function openForReports(
  settings: Pick<StoreSettings, 'dataFolder' | 'store' | 'storeRead' | 'onUpgrade'>,
): Promise<Database> {
  if (settings.storeRead === undefined) return openExistingStore(settings)
  await requireReadable(settings.storeRead)
  return openPostgresDatabase({ url: settings.storeRead })
}

/** Opens the tables, and creates them if there are none. */
export async function openOrCreateStore(settings: OpenedLocation): Promise<Database> {
  if (settings.store === undefined) openLedger(settings).close()
  return openStore(settings, { onUpgrade: settings.onUpgrade })
}

/** Opens the ledger, and creates the data folder if there is none. */
function openLedger({ dataFolder, onUpgrade }: OpenedLocation): DatabaseSync {
  try {
    return openDatabase(dataFolder, { onUpgrade })
  } catch (error) {
    throw explainDatabaseError(error, getLedgerFile(dataFolder))
  }
}

/** SQLite's messages name no file; other errors stay as they are. */
export function explainDatabaseError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  return new CliError(
    `${file} cannot be used: ${error.message}`,
    'Check that this user may read and write it and its folder, and run anthology doctor.',
  )
}

/**
 * Opens a ledger of any version, and changes and creates nothing. A reader of a database in WAL mode creates
 * files beside it; without a log to read, the database cannot change and needs none.
 */
export function openForReading(file: string): DatabaseSync {
  const url = pathToFileURL(file)
  if (!existsSync(`${file}-wal`)) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true, timeout: 5_000 })
}

/** Reads the live keys of the store without changing anything; none if there is no readable ledger. */
export async function readLiveKeys({ dataFolder, store }: StoreLocation): Promise<readonly LiveKey[]> {
  if (store !== undefined) return readStoredLiveKeys(store)
  const file = getLedgerFile(dataFolder)
  if (!existsSync(file)) return []
  try {
    const database = openForReading(file)
    try {
      return database
        .prepare('SELECT id, name FROM keys WHERE revoked_at_ms IS NULL ORDER BY created_at_ms, id')
        .all()
        .map((row) => ({ id: String(row['id']), name: String(row['name']) }))
    } finally {
      database.close()
    }
  } catch {
    // The start of the server reports why the ledger cannot be read.
    return []
  }
}

async function readStoredLiveKeys(store: string): Promise<readonly LiveKey[]> {
  try {
    const database = await openPostgresDatabase({ url: store })
    try {
      return (await listAllKeys(database)).filter(({ revokedAtMs }) => revokedAtMs === null)
    } finally {
      await database.close()
    }
  } catch {
    // As above.
    return []
  }
}

/** A running server holds an open transaction on this file, so opening it fails with a lock error. */
export function isServed(folder: string): boolean {
  const file = join(folder, 'lock.sqlite')
  if (!existsSync(file)) return false
  let lock: DatabaseSync | null = null
  try {
    lock = new DatabaseSync(file, { readOnly: true, timeout: 0 })
    lock.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch {
    return true
  } finally {
    lock?.close()
  }
}
