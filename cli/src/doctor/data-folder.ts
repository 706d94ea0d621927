import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { openDatabase } from '@anthology/gateway'

import { invocation } from '../invocation.ts'
import { formatCount } from '../number-format.ts'
import { fail, ok, getReason, warn } from './finding.ts'
import type { Finding } from './finding.ts'

export interface DataFolder {
  readonly findings: readonly Finding[]
  /** A running server uses the folder. */
  readonly isServed: boolean
}

/** Inspects the data folder without creating anything. */
export function inspectDataFolder(folder: string): DataFolder {
  if (!existsSync(folder)) {
    const text = `${folder} does not exist yet; the first start of the server creates it`
    return { findings: [ok('Data folder', 'folder', text)], isServed: false }
  }
  const isServed = isLocked(folder)
  const findings = [
    inspectAccess(folder),
    inspectLocalKey(join(folder, 'local-key')),
    inspectLedger(folder),
    ok('Data folder', 'in use', isServed ? 'used by a running server' : 'not used by a server'),
  ]
  return { findings, isServed }
}

function inspectAccess(folder: string): Finding {
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

function inspectLedger(folder: string): Finding {
  const file = join(folder, 'anthology.sqlite')
  if (!existsSync(file)) return ok('Data folder', 'ledger', 'empty: no server has run here yet')
  try {
    const database = openDatabase(folder)
    try {
      const { calls } = database.prepare('SELECT count(*) AS calls FROM calls').get() ?? {}
      const version = database.prepare('PRAGMA user_version').get()?.['user_version']
      return ok(
        'Data folder',
        'ledger',
        `${formatCount(Number(calls))} calls, schema ${String(version)}, ${formatBytes(statSync(file).size)}`,
      )
    } finally {
      database.close()
    }
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error ? error.hint : undefined
    return fail('Data folder', 'ledger', [
      `${file} cannot be opened: ${getReason(error)}`,
      typeof hint === 'string'
        ? hint
        : `Restore it from a backup, or move it away and restart the server: ${invocation} serve.`,
    ])
  }
}

/** A running server holds an open transaction on this file, so opening it fails with a lock error. */
function isLocked(folder: string): boolean {
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

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const amount = bytes / 1024 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`
}
