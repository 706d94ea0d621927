import { GatewayError } from '../errors.ts'
import { readResultCode } from './sqlite/integrity.ts'

/** True if the store cannot be read or written now: it is locked, its disk is full or broken, or it cannot be reached. */
export function isStoreFailure(error: unknown): boolean {
  if (error instanceof GatewayError) return error.code === 'store_unavailable'
  const code = readResultCode(error)
  return code !== null && unavailable.has(code)
}

/** The next step for the operator after an error of SQLite or of PostgreSQL; undefined without one. */
export function findHint(error: unknown): string | undefined {
  const code = readResultCode(error)
  if (code !== null) return hints[code]
  // disk_full of PostgreSQL's class 53.
  return error instanceof Error && 'code' in error && error.code === '53100'
    ? 'Free space on the disk of PostgreSQL.'
    : undefined
}

/** SQLite's result codes BUSY, READONLY, IOERR, FULL and CANTOPEN. */
const unavailable: ReadonlySet<number> = new Set([5, 8, 10, 13, 14])

const checkDisk = 'Check the disk and the owner of the data folder: anthology doctor.'
const restore = 'Stop the server and restore the data folder from a backup.'

/** By SQLite's result code: READONLY, IOERR, CORRUPT, FULL, CANTOPEN and NOTADB. */
const hints: Readonly<Record<number, string>> = {
  8: checkDisk,
  10: checkDisk,
  11: restore,
  13: 'Free space on the disk of the data folder.',
  14: checkDisk,
  26: restore,
}
