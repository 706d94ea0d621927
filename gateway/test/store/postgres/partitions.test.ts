import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { openConnections } from '../../../src/store/postgres/connections.ts'
import type { Connections } from '../../../src/store/postgres/connections.ts'
import { dayMs, getPartitionName, removeOldPartition } from '../../../src/store/postgres/partitions.ts'
import type { LedgerSink } from '../../../src/store/sink.ts'
import { callEnd, callStart } from '../../ledger/call-rows.ts'
import { startPostgres } from '../running-postgres.ts'
import type { RunningPostgres } from '../running-postgres.ts'
import { encodeCalls, encodeOpen, openPostgresSink, part } from '../sinks.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const firstDay = 20_000

test('days before the first kept one are removed, the oldest first', async () => {
  const { sink, connections } = await open()
  await storeCalls(sink, [2, 0, 1])

  const removed = []
  while (await remove(connections, firstDay + 2)) removed.push(await listPartitions(connections))

  expect(removed).toEqual([[1, 2].map(getName), [2].map(getName)])
  expect(await readIds(connections)).toEqual(['req_2'])
})

test('while a removal waits for a report, calls are read and written', async () => {
  const { sink, connections, url } = await open()
  await storeCalls(sink, [0, 1])

  const report = await beginReport(url)
  const removal = remove(connections, firstDay + 1)
  await expect.poll(() => listPartitions(connections)).toEqual([getName(1)])
  await storeCalls(sink, [1], 10)
  const during = await readIds(connections)
  await report.end()

  expect(during).toEqual(['req_1', 'req_11'])
  expect(await removal).toBe(true)
  expect(await listTables(connections)).toEqual([getName(1)])
})

test('a removal that was interrupted is continued', async () => {
  const { sink, connections, url } = await open()
  await storeCalls(sink, [0, 1, 2])
  const report = await beginReport(url)
  const impatient = await openConnections({ url, statementMs: 300 })
  onTestFinished(() => impatient.close())

  await expect(remove(impatient, firstDay + 2)).rejects.toThrow('statement timeout')
  await report.end()
  await query(connections, `ALTER TABLE calls DETACH PARTITION ${getName(1)}`)
  while (await remove(connections, firstDay + 2));

  expect(await listTables(connections)).toEqual([getName(2)])
})

test('a call of a removed day is stored by a server that knew its partition', async () => {
  const { sink, connections } = await open()
  await storeCalls(sink, [0])
  await remove(connections, firstDay + 1)

  await storeCalls(sink, [0], 10)

  expect(await readIds(connections)).toEqual(['req_10'])
})

test('a listed call whose day has no partition becomes unknown', async () => {
  const { sink, connections } = await open()
  const running = { start: callStart({ started_at_ms: firstDay * dayMs }), end: null }
  await sink.ingest(part(1, { opened: encodeOpen([running]) }))

  expect(await sink.closeListedCalls()).toBe(1)
  expect(await readIds(connections)).toEqual(['req_1'])
})

async function open(): Promise<{ sink: LedgerSink; connections: Connections; url: string }> {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const connections = await openConnections({ url })
  onTestFinished(async () => {
    await sink.close()
    await connections.close()
  })
  return { sink, connections, url }
}

let offset = 0

/** Stores a call on each of the days after `firstDay`, with ids from that day's number on. */
async function storeCalls(sink: LedgerSink, days: readonly number[], firstId = 0): Promise<void> {
  offset += 1
  const rows = days.map((day) => ({
    start: callStart({ id: `req_${firstId + day}`, started_at_ms: (firstDay + day) * dayMs + 5 }),
    end: callEnd(),
  }))
  await sink.ingest(part(offset, { calls: encodeCalls(rows) }))
}

function remove(connections: Connections, before: number): Promise<boolean> {
  return connections.use((client) => removeOldPartition(client, before))
}

/** A transaction that has read all calls and goes on. */
async function beginReport(url: string): Promise<{ end(): Promise<void> }> {
  const connections = await openConnections({ url })
  const reader = await connections.open()
  await reader.query('BEGIN')
  await reader.query('SELECT count(*) FROM calls')
  return {
    async end() {
      await reader.query('COMMIT')
      await reader.end()
      await connections.close()
    },
  }
}

function getName(day: number): string {
  return getPartitionName(firstDay + day)
}

async function query(connections: Connections, sql: string): Promise<readonly string[]> {
  const { rows } = await connections.use((client) => client.query<{ name: string }>(sql))
  return rows.map(({ name }) => name)
}

/** The partitions that statements use. */
function listPartitions(connections: Connections): Promise<readonly string[]> {
  return query(
    connections,
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = 'calls'::regclass AND NOT inhdetachpending ORDER BY 1`,
  )
}

/** The partitions, and the tables that were partitions. */
function listTables(connections: Connections): Promise<readonly string[]> {
  return query(
    connections,
    "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^calls_' ORDER BY 1",
  )
}

function readIds(connections: Connections): Promise<readonly string[]> {
  return query(connections, 'SELECT id AS name FROM calls ORDER BY id')
}
