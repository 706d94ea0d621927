import type { DatabaseSync } from 'node:sqlite'

import type { JournalPosition, LedgerSink } from '../sink.ts'
import { createCallWriter } from './call-writer.ts'
import { rollBack } from './database.ts'
import { listKeys } from './key-table.ts'
import { createResourceTable } from './resource-table.ts'

/**
 * The ledger in a data folder's database. `checkFiles` throws if the database is not in its folder any more: SQLite
 * commits to a removed file without an error, and a journal must not be removed after such a commit.
 */
export function createSqliteSink(database: DatabaseSync, checkFiles: () => void = () => {}): LedgerSink {
  const calls = createCallWriter(database)
  const resources = createResourceTable(database)
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const setPosition = database.prepare(
    `INSERT INTO journal_positions (source, segment, position) VALUES (?, ?, ?)
     ON CONFLICT (source) DO UPDATE SET segment = excluded.segment, position = excluded.position`,
  )
  const forgetPosition = database.prepare('DELETE FROM journal_positions WHERE source = ?')
  const readPositions = database.prepare('SELECT source, segment, position FROM journal_positions')

  function transact<Result>(work: () => Result): Result {
    begin.run()
    try {
      const result = work()
      commit.run()
      return result
    } catch (error) {
      rollBack(database)
      throw error
    }
  }

  // The functions are asynchronous for the interface; SQLite answers at once.
  return {
    async ingest(part) {
      transact(() => {
        calls.write(part)
        resources.apply(part.changes)
        for (const [source, position] of part.positions)
          if (position === null) forgetPosition.run(source)
          else setPosition.run(source, position.segment, position.offset)
      })
      checkFiles()
    },
    async restore(part) {
      transact(() => calls.restore(part))
      checkFiles()
    },
    async readPositions() {
      return new Map(readPositions.all().map((row) => [String(row['source']), readPosition(row)]))
    },
    closeListedCalls: async () => transact(() => calls.closeListed()),
    queryResources: async (query) => resources.query(query),
    listKeys: async () => listKeys(database),
    close: async () => database.close(),
  }
}

function readPosition(row: Readonly<Record<string, unknown>>): JournalPosition {
  return { segment: Number(row['segment']), offset: Number(row['position']) }
}
