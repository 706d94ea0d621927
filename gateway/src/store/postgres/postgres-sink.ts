import type { PoolClient } from 'pg'

import { callColumns } from '../../ledger/row-codec.ts'
import type { ColumnValue } from '../../ledger/row-codec.ts'
import type { JournalPart, JournalPosition, LedgerSink } from '../sink.ts'
import { decodeKeys, selectKeys } from '../key-row.ts'
import { writeCalls, writeMissingCalls, writeRejections } from './call-writer.ts'
import type { Connections } from './connections.ts'
import { closeListed, readListedTimes, removeOpenCalls, writeOpenCalls } from './open-call-table.ts'
import { createPartitions, isMissingPartition } from './partitions.ts'
import { createPostgresDatabase, runTransaction } from './postgres-database.ts'
import { readPositions, writePositions } from './position-table.ts'
import { applyChanges, queryResources } from './resource-table.ts'
import { createRollupWriter } from './rollup-writer.ts'
import { createSessionWriter } from './session-writer.ts'

export interface PostgresSinkOptions {
  readonly connections: Connections
  /** The id of this server's data folder: several servers share the store, and their sources may have equal names. */
  readonly replica: string
}

/** The ledger in PostgreSQL, behind the journals of one server. */
export function createPostgresSink({ connections, replica }: PostgresSinkOptions): LedgerSink {
  const partitions = createPartitions()
  const rollups = createRollupWriter()
  const writeSessions = createSessionWriter()
  const database = createPostgresDatabase(connections)
  /** True after a commit whose result is unknown, because its connection was lost. */
  let isUncertain = false

  async function storeCalls(client: PoolClient, calls: JournalPart['calls']): Promise<void> {
    await rollups.add(client, calls)
    await writeCalls(client, calls)
    await writeSessions(client, calls)
  }

  async function write(client: PoolClient, part: JournalPart): Promise<void> {
    await storeCalls(client, keepLast(part.calls))
    await writeOpenCalls(client, replica, part.opened)
    await removeOpenCalls(client, replica, part.closed)
    await writeRejections(client, part.rejections)
    // After the calls: a batch must never be settled before the rows of its results are stored.
    await applyChanges(client, part.changes)
    await writePositions(client, replica, part.positions)
  }

  /** Runs a transaction that writes calls with these starts. */
  async function runInPartitions<Result>(
    client: PoolClient,
    timesMs: readonly number[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    await partitions.ensure(client, timesMs)
    try {
      return await runTransaction(client, work)
    } catch (error) {
      if (!isMissingPartition(error)) throw error
      // A server has removed a partition that this one knew.
      partitions.forget()
      await partitions.ensure(client, timesMs)
      return runTransaction(client, work)
    }
  }

  return {
    ingest: (part) =>
      connections.use(async (client) => {
        if (isUncertain && (await isStored(client, replica, part))) {
          isUncertain = false
          return
        }
        isUncertain = true
        const timesMs = part.calls.map((values) => Number(values[startedAt]))
        await runInPartitions(client, timesMs, () => write(client, part))
        isUncertain = false
      }),
    restore: ({ calls, sums }) =>
      connections.use((client) =>
        runInPartitions(
          client,
          calls.map((values) => Number(values[startedAt])),
          async () => {
            await rollups.addSums(client, sums)
            await writeMissingCalls(client, calls)
            await writeSessions(client, calls)
          },
        ),
      ),
    readPositions: () => connections.use((client) => readPositions(client, replica)),
    closeListedCalls: () =>
      connections.use(async (client) => {
        const timesMs = await readListedTimes(client, replica)
        const close = () => closeListed(client, replica, (rows) => storeCalls(client, rows))
        return runInPartitions(client, timesMs, close)
      }),
    queryResources: (query) => queryResources(database, query),
    listKeys: async () => decodeKeys(await database.query(`${selectKeys} ORDER BY created_at_ms, id`)),
    close: () => connections.close(),
  }
}

/** True if all positions of the part are stored, so its rows are too. */
async function isStored(client: PoolClient, replica: string, part: JournalPart): Promise<boolean> {
  const stored = await readPositions(client, replica)
  return (
    part.positions.length > 0 &&
    part.positions.every(([source, position]) => {
      const found = stored.get(source)
      return position === null ? found === undefined : found !== undefined && !isBefore(found, position)
    })
  )
}

function isBefore(one: JournalPosition, other: JournalPosition): boolean {
  return one.segment === other.segment ? one.offset < other.offset : one.segment < other.segment
}

/** One statement must not write a row twice. */
function keepLast(rows: readonly (readonly ColumnValue[])[]): readonly (readonly ColumnValue[])[] {
  const byId = new Map(rows.map((row) => [row[0], row]))
  return byId.size === rows.length ? rows : [...byId.values()]
}

const startedAt = callColumns.indexOf('started_at_ms')
