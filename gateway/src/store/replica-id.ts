import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { randomText } from '../http/request-id.ts'

/**
 * The id of a data folder, created at its first use. It marks the rows of a journal in a store that several servers
 * share. The caller holds the folder's lock.
 */
export function readReplicaId(dataFolder: string): string {
  const file = join(dataFolder, 'replica-id')
  try {
    const id = readFileSync(file, 'utf8').trim()
    if (id !== '') return id
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const id = `replica_${randomText(16)}`
  writeFileSync(file, `${id}\n`, { mode: 0o600 })
  return id
}
