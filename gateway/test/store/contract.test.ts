import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import type { Database } from '../../src/store/database.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { migratePostgres } from '../../src/store/postgres/migrations.ts'
import { openPostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const stores = { sqlite: openSqlite, postgres: openPostgres }

describe.each(Object.entries(stores))('%s', (dialect, openStore) => {
  async function open(): Promise<Database> {
    const database = await openStore()
    onTestFinished(() => database.close())
    return database
  }

  test('the store names its dialect', async () => {
    expect((await open()).dialect).toBe(dialect)
  })

  test('integers are read exactly, above 2^53 and in sums too', async () => {
    const database = await open()
    await database.query(insert, ['2026-11-28', 'key_a', 'no_model', 9_007_199_254_740_993n])
    await database.query(insert, ['2026-11-28', 'key_b', 'no_model', 2])

    const totals = 'SELECT count(*) AS rows, sum(calls) AS calls, count(*) > 1 AS several FROM rejected_calls'

    expect(await database.query(read)).toEqual([
      { key_id: 'key_a', calls: 9_007_199_254_740_993n },
      { key_id: 'key_b', calls: 2n },
    ])
    expect(await database.query(totals)).toEqual([{ rows: 2n, calls: 9_007_199_254_740_995n, several: 1n }])
  })

  test('arrays have the values in the order of the columns, and numbers where these are exact', async () => {
    const database = await open()
    const sql = 'SELECT CAST(? AS BIGINT), ?, CAST(? AS BIGINT), ?'
    const most = 2n ** 63n - 1n
    expect(await database.queryArrays(sql, [7, 'text', 2n ** 53n - 1n, null])).toEqual([
      [7, 'text', Number.MAX_SAFE_INTEGER, null],
    ])
    const [large] = await database.queryArrays(sql, [7, 'text', most, null])
    expect(large?.map((value) => (typeof value === 'number' ? BigInt(value) : value))).toEqual([
      7n,
      'text',
      most,
      null,
    ])
    expect(await database.queryArrays(sql, [7, 'text', 1, null])).toEqual([[7, 'text', 1, null]])
  })

  test('a placeholder may be null, and question marks in texts and comments are none', async () => {
    const database = await open()

    const rows = await database.query(
      `SELECT '?' AS mark, ? AS empty, ? AS number, ? AS text -- really?
       WHERE ? IS NULL OR ? = 1`,
      [null, 7n, "it's?", null, 2],
    )

    expect(rows).toEqual([{ mark: '?', empty: null, number: 7n, text: "it's?" }])
  })

  test('texts are ordered by their bytes', async () => {
    const database = await open()
    for (const id of ['b', 'B', 'a', '_', 'é', 'Z'])
      await database.query(insert, ['2026-11-28', id, 'no_model', 1])

    const rows = await database.query('SELECT key_id FROM rejected_calls ORDER BY key_id')

    expect(rows.map((row) => row['key_id'])).toEqual(['B', 'Z', '_', 'a', 'b', 'é'])
  })

  test('a row that exists is updated, and RETURNING shows it', async () => {
    const database = await open()
    const upsert = `${insert} ON CONFLICT (day, key_id, code)
      DO UPDATE SET calls = rejected_calls.calls + excluded.calls RETURNING calls`

    await database.query(upsert, ['2026-11-28', 'key_a', 'no_model', 3])

    expect(await database.query(upsert, ['2026-11-28', 'key_a', 'no_model', 4])).toEqual([{ calls: 7n }])
  })

  test('a transaction that fails leaves nothing behind', async () => {
    const database = await open()
    const failing = database.transaction(async (queries) => {
      await queries.query(insert, ['2026-11-28', 'key_a', 'no_model', 1])
      throw new Error('changed my mind')
    })

    await expect(failing).rejects.toThrow('changed my mind')
    expect(await database.query(read)).toEqual([])
  })

  test('transactions that read before they write do not overwrite each other', async () => {
    const database = await open()
    await database.query(insert, ['2026-11-28', 'key_a', 'no_model', 0])
    const add = () =>
      database.transaction(async (queries) => {
        const [row] = await queries.query('SELECT calls FROM rejected_calls')
        await queries.query('UPDATE rejected_calls SET calls = ?', [BigInt(row?.['calls'] ?? 0) + 1n])
      })

    await Promise.all(Array.from({ length: 20 }, add))

    expect(await database.query(read)).toEqual([{ key_id: 'key_a', calls: 20n }])
  })

  test('a statement with the wrong number of values is an error, and the store serves on', async () => {
    const database = await open()

    await expect(database.query(insert, ['2026-11-28', 'key_a'])).rejects.toThrow()
    await expect(database.query(read, ['one too many'])).rejects.toThrow()
    expect(await database.query(read)).toEqual([])
  })
})

const insert = 'INSERT INTO rejected_calls (day, key_id, code, calls) VALUES (?, ?, ?, ?)'
const read = 'SELECT key_id, calls FROM rejected_calls ORDER BY key_id'

function openSqlite(): Promise<Database> {
  return Promise.resolve(createSqliteDatabase(openDatabase(temporaryFolder())))
}

async function openPostgres(): Promise<Database> {
  const url = await postgres.createDatabase()
  const connections = await openConnections({ url })
  await migratePostgres(connections, url)
  await connections.close()
  return openPostgresDatabase({ url })
}
