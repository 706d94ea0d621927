import { GatewayError } from '../errors.ts'
import { readResultCode } from './sqlite/integrity.ts'

/** True if the store cannot be read or written now: it is locked, its disk is full or broken, or it cannot be reached. */
export function isStoreFailure(error: unknown): boolean {
  const code = readResultCode(error)
  return isPassingFailure(error) || (code !== null && unavailable.has(code))
}

/** True if the store may take the same a moment later: another process holds a lock, or the store restarts. */
export function isPassingFailure(error: unknown): boolean {
  if (error instanceof GatewayError) return error.code === 'store_unavailable'
  const code = readResultCode(error)
  if (code !== null) return code === busy
  return error instanceof Error && 'code' in error && passing.has(String(error.code))
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

/** SQLite's result codes READONLY, IOERR, FULL and CANTOPEN. */
const unavailable: ReadonlySet<number> = new Set([8, 10, 13, 14])

/** SQLITE_BUSY */
const busy = 5

/** PostgreSQL's serialization_failure, deadlock_detected, lock_not_available and query_canceled, after `statement_timeout`. */
const passing: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014'])

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
