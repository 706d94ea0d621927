import type { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import { readEmergencyFile, removeEmergencyFile } from '../emergency-file.ts'
import { createCallWriter } from './call-writer.ts'
import { createResourceTable } from './resource-table.ts'

/**
 * Stores the rows that an earlier process could only keep in an emergency file, deletes the file, and returns their
 * number. Storing them twice writes the same rows. Calls without an end become open calls, for `closeAbandonedCalls`.
 */
export function recoverRows(database: DatabaseSync, path: string): number {
  const calls = createCallWriter(database)
  const resources = createResourceTable(database)
  let rows = 0
  try {
    for (const batch of readEmergencyFile(path)) {
      calls.write([{ source: path, batch, isLast: false }])
      resources.apply(batch.changes)
      rows += batch.starts.length + batch.calls.length + batch.changes.length
    }
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('ledger_failed', `the rows in ${path} cannot be stored: ${because}`, {
      cause,
      hint: 'Free space on the disk of the data folder and start again. To start without these rows, move the file away.',
    })
  }
  removeEmergencyFile(path)
  return rows
}
