import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { getDay } from '../../src/clock.ts'
import { findCallPlaces, maxScannedRows, readCallRows, searchCalls } from '../../src/ledger/call-search.ts'
import { listCalls } from '../../src/ledger/call-list.ts'
import { printRequestId } from '../../src/http/request-id.ts'
import { rerateCalls } from '../../src/ledger/rerate.ts'
import { rollupSpans } from '../../src/ledger/rollup.ts'
import { readUsage } from '../../src/ledger/usage-report.ts'
import type { Database } from '../../src/store/database.ts'
import type { MaintenanceSteps } from '../../src/store/maintenance.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { createSteps as createPostgresSteps } from '../../src/store/postgres/maintenance.ts'
import { createPostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { readRetention } from '../../src/store/retention.ts'
import type { Retention } from '../../src/store/retention.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSteps as createSqliteSteps } from '../../src/store/sqlite/maintenance.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { createSqliteSink } from '../../src/store/sqlite/sqlite-sink.ts'
import { callEnd, callStart, getPriceTokens } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'
import { encodeCalls, openPostgresSink, part } from './sinks.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const { day, hour } = rollupSpans
const startMs = Date.UTC(2026, 7, 30)
const nowMs = Date.UTC(2026, 10, 29)
const ever = { sinceMs: 0, untilMs: nowMs }
const retention = readRetention({ calls: '60d' })

interface Store {
  readonly sink: LedgerSink
  readonly steps: MaintenanceSteps
  readonly database: Database
}

const stores: Readonly<Record<string, (kept?: Retention) => Promise<Store>>> = {
  SQLite: openSqlite,
  PostgreSQL: openPostgres,
}

test.each(Object.entries(stores))(
  'derived sums, late calls, corrections and pruning leave every report of %s as the calls were',
  async (_, open) => {
    const { sink, steps, database } = await open()
    const calls = createCalls(0, 120)
    await sink.ingest(part(1, { calls: encodeCalls(calls) }))
    const [total] = await readUsage(database, { by: [], period: ever })
    for (let count = 0; count < 40; count += 1) expect(await steps.run()).toBe(true)
    const half = await readUsage(database, { by: [], period: ever })
    // Some of these belong to hours that are derived already.
    await sink.ingest(part(2, { calls: encodeCalls(createCalls(120, 60)) }))
    const byDay = await readUsage(database, { by: ['day', 'key'], period: ever, timeZone: 'Europe/Berlin' })

    const priceCall = () => ({ ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd: 100n })
    await rerateCalls(database, {
      sinceMs: startMs,
      priceCall,
      isDryRun: false,
      nowMs: () => nowMs,
    })
    const corrected = await readUsage(database, { by: ['month', 'model'], period: ever })
    let steppedTimes = 0
    // The first round that finds old rows removes none.
    while (await steps.run());
    while (await steps.run()) steppedTimes += 1

    expect(total?.calls).toBe(120n)
    expect(half).toEqual([total])
    expect(byDay.reduce((sum, row) => sum + row.calls, 0n)).toBe(180n)
    expect(steppedTimes).toBeGreaterThan(0)
    expect(await readUsage(database, { by: ['month', 'model'], period: ever })).toEqual(corrected)
    const { calls: left } = await listCalls(database, {}, { limit: 1_000 })
    expect(left.every((call) => Number(call['started_at_ms']) >= nowMs - 60 * day)).toBe(true)
    expect(left.length).toBeGreaterThan(0)
    expect(left.length).toBeLessThan(180)
    // Those of removed calls are removed too.
    const corrections = await database.query(
      'SELECT call_id FROM corrections ORDER BY started_at_ms DESC, call_id DESC',
    )
    expect(corrections.map((row) => row['call_id'])).toEqual(left.map((call) => call['id']))
    await expect(
      database.query("SELECT until_ms FROM rollup_progress WHERE name = 'derived'"),
    ).resolves.toHaveLength(1)
    const large = await searchCalls(database, { minTokens: 170 }, { limit: 5, after: null })
    const { rows } = await searchCalls(database, { minTokens: 170 }, { limit: 5, after: large.next })
    expect([...large.rows, ...rows].every((row) => Number(row['input_quantity']) >= 169)).toBe(true)
    expect(large.rows.length).toBe(5)
    const smallest = Math.min(...left.map((call) => Number(call['input_quantity'])))
    const none = await searchCalls(database, { maxTokens: smallest }, { limit: 5, after: null })
    const few = await searchCalls(database, { maxTokens: smallest + 1 }, { limit: 5, after: null })
    expect(none.rows).toEqual([])
    expect(few.rows.map((row) => Number(row['input_quantity']))).toEqual([smallest])
    for (const { id } of large.rows)
      expect(await readCallRows(database, String(id))).toMatchObject([{ id, details: null }])
  },
)

test.each(Object.entries(stores))(
  'a call of %s is found by its id behind more calls than a page looks through',
  async (_, open) => {
    const { sink, database } = await open()
    const [early, ...others] = createCalls(1, maxScannedRows + 1)
    const calls = others.map(({ start, end }) => ({ start: { ...start, started_at_ms: nowMs }, end }))
    await sink.ingest(part(1, { calls: encodeCalls(early === undefined ? calls : [early, ...calls]) }))
    const id = early?.start.id
    const before = early?.start.started_at_ms
    const first = { limit: 5, after: null }

    const byId = await searchCalls(database, { id }, first)
    expect([byId.rows.map((row) => row['id']), byId.next]).toEqual([[id], null])
    expect(await findCallPlaces(database, { id }, 5)).toMatchObject({ places: [{ id }], isCut: false })
    // The other filters hold too.
    for (const search of [
      { id, untilMs: before },
      { id, model: 'opus' },
      { id, sinceMs: nowMs },
    ])
      expect(await searchCalls(database, search, first)).toEqual({ rows: [], next: null })
    // The id of an upstream's request can have the form of ours.
    const other = await searchCalls(database, { id: printRequestId(startMs, 'upstream') }, first)
    expect(other).toMatchObject({ rows: [], next: {} })
  },
)

test.each([
  ['SQLite', openSqlite, 24],
  ['PostgreSQL', openPostgres, 6],
] as const)(
  'reports of %s agree with each other at every step of a removal',
  async (_, open, hoursPerDay) => {
    const { sink, steps, database } = await open(readRetention({ calls: '31d', rollups: '31d' }))
    await sink.ingest(part(1, { calls: encodeCalls(createHours(hoursPerDay)) }))
    const keptMs = Date.UTC(2026, 9, 1)
    // Its end cuts an hour whose calls are removed.
    const cut = { sinceMs: 0, untilMs: Date.UTC(2026, 9, 5, 12, 30) }
    const read = () =>
      Promise.all([
        readUsage(database, { by: ['month'], period: ever }),
        readUsage(database, { by: ['day', 'key'], period: ever }),
        readUsage(database, { by: ['hour'], period: ever }),
        readUsage(database, { by: ['model'], period: ever }),
        readUsage(database, { by: ['day'], period: ever, timeZone: 'Asia/Kolkata' }),
        readUsage(database, { by: [], period: cut }),
      ])
    while (await steps.run());
    const [stored] = await database.query('SELECT count(*) AS calls FROM calls')
    const expected = await read()
    const counts = expected.map((rows) => rows.reduce((sum, { calls }) => sum + calls, 0n))
    let steppedTimes = 0
    while (await steps.run()) {
      steppedTimes += 1
      expect(await read()).toEqual(expected)
    }

    expect(steppedTimes).toBeGreaterThan(4)
    expect(counts.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => BigInt(6 * 6 * hoursPerDay)))
    expect(counts[5]).toBe(BigInt((6 * hoursPerDay) / 2))
    expect(Number(stored?.['calls'])).toBe(10 * 6 * hoursPerDay)
    const [left] = await database.query(
      `SELECT (SELECT min(started_at_ms) FROM calls) AS calls, (SELECT min(start_ms) FROM rollups) AS sums`,
    )
    expect(Number(left?.['calls'])).toBeGreaterThanOrEqual(nowMs - 31 * day)
    expect(Number(left?.['sums'])).toBeGreaterThanOrEqual(keptMs)
  },
)

test.each(Object.entries(stores))(
  'rejected counts and groups without sums are removed from %s, and a writer stores a group again',
  async (_, open) => {
    const { sink, steps, database } = await open(readRetention({ calls: '31d', rollups: '31d' }))
    const store = (number: number, key: string, startedAtMs: number) =>
      sink.ingest(
        part(number, {
          calls: encodeCalls([
            {
              start: callStart({ id: `req_${number}`, key_id: key, started_at_ms: startedAtMs }),
              end: callEnd(),
            },
          ]),
          rejections: [{ day: getDay(startedAtMs), key_id: key, code: 'rate_limited', calls: 1 }],
        }),
      )
    const readKeys = async () => {
      const rows = await readUsage(database, { by: ['key'], period: ever })
      return rows
        .map(({ group, calls, rejectedCalls }) => [String(group[0]), calls, rejectedCalls] as const)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
    }
    // From the second call on, the writer knows that the groups are stored.
    for (const number of [1, 2]) await store(number, 'key_old', startMs + number)
    await store(3, 'key_kept', nowMs - 2 * day)
    await store(4, 'key_new', nowMs - 1)
    const kept = ['key_kept', 'key_new'].map((key) => [key, 1n, { rate_limited: 1n }])

    // Reports leave out what will be removed.
    while (await steps.run());
    expect(await readKeys()).toEqual(kept)
    for (let round = 0; round < 3; round += 1) while (await steps.run());

    expect(await readKeys()).toEqual(kept)
    const rejected = await database.query('SELECT key_id FROM rejected_calls ORDER BY key_id')
    expect(rejected.map((row) => row['key_id'])).toEqual(['key_kept', 'key_new'])
    const groups = await database.query(
      "SELECT DISTINCT key_id FROM rollup_groups WHERE key_id <> '' ORDER BY key_id",
    )
    expect(groups.map((row) => row['key_id'])).toEqual(['key_kept', 'key_new'])
    await store(5, 'key_old', nowMs - day)
    expect(await readKeys()).toEqual([...kept, ['key_old', 1n, { rate_limited: 1n }]])
    const [groupless] = await database.query(
      'SELECT count(*) AS sums FROM rollups WHERE group_id NOT IN (SELECT id FROM rollup_groups)',
    )
    expect(groupless).toEqual({ sums: 0n })
  },
)

/** Calls over 90 days. */
function createCalls(first: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    const startedAtMs = startMs + ((number * 37) % 90) * day + (number % 24) * hour
    return {
      start: callStart({
        // Half of the ids have the time of their call.
        id: number % 2 === 0 ? `req_${number}` : printRequestId(startedAtMs, `${number}`),
        started_at_ms: startedAtMs,
        key_id: `key_${number % 3}`,
        model: number % 2 === 0 ? 'opus' : 'haiku',
      }),
      end: callEnd({ price: getPriceTokens(BigInt(number), 1n) }),
    }
  })
}

/** Six calls in each of some hours of every ninth of 90 days. */
function createHours(perDay: number) {
  return Array.from({ length: 10 * perDay * 6 }, (_, number) => ({
    start: callStart({
      id: `req_${number}`,
      started_at_ms: startMs + findTime(number, perDay),
      key_id: `key_${number % 3}`,
      model: number % 2 === 0 ? 'opus' : 'haiku',
    }),
    end: callEnd({ price: getPriceTokens(BigInt(number), 1n) }),
  }))
}

function findTime(number: number, perDay: number): number {
  const at = Math.floor(number / 6)
  return Math.floor(at / perDay) * 9 * day + (at % perDay) * (day / perDay) + ((number % 6) * hour) / 6
}

async function openSqlite(kept = retention): Promise<Store> {
  const connection = openDatabase(temporaryFolder())
  const steps = createSqliteSteps(connection, { retention: kept, nowMs: () => nowMs })
  return { sink: createSqliteSink(connection), steps, database: createSqliteDatabase(connection) }
}

async function openPostgres(kept = retention): Promise<Store> {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const connections = await openConnections({ url })
  onTestFinished(async () => {
    await sink.close()
    await connections.close()
  })
  const steps = createPostgresSteps(connections, { retention: kept, nowMs: () => nowMs })
  return { sink, steps, database: createPostgresDatabase(connections) }
}
