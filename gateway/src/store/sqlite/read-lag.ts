import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

import { findSegments } from '../journal-folder.ts'

/** Bytes of the journals of a data folder that its database does not have yet. Changes nothing. */
export function readJournalLag(database: DatabaseSync, dataFolder: string, emergencyFolder?: string): number {
  const segments = findSegments(dataFolder, emergencyFolder)
  if (segments.length === 0) return 0
  const hasTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal_positions'").get()
  const rows =
    hasTable === undefined
      ? []
      : database.prepare('SELECT source, segment, position FROM journal_positions').all()
  const positions = new Map(rows.map((row) => [String(row['source']), row]))
  return segments.reduce((sum, { source, number, path }) => {
    const position = positions.get(source)
    const segment = Number(position?.['segment'] ?? 0)
    if (number < segment) return sum
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    return sum + size - (number === segment ? Number(position?.['position']) : 0)
  }, 0)
}
