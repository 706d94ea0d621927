import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Checks the whole database, with its indexes (`full`) or without them, and returns SQLite's first finding; null if it
 * is intact. Throws if the file cannot be opened.
 */
export function findCorruption(dataFolder: string, { full }: { readonly full: boolean }): string | null {
  const database = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { readOnly: true, timeout: 5_000 })
  try {
    const row = database.prepare(full ? 'PRAGMA integrity_check(1)' : 'PRAGMA quick_check(1)').get() ?? {}
    const [finding] = Object.values(row)
    return finding === 'ok' ? null : String(finding)
  } catch (error) {
    if (isCorruption(error)) return error.message
    throw error
  } finally {
    database.close()
  }
}

/** True for SQLITE_CORRUPT and SQLITE_NOTADB; the low byte of a result code is its class. */
export function isCorruption(error: unknown): error is Error {
  const code = readResultCode(error)
  return code === 11 || code === 26
}

/** The class of SQLite's result code; null for other errors. */
export function readResultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  return error.errcode & 0xff
}
