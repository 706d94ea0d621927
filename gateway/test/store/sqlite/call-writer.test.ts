import type { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import type { CallRow } from '../../../src/ledger/call-row.ts'
import { closeAbandonedCalls, createCallWriter } from '../../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { temporaryFolder } from '../../running-gateway.ts'
import { callEnd, callStart, delivery, getPriceTokens } from '../../ledger/call-rows.ts'

test('writes a call that starts and ends in one batch as one row', () => {
  const { database, write } = openWriter()

  write([
    { start: callStart(), end: null },
    { start: callStart(), end: callEnd() },
  ])

  expect(readCalls(database)).toMatchObject([{ id: 'req_1', outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('completes a call that an earlier batch started, with other batches in between', () => {
  const { database, write } = openWriter()

  write([
    { start: callStart(), end: null },
    { start: callStart({ id: 'req_2' }), end: null },
  ])
  const begun = readCalls(database)
  write([{ start: callStart(), end: callEnd() }])

  expect(begun).toMatchObject([
    { id: 'req_1', outcome: null },
    { id: 'req_2', outcome: null },
  ])
  expect(readCalls(database)).toMatchObject([
    { id: 'req_1', outcome: 'answered' },
    { id: 'req_2', outcome: null, total_ms: null },
  ])
})

test('keeps the end of a call whose start arrives again', () => {
  const { database, write } = openWriter()

  write([
    { start: callStart(), end: callEnd() },
    { start: callStart(), end: null },
  ])

  expect(readCalls(database)).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('writes all rows of a batch or none of them', () => {
  const { database, write } = openWriter()
  database.exec(
    "CREATE TRIGGER broken BEFORE INSERT ON calls WHEN NEW.id = 'req_2' BEGIN SELECT RAISE(ABORT, 'full'); END",
  )
  const rows = [
    { start: callStart(), end: callEnd() },
    { start: callStart({ id: 'req_2' }), end: callEnd() },
  ]

  expect(() => write(rows)).toThrow('full')
  const afterFailure = readCalls(database)
  database.exec('DROP TRIGGER broken')
  write(rows)

  expect(afterFailure).toEqual([])
  expect(readCalls(database)).toHaveLength(2)
})

test('has columns and a line in the view for every component', () => {
  const { database, write } = openWriter()
  const price = {
    ok: true,
    rateCard: 'card',
    lines: [
      {
        component: 'cache_read',
        quantity: 3n,
        unit: 'token',
        picoUsdPerUnit: 1_500_000n,
        costNanoUsd: 4_500n,
        modifiers: [],
      },
      {
        component: 'web_search',
        quantity: 2n,
        unit: 'request',
        picoUsdPerUnit: 10_000_000_000n,
        costNanoUsd: 20_000_000n,
        modifiers: [],
      },
    ],
    totalNanoUsd: 20_004_500n,
    unpriced: [],
  } as const

  write([{ start: callStart(), end: callEnd({ price }) }])

  expect(readCalls(database)).toMatchObject([
    {
      rate_card: 'card',
      cache_read_quantity: 3,
      cache_read_pico_usd: 1_500_000,
      cache_read_nano_usd: 4_500,
      web_search_nano_usd: 20_000_000,
      input_quantity: null,
      cost_nano_usd: 20_004_500,
    },
  ])
  const lines = database.prepare('SELECT component, quantity, cost_nano_usd FROM ledger_lines').all()
  expect(lines.map((line) => ({ ...line }))).toEqual([
    { component: 'cache_read', quantity: 3, cost_nano_usd: 4_500 },
    { component: 'web_search', quantity: 2, cost_nano_usd: 20_000_000 },
  ])
})

test('stores costs above the range of a double exactly', () => {
  const { database, write } = openWriter()
  const price = getPriceTokens(9_007_199_254_740_993n / 15_000n, 1n)

  write([{ start: callStart(), end: callEnd({ price }) }])

  const statement = database.prepare('SELECT cost_nano_usd FROM calls')
  statement.setReadBigInts(true)
  expect(statement.get()?.['cost_nano_usd']).toBe(price.ok && price.totalNanoUsd)
})

test('stores the reason for a missing price, and leaves the cost null', () => {
  const { database, write } = openWriter()
  const price = { ok: false, because: 'unknown_price', detail: 'no price for speed "fast"' } as const

  write([{ start: callStart(), end: callEnd({ price }) }])

  expect(readCalls(database)).toMatchObject([
    { cost_nano_usd: null, input_quantity: null, unpriced_because: 'no price for speed "fast"' },
  ])
})

test('sets only open calls to unknown', () => {
  const { database, write } = openWriter()
  write([
    { start: callStart(), end: null },
    { start: callStart({ id: 'req_2' }), end: callEnd({ outcome: 'upstream_error' }) },
  ])

  const counts = [closeAbandonedCalls(database), closeAbandonedCalls(database)]

  expect(counts).toEqual([1, 0])
  expect(readCalls(database).map((row) => row['outcome'])).toEqual(['unknown', 'upstream_error'])
})

test('deletes the starts once all calls of a commit have ended', () => {
  const { database, write } = openWriter()
  const ids = ['req_1', 'req_2', 'req_3']
  const left: unknown[] = []

  write(ids.map((id) => ({ start: callStart({ id }), end: null })))
  for (const id of ids) {
    left.push(database.prepare('SELECT count(*) AS n FROM open_calls').get()?.['n'])
    write([{ start: callStart({ id }), end: callEnd() }])
  }

  expect(left).toEqual([1, 1, 1])
  expect(database.prepare('SELECT * FROM open_calls').all()).toEqual([])
  expect(readCalls(database).map((row) => row['outcome'])).toEqual(['answered', 'answered', 'answered'])
})

test('keeps the last start of a call that was retried', () => {
  const { database, write } = openWriter()

  write([{ start: callStart({ upstream: 'one' }), end: null }])
  write([{ start: callStart({ upstream: 'two' }), end: null }])
  const segments = database.prepare('SELECT * FROM open_calls').all()
  closeAbandonedCalls(database)

  expect(segments).toHaveLength(1)
  expect(readCalls(database)).toMatchObject([{ id: 'req_1', upstream: 'two', outcome: 'unknown' }])
})

test('uses the last start if a folder has two for one call', () => {
  const { database, write } = openWriter()
  write([{ start: callStart({ upstream: 'one' }), end: null }])
  database.exec('INSERT INTO open_calls (calls) SELECT replace(calls, \'"one"\', \'"two"\') FROM open_calls')

  const closed = closeAbandonedCalls(database)

  expect(closed).toBe(1)
  expect(readCalls(database)).toMatchObject([{ id: 'req_1', upstream: 'two', outcome: 'unknown' }])
})

test('lists a retried call once while others of its first commit run', () => {
  const { database, write } = openWriter()
  const begun = (id: string, upstream: string) => ({ start: callStart({ id, upstream }), end: null })

  write([begun('req_1', 'one'), begun('req_2', 'one'), begun('req_3', 'one')])
  write([begun('req_1', 'two'), { start: callStart({ id: 'req_3' }), end: callEnd() }])
  const listed = readCalls(database).map((row) => [row['id'], row['upstream'], row['outcome']])
  write(['req_1', 'req_2'].map((id) => ({ start: callStart({ id }), end: callEnd() })))

  expect(listed).toEqual([
    ['req_1', 'two', null],
    ['req_2', 'one', null],
    ['req_3', 'recorder', 'answered'],
  ])
  expect(database.prepare('SELECT * FROM open_calls').all()).toEqual([])
})

test('sets the calls of an exited process to unknown, and no others', () => {
  const { database, writer } = openWriter()
  const begun = (id: string) => ({ start: callStart({ id }), end: null })

  writer.write([delivery([begun('req_a'), begun('req_b')], { source: 'one' })])
  writer.write([delivery([begun('req_c')], { source: 'two' })])
  writer.write([
    delivery([begun('req_d'), { start: callStart({ id: 'req_b' }), end: callEnd() }], { source: 'one' }),
    delivery([], { source: 'one', isLast: true }),
  ])

  expect(readCalls(database).map((row) => [row['id'], row['outcome']])).toEqual([
    ['req_a', 'unknown'],
    ['req_b', 'answered'],
    ['req_c', null],
    ['req_d', 'unknown'],
  ])
  expect(database.prepare('SELECT * FROM open_calls').all()).toHaveLength(1)
})

test('loses nothing of a failed commit', () => {
  const { database, write } = openWriter()
  const end = [{ start: callStart(), end: callEnd() }]
  write([{ start: callStart(), end: null }])
  database.exec("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'full'); END")

  expect(() => write(end)).toThrow('full')
  const meanwhile = readCalls(database)
  database.exec('DROP TRIGGER broken')
  write(end)

  expect(meanwhile).toMatchObject([{ id: 'req_1', outcome: null }])
  expect(readCalls(database)).toMatchObject([{ outcome: 'answered' }])
  expect(database.prepare('SELECT * FROM open_calls').all()).toEqual([])
})

test('reports a full disk, and writes the rows once there is space', () => {
  const { database, write } = openWriter()
  const rows = Array.from({ length: 200 }, (_, at) => ({
    start: callStart({ id: `req_${at}` }),
    end: callEnd({ usage: 'x'.repeat(1_000) }),
  }))
  const { page_count: pages } = database.prepare('PRAGMA page_count').get() ?? {}
  database.exec(`PRAGMA max_page_count = ${Number(pages)}`)

  // SQLite has already rolled the transaction back.
  expect(() => write(rows)).toThrow('database or disk is full')
  database.exec('PRAGMA max_page_count = 1000000')
  write(rows)

  expect(readCalls(database)).toHaveLength(200)
})

test('stores a call without a price if its cost exceeds the column', () => {
  const { database, write } = openWriter()
  const price = getPriceTokens(BigInt(Number.MAX_SAFE_INTEGER), 1n)

  write([{ start: callStart(), end: callEnd({ price }) }])

  expect(readCalls(database)).toMatchObject([
    { cost_nano_usd: null, unpriced_because: 'the cost is larger than the ledger can hold' },
  ])
})

function openWriter() {
  const database = openDatabase(temporaryFolder())
  const writer = createCallWriter(database)
  return { database, writer, write: (rows: readonly CallRow[]) => writer.write([delivery(rows)]) }
}

function readCalls(database: DatabaseSync) {
  return database.prepare('SELECT * FROM all_calls ORDER BY id').all()
}
