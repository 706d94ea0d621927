import { GatewayError } from '../errors.ts'

/**
 * The schema version of a store into which a copy has not ended. Everything that opens a store checks the version, so
 * nothing takes a part of a ledger for a whole one, and neither does an older release.
 */
export const unfinishedCopyVersion = 1_000_000

/** `name`: the data folder, or the URL without its password. */
export function createUnfinishedError(kind: keyof typeof remedies, name: string): GatewayError {
  const message = `${name} has a part of a ledger only: ${unfinishedCopy}`
  return new GatewayError('copy_unfinished', message, { hint: `If no copy runs, ${remedies[kind]}.` })
}

/** The words for what is wrong with such a store. */
export const unfinishedCopy = 'a copy into it still runs, was interrupted, or differs from its source'

/** The secrets of a data folder stay. */
const remedies = {
  folder:
    'remove anthology.sqlite, anthology.sqlite-wal and anthology.sqlite-shm in it, and copy or restore again',
  database: 'remove its tables or name an empty database, and copy or restore again',
} as const
