import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { GatewayError } from '../errors.ts'

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
    try {
      writeSync(handle, `${createSecret()}\n`)
    } catch (error) {
      // A full disk takes a name and no contents.
      unlinkSync(file)
      throw error
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const secret = readFileSync(file, 'utf8').trim()
  // A process died here, or another is just writing. What is derived from nothing anybody can derive.
  if (secret === '') throw new GatewayError('secret_empty', `the file ${file} is empty`)
  return secret
}

/** Creates a key in our format, with 256 random bits. */
export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}
