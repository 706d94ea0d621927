import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'

import {
  createUnfinishedError,
  findSegments,
  findTornSegments,
  findWideModes,
  readJournalLag,
  schemaVersion,
  unfinishedCopyVersion,
} from '@anthology/gateway'

import { invocation } from '../invocation.ts'
import { getLedgerFile, isServed, openForReading } from '../ledger-file.ts'
import { formatCount } from '../number-format.ts'
import { quoteForShell } from '../server-address.ts'
import { fail, ok, getReason, warn } from './finding.ts'
import type { Finding } from './finding.ts'

export interface DataFolder {
  readonly findings: readonly Finding[]
  /** A running server uses the folder. */
  readonly isServed: boolean
}

/**
 * Inspects the data folder without creating anything. `emergencyFolder` is the configured one, if any. `hasLedger` is
 * false for a server whose ledger is in PostgreSQL.
 */
export function inspectDataFolder(
  folder: string,
  emergencyFolder: string | undefined,
  hasLedger = true,
): DataFolder {
  const journal = hasLedger ? inspectJournal(folder, emergencyFolder) : []
  if (!existsSync(folder)) {
    const text = `${folder} does not exist yet; the first start of the server creates it`
    return { findings: [ok('Data folder', 'folder', text), ...journal], isServed: false }
  }
  const access = inspectAccess(folder)
  if (access.state === 'fail') return { findings: [access], isServed: false }
  const served = isServed(folder)
  const findings = [
    access,
    inspectLocalKey(join(folder, 'local-key')),
    inspectModes(folder),
    ...(hasLedger ? inspectLedger(folder) : []),
    ...journal,
    ok('Data folder', 'in use', served ? 'used by a running server' : 'not used by a server'),
  ]
  return { findings, isServed: served }
}

function inspectAccess(folder: string): Finding {
  if (!statSync(folder).isDirectory())
    return fail('Data folder', 'folder', [`${folder} is a file`, 'Choose a folder with --data DIR.'])
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return ok('Data folder', 'folder', `${folder} is readable and writable`)
  } catch {
    return fail('Data folder', 'folder', [
      `${folder} is not writable by this user`,
      'Change its owner, or choose another folder with --data DIR.',
    ])
  }
}

/** The ledger records who called when, and what a call cost; other users of the machine must not read it. */
function inspectModes(folder: string): Finding {
  const wide = findWideModes(folder)
  if (wide.length === 0) return ok('Data folder', 'modes', 'only its owner can use the folder and its files')
  const list = wide.map(({ path, mode }) => `${path} (mode 0${mode.toString(8)})`).join(', ')
  return warn('Data folder', 'modes', [
    `other users of this machine can use ${list}`,
    `Run chmod go-rwx ${wide.map(({ path }) => quoteForShell(path)).join(' ')}`,
  ])
}

/** Calls that the database does not have yet: a moment's worth under a running server, more after a crash or a full disk. */
function inspectJournal(folder: string, emergencyFolder: string | undefined): readonly Finding[] {
  const torn = findTornSegments(folder, emergencyFolder)
  const lag = inspectLag(folder, emergencyFolder)
  if (torn.length === 0) return lag
  return [
    ...lag,
    warn('Data folder', 'torn journal', [
      `${torn.join(', ')}: ends in the middle of a record, as after a power failure`,
      'The whole records are in the ledger. Delete the file when you no longer want to examine it.',
    ]),
  ]
}

function inspectLag(folder: string, emergencyFolder: string | undefined): readonly Finding[] {
  const paths = findSegments(folder, emergencyFolder).map(({ path }) => path)
  if (paths.length === 0) return []
  const lag = readLag(folder, emergencyFolder)
  if (lag === null || lag === 0)
    return lag === null ? [] : [ok('Data folder', 'journal', 'all calls are in the ledger')]
  const text = `${formatBytes(lag)} of calls in ${paths.join(', ')} are not in the ledger yet`
  if (lag < maxUsualLagBytes && isServed(folder)) return [ok('Data folder', 'journal', text)]
  return [
    warn('Data folder', 'journal', [
      text,
      'Free some space on the disk if it is full. The server stores them as soon as it can, at the latest at its next start.',
    ]),
  ]
}

/** Null for a ledger that cannot be read; its own finding says so. */
function readLag(folder: string, emergencyFolder: string | undefined): number | null {
  const file = getLedgerFile(folder)
  if (!existsSync(file)) return sumSizes(findSegments(folder, emergencyFolder))
  try {
    const database = openForReading(file)
    try {
      return readJournalLag(database, folder, emergencyFolder)
    } finally {
      database.close()
    }
  } catch {
    return null
  }
}

function sumSizes(segments: ReturnType<typeof findSegments>): number {
  return segments.reduce((sum, { path }) => sum + statSync(path).size, 0)
}

/** About a second of a busy server. */
const maxUsualLagBytes = 4 * 1024 * 1024

/** The file is a secret that other users must not read. Windows has no permission bits. */
function inspectLocalKey(file: string): Finding {
  if (!existsSync(file))
    return ok('Data folder', 'local key', 'does not exist yet; the first start of the server creates it')
  const mode = statSync(file).mode & 0o777
  if (process.platform === 'win32' || (mode & 0o077) === 0)
    return ok('Data folder', 'local key', 'readable by its owner only')
  return warn('Data folder', 'local key', [
    `other users of this machine can read it (mode 0${mode.toString(8)})`,
    `Run chmod 600 ${file}. If those users are not trusted, delete the file instead: the next start creates a new key.`,
  ])
}

/** Reads the ledger and changes nothing: a server that runs may be of another version. */
function inspectLedger(folder: string): readonly Finding[] {
  const file = getLedgerFile(folder)
  if (!existsSync(file)) return [ok('Data folder', 'ledger', 'empty: no server has run here yet')]
  try {
    const { corruption, calls, version } = readSummary(file)
    if (corruption !== null) return [describeCorruption(file, corruption)]
    const size = formatBytes(statSync(file).size)
    if (version === unfinishedCopyVersion) {
      const { message, hint = '' } = createUnfinishedError('folder', folder)
      return [fail('Data folder', 'ledger', [message, hint])]
    }
    if (version > schemaVersion)
      return [
        fail('Data folder', 'ledger', [
          `${file} was written by a newer Anthology (schema ${version})`,
          'Update Anthology, or choose another folder with --data DIR.',
        ]),
      ]
    const upgraded = version < schemaVersion ? `, upgraded to ${schemaVersion} at the next start` : ''
    return [
      ok('Data folder', 'ledger', `${formatCount(calls)} calls, schema ${version}${upgraded}, ${size}`),
      ok('Data folder', 'integrity', 'the database is intact'),
    ]
  } catch (error) {
    return [describeCorruption(file, getReason(error))]
  }
}

function describeCorruption(file: string, reason: string): Finding {
  return fail('Data folder', 'ledger', [
    `${file} cannot be used: ${reason}`,
    `Stop the server and restore the file from a backup, or move it away: ${invocation} serve then creates a new one.`,
  ])
}

interface LedgerSummary {
  /** SQLite's first finding; null if the database is intact. */
  readonly corruption: string | null
  readonly calls: number
  readonly version: number
}

function readSummary(file: string): LedgerSummary {
  const database = openForReading(file)
  try {
    const [finding] = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})
    if (finding !== 'ok') return { corruption: String(finding), calls: 0, version: 0 }
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
    const isEmpty =
      database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'calls'").get() ===
      undefined
    const row = isEmpty ? undefined : database.prepare('SELECT count(*) AS calls FROM calls').get()
    return { corruption: null, calls: Number(row?.['calls'] ?? 0), version }
  } finally {
    database.close()
  }
}

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`
}
