import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'

import type { Database } from '../../../src/store/database.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../../running-gateway.ts'

function open(): Database {
  const database = createSqliteDatabase(openDatabase(temporaryFolder()))
  onTestFinished(() => database.close())
  return database
}

const insert = 'INSERT INTO rejected_calls (day, key_id, code, calls) VALUES (?, ?, ?, ?)'
const read = 'SELECT key_id, calls FROM rejected_calls ORDER BY key_id'

test('integers are read exactly, above 2^53 too', async () => {
  const database = open()
  await database.query(insert, ['2026-11-28', 'key_a', 'no_model', 9_007_199_254_740_993n])
  expect(await database.query(read)).toEqual([{ key_id: 'key_a', calls: 9_007_199_254_740_993n }])
})

test('a transaction that fails leaves nothing behind', async () => {
  const database = open()
  const failing = database.transaction(async (queries) => {
    await queries.query(insert, ['2026-11-28', 'key_a', 'no_model', 1])
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await database.query(read)).toEqual([])
})

test('a statement beside a transaction waits for its end', async () => {
  const database = open()
  const written = database.transaction(async (queries) => {
    await queries.query(insert, ['2026-11-28', 'key_a', 'no_model', 1])
    await new Promise((resolve) => setTimeout(resolve, 20))
    await queries.query(insert, ['2026-11-28', 'key_b', 'no_model', 1])
  })
  const rows = await database.query(read)
  await written
  expect(rows).toHaveLength(2)
})

test('changes wait while another program has locked the database, and the event loop goes on', async () => {
  const dataFolder = temporaryFolder()
  const database = await openStore({ dataFolder })
  const other = openDatabase(dataFolder)
  onTestFinished(() => database.close())
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')

  const statement = database.query(insert, ['2026-11-28', 'key_a', 'no_model', 1])
  const transaction = database.transaction((queries) =>
    queries.query(insert, ['2026-11-28', 'key_b', 'no_model', 2]),
  )
  // With SQLite's own wait these turns would come only after the lock, which then nobody could release.
  for (let turn = 0; turn < 10; turn += 1) await setImmediate()
  other.exec('COMMIT')
  await Promise.all([statement, transaction])

  expect(await database.query(read)).toEqual([
    { key_id: 'key_a', calls: 1n },
    { key_id: 'key_b', calls: 2n },
  ])
})
