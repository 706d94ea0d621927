import { readResultCode } from './sqlite/integrity.ts'

/** The next step for the operator after an error of SQLite or of PostgreSQL; undefined without one. */
export function findHint(error: unknown): string | undefined {
  const code = readResultCode(error)
  if (code !== null) return hints[code]
  // disk_full of PostgreSQL's class 53.
  return error instanceof Error && 'code' in error && error.code === '53100'
    ? 'Free space on the disk of PostgreSQL.'
    : undefined
}

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
