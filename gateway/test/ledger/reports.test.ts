import { renameSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { reportFunctions } from '../../src/ledger/report-functions.ts'
import { openReports } from '../../src/ledger/reports.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { StoreLocation } from '../../src/store/open-store.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'
import { encodeCalls, encodeOpen, openPostgresSink, openSqliteSink, part } from '../store/sinks.ts'
import { callEnd, callStart } from './call-rows.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const ever = { sinceMs: 0, untilMs: 1_000_000 }
const all = { by: ['day'], period: ever, top: null, limit: 10, after: null } as const

interface Store {
  readonly location: StoreLocation
  readonly sink: LedgerSink
}

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  async SQLite() {
    const dataFolder = temporaryFolder()
    return { location: { dataFolder }, sink: openSqliteSink(dataFolder) }
  },
  async PostgreSQL() {
    const url = await postgres.createDatabase()
    return { location: { dataFolder: temporaryFolder(), store: url }, sink: await openPostgresSink(url) }
  },
}

test.each(Object.entries(stores))('the thread reads from %s what its functions read', async (_, open) => {
  const { location, sink } = await open()
  const database = await openStore(location)
  const reports = openReports(location)
  close(reports, sink, database)
  await sink.ingest(part(1, { calls: encodeCalls(calls), opened: encodeOpen([running]) }))
  const usage = { by: ['key', 'model'], period: ever, top: null, limit: 10, after: null } as const
  const buckets = { startMs: 0, widthMs: 60_000, count: 3, by: ['key_id'], accepted: [] } as const
  const places = [{ id: 'req_1', startedAtMs: 1_000 }]

  const read = await Promise.all([
    reports.read('printUsagePage', [usage]),
    reports.read('readBuckets', [buckets]),
    reports.read('searchCalls', [{ key: 'key_1' }, { limit: 1, after: null }]),
    reports.read('searchRunningCalls', [{ model: 'opus' }, 10]),
    reports.read('readEndedCalls', [places, {}]),
    reports.read('listSessions', [{}, { limit: 10, after: null }]),
  ])

  expect(read).toEqual([
    await reportFunctions.printUsagePage(database, usage),
    await reportFunctions.readBuckets(database, buckets),
    await reportFunctions.searchCalls(database, { key: 'key_1' }, { limit: 1, after: null }),
    await reportFunctions.searchRunningCalls(database, { model: 'opus' }, 10),
    await reportFunctions.readEndedCalls(database, places, {}),
    await reportFunctions.listSessions(database, {}, { limit: 10, after: null }),
  ])
  expect(read).toMatchObject([
    {
      data: expect.stringMatching(/^\[\{"group":.*"calls":2,.*"calls":1,.*"calls":1,.*\}\]$/),
      total: expect.stringMatching(/^\{"calls":4,/),
      next: null,
    },
    [[{ values: ['key_0'] }, { values: ['key_1'] }], [], []],
    { rows: [{ id: 'req_3' }], next: { id: 'req_3', startedAtMs: 3_000 } },
    [{ id: 'req_9', outcome: null, status: null, started_at_ms: 9_000n }],
    { ended: ['req_1'], rows: [{ id: 'req_1' }] },
    [{ id: 'session', calls: 3 }],
  ])
})

test.each(Object.entries(stores))(
  '%s finds calls by a label, and by nothing that looks like it',
  async (_, open) => {
    const { location, sink } = await open()
    const database = await openStore(location)
    close(sink, database)
    const labels = [
      { project: 'apollo', team: 'x' },
      { project: 'apollo 2' },
      { team: '"project":"apollo"' },
      { 'sub-project': 'apollo' },
      { project: 'Apollo' },
      null,
    ].map((each) => (each === null ? null : JSON.stringify(each)))
    const start = (number: number, label: string | null) =>
      callStart({ id: `req_${number}`, started_at_ms: number * 1_000, labels: label })
    const ended = labels.map((label, at) => ({ start: start(at, label), end: callEnd() }))
    const openCalls = labels.map((label, at) => ({ start: start(at + 10, label), end: null }))
    await sink.ingest(part(1, { calls: encodeCalls(ended), opened: encodeOpen(openCalls) }))
    const label = { name: 'project', value: 'apollo' }
    const places = labels.map((_label, at) => ({ id: `req_${at}`, startedAtMs: at * 1_000 }))

    const { rows } = await reportFunctions.searchCalls(database, { label }, { limit: 9, after: null })
    const running = await Promise.all(
      ['running', 'failed'].map((outcome) =>
        reportFunctions.searchRunningCalls(database, { label, outcome }, 9),
      ),
    )
    const read = await reportFunctions.readEndedCalls(database, places, { label })

    expect(rows).toMatchObject([{ id: 'req_0' }])
    expect(running).toMatchObject([[{ id: 'req_10' }], []])
    expect(read).toMatchObject({ rows: [{ id: 'req_0' }] })
  },
)

test('a report whose caller has gone is cancelled, and the next one is read', async () => {
  const { location, sink } = await stores['SQLite']!()
  const reports = openReports(location)
  close(reports, sink)
  const caller = new AbortController()

  const cancelled = reports.read('printUsagePage', [all], caller.signal)
  const other = reports.read('readOwnerNames', [])
  caller.abort(new Error('the client disconnected'))

  await expect(cancelled).rejects.toThrow('the client disconnected')
  await expect(reports.read('readOwnerNames', [], caller.signal)).rejects.toThrow('the client disconnected')
  expect(await other).toEqual({ key: new Map(), workspace: new Map(), member: new Map() })
})

test('without a database reports fail, and they read the one that is put in its place', async () => {
  const { location, sink } = await stores['SQLite']!()
  const { dataFolder } = location
  const another = temporaryFolder()
  const anotherSink = openSqliteSink(another)
  const reports = openReports(location)
  close(reports, sink, anotherSink)
  const countCalls = async () =>
    (await reports.read('searchCalls', [{}, { limit: 9, after: null }])).rows.length
  await anotherSink.ingest(part(1, { calls: encodeCalls(calls) }))
  const before = await countCalls()

  renameSync(dataFolder, `${dataFolder}-moved`)
  await expect(countCalls()).rejects.toMatchObject({
    code: 'ledger_failed',
    message: expect.stringContaining(join(dataFolder, 'anthology.sqlite')),
  })
  renameSync(another, dataFolder)

  expect([before, await countCalls()]).toEqual([0, 3])
})

test('closing cancels reports that run, and refuses later ones', async () => {
  const { location, sink } = await stores['SQLite']!()
  const reports = openReports(location)
  close(sink)

  const running = reports.read('printUsagePage', [all])
  const failed = expect(running).rejects.toThrow()
  await reports.close()

  await failed
  await expect(reports.read('readOwnerNames', [])).rejects.toThrow('shutting down')
})

const calls = [1, 2, 3].map((number) => ({
  start: callStart({
    id: `req_${number}`,
    started_at_ms: number * 1_000,
    key_id: `key_${number % 2}`,
    model: number === 1 ? 'haiku' : 'opus',
    session_id: 'session',
  }),
  end: callEnd(),
}))

const running = { start: callStart({ id: 'req_9', started_at_ms: 9_000, model: 'opus' }), end: null }

function close(...opened: readonly { close(): Promise<void> }[]): void {
  onTestFinished(async () => {
    for (const one of opened) await one.close()
  })
}
