import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import type { Queries, SqlRow } from '../database.ts'
import { openConnections } from '../postgres/connections.ts'
import { createQueries } from '../postgres/postgres-database.ts'
import { databaseName } from '../sqlite/database.ts'
import { createSqliteDatabase } from '../sqlite/sqlite-database.ts'
import type { StoreLocation } from '../open-store.ts'
import { listCopiedTables } from './copied-tables.ts'
import type { CopiedTable } from './copied-tables.ts'

/** One state of a store, whatever is written to it meanwhile. */
export interface Snapshot extends Queries {
  close(): Promise<void>
}

/** Opens a snapshot of an existing store. `file`: SQLite's file, if it is not that of a data folder. */
export function openSnapshot({ dataFolder, store }: StoreLocation): Promise<Snapshot> {
  return store === undefined
    ? Promise.resolve(openSqliteSnapshot(join(dataFolder, databaseName)))
    : openPostgresSnapshot(store)
}

export function openSqliteSnapshot(file: string): Snapshot {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  // The snapshot begins with the first read.
  database.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  return createSqliteDatabase(database)
}

async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const connections = await openConnections({ url, maxConnections: 1 })
  const names = listCopiedTables().map(({ name }) => name)
  const opened = Promise.withResolvers<Queries>()
  const closed = Promise.withResolvers<void>()
  const using = connections.use(async (client) => {
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0')
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // Before the snapshot is taken: the rows of a table that a migration replaces would not be in it.
    await client.query(`LOCK TABLE ${names.join(', ')} IN ACCESS SHARE MODE`)
    opened.resolve(createQueries(client))
    await closed.promise
    await client.query('ROLLBACK')
  })
  using.catch((error: unknown) => opened.reject(error))
  try {
    return {
      ...(await opened.promise),
      async close() {
        closed.resolve()
        await using
        await connections.close()
      },
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}

/** Reads a table in the order of its key, page by page. */
export async function* readPages(
  queries: Queries,
  { name, columns, key }: CopiedTable,
  pageRows = defaultPageRows,
): AsyncGenerator<readonly SqlRow[]> {
  const list = columns.map((column) => column.name).join(', ')
  const order = key.join(', ')
  const first = `SELECT ${list} FROM ${name} ORDER BY ${order} LIMIT ${pageRows}`
  const next = `SELECT ${list} FROM ${name} WHERE (${order}) > (${key.map(() => '?').join(', ')})
    ORDER BY ${order} LIMIT ${pageRows}`
  let page = await queries.query(first)
  while (page.length > 0) {
    yield page
    const last = page.at(-1)
    if (page.length < pageRows || last === undefined) return
    page = await queries.query(
      next,
      key.map((column) => last[column] ?? null),
    )
  }
}

export async function countRows(queries: Queries, table: string): Promise<number> {
  const [row] = await queries.query(`SELECT count(*) AS rows FROM ${table}`)
  return Number(row?.['rows'] ?? 0)
}

const defaultPageRows = 5_000
