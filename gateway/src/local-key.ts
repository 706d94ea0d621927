import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { createSecret } from './secret.ts'

/** Reads the data folder's own key, made at its first start and readable by its owner only. */
export function readLocalKey(dataFolder: string): string {
  return readSecretFile(dataFolder, 'local-key')
}

/** A secret of the data folder, in a file of mode 0600 that the first look makes. */
export function readSecretFile(dataFolder: string, name: string): string {
  const file = join(dataFolder, name)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  try {
    // `wx` makes the file or fails: two first starts at once end with one key.
    const handle = openSync(file, 'wx', 0o600)
    writeSync(handle, `${createSecret()}\n`)
    closeSync(handle)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}
