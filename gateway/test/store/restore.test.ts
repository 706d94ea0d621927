import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { rerateCalls } from '../../src/ledger/rerate.ts'
import { rollupMeasures, rollupSpans } from '../../src/ledger/rollup.ts'
import { readUsage } from '../../src/ledger/usage-report.ts'
import { insertKey } from '../../src/organization/keys.ts'
import { ensureWorkspaces } from '../../src/organization/workspaces.ts'
import { backUpStore, restoreStore, transferStore } from '../../src/store/copy/transfer.ts'
import type { Database } from '../../src/store/database.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { StoreLocation } from '../../src/store/open-store.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { createSteps as createPostgresSteps } from '../../src/store/postgres/maintenance.ts'
import { keepForever } from '../../src/store/retention.ts'
import { lockDataFolder, openDatabase } from '../../src/store/sqlite/database.ts'
import { createSteps } from '../../src/store/sqlite/maintenance.ts'
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

const kinds = ['sqlite', 'postgres'] as const
type StoreKind = (typeof kinds)[number]

/** Calls every ten minutes of three days, every fifth with a billed attempt before it. */
const firstCalls = Array.from({ length: 3 * 24 * 6 }, (_, at) => at * 600_000)

test.each(kinds)(
  'calls and corrections that retention removed come back, and their sums stay as they are (%s)',
  async (kind) => {
    const store = await createFilledStore(kind)
    const file = await backUp(store)
    const before = await readState(store)
    // Also the first half of an hour: an interrupted removal.
    await change(store, `DELETE FROM calls WHERE started_at_ms < ${rollupSpans.day + rollupSpans.hour / 2}`)
    await change(store, `DELETE FROM corrections WHERE started_at_ms < ${rollupSpans.day}`)

    const first = await restoreStore(file, store)
    const after = await readState(store)
    const second = await restoreStore(file, store)

    expect(first).toEqual({ isMerge: true, incompleteHours: 0 })
    expect(after).toEqual(before)
    expect(second).toEqual(first)
    expect(await readState(store)).toEqual(before)
  },
)

test.each(kinds)(
  'calls that are lost with their sums come back with them, corrections included (%s)',
  async (kind) => {
    const store = await createFilledStore(kind)
    const file = await backUp(store)
    const before = await readState(store)

    const other = await createStore(kind)
    await addKey(other)
    await restoreStore(file, other)
    await derive(other)

    expect(await readState(other)).toEqual(before)
  },
)

test.each(kinds)('the sums of calls that a backup does not have come back with it (%s)', async (kind) => {
  const store = await createFilledStore(kind)
  await change(store, `DELETE FROM calls WHERE started_at_ms < ${rollupSpans.day + rollupSpans.hour / 2}`)
  const file = await backUp(store)
  const before = await readState(store)

  const other = await createStore(kind)
  // In an hour of which the backup has sums of removed calls, and in one of which it has all.
  await writeCalls(other, [5_000, 2 * rollupSpans.day + 5_000], 'later')
  const result = await restoreStore(file, other)
  const again = await restoreStore(file, other)
  await derive(other)
  const after = await readState(other)

  expect(result).toEqual({ isMerge: true, incompleteHours: 1 })
  expect(again.isMerge).toBe(true)
  expect(after.calls).toBe(before.calls + 2)
  // The removed calls of the first hour are not there; the two own calls are.
  expect(after.summedCalls).toBe(before.summedCalls - 6n + 2n)
  expect(after.spans).toEqual(
    Object.fromEntries(Object.keys(before.spans).map((span) => [span, after.summedCalls])),
  )
})

test.each(kinds)('sums that retention removed come back with a backup (%s)', async (kind) => {
  const store = await createFilledStore(kind)
  const file = await backUp(store)
  const before = await readState(store)
  await change(store, 'DELETE FROM calls')
  // An interrupted removal of the month.
  await change(
    store,
    `INSERT INTO rollup_progress (name, until_ms) VALUES ('removed_sums', ${31 * rollupSpans.day})`,
  )
  await change(store, `DELETE FROM rollups WHERE span = 'hour' AND start_ms < ${rollupSpans.day}`)

  await restoreStore(file, store)

  expect(await readState(store)).toEqual(before)
  await expect(
    use(store, (database) =>
      readUsage(database, { by: [], period: { sinceMs: 0, untilMs: 30 * rollupSpans.day } }),
    ),
  ).resolves.toMatchObject([{ calls: before.summedCalls }])
})

test('a restore removes nothing from a store that is served, though it has no calls and no keys', async () => {
  const store = await createStore('sqlite')
  await writeCalls(store, firstCalls)
  const file = await backUp(store)
  const served = await createStore('sqlite')
  await change(
    served,
    "INSERT INTO members (id, name, role, created_at_ms) VALUES ('mbr_1', 'ann', 'member', 1)",
  )
  const lock = lockDataFolder(served.dataFolder)
  const sink = openSqliteSink(served.dataFolder)
  const restoring = restoreStore(file, served)
  await sink.ingest(part(1, { calls: encodeCalls([createCall(firstCalls.length * 600_000, 'later')]) }))
  const { isMerge } = await restoring
  await sink.ingest(part(2, { calls: encodeCalls([createCall(firstCalls.length * 600_000, 'last')]) }))
  await sink.close()
  lock.release()

  const state = await readState(served)
  const [groupless] = await query(
    served,
    'SELECT count(*) AS rows FROM rollups WHERE group_id NOT IN (SELECT id FROM rollup_groups)',
  )
  const members = await query(served, 'SELECT name FROM members')
  expect(isMerge).toBe(true)
  expect(state.summedCalls).toBe(BigInt(firstCalls.length + 2))
  expect(groupless).toEqual({ rows: 0n })
  expect(members).toEqual([{ name: 'ann' }])
})

test('a server on PostgreSQL is found by its connection: its store is copied neither over nor from, and a restore adds rows', async () => {
  const store = await createStore('sqlite')
  await writeCalls(store, firstCalls)
  const file = await backUp(store)
  const served = await createStore('postgres')
  const server = await openStore(served)
  await server.query('SELECT 1')

  await expect(transferStore(store, served)).rejects.toMatchObject({ code: 'data_folder_busy' })
  const empty = { dataFolder: temporaryFolder() }
  await expect(transferStore(served, empty)).rejects.toMatchObject({ code: 'data_folder_busy' })
  const { isMerge } = await restoreStore(file, served)
  await server.close()

  expect(isMerge).toBe(true)
  expect((await readState(served)).summedCalls).toBe(BigInt(firstCalls.length))
})

test('a store with members or workspaces is no empty target of a copy', async () => {
  const store = await createStore('sqlite')
  await writeCalls(store, [1])
  const target = await createStore('sqlite')
  await change(target, "INSERT INTO workspaces (id, name, created_at_ms) VALUES ('wrk_1', 'acme', 1)")

  await expect(transferStore(store, target)).rejects.toMatchObject({
    code: 'store_not_empty',
    message: expect.stringContaining('workspaces'),
  })
  expect(await query(target, "SELECT name FROM workspaces WHERE id = 'wrk_1'")).toEqual([{ name: 'acme' }])
})

test('sessions that were ended, shares that were returned and webhooks that were sent do not come back', async () => {
  const store = await createStore('sqlite')
  await addKey(store)
  await change(store, "INSERT INTO budget_leases (name, holder, amount_nano_usd) VALUES ('one', 'server', 7)")
  await change(
    store,
    `INSERT INTO console_sessions (hash, csrf_token, role, display_name, signed_in_by, created_at_ms, seen_at_ms, expires_at_ms)
     VALUES ('hash', 'token', 'admin', 'ann', 'link', 1, 1, 9000000000000)`,
  )
  const file = await backUp(store)
  await change(store, 'DELETE FROM budget_leases')
  await change(store, 'DELETE FROM console_sessions')

  await restoreStore(file, store)

  expect(await query(store, 'SELECT * FROM budget_leases')).toEqual([])
  expect(await query(store, 'SELECT * FROM console_sessions')).toEqual([])
})

async function createStore(kind: StoreKind): Promise<StoreLocation> {
  const dataFolder = temporaryFolder()
  if (kind === 'sqlite') {
    openDatabase(dataFolder).close()
    return { dataFolder }
  }
  const store = { dataFolder, store: await postgres.createDatabase() }
  await use(store, () => Promise.resolve())
  return store
}

/** A store with calls, corrections of their prices, and all sums. */
async function createFilledStore(kind: StoreKind): Promise<StoreLocation> {
  const store = await createStore(kind)
  await writeCalls(store, firstCalls)
  await correct(store)
  await derive(store)
  return store
}

function createCall(startedAtMs: number, name: string) {
  const id = `req_${name}${startedAtMs}`
  return {
    start: callStart({
      id,
      started_at_ms: startedAtMs,
      key_id: startedAtMs % 1_200_000 === 0 ? 'key_a' : 'key_b',
    }),
    end: callEnd({ price: getPriceTokens(BigInt(1 + (startedAtMs % 1_000)), 5n) }),
  }
}

async function writeCalls(store: StoreLocation, times: readonly number[], name = ''): Promise<void> {
  const sink =
    store.store === undefined ? openSqliteSink(store.dataFolder) : await openPostgresSink(store.store)
  const calls = times.flatMap((timeMs, at) => {
    const call = createCall(timeMs, name)
    const attempt = { ...call, start: { ...call.start, id: `${call.start.id}#1` } }
    return at % 5 === 0 ? [attempt, call] : [call]
  })
  await sink.ingest(part(1, { calls: encodeCalls(calls) }))
  await sink.close()
}

/** Halves the cost of every call, as a correction of prices does. */
function correct(store: StoreLocation): Promise<unknown> {
  return use(store, (database) =>
    rerateCalls(database, {
      sinceMs: 0,
      isDryRun: false,
      nowMs: () => 1,
      priceCall: () => getPriceTokens(3n, 1n),
    }),
  )
}

async function derive(store: StoreLocation): Promise<void> {
  const nowMs = () => 30 * rollupSpans.day
  if (store.store === undefined) {
    const database = openDatabase(store.dataFolder)
    const steps = createSteps(database, { retention: keepForever, nowMs })
    while (await steps.run());
    return database.close()
  }
  const connections = await openConnections({ url: store.store })
  const steps = createPostgresSteps(connections, { retention: keepForever, nowMs })
  while (await steps.run());
  await connections.close()
}

async function backUp(store: StoreLocation): Promise<string> {
  const file = join(temporaryFolder(), 'backup.sqlite')
  await backUpStore(store, file)
  return file
}

function addKey(store: StoreLocation): Promise<unknown> {
  return use(store, async (database) => {
    await ensureWorkspaces(database, [], 1)
    return insertKey(database, createKey('one', null, 1).record)
  })
}

async function use<Result>(
  store: StoreLocation,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openStore(store)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

const change = (store: StoreLocation, sql: string) => use(store, (database) => database.query(sql))
const query = change

/** The number of calls, and all sums by span; the sums of every span are those of the hours. */
async function readState(store: StoreLocation) {
  return use(store, async (database) => {
    const [rows] = await database.query("SELECT count(*) AS calls FROM calls WHERE id NOT LIKE '%#%'")
    const sums = await database.query(
      `SELECT span, start_ms, group_id, ${rollupMeasures.join(', ')} FROM rollups
       ORDER BY span, start_ms, group_id`,
    )
    const spans = new Map<string, bigint>()
    for (const row of sums)
      spans.set(String(row['span']), (spans.get(String(row['span'])) ?? 0n) + BigInt(row['calls'] ?? 0))
    return {
      calls: Number(rows?.['calls']),
      summedCalls: spans.get('hour') ?? 0n,
      spans: Object.fromEntries(spans),
      sums: sums.map((row) => Object.values(row).join(' ')),
    }
  })
}
