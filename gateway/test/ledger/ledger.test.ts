import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, onTestFinished, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { findEmergencyFiles } from '../../src/store/emergency-file.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { insertKey } from '../stored-keys.ts'
import type { KeyRecord } from '../../src/auth/key-record.ts'
import { encodeBatch } from '../../src/ledger/row-codec.ts'
import { createRowQueue } from '../../src/ledger/row-queue.ts'
import { until } from '../condition.ts'
import { readRows, temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart } from './call-rows.ts'

test('confirms deliveries of other processes once they are on disk', async () => {
  const { ledger, dataFolder } = await open()
  const queue = createRowQueue({ send: (batch) => ledger.deliver('worker-1', batch), waitMs: 5_000 })
  onTestFinished(() => queue.close())

  await Promise.all([
    queue.write({ start: callStart({ id: 'req_1' }), end: callEnd() }),
    ledger.write({ start: callStart({ id: 'req_2' }), end: callEnd() }),
    queue.write({ start: callStart({ id: 'req_3', streamed: true }), end: null }),
  ])

  const outcomes = new Map(readRows(dataFolder).map((row) => [row['id'], row['outcome']]))
  expect(outcomes).toEqual(
    new Map([
      ['req_1', 'answered'],
      ['req_2', 'answered'],
      ['req_3', null],
    ]),
  )
})

test('confirms durable rows; those that arrive during the commit are kept elsewhere when theirs fails', async () => {
  const { ledger, dataFolder } = await open()
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  const ended = (id: string) => encodeBatch([], [{ start: callStart({ id }), end: callEnd() }], [])
  const asked = () => ledger.query({ kind: 'with_ids', ids: [] }).then(() => 'answered')
  const soon = () => new Promise((resolve) => setTimeout(() => resolve('waiting'), 100))
  other.exec(`BEGIN IMMEDIATE; CREATE TRIGGER broken BEFORE INSERT ON calls
    WHEN NEW.id = 'req_2' BEGIN SELECT RAISE(ABORT, 'full'); END`)

  const first = ledger.deliver('worker-1', ended('req_1'))
  await until(
    'the writer waits for the database',
    async () => (await Promise.race([asked(), soon()])) === 'waiting',
  )
  const second = ledger.deliver('worker-1', ended('req_2'))
  other.exec('COMMIT')
  await first
  await second

  expect([ledger.healthy, readRows(dataFolder).map((row) => row['id'])]).toEqual([false, ['req_1']])
  expect(findEmergencyFiles(dataFolder)).toHaveLength(1)
  other.exec('DROP TRIGGER broken')
  await until('it takes rows again', () => ledger.healthy)
  expect(readRows(dataFolder).map((row) => row['id'])).toEqual(['req_1', 'req_2'])
})

test('closes the running calls of an exited process immediately', async () => {
  const { ledger, dataFolder } = await open()
  const begun = (id: string) => encodeBatch([callStart({ id })], [], [])

  await Promise.all([ledger.deliver('worker-1', begun('req_1')), ledger.deliver('worker-2', begun('req_2'))])
  await ledger.abandon('worker-1')

  expect(readRows(dataFolder)).toMatchObject([
    { id: 'req_1', outcome: 'unknown' },
    { id: 'req_2', outcome: null },
  ])
})

test('opens a folder of schema version 2, in which a running call was a row without an outcome', async () => {
  const dataFolder = temporaryFolder()
  const database = openDatabase(dataFolder)
  database.exec(`
    DROP VIEW all_calls; DROP TABLE open_calls; ALTER TABLE calls DROP COLUMN usage_source; ALTER TABLE calls RENAME COLUMN protocol TO door; PRAGMA user_version = 2;
    INSERT INTO calls (id, started_at_ms, door, key_id, requested_model, model, upstream, platform, streamed)
    VALUES ('req_old', 1, 'messages', 'key_1', 'opus', 'opus', 'recorder', 'anthropic', 0)`)
  database.close()

  const { ledger } = await open(dataFolder)
  await ledger.write({ start: callStart(), end: callEnd() })

  expect(ledger.abandoned).toBe(1)
  expect(readRows(dataFolder)).toMatchObject([
    { id: 'req_old', outcome: 'unknown' },
    { id: 'req_1', outcome: 'answered' },
  ])
})

test('settles no batch before its rows are stored, even if both are written together', async () => {
  const { ledger, dataFolder } = await open()
  const batch = { kind: 'batch', key_id: 'key_1', upstream: 'recorder', created_at_ms: 1 } as const
  const owner = { workspace_id: 'default', member_id: null, labels: null, hold_nano_usd: null }
  const resource: Resource = {
    ...batch,
    ...owner,
    id: 'msgbatch_1',
    settled_at_ms: null,
    models: {},
    betas: [],
  }
  await ledger.change({ kind: 'created', resource })
  const other = new DatabaseSync(join(dataFolder, 'anthology.sqlite'), { timeout: 2_000 })
  onTestFinished(() => other.close())
  other.exec("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'full'); END")
  const settledAtMs = async () =>
    (await ledger.query({ kind: 'with_ids', ids: ['msgbatch_1'] })).map((one) => one.settled_at_ms)

  const written = Promise.all([
    ledger.write({ start: callStart({ id: 'msgbatch_1/a' }), end: callEnd() }),
    ledger.change({ kind: 'settled', id: 'msgbatch_1', atMs: 7 }),
  ])
  await until('the ledger fails', () => !ledger.healthy)
  const meanwhile = await settledAtMs()
  other.exec('DROP TRIGGER broken')
  await written
  await until('it takes rows again', () => ledger.healthy)

  expect([meanwhile, await settledAtMs()]).toEqual([[null], [7]])
  expect(readRows(dataFolder)).toMatchObject([{ id: 'msgbatch_1/a' }])
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
