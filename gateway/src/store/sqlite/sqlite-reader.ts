import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { GatewayError } from '../../errors.ts'
import type { Database, Reader } from '../database.ts'
import { databaseName } from './database.ts'
import { watchFiles } from './file-identity.ts'
import { createSqliteDatabase } from './sqlite-database.ts'

/** A read-only connection, and a function that returns the path of its file once that was removed or replaced. */
interface Connection {
  readonly database: Database
  readonly findMissing: () => string | null
}

/**
 * Reads the database of a data folder on one read-only connection, which is opened by the first query. After its file
 * was removed or replaced, the next query opens the one that is there now. Throws a GatewayError (`ledger_failed`)
 * while there is none.
 */
export function openSqliteReader(dataFolder: string): Reader & { close(): Promise<void> } {
  let connection: Connection | null = null

  async function getDatabase(): Promise<Database> {
    if (connection !== null && connection.findMissing() === null) return connection.database
    const replaced = connection
    connection = null
    await replaced?.database.close()
    connection ??= connect(dataFolder)
    return connection.database
  }

  return {
    dialect: 'sqlite',
    query: async (sql, values) => (await getDatabase()).query(sql, values),
    queryArrays: async (sql, values) => (await getDatabase()).queryArrays(sql, values),
    snapshot: async (work) => (await getDatabase()).snapshot(work),
    async close() {
      await connection?.database.close()
      connection = null
    },
  }
}

function connect(dataFolder: string): Connection {
  const findMissing = watchFiles(dataFolder, [databaseName])
  const file = join(dataFolder, databaseName)
  try {
    return {
      database: createSqliteDatabase(new DatabaseSync(file, { readOnly: true, timeout })),
      findMissing,
    }
  } catch (cause) {
    const because = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('ledger_failed', `the ledger ${file} cannot be read: ${because}`, { cause })
  }
}

/** Time in milliseconds that a statement waits for a lock. Readers wait only for a recovery of the file. */
const timeout = 5_000
