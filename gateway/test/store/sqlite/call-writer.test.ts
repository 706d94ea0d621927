import type { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import type { CallRow } from '../../../src/ledger/call-row.ts'
import type { ColumnValue } from '../../../src/ledger/row-codec.ts'
import { createCallWriter } from '../../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { temporaryFolder } from '../../running-gateway.ts'
import { callEnd, callStart, createPart, getPriceTokens } from '../../ledger/call-rows.ts'

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

test('keeps the end of a call that is listed as running or closed as unknown afterwards', () => {
  const { database, write, writer } = openWriter()

  write([{ start: callStart(), end: callEnd() }])
  writer.write({ ...createPart([]), calls: [unknownRow()] })
  write([{ start: callStart(), end: null }])
  const closed = writer.closeListed()

  expect(closed).toBe(0)
  expect(readCalls(database)).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('replaces unknown by the end of the call, which may be found later', () => {
  const { database, write, writer } = openWriter()

  writer.write({ ...createPart([]), calls: [unknownRow()] })
  write([{ start: callStart(), end: callEnd() }])

  expect(readCalls(database)).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
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

test('sets only listed calls to unknown', () => {
  const { database, write, writer } = openWriter()
  write([
    { start: callStart(), end: null },
    { start: callStart({ id: 'req_2' }), end: callEnd({ outcome: 'upstream_error' }) },
  ])

  const counts = [writer.closeListed(), writer.closeListed()]

  expect(counts).toEqual([1, 0])
  expect(readCalls(database).map((row) => row['outcome'])).toEqual(['unknown', 'upstream_error'])
  expect(database.prepare('SELECT * FROM open_calls').all()).toEqual([])
})

test('lists the last start of a call that was retried', () => {
  const { database, write, writer } = openWriter()

  write([{ start: callStart({ upstream: 'one' }), end: null }])
  write([{ start: callStart({ upstream: 'two' }), end: null }])
  const listed = readCalls(database)
  writer.closeListed()

  expect(listed).toMatchObject([{ id: 'req_1', upstream: 'two', outcome: null }])
  expect(readCalls(database)).toMatchObject([{ id: 'req_1', upstream: 'two', outcome: 'unknown' }])
})

test('stores the combination of dimensions of a sum again if the transaction with the first one was rolled back', () => {
  const { database, write } = openWriter()
  database.exec('BEGIN')
  write([{ start: callStart(), end: callEnd() }])
  database.exec('ROLLBACK')

  write([{ start: callStart(), end: callEnd() }])
  write([{ start: callStart({ id: 'req_2' }), end: callEnd() }])

  const sums = 'SELECT calls FROM rollups JOIN rollup_groups ON id = group_id'
  expect(database.prepare(sums).all()).toEqual([{ calls: 2 }])
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
  return { database, writer, write: (rows: readonly CallRow[]) => writer.write(createPart(rows)) }
}

/** The row of a call whose process exited. */
function unknownRow(): readonly ColumnValue[] {
  const [row = []] = createPart([
    { start: callStart(), end: callEnd({ outcome: 'unknown', price: null }) },
  ]).calls
  return row
}

function readCalls(database: DatabaseSync) {
  return database.prepare('SELECT * FROM all_calls ORDER BY id').all()
}
