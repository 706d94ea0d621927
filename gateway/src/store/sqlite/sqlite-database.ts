import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'

import type { Database, Queries, SqlArray, SqlRow, SqlValue } from '../database.ts'
import { isPassingFailure } from '../failure-hint.ts'
import { rollBack } from './database.ts'

/**
 * A `Database` on an open SQLite connection. A transaction or a snapshot excludes all other statements of this
 * connection, because they would become part of it.
 */
export function createSqliteDatabase(connection: DatabaseSync): Database {
  const prepare = createStatements(connection, (statement) => statement.setReadBigInts(true))
  const prepareArrays = createStatements(connection, (statement) => statement.setReturnArrays(true))
  let last: Promise<unknown> = Promise.resolve()

  // STRICT tables without BLOB or REAL columns hold only these types.
  const run = (sql: string, values: readonly SqlValue[] = []) => prepare(sql).all(...values) as SqlRow[]
  const runArrays = (sql: string, values: readonly SqlValue[] = []) =>
    readExactly(prepareArrays(sql), values) as unknown as SqlArray[]

  const inner: Queries = {
    dialect: 'sqlite',
    query: async (sql, values) => run(sql, values),
    queryArrays: async (sql, values) => runArrays(sql, values),
  }

  function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }

  async function runTransaction<Result>(begin: string, work: (queries: Queries) => Promise<Result>) {
    await untilFree(() => connection.exec(begin))
    try {
      const result = await work(inner)
      connection.exec('COMMIT')
      return result
    } catch (error) {
      rollBack(connection)
      throw error
    }
  }

  return {
    dialect: 'sqlite',
    query: (sql, values) => enqueue(() => untilFree(() => run(sql, values))),
    queryArrays: (sql, values) => enqueue(() => untilFree(() => runArrays(sql, values))),
    transaction: (work) => enqueue(() => runTransaction('BEGIN IMMEDIATE', work)),
    snapshot: (work) => enqueue(() => runTransaction('BEGIN', work)),
    nowMs: Date.now,
    close: () =>
      enqueue(async () => {
        if (connection.isOpen) connection.close()
      }),
  }
}

/**
 * Runs a statement again while another process or thread has locked the database. SQLite's own wait (`busy_timeout`)
 * would block the event loop. A statement that found a lock has changed nothing.
 */
async function untilFree<Result>(work: () => Result): Promise<Result> {
  const deadlineMs = performance.now() + maxBusyMs
  for (;;) {
    try {
      return work()
    } catch (error) {
      if (!isPassingFailure(error) || performance.now() >= deadlineMs) throw error
    }
    await setTimeout(retryMs)
  }
}

const maxBusyMs = 5_000
const retryMs = 5

/** Reads integers as numbers, or all as bigint if one of them is too large for a number. */
function readExactly(statement: StatementSync, values: readonly SqlValue[]) {
  try {
    return statement.all(...values)
  } catch (error) {
    if (!(error instanceof RangeError && 'code' in error && error.code === 'ERR_OUT_OF_RANGE')) throw error
    statement.setReadBigInts(true)
    try {
      return statement.all(...values)
    } finally {
      statement.setReadBigInts(false)
    }
  }
}

/** Returns a function that prepares each statement once. */
function createStatements(
  connection: DatabaseSync,
  configure: (statement: StatementSync) => void,
): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>()
  return (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare(sql)
    configure(statement)
    if (statements.size >= maxStatements) statements.clear()
    statements.set(sql, statement)
    return statement
  }
}

const maxStatements = 500
