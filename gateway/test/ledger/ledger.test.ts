import { expect, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/ledger/database.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { encodeBatch } from '../../src/ledger/row-codec.ts'
import { createRowQueue } from '../../src/ledger/row-queue.ts'
import { readRows, temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart } from './call-rows.ts'

test('has on disk what other processes deliver, when it says so', async () => {
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

test('gives up the running calls of a process that is gone at once', async () => {
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
    DROP VIEW all_calls; DROP TABLE starts; PRAGMA user_version = 2;
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

async function open(dataFolder = temporaryFolder()) {
  const ledger = await openLedger({ dataFolder })
  onTestFinished(() => ledger.close())
  return { ledger, dataFolder }
}
