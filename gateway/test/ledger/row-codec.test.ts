import type { DatabaseSync } from 'node:sqlite'

import type { Price } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { components } from '../../src/ledger/call-row.ts'
import type { CallEnd, CallStart } from '../../src/ledger/call-row.ts'
import { createCallWriter } from '../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { ResourceChange } from '../../src/resources/resource.ts'
import { callColumns, decodeBatch, encodeBatch, startColumns } from '../../src/ledger/row-codec.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, writeRows } from './call-rows.ts'

const largest = 2n ** 63n - 1n

test('stores an ended call exactly, to the nano-dollar', () => {
  const database = openDatabase(temporaryFolder())
  fc.assert(
    fc.property(starts, ends, (start, end) => {
      writeRows(database, [{ start, end }])

      const [row] = take(database)
      expect(row).toEqual({ ...expectedStart(start), ...expectedEnd(end) })
    }),
    { numRuns: 300 },
  )
})

test('stores a running call exactly, also after its process died', () => {
  const database = openDatabase(temporaryFolder())
  const names = [...callColumns.slice(startColumns.length), ...lineColumns].filter((name) => name !== 'lines')
  const unknown = Object.fromEntries(names.map((name) => [name, null]))
  fc.assert(
    fc.property(starts, (start) => {
      writeRows(database, [{ start, end: null }])

      const [running] = database.prepare('SELECT * FROM all_calls').all().map(plainRow)
      createCallWriter(database).closeListed()
      const [closed] = take(database)

      expect(running).toEqual({ ...unknown, ...expectedStart(start) })
      expect(closed).toEqual({ ...unknown, ...expectedStart(start), outcome: 'unknown' })
    }),
    { numRuns: 300 },
  )
})

test('cuts a text that an upstream made long, and keeps the usage', () => {
  const database = openDatabase(temporaryFolder())
  const long = 'x'.repeat(50_000)

  writeRows(database, [
    { start: callStart(), end: callEnd({ message_id: long, stop_reason: long, error_type: long }) },
  ])

  const [row] = take(database)
  const cut = 'x'.repeat(1_024)
  expect(row).toMatchObject({ message_id: cut, stop_reason: cut, error_type: cut, usage: callEnd().usage })
})

test('keeps changes and the order of rows', () => {
  const changes: readonly ResourceChange[] = [
    { kind: 'settled', id: 'b', atMs: 7 },
    { kind: 'deleted', id: 'a\u0000\u2028😀' },
  ]
  const ids = ['req_2', 'req_1', '7', '3']

  const batch = decodeBatch(
    encodeBatch(
      ids.map((id) => callStart({ id })),
      ids.map((id) => ({ start: callStart({ id }), end: callEnd() })),
      changes,
    ),
  )

  expect(batch.starts.map(([id]) => id)).toEqual(ids)
  expect(batch.calls.map(([id]) => id)).toEqual(ids)
  expect(batch.changes).toEqual(changes)
})

test.each([
  [largest, largest],
  [largest + 1n, null],
])('stores a cost of %s nano-dollars as %s', (totalNanoUsd, kept) => {
  const database = openDatabase(temporaryFolder())
  const price = { ok: true, rateCard: 'card', lines: [], totalNanoUsd, unpriced: [] } as const

  writeRows(database, [{ start: callStart(), end: callEnd({ price }) }])

  const [row] = take(database)
  expect(row?.['cost_nano_usd']).toBe(kept)
  expect(row?.['unpriced_because']).toBe(kept === null ? 'the cost is larger than the ledger can hold' : null)
})

/** Any text that SQLite can store: no lone surrogates. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '\u0000', 'a\u0000b', '"\\\u001b[2J', '7', 'null'),
  )
  .map((value) => value.toWellFormed())
const maybe = fc.option(text)
const ms = fc.integer({ min: -(2 ** 40), max: 2 ** 52 })
const integer = fc.oneof(
  fc.bigInt(0n, largest),
  fc.constantFrom(0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, largest),
)

const starts: fc.Arbitrary<CallStart> = fc.record({
  id: text,
  started_at_ms: ms,
  protocol: text,
  key_id: text,
  workspace_id: maybe,
  member_id: maybe,
  labels: maybe,
  hold_nano_usd: fc.option(fc.nat()),
  process_id: maybe,
  requested_model: text,
  model: text,
  upstream: text,
  platform: text,
  streamed: fc.boolean(),
  session_id: maybe,
  agent_id: maybe,
  parent_agent_id: maybe,
})

const prices: fc.Arbitrary<Price> = fc.oneof(
  fc.record({ ok: fc.constant(false), because: fc.constant('unknown_price'), detail: text }),
  fc.record({
    ok: fc.constant(true),
    rateCard: text,
    totalNanoUsd: integer,
    unpriced: fc.constant([]),
    lines: fc.subarray([...components]).chain((names) =>
      fc.tuple(
        ...names.map((component) =>
          fc.record({
            component: fc.constant(component),
            quantity: integer,
            unit: fc.constant('token' as const),
            picoUsdPerUnit: integer,
            costNanoUsd: integer,
            modifiers: fc.constant([]),
          }),
        ),
      ),
    ),
  }),
)

const ends: fc.Arbitrary<CallEnd> = fc.record({
  outcome: fc.constantFrom('answered', 'upstream_error', 'client_closed', 'upstream_aborted', 'key_revoked'),
  status: fc.option(fc.integer({ min: 100, max: 599 })),
  attempts: fc.nat(),
  stop_reason: maybe,
  error_type: maybe,
  message_id: maybe,
  upstream_request_id: maybe,
  first_byte_ms: fc.option(ms),
  first_token_ms: fc.option(ms),
  total_ms: fc.option(ms),
  usage: maybe,
  usage_source: fc.constantFrom(null, 'final', 'cumulative', 'estimated'),
  price: fc.option(prices),
  details: maybe,
})

function expectedStart(start: CallStart) {
  return {
    ...start,
    started_at_ms: BigInt(start.started_at_ms),
    streamed: BigInt(start.streamed),
    hold_nano_usd: start.hold_nano_usd === null ? null : BigInt(start.hold_nano_usd),
  }
}

function expectedEnd({ price, ...end }: CallEnd) {
  const values = Object.entries(end).map(([name, value]) => [
    name,
    typeof value === 'number' ? BigInt(value) : value,
  ])
  const lines = components.map((name) => {
    const line = price?.ok === true ? price.lines.find(({ component }) => component === name) : undefined
    return {
      [`${name}_quantity`]: line?.quantity ?? null,
      [`${name}_pico_usd`]: line?.picoUsdPerUnit ?? null,
      [`${name}_nano_usd`]: line?.costNanoUsd ?? null,
    }
  })
  return Object.assign(
    Object.fromEntries(values),
    {
      rate_card: price?.ok === true ? price.rateCard : null,
      unpriced_because: price?.ok === false ? price.detail : null,
      cost_nano_usd: price?.ok === true ? price.totalNanoUsd : null,
    },
    ...lines,
  ) as Record<string, unknown> // Its members are the columns after the start's.
}

/** Reads and deletes all ended calls. */
function take(database: DatabaseSync): readonly Record<string, unknown>[] {
  const statement = database.prepare('SELECT * FROM all_calls WHERE outcome IS NOT NULL')
  statement.setReadBigInts(true)
  const rows = statement.all().map((row) => ({ ...row }))
  database.exec('DELETE FROM calls')
  return rows
}

const lineColumns = components.flatMap((name) => [`${name}_quantity`, `${name}_pico_usd`, `${name}_nano_usd`])

function plainRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const integers = ['started_at_ms', 'streamed'].map((name) => [name, BigInt(Number(row[name]))])
  const held = row['hold_nano_usd']
  return {
    ...row,
    ...Object.fromEntries(integers),
    hold_nano_usd: held === null ? null : BigInt(Number(held)),
  }
}
