import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { GatewayError } from '../errors.ts'

/** Reads the data folder's local key, created at the first start and readable by its owner only. */
export function readLocalKey(dataFolder: string): string {
  return readSecretFile(dataFolder, 'local-key')
}

/** Reads the data folder's admin key, created at the first start and readable by its owner only. */
export function readAdminKey(dataFolder: string): string {
  return readSecretFile(dataFolder, 'admin-key')
}

/** Reads a secret of the data folder, creating its file (mode 0600) on first use. */
export function readSecretFile(dataFolder: string, name: string): string {
  const file = join(dataFolder, name)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  try {
    // `wx` creates the file or fails, so two concurrent first starts end up with the same key.
    const handle = openSync(file, 'wx', 0o600)
    try {
      writeSync(handle, `${createSecret()}\n`)
    } catch (error) {
      // On a full disk the file can be created but not written.
      unlinkSync(file)
      throw error
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const secret = readFileSync(file, 'utf8').trim()
  // A process crashed before writing, or another is writing now. An empty secret would make derived ones predictable.
  if (secret === '') throw new GatewayError('secret_empty', `the file ${file} is empty`)
  return secret
}

/** Creates a key in our format, with 256 random bits. */
export function createSecret(): string {
  return `sk-anthology-${randomBytes(32).toString('base64url')}`
}
