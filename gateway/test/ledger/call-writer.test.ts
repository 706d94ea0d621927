import type { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { closeAbandonedCalls, createCallWriter } from '../../src/ledger/call-writer.ts'
import { openDatabase } from '../../src/ledger/database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, priceOfTokens } from './call-rows.ts'

test('writes a call that begins and ends in one batch as one row', () => {
  const { database, write } = openWriter()

  write([
    { start: callStart(), end: null },
    { start: callStart(), end: callEnd() },
  ])

  expect(readCalls(database)).toMatchObject([{ id: 'req_1', outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('completes a row that an earlier batch began, whatever comes in between', () => {
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

test('never takes an end back, though its beginning comes once more', () => {
  const { database, write } = openWriter()

  write([
    { start: callStart(), end: callEnd() },
    { start: callStart(), end: null },
  ])

  expect(readCalls(database)).toMatchObject([{ outcome: 'answered', cost_nano_usd: 1_500_000 }])
})

test('writes all rows of a batch or none', () => {
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

test('gives every component columns of its own, and a line in the view', () => {
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

test('keeps money that is larger than a double can hold', () => {
  const { database, write } = openWriter()
  const price = priceOfTokens(9_007_199_254_740_993n / 15_000n, 1n)

  write([{ start: callStart(), end: callEnd({ price }) }])

  const statement = database.prepare('SELECT cost_nano_usd FROM calls')
  statement.setReadBigInts(true)
  expect(statement.get()?.['cost_nano_usd']).toBe(price.ok && price.totalNanoUsd)
})

test('says why a call has no price, and leaves its cost null', () => {
  const { database, write } = openWriter()
  const price = { ok: false, because: 'unknown_price', detail: 'no price for speed "fast"' } as const

  write([{ start: callStart(), end: callEnd({ price }) }])

  expect(readCalls(database)).toMatchObject([
    { cost_nano_usd: null, input_quantity: null, unpriced_because: 'no price for speed "fast"' },
  ])
})

test('makes calls without an end unknown, and no other', () => {
  const { database, write } = openWriter()
  write([
    { start: callStart(), end: null },
    { start: callStart({ id: 'req_2' }), end: callEnd({ outcome: 'refused' }) },
  ])

  const counts = [closeAbandonedCalls(database), closeAbandonedCalls(database)]

  expect(counts).toEqual([1, 0])
  expect(readCalls(database).map((row) => row['outcome'])).toEqual(['unknown', 'refused'])
})

function openWriter() {
  const database = openDatabase(temporaryFolder())
  return { database, write: createCallWriter(database) }
}

function readCalls(database: DatabaseSync) {
  return database.prepare('SELECT * FROM calls ORDER BY id').all()
}
