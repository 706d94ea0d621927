import { openConnections } from '../../src/store/postgres/connections.ts'
import { migratePostgres } from '../../src/store/postgres/migrations.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteSink } from '../../src/store/sqlite/sqlite-sink.ts'
import { createPostgresSink } from '../../src/store/postgres/postgres-sink.ts'
import { decodeBatch, encodeBatch } from '../../src/ledger/row-codec.ts'
import type { CallRow } from '../../src/ledger/call-row.ts'
import type { JournalPart, LedgerSink } from '../../src/store/sink.ts'

/** Creates the tables in an empty PostgreSQL database, and opens the ledger of one server on it. */
export async function openPostgresSink(url: string, replica = 'replica_1'): Promise<LedgerSink> {
  const connections = await openConnections({ url })
  await migratePostgres(connections, url)
  return createPostgresSink({ connections, replica })
}

/** A part of the journal of the source `one` up to `offset`. */
export function part(offset: number, given: Partial<JournalPart> = {}): JournalPart {
  return {
    calls: [],
    opened: [],
    closed: [],
    changes: [],
    rejections: [],
    positions: [['one', { segment: 1, offset }]],
    ...given,
  }
}

/** Ended calls as rows of a part. */
export function encodeCalls(rows: readonly CallRow[]): JournalPart['calls'] {
  const ended = rows.flatMap(({ start, end }) => (end === null ? [] : [{ start, end }]))
  return decodeBatch(encodeBatch([], ended, [])).calls
}

/** Running calls as a part lists them. */
export function encodeOpen(rows: readonly CallRow[], source = 'one'): JournalPart['opened'] {
  const { starts } = decodeBatch(
    encodeBatch(
      rows.map(({ start }) => start),
      [],
      [],
    ),
  )
  return starts.map((start) => ({ id: String(start[0]), source, start }))
}

/** Opens the ledger in the database of a new data folder. */
export function openSqliteSink(dataFolder: string): LedgerSink {
  return createSqliteSink(openDatabase(dataFolder))
}
