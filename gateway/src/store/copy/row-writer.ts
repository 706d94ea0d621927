import type { DatabaseSync } from 'node:sqlite'

import type { Database, SqlRow } from '../database.ts'
import { encodeArray } from '../postgres/array-literal.ts'
import type { Connections } from '../postgres/connections.ts'
import type { LedgerSink } from '../sink.ts'
import { rollBack } from '../sqlite/database.ts'
import type { CopiedTable } from './copied-tables.ts'

/** A store that rows are written to. */
export interface CopyTarget {
  readonly queries: Database
  readonly sink: LedgerSink
  readonly rows: RowWriter
  /** Nothing opens a store that is marked so; connections that are open stay. */
  markUnfinished(isUnfinished: boolean): Promise<void>
}

/** Writes rows of any table but the calls, which go through the ledger's sink. */
export interface RowWriter {
  empty(table: CopiedTable): Promise<void>
  /** Inserts rows. A row whose key or unique value exists already is left out. */
  insert(table: CopiedTable, rows: readonly SqlRow[]): Promise<void>
  /** New rows get numbers after the copied ones. */
  finish(tables: readonly CopiedTable[]): Promise<void>
}

export function createSqliteRowWriter(database: DatabaseSync): RowWriter {
  return {
    async empty({ name }) {
      database.exec(`DELETE FROM ${name}`)
    },
    async insert({ name, columns }, rows) {
      const names = columns.map((column) => column.name)
      const statement = database.prepare(
        `INSERT INTO ${name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
      )
      database.exec('BEGIN IMMEDIATE')
      try {
        for (const row of rows) statement.run(...names.map((column) => row[column] ?? null))
        database.exec('COMMIT')
      } catch (error) {
        rollBack(database)
        throw error
      }
    },
    finish: () => Promise.resolve(),
  }
}

export function createPostgresRowWriter(connections: Connections): RowWriter {
  const run = (text: string, values: string[] = []) =>
    connections.use(async (client) => {
      await client.query(text, values)
    })
  return {
    empty: ({ name }) => run(`DELETE FROM ${name}`),
    insert: ({ name, columns }, rows) => {
      const names = columns.map((column) => column.name).join(', ')
      const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ')
      return run(
        `INSERT INTO ${name} (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT DO NOTHING`,
        columns.map((column) => encodeArray(rows.map((row) => row[column.name]))),
      )
    },
    async finish(tables) {
      for (const { name, columns } of tables)
        for (const column of columns)
          if (column.type === 'BIGINT')
            await run(
              `SELECT setval(sequence, greatest(1, (SELECT max(${column.name}) FROM ${name})))
               FROM (SELECT pg_get_serial_sequence($1, $2) AS sequence) AS found WHERE sequence IS NOT NULL`,
              [name, column.name],
            )
    },
  }
}
