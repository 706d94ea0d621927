import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, onTestFinished, test } from 'vitest'

import type { KeyRecord } from '../../src/auth/key-record.ts'
import { createKey } from '../../src/auth/key-ring.ts'
import { createJournalWriter, openLedger } from '../../src/ledger/ledger.ts'
import type { JournalWriter } from '../../src/ledger/journal-writer.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { findSegments } from '../../src/store/journal-folder.ts'
import { insertKey } from '../stored-keys.ts'
import { until } from '../condition.ts'
import { readRows, temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart } from './call-rows.ts'

test('stores the calls of all processes from their journals, and lists those that run', async () => {
  const { ledger, dataFolder } = await open()
  const worker = openWorker(dataFolder, 'worker-1')

  await Promise.all([
    worker.write({ start: callStart({ id: 'req_1' }), end: callEnd() }),
    ledger.write({ start: callStart({ id: 'req_2' }), end: callEnd() }),
    worker.write({ start: callStart({ id: 'req_3', streamed: true }), end: null }),
  ])
  const stored = readRows(dataFolder).length
  await until('the running call is listed', () => readRows(dataFolder).length === 3)

  expect(stored).toBe(2)
  expect(readOutcomes(dataFolder)).toEqual({ req_1: 'answered', req_2: 'answered', req_3: null })
})

test('has a call in the database within a moment, without a poll', async () => {
  const { ledger, dataFolder } = await open()

  await ledger.write({ start: callStart(), end: callEnd() })
  await until('it is stored', () => ledger.lag.records === 0)

  expect(readOutcomes(dataFolder)).toEqual({ req_1: 'answered' })
})

test('closes the running calls of an exited process at once, and removes its journal', async () => {
  const { ledger, dataFolder } = await open()
  const [one, two] = [openWorker(dataFolder, 'worker-1'), openWorker(dataFolder, 'worker-2')]
  await one.write({ start: callStart({ id: 'req_1' }), end: null })
  await two.write({ start: callStart({ id: 'req_2' }), end: null })

  await ledger.finish('worker-1')
  await until('the other one is listed', () => readRows(dataFolder).length === 2)

  expect(readOutcomes(dataFolder)).toEqual({ req_1: 'unknown', req_2: null })
  expect(findSegments(dataFolder).map(({ source }) => source)).toEqual(['worker-2'])
})

test('takes the end of a call from a worker that outlived its server', async () => {
  const dataFolder = temporaryFolder()
  const first = await openLedger({ dataFolder })
  const worker = openWorker(dataFolder, 'worker-1')
  await worker.write({ start: callStart(), end: null })
  await first.close()

  const { ledger } = await open(dataFolder)
  const outcomes = [readOutcomes(dataFolder)]
  await worker.write({ start: callStart(), end: callEnd() })
  await until('the journal is removed', () => findSegments(dataFolder).length === 0)
  outcomes.push(readOutcomes(dataFolder))

  expect(ledger.abandoned).toBe(1)
  expect(outcomes).toEqual([{ req_1: 'unknown' }, { req_1: 'answered' }])
})

test('leaves no journal behind when everything is stored', async () => {
  const { ledger, dataFolder } = await open()
  await ledger.write({ start: callStart(), end: callEnd() })

  await ledger.close()

  expect(readdirSync(join(dataFolder, 'journal'))).toEqual([])
  expect(existsSync(join(dataFolder, 'anthology.sqlite'))).toBe(true)
  expect(readOutcomes(dataFolder)).toEqual({ req_1: 'answered' })
})

test('keeps the bytes behind a torn record, and says so', async () => {
  const dataFolder = temporaryFolder()
  const entries: string[] = []
  const worker = openWorker(dataFolder, 'worker-1')
  await worker.write({ start: callStart(), end: callEnd() })
  const [segment] = findSegments(dataFolder)
  const path = segment?.path ?? ''
  writeFileSync(path, 'torn', { flag: 'a' })

  const ledger = await openLedger({
    dataFolder,
    log: ({ event, message }) => event === 'journal_torn' && entries.push(String(message)),
  })
  await ledger.close()

  expect(readOutcomes(dataFolder)).toEqual({ req_1: 'answered' })
  expect(entries).toEqual([`the last 4 bytes of ${path} are no whole record; they are kept in ${path}.torn`])
  expect(existsSync(`${path}.torn`)).toBe(true)
})

test('settles no batch before its rows are stored, even if both are written together', async () => {
  const { ledger, dataFolder } = await open()
  const batch = { kind: 'batch', key_id: 'key_1', upstream: 'recorder', created_at_ms: 1 } as const
  const owner = { workspace_id: 'default', member_id: null, labels: null }
  const resource: Resource = {
    ...batch,
    ...owner,
    id: 'msgbatch_1',
    settled_at_ms: null,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
  }
  await ledger.change({ kind: 'created', resource })
  await ledger.query({ kind: 'with_ids', ids: ['msgbatch_1'] })
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  other.exec("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'full'); END")
  const settledAtMs = () =>
    other
      .prepare('SELECT settled_at_ms AS at FROM resources')
      .all()
      .map(({ at }) => at)

  await Promise.all([
    ledger.write({ start: callStart({ id: 'msgbatch_1/a' }), end: callEnd() }),
    ledger.change({ kind: 'settled', id: 'msgbatch_1', atMs: 7 }),
  ])
  await expect(ledger.query({ kind: 'with_ids', ids: ['msgbatch_1'] })).rejects.toThrow('could not be read')
  const meanwhile = settledAtMs()
  other.exec('DROP TRIGGER broken')
  await until('the database has it', () => ledger.lag.records === 0)

  expect([meanwhile, settledAtMs()]).toEqual([[null], [7]])
  expect(readRows(dataFolder)).toMatchObject([{ id: 'msgbatch_1/a' }])
})

test('a query sees a change that any process has confirmed', async () => {
  const { ledger, dataFolder } = await open()
  const worker = openWorker(dataFolder, 'worker-1')

  await worker.change({ kind: 'created', resource: createResource('file_1') })
  const found = await ledger.query({ kind: 'with_ids', ids: ['file_1'] })

  expect(found).toMatchObject([{ id: 'file_1' }])
})

test('keeps writing while the keys cannot be read, and reads them afterwards', async () => {
  const seen: string[][] = []
  const { ledger, dataFolder } = await open(temporaryFolder(), (keys) => seen.push(keys.map(({ id }) => id)))
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  other.exec('ALTER TABLE keys RENAME TO hidden')
  const hiddenAtMs = Date.now()
  await until('they were looked for', () => Date.now() > hiddenAtMs + 600)

  await ledger.write({ start: callStart(), end: callEnd() })
  other.exec('ALTER TABLE hidden RENAME TO keys')
  insertKey(other, createKey('team', null, 1).record)
  await until('the key is noticed', () => seen.length > 0)

  expect(readRows(dataFolder)).toMatchObject([{ id: 'req_1', outcome: 'answered' }])
  expect(ledger.healthy).toBe(true)
})

async function open(dataFolder = temporaryFolder(), onKeys: (keys: readonly KeyRecord[]) => void = () => {}) {
  const ledger = await openLedger({ dataFolder, onKeys })
  onTestFinished(() => ledger.close())
  return { ledger, dataFolder }
}

/** The journal of another process. */
function openWorker(dataFolder: string, source: string): JournalWriter {
  const journal = createJournalWriter({ dataFolder }, { source, onAppended: () => {}, onFailure: () => {} })
  onTestFinished(async () => void (await journal.close()))
  return journal
}

function readOutcomes(dataFolder: string): Record<string, unknown> {
  return Object.fromEntries(readRows(dataFolder).map((row) => [String(row['id']), row['outcome']]))
}

function createResource(id: string): Resource {
  const owner = { key_id: 'key_1', workspace_id: 'default', member_id: null, labels: null }
  const times = { created_at_ms: 1, settled_at_ms: null }
  return {
    id,
    kind: 'file',
    ...owner,
    upstream: 'recorder',
    ...times,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
  }
}
