import { hash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { randomText } from '../http/request-id.ts'
import { openJournal, readJournal } from './journal.ts'
import type { Journal } from './journal.ts'
import { callColumns, decodeBatch, startColumns } from '../ledger/row-codec.ts'
import type { ColumnValue, RowBatch } from '../ledger/row-codec.ts'

/**
 * Keeps rows that the database cannot take, such as on a full disk or after the data folder was removed. The next start
 * reads them, whatever happens to this process. Each process has a file of its own.
 */
export interface EmergencyFile {
  /** Keeps those of the waiting batches that are not kept yet. Returns the file of the last ones; null if no place takes them. */
  keep(waiting: readonly string[]): string | null
  /** The database has the rows: deletes them here. */
  clear(): void
}

/** `folder` is used when the data folder takes nothing. Default: a folder of this user in the system's temporary folder. */
export function createEmergencyFile(dataFolder: string, folder?: string): EmergencyFile {
  const name = `${randomText(16)}.journal`
  const opened = new Map<string, Journal>()
  let kept = 0
  let lastPath: string | null = null

  function keepIn(place: Place, batches: readonly string[]): string {
    const path = join(place.folder, place.prefix + name)
    const known = opened.get(path)
    if (known !== undefined) {
      known.append(batches)
      return path
    }
    if (place.creates) mkdirSync(place.folder, { recursive: true, mode: 0o700 })
    if (!isTrusted(place)) throw new Error(`${place.folder} belongs to another user`)
    const journal = openJournal(path)
    try {
      journal.append([encodeColumns(), ...batches])
    } catch (error) {
      journal.close()
      removeEmergencyFile(path)
      throw error
    }
    opened.set(path, journal)
    return path
  }

  function clear(): void {
    const files = [...opened]
    opened.clear()
    kept = 0
    lastPath = null
    for (const [path, journal] of files) {
      journal.close()
      removeEmergencyFile(path)
    }
  }

  return {
    keep(waiting) {
      // A file that was removed together with the data folder has no rows any more.
      if (![...opened.keys()].every((path) => existsSync(path))) clear()
      if (waiting.length === kept) return lastPath
      for (const place of listPlaces(dataFolder, folder)) {
        try {
          lastPath = keepIn(place, waiting.slice(kept))
          kept = waiting.length
          return lastPath
        } catch {
          // The next place may have room; if none has, the caller reports it.
        }
      }
      return null
    },
    clear,
  }
}

/** Finds the files that earlier processes left. */
export function findEmergencyFiles(dataFolder: string, folder?: string): readonly string[] {
  const files = listPlaces(dataFolder, folder)
    .filter(isTrusted)
    .flatMap((place) =>
      readdirSync(place.folder)
        .filter((name) => name.startsWith(place.prefix) && name.endsWith('.journal'))
        .map((name) => join(place.folder, name)),
    )
  // Both places may be one folder.
  return [...new Set(files)]
}

/** Reads the batches of one file, with their columns in today's order. */
export function* readEmergencyFile(path: string): Generator<RowBatch> {
  let columns: Columns | null = null
  for (const record of readJournal(path)) {
    if (columns === null) columns = JSON.parse(record) as Columns // Written by `encodeColumns`.
    else yield alignBatch(decodeBatch(record), columns)
  }
}

export function removeEmergencyFile(path: string): void {
  rmSync(path, { force: true })
}

/** A folder for emergency files, and the beginning of their names there. */
interface Place {
  readonly folder: string
  readonly prefix: string
  /** False for the data folder: one that was removed must not be created again. */
  readonly creates: boolean
}

function listPlaces(dataFolder: string, folder: string | undefined): readonly Place[] {
  const path = resolve(dataFolder)
  return [
    { folder: path, prefix: 'emergency-', creates: false },
    {
      folder: folder ?? join(tmpdir(), `anthology-${process.getuid?.() ?? 'emergency'}`),
      prefix: `emergency-${hash('sha256', path).slice(0, 16)}-`,
      creates: true,
    },
  ]
}

/** Anybody can create a folder in the temporary folder, and rows of a stranger must not become rows of the ledger. */
function isTrusted({ folder, creates }: Place): boolean {
  try {
    const { uid } = lstatSync(folder)
    return !creates || process.getuid === undefined || uid === process.getuid()
  } catch {
    return false
  }
}

/** The first record of a file: another version of Anthology may have other columns. */
interface Columns {
  readonly starts: readonly string[]
  readonly calls: readonly string[]
}

function encodeColumns(): string {
  const columns: Columns = { starts: startColumns, calls: callColumns }
  return JSON.stringify(columns)
}

function alignBatch({ starts, calls, changes, rejections }: RowBatch, columns: Columns): RowBatch {
  const align = (wanted: readonly string[], given: readonly string[]) => {
    const places = wanted.map((name) => given.indexOf(name))
    return (values: readonly ColumnValue[]) => places.map((at) => values[at] ?? null)
  }
  return {
    starts: starts.map(align(startColumns, columns.starts)),
    calls: calls.map(align(callColumns, columns.calls)),
    changes,
    rejections,
  }
}
