import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

import type { KeyRecord } from '../../auth/key-record.ts'
import type { LedgerSink } from '../sink.ts'
import { LostFileError } from '../store-backend.ts'
import type { KeyWatch, StoreBackend } from '../store-backend.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { createDamageError, databaseName, openDatabase } from './database.ts'
import type { Durability } from './database.ts'
import { watchFiles } from './file-identity.ts'
import { findCorruption } from './integrity.ts'
import type { Retention } from '../retention.ts'
import { createSteps as createSqliteSteps } from './maintenance.ts'
import { createSqliteSink } from './sqlite-sink.ts'

export interface SqliteBackendOptions {
  readonly dataFolder: string
  readonly durability: Durability
  /** Time for which a failing database is retried on close. */
  readonly closeWaitMs: number
  readonly onUpgrade?: OnUpgrade | undefined
}

/** Opens the database of a locked data folder for the writer thread. Throws `data_folder_damaged` if it is not intact. */
export function openSqliteBackend({
  dataFolder,
  durability,
  closeWaitMs,
  onUpgrade,
}: SqliteBackendOptions): StoreBackend {
  const database = openDatabase(dataFolder, { durability, isLocked: true, onUpgrade })
  const file = join(dataFolder, databaseName)
  const isSmall = statSync(file).size <= maxCheckedBytes
  const finding = isSmall ? findCorruption(dataFolder, { full: false }) : null
  if (finding !== null) throw createDamageError(file, finding)
  database.exec(`PRAGMA busy_timeout = ${Math.min(maxBusyMs, Math.ceil(closeWaitMs / 2))}`)
  const check = createFileCheck(dataFolder)
  const sink = createSqliteSink(database, check)
  const createSteps = (retention: Retention) => createSqliteSteps(database, { retention })
  return { sink, entries: [], check, createSteps, watchKeys: createKeyWatches(database, sink) }
}

/** Throws a LostFileError once a file of the data folder was removed or replaced. */
export function createFileCheck(dataFolder: string, names?: readonly string[]): () => void {
  const findMissing = watchFiles(dataFolder, names)
  return () => {
    const missing = findMissing()
    if (missing !== null)
      throw new LostFileError(`${missing} was removed or replaced while the server runs; restart the server`)
  }
}

/**
 * SQLite counts the commits of other connections. The watches see every commit after this call, so that none is missed
 * between the first list of the keys and the start of a watch.
 */
function createKeyWatches(
  database: DatabaseSync,
  sink: LedgerSink,
): (onKeys: (keys: readonly KeyRecord[]) => void) => KeyWatch {
  const dataVersion = database.prepare('PRAGMA data_version')
  const readVersion = (): unknown => dataVersion.get()?.['data_version']
  const firstVersion = readVersion()

  return (onKeys) => {
    let seenVersion = firstVersion
    async function readChangedKeys(): Promise<void> {
      try {
        const version = readVersion()
        if (version === seenVersion) return
        const keys = await sink.listKeys()
        seenVersion = version
        onKeys(keys)
      } catch {
        // The seen version is unchanged, so the next poll retries. A persistent error also fails the commits, which
        // report it. Throwing here would end the thread.
      }
    }

    return {
      poll() {
        void readChangedKeys()
      },
      close: () => Promise.resolve(),
    }
  }
}

/** Time that a commit waits for another process. */
const maxBusyMs = 2_000

/** A larger database is not checked at the start, where it would take too long; `anthology doctor` checks it. */
const maxCheckedBytes = 16 * 1024 * 1024
