import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { Database, Queries, SqlRow, SqlValue } from '../database.ts'
import { rollBack } from './database.ts'

/**
 * A `Database` on an open SQLite connection. A transaction excludes all other statements of this connection, because
 * they would become part of it.
 */
export function createSqliteDatabase(connection: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>()
  let last: Promise<unknown> = Promise.resolve()

  function prepare(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare(sql)
    statement.setReadBigInts(true)
    if (statements.size >= maxStatements) statements.clear()
    statements.set(sql, statement)
    return statement
  }

  const run = (sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] =>
    prepare(sql).all(...values) as SqlRow[] // STRICT tables without BLOB or REAL columns hold only these types.

  const inner: Queries = { dialect: 'sqlite', query: async (sql, values) => run(sql, values) }

  function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }

  return {
    dialect: 'sqlite',
    query: (sql, values) => enqueue(async () => run(sql, values)),
    transaction: (work) =>
      enqueue(async () => {
        connection.exec('BEGIN IMMEDIATE')
        try {
          const result = await work(inner)
          connection.exec('COMMIT')
          return result
        } catch (error) {
          rollBack(connection)
          throw error
        }
      }),
    close: () =>
      enqueue(async () => {
        if (connection.isOpen) connection.close()
      }),
  }
}

const maxStatements = 500
