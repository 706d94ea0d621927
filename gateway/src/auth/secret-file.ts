import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { GatewayError } from '../errors.ts'

/** Reads the data folder's local key, which the first start creates and only its owner can read. */
export function readLocalKey(dataFolder: string): string {
  return readSecretFile(dataFolder, 'local-key')
}

/** Reads a secret of the data folder, from a file of mode 0600 that is created if missing. */
export function readSecretFile(dataFolder: string, name: string): string {
  const file = join(dataFolder, name)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  try {
    // `wx` fails if the file exists, so two first starts at once end with one key.
    const handle = openSync(file, 'wx', 0o600)
    try {
      writeSync(handle, `${createSecret()}\n`)
    } catch (error) {
      // On a full disk the file is created, but its content cannot be written.
      unlinkSync(file)
      throw error
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const secret = readFileSync(file, 'utf8').trim()
  // A process crashed before the write, or is writing now. Anyone could derive keys from an empty secret.
  if (secret === '') throw new GatewayError('secret_empty', `the file ${file} is empty`)
  return secret
}

/** Creates a key in our format, with 256 random bits. */
export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}
