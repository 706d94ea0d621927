import { createFileCheck } from '../sqlite/sqlite-backend.ts'
import type { StoreBackend } from '../store-backend.ts'
import type { OnUpgrade } from '../upgrade.ts'
import { watchChanges } from './changes.ts'
import { openConnections } from './connections.ts'
import { migratePostgres } from './migrations.ts'
import { createSteps } from './maintenance.ts'
import { createPostgresSink } from './postgres-sink.ts'

export interface PostgresBackendOptions {
  readonly url: string
  /** It has the lock and the journals. */
  readonly dataFolder: string
  /** The id of the data folder. */
  readonly replica: string
  /** The time for which a failing connect is retried, in milliseconds. */
  readonly maxConnectMs?: number
  readonly onUpgrade?: OnUpgrade | undefined
}

/** Opens PostgreSQL for the writer thread, and brings its tables to this release's schema. */
export async function openPostgresBackend(options: PostgresBackendOptions): Promise<StoreBackend> {
  const { url, dataFolder, replica, maxConnectMs, onUpgrade } = options
  const connections = await openConnections({
    url,
    maxConnections: maxWriterConnections,
    statementMs: maxStatementMs,
    maxConnectMs,
  })
  try {
    await migratePostgres(connections, url, onUpgrade)
  } catch (error) {
    await connections.close()
    throw error
  }
  const sink = createPostgresSink({ connections, replica })
  return {
    sink,
    entries: [],
    check: createFileCheck(dataFolder, ['lock.sqlite']),
    createSteps: (retention) => createSteps(connections, { retention }),
    watchKeys(onKeys) {
      let known = ''
      const watch = watchChanges({
        connections,
        async onChange() {
          const keys = await sink.listKeys()
          const text = JSON.stringify(keys)
          if (text !== known) onKeys(keys)
          known = text
        },
      })
      return { poll: () => {}, close: () => watch.close() }
    },
  }
}

/** One for the rows, one for queries, one for maintenance. */
const maxWriterConnections = 3

/** The longest time of one statement: without an answer by then the connection is opened again. */
const maxStatementMs = 10_000
