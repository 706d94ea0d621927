import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { backUpStore, compareStores, restoreStore, transferStore } from '../../src/store/copy/transfer.ts'
import { JournalWriter } from '../../src/ledger/journal-writer.ts'
import { listJournalPlaces } from '../../src/store/journal-folder.ts'
import { insertKey } from '../../src/organization/keys.ts'
import { ensureWorkspaces } from '../../src/organization/workspaces.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { StoreLocation } from '../../src/store/open-store.ts'
import { lockDataFolder } from '../../src/store/sqlite/database.ts'
import { callEnd, callStart, getPriceTokens } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'
import { encodeCalls, openPostgresSink, openSqliteSink, part } from './sinks.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

test('a store is copied to PostgreSQL and back, and every column of all three is equal', async () => {
  const [first, last] = [await createFilledFolder(), { dataFolder: temporaryFolder() }]
  const database = await createDatabase()

  const there = await transferStore(first, database)
  const back = await transferStore(database, last)

  expect(there.differences).toEqual([])
  expect(back).toEqual(there)
  expect(there.rows).toBeGreaterThan(calls)
  expect(await compareStores(first, last)).toEqual(there)
})

test.each([
  ['a bit of the details', "UPDATE calls SET details = '{}' WHERE id = 'req_5'", 'calls', 'details'],
  ['a bit of a text', "UPDATE calls SET message_id = 'msg_00' WHERE id = 'req_7'", 'calls', 'message_id'],
  [
    'a bit of an amount',
    "UPDATE calls SET cost_nano_usd = cost_nano_usd + 1 WHERE id = 'req_7'",
    'calls',
    'cost_nano_usd',
  ],
  [
    'null in place of an empty text',
    "UPDATE calls SET stop_reason = NULL WHERE id = 'req_8'",
    'calls',
    'stop_reason',
  ],
  [
    'a sum',
    "UPDATE rollups SET cost_nano_usd = cost_nano_usd + 1 WHERE span = 'hour'",
    'rollups',
    'cost_nano_usd',
  ],
  ['a key', "UPDATE keys SET revoked_at_ms = 1 WHERE name = 'one'", 'keys', 'revoked_at_ms'],
])('%s that changes in the copy is found', async (_, sql, table, column) => {
  const [source, copy] = [await createFilledFolder(), await createDatabase()]
  await transferStore(source, copy)
  await change(copy, sql)

  expect((await compareStores(source, copy)).differences).toEqual([{ table, column }])
})

test('a copy has the calls that a killed process left in its emergency folder', async () => {
  const [source, target] = [await createFilledFolder(), { dataFolder: temporaryFolder() }]
  const emergencyFolder = temporaryFolder()
  const journal = new JournalWriter({
    places: listJournalPlaces(source.dataFolder, emergencyFolder).slice(1),
    source: 'killed',
    durability: 'process',
    waitMs: 1_000,
    onAppended: () => {},
    onFailure: () => {},
  })
  await journal.write({ start: callStart({ id: 'req_left' }), end: callEnd() })
  await journal.close()

  await transferStore(source, target, () => {}, emergencyFolder)

  const database = await openStore(target)
  const rows = await database.query("SELECT outcome FROM calls WHERE id = 'req_left'")
  await database.close()
  expect(rows).toEqual([{ outcome: 'answered' }])
})

test('a row that is missing in the copy is found', async () => {
  const [source, copy] = [await createFilledFolder(), await createDatabase()]
  await transferStore(source, copy)
  await change(copy, "DELETE FROM calls WHERE id = 'req_7'")

  const { differences } = await compareStores(source, copy)

  expect(differences).toContainEqual({ table: 'calls', column: null })
})

test('a store that a server uses is not copied, and a store with rows is not overwritten', async () => {
  const [source, full] = [await createFilledFolder(), await createFilledFolder()]
  const lock = lockDataFolder(source.dataFolder)

  await expect(transferStore(source, await createDatabase())).rejects.toMatchObject({
    code: 'data_folder_busy',
  })
  lock.release()
  await expect(transferStore(source, full)).rejects.toMatchObject({ code: 'store_not_empty' })
})

test.each(['sqlite', 'postgres'])('a backup of %s restores all tables while a server runs', async (kind) => {
  const source = await createFilledFolder()
  const served = kind === 'sqlite' ? source : await createDatabase()
  if (kind === 'postgres') await transferStore(source, served)
  const lock = kind === 'sqlite' ? lockDataFolder(source.dataFolder) : null
  const file = join(temporaryFolder(), 'backup.sqlite')

  await backUpStore(served, file)
  const restored = kind === 'sqlite' ? { dataFolder: temporaryFolder() } : await createDatabase()
  const result = await restoreStore(file, restored)

  lock?.release()
  expect(result).toEqual({ isMerge: false, incompleteHours: 0 })
  expect((await compareStores(source, restored)).differences).toEqual([])
})

test('a restore into a store in use adds what is missing, and changes nothing else', async () => {
  const source = await createDatabase()
  await transferStore(await createFilledFolder(), source)
  const file = join(temporaryFolder(), 'backup.sqlite')
  await backUpStore(source, file)
  await change(source, "UPDATE keys SET revoked_at_ms = 9 WHERE name = 'one'")
  await change(source, "DELETE FROM keys WHERE name = 'two'")
  const sink = await openPostgresSink(source.store ?? '')
  const later = { start: callStart({ id: 'req_later', started_at_ms: 5_000 }), end: callEnd() }
  await sink.ingest(part(1, { calls: encodeCalls([later]) }))
  await sink.close()

  const result = await restoreStore(file, source)

  const database = await openStore(source)
  const keys = await database.query('SELECT name, revoked_at_ms FROM keys ORDER BY name')
  const [counts] = await database.query(
    `SELECT (SELECT count(*) FROM calls) AS calls,
       (SELECT sum(calls) FROM rollups WHERE span = 'hour') AS summed`,
  )
  await database.close()
  expect(result).toEqual({ isMerge: true, incompleteHours: 0 })
  expect(keys).toEqual([
    { name: 'one', revoked_at_ms: 9n },
    { name: 'two', revoked_at_ms: null },
  ])
  expect(counts).toEqual({ calls: BigInt(calls + 1), summed: BigInt(calls + 1) })
})

const calls = 300

/** A data folder with calls of several days, keys and a resource. */
async function createFilledFolder(): Promise<StoreLocation> {
  const dataFolder = temporaryFolder()
  const sink = openSqliteSink(dataFolder)
  const rows = Array.from({ length: calls }, (_, index) => ({
    start: callStart({
      id: `req_${index}`,
      started_at_ms: 1_000 + index * 1_000_000,
      session_id: index % 3 === 0 ? `"${index}"\\\0,{}NULL` : null,
      model: index % 2 === 0 ? 'claude-opus-4-1-20250805' : 'claude-sonnet-4-5-20250929',
    }),
    end: callEnd({
      message_id: `msg_0${index % 2}`,
      stop_reason: index % 4 === 0 ? '' : 'end_turn',
      details: index % 5 === 0 ? `{"blocks":{"key":"${index}"}}` : null,
      price: getPriceTokens(BigInt(index), index === 9 ? 2n ** 60n : 5n),
    }),
  }))
  const resource = {
    id: 'msgbatch_1',
    kind: 'batch',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    upstream: 'claude',
    created_at_ms: 1,
    settled_at_ms: null,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
  } as const
  const rejections = [{ day: '2026-11-28', key_id: 'key_1', code: 'no_model', calls: 2 }] as const
  await sink.ingest(
    part(1, { calls: encodeCalls(rows), changes: [{ kind: 'created', resource }], rejections }),
  )
  await sink.close()
  const database = await openStore({ dataFolder })
  await ensureWorkspaces(database, ['research'], 1)
  const record = createKey('one', ['claude-opus-4-1-20250805'], 1).record
  await insertKey(database, { ...record, aws: { accessKeyId: 'AKIA1', version: 1 } })
  await insertKey(database, createKey('two', null, 2).record)
  await database.close()
  return { dataFolder }
}

async function createDatabase(): Promise<StoreLocation> {
  return { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }
}

async function change(location: StoreLocation, sql: string): Promise<void> {
  const database = await openStore(location)
  await database.query(sql)
  await database.close()
}
