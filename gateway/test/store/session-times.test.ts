import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { listCalls } from '../../src/ledger/call-list.ts'
import { findCallPlaces, maxScannedRows, searchCalls } from '../../src/ledger/call-search.ts'
import type { CallSearch } from '../../src/ledger/call-search.ts'
import type { CallPlace } from '../../src/ledger/call-place.ts'
import { listScanRanges } from '../../src/ledger/scan-range.ts'
import { stretchMs } from '../../src/ledger/session-times.ts'
import { transferStore } from '../../src/store/copy/transfer.ts'
import type { Database } from '../../src/store/database.ts'
import type { MaintenanceSteps } from '../../src/store/maintenance.ts'
import { openStore } from '../../src/store/open-store.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { createSteps as createPostgresSteps } from '../../src/store/postgres/maintenance.ts'
import { createPostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { readRetention } from '../../src/store/retention.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSteps as createSqliteSteps } from '../../src/store/sqlite/maintenance.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { createSqliteSink } from '../../src/store/sqlite/sqlite-sink.ts'
import { callEnd, callStart } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'
import { encodeCalls, encodeOpen, openPostgresSink, part } from './sinks.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

interface Store {
  readonly sink: LedgerSink
  readonly database: Database
  readonly steps: MaintenanceSteps
}

const day = 86_400_000
const hour = 3_600_000
const nowMs = Date.UTC(2026, 10, 29, 12, 30)
const options = { retention: readRetention({ calls: '40d' }), nowMs: () => nowMs }

async function openPostgres(): Promise<Store> {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const connections = await openConnections({ url })
  onTestFinished(async () => {
    await sink.close()
    await connections.close()
  })
  const steps = createPostgresSteps(connections, options)
  return { sink, steps, database: createPostgresDatabase(connections) }
}

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  async SQLite() {
    const connection = openDatabase(temporaryFolder())
    const steps = createSqliteSteps(connection, options)
    return { sink: createSqliteSink(connection), steps, database: createSqliteDatabase(connection) }
  },
  PostgreSQL: openPostgres,
}

describe.each(Object.entries(stores))('%s', (_, open) => {
  test('a stretch with calls of a session is stored once, however they came', async () => {
    const { sink, database } = await open()
    const calls = (session: string | null, ...starts: readonly number[]) =>
      starts.map((startedAtMs) => ({
        start: callStart({
          id: `req_${session}_${startedAtMs}`,
          started_at_ms: startedAtMs,
          session_id: session,
        }),
        end: callEnd(),
      }))
    const again = part(1, { calls: encodeCalls(calls('one', 1, 2, stretchMs - 1, stretchMs)) })

    await sink.ingest(again)
    await sink.ingest(again)
    await sink.ingest(part(2, { calls: encodeCalls(calls(null, 3)) }))
    await sink.restore({ calls: encodeCalls(calls('restored', 5)), sums: [] })
    const [running] = calls('running', 7)
    await sink.ingest(part(3, { opened: encodeOpen(running === undefined ? [] : [running]) }))
    await sink.closeListedCalls()

    expect(await readTimes(database)).toEqual([
      ['one', 0],
      ['one', stretchMs],
      ['restored', 0],
      ['running', 0],
    ])
  })

  test('a stretch of a transaction that failed is stored by the next one', async () => {
    const { sink, database } = await open()
    const [first, second] = [1, 2].map((number) =>
      encodeCalls([
        {
          start: callStart({ id: `req_${number}`, session_id: 'one', started_at_ms: number }),
          end: callEnd(),
        },
      ]),
    )
    const broken = { day: '2026-11-29', key_id: 'key_1', code: 'rate', calls: null as unknown as number }

    const failed = sink.ingest(part(1, { calls: first ?? [], rejections: [broken] }))
    await expect(failed).rejects.toThrow('calls')
    const before = await readTimes(database)
    await sink.ingest(part(1, { calls: second ?? [] }))

    expect(before).toEqual([])
    expect(await readTimes(database)).toEqual([['one', 0]])
  })

  test('the calls of an old session are found at once, and a rare filter in a large one by pages', async () => {
    const { sink, database } = await open()
    const ended = Array.from({ length: maxScannedRows + 13 }, (_call, at) => ({
      start: callStart({
        id: `req_${String(at).padStart(6, '0')}`,
        started_at_ms: at * 1_000,
        session_id: at < 3 ? 'old' : 'large',
        requested_model: at === 4 ? 'rare' : 'frequent',
      }),
      end: callEnd(),
    }))
    await sink.ingest(part(1, { calls: encodeCalls(ended) }))
    const old = { session: 'old' }
    const rare = { session: 'large', requestedModel: 'rare' }

    const found = await searchCalls(database, old, { limit: 9, after: null })
    const counted = await findCallPlaces(database, old, 9)
    const listed = await listCalls(database, old, { limit: 9, after: null })
    const firstPage = await searchCalls(database, rare, { limit: 9, after: null })
    const pages = await searchAll(database, rare, 9)

    const ids = ['req_000002', 'req_000001', 'req_000000'].map((id) => ({ id }))
    expect(found).toMatchObject({ rows: ids, next: null })
    expect(counted).toMatchObject({ places: ids, isCut: false })
    expect(listed).toMatchObject({ calls: ids, next: null })
    expect(firstPage).toMatchObject({ rows: [], next: {} })
    expect(pages).toEqual(['req_000004'])
  })

  test('pages of a session have each of its calls once, in any period', async () => {
    const call = fc.record({
      session: fc.constantFrom('one', 'two', null),
      startedAtMs: fc.integer({ min: 0, max: 20 }).map((number) => number * (stretchMs / 4)),
    })
    const period = fc.record({
      sinceMs: fc.option(fc.integer({ min: 0, max: 5 * stretchMs }), { nil: undefined }),
      untilMs: fc.option(fc.integer({ min: 0, max: 5 * stretchMs }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), period, async (given, wanted) => {
        const { sink, database } = await open()
        const rows = given.map(({ session, startedAtMs }, at) => ({
          start: callStart({ id: `req_${10 + at}`, session_id: session, started_at_ms: startedAtMs }),
          end: callEnd(),
        }))
        for (const [at, row] of rows.entries()) await sink.ingest(part(at + 1, { calls: encodeCalls([row]) }))
        const { sinceMs = 0, untilMs = Number.MAX_SAFE_INTEGER } = wanted
        const expected = rows
          .map(({ start }) => start)
          .filter(
            ({ session_id: session, started_at_ms: atMs }) =>
              session === 'one' && atMs >= sinceMs && atMs < untilMs,
          )
          .toSorted((one, other) => other.started_at_ms - one.started_at_ms || (one.id < other.id ? 1 : -1))
          .map(({ id }) => id)

        expect(await searchAll(database, { session: 'one', ...wanted }, 2)).toEqual(expected)
      }),
      { numRuns: 12 },
    )
  })

  test('a session with a call now and then is read in few queries, whatever else a caller may see', async () => {
    const { sink, database } = await open()
    const times = Array.from({ length: 300 }, (_item, at) => nowMs - at * 2 * stretchMs)
    const rows = times.flatMap((startedAtMs, at) =>
      ['one', 'two'].map((session, one) => ({
        start: callStart({
          id: `req_${1_000 + 2 * at + one}`,
          session_id: session,
          started_at_ms: startedAtMs,
        }),
        end: callEnd(),
      })),
    )
    await sink.ingest(part(1, { calls: encodeCalls(rows) }))
    let queries = 0
    const counted: Database = {
      ...database,
      query: (...given) => {
        queries += 1
        return database.query(...given)
      },
    }
    const expected = times.map((_time, at) => `req_${1_000 + 2 * at}`)
    const manyWorkspaces = ['default', ...Array.from({ length: 2_000 }, (_item, at) => `workspace_${at}`)]

    const found = await searchCalls(counted, { session: 'one' }, { limit: 300, after: null })
    const visible = { session: 'one', visibleWorkspaces: manyWorkspaces }
    const limited = await searchCalls(database, visible, { limit: 300, after: null })

    expect(found.rows.map(({ id }) => id)).toEqual(expected)
    expect(found.next).toBeNull()
    expect(queries).toBeLessThan(40)
    expect(limited.rows.map(({ id }) => id)).toEqual(expected)
    expect(await searchAll(database, { session: 'one' }, 7)).toEqual(expected)
  })

  test.each([1, 2, 5, 16, 17, 100])(
    'pages of %i rows look once at each row of the times of a session',
    async (maxRows) => {
      const { sink, database } = await open()
      const times = Array.from({ length: 30 }, (_item, at) => nowMs - at * 2 * stretchMs)
      const rows = times.flatMap((startedAtMs, at) =>
        ['one', 'two', 'one'].slice(0, 1 + (at % 3)).map((session, place) => ({
          start: callStart({
            id: `req_${1_000 + 3 * at + place}`,
            session_id: session,
            started_at_ms: startedAtMs,
          }),
          end: callEnd(),
        })),
      )
      await sink.ingest(part(1, { calls: encodeCalls(rows) }))
      const seen: string[] = []
      const sizes: number[] = []

      for (let after: CallPlace | null = null, size = 0, isLast = false; !isLast; size = 0) {
        isLast = true
        const bounds = { session: 'one', maxRows, otherValues: 0 }
        const endMs: number = after === null ? nowMs + 1 : after.startedAtMs + 1
        for await (const { end, parts } of listScanRanges(database, { startMs: 0, endMs, after }, bounds)) {
          for (const { conditions, values } of parts) {
            const found = await database.query(
              `SELECT id FROM calls WHERE ${conditions.join(' AND ')}`,
              values,
            )
            seen.push(...found.map((row) => String(row['id'])))
            size += found.length
          }
          if (end === null) continue
          after = end
          isLast = false
        }
        sizes.push(size)
      }

      expect(seen.toSorted()).toEqual(rows.map(({ start }) => start.id).toSorted())
      expect(Math.max(...sizes)).toBe(Math.min(maxRows, rows.length))
      expect(sizes.length).toBe(Math.floor(rows.length / maxRows) + 1)
    },
  )

  test('retention removes the stretches of removed calls', async () => {
    const { sink, database, steps } = await open()
    const limitMs = Math.floor((nowMs - 40 * day) / day) * day
    const ended = [limitMs - 1, limitMs, nowMs].map((startedAtMs, at) => ({
      start: callStart({ id: `req_${at}`, session_id: 'one', started_at_ms: startedAtMs }),
      end: callEnd(),
    }))
    await sink.ingest(part(1, { calls: encodeCalls(ended) }))

    while (await steps.run());
    while (await steps.run());

    const left = [limitMs, Math.floor(nowMs / stretchMs) * stretchMs]
    expect(await readTimes(database)).toEqual(left.map((atMs) => ['one', atMs]))
  })
})

test('a database of version 8 gets the times of the sessions of its calls', async () => {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const calls = [5, stretchMs + 5].map((startedAtMs, at) => ({
    start: callStart({ id: `req_${at}`, session_id: 'one', started_at_ms: startedAtMs }),
    end: callEnd(),
  }))
  await sink.ingest(part(1, { calls: encodeCalls(calls) }))
  await sink.close()
  const location = { dataFolder: temporaryFolder(), store: url }
  const older = await openStore(location)
  await older.query('DROP TABLE session_times')
  await older.query('DELETE FROM schema_migrations WHERE version > 8')
  await older.close()

  const database = await openStore(location)
  const times = await readTimes(database)
  await database.close()

  expect(times).toEqual([
    ['one', 0],
    ['one', stretchMs],
  ])
})

test('calls that a server of an older version wrote after the upgrade get the times of their sessions', async () => {
  const { sink, database, steps } = await openPostgres()
  // The store was upgraded a day and an hour ago, a week after it was made.
  const setTime = 'UPDATE schema_migrations SET applied_at_ms = ? WHERE version '
  await database.query(`${setTime} < 9`, [nowMs - 8 * day])
  await database.query(`${setTime} = 9`, [nowMs - day - hour])
  const ended = [nowMs - 3 * day, nowMs - day, nowMs - 3 * hour].map((startedAtMs, at) => ({
    start: callStart({ id: `req_${at}`, session_id: 'one', started_at_ms: startedAtMs }),
    end: callEnd(),
  }))
  await sink.ingest(part(1, { calls: encodeCalls(ended) }))
  await database.query('DELETE FROM session_times')

  while (await steps.run());

  const written = [nowMs - day, nowMs - 3 * hour]
  expect(await readTimes(database)).toEqual(
    written.map((atMs) => ['one', Math.floor(atMs / stretchMs) * stretchMs]),
  )
})

test('a copy has the times of all its calls, and equals its source', async () => {
  const folder = temporaryFolder()
  const source = openDatabase(folder)
  const ended = { start: callStart({ id: 'req_1', session_id: 'one', started_at_ms: nowMs }), end: callEnd() }
  await createSqliteSink(source).ingest(part(1, { calls: encodeCalls([ended]) }))
  source.exec('DELETE FROM session_times')
  source.close()
  const copy = { dataFolder: temporaryFolder(), store: await postgres.createDatabase() }

  const { differences } = await transferStore({ dataFolder: folder }, copy)
  const database = await openStore(copy)
  const times = await readTimes(database)
  await database.close()

  expect(differences).toEqual([])
  expect(times).toEqual([['one', Math.floor(nowMs / stretchMs) * stretchMs]])
})

async function readTimes(database: Database) {
  const rows = await database.query('SELECT session_id, at_ms FROM session_times ORDER BY session_id, at_ms')
  return rows.map((row) => [row['session_id'], Number(row['at_ms'])])
}

/** The ids on all pages. */
async function searchAll(database: Database, search: CallSearch, limit: number): Promise<readonly string[]> {
  const ids: string[] = []
  let page = await searchCalls(database, search, { limit, after: null })
  for (;;) {
    ids.push(...page.rows.map((row) => String(row['id'])))
    if (page.next === null) return ids
    page = await searchCalls(database, search, { limit, after: page.next })
  }
}
