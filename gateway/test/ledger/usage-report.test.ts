import type { DatabaseSync } from 'node:sqlite'

import type { Price } from '@anthology/catalog'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { CallRow } from '../../src/ledger/call-row.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { groupings } from '../../src/ledger/usage-row.ts'
import { readUsage as readUsageQuery } from '../../src/ledger/usage-report.ts'
import type { Period } from '../../src/ledger/usage-filter.ts'
import type { Grouping, UsageRow } from '../../src/ledger/usage-row.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, getPriceTokens, writeRows } from './call-rows.ts'

const ever = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }
const noon = Date.UTC(2026, 0, 31, 12)
const hour = 3_600_000

const rows: readonly CallRow[] = [
  call({ id: 'req_1', key_id: 'key_a', model: 'opus', upstream: 'one', started_at_ms: noon }),
  call({
    id: 'req_2',
    key_id: 'key_b',
    model: 'haiku',
    upstream: 'one',
    started_at_ms: noon + 12 * hour - 1,
  }),
  call({ id: 'req_3', key_id: 'key_b', model: 'opus', upstream: 'two', started_at_ms: noon + 12 * hour }),
]

test.each<[Grouping, readonly (readonly [string, bigint, bigint])[]]>([
  [
    'model',
    [
      ['opus', 2n, 3_000_000n],
      ['haiku', 1n, 1_500_000n],
    ],
  ],
  [
    'key',
    [
      ['key_b', 2n, 3_000_000n],
      ['key_a', 1n, 1_500_000n],
    ],
  ],
  [
    'day',
    [
      ['2026-01-31', 2n, 3_000_000n],
      ['2026-02-01', 1n, 1_500_000n],
    ],
  ],
  [
    'upstream',
    [
      ['one', 2n, 3_000_000n],
      ['two', 1n, 1_500_000n],
    ],
  ],
  ['protocol', [['messages', 3n, 4_500_000n]]],
  ['outcome', [['answered', 3n, 4_500_000n]]],
])('sums by %s, most expensive first', async (by, expected) => {
  const database = openWith(rows)

  const usage = await readUsage(database, by, ever)

  expect(usage.map(({ group: [name], calls, costNanoUsd }) => [name, calls, costNanoUsd])).toEqual(expected)
})

test('counts calls by outcome, and those without a price', async () => {
  const database = openWith([
    call({ id: 'req_1' }),
    call({ id: 'req_2' }, { outcome: 'upstream_error', usage: null, price: null }),
    call({ id: 'req_3' }, { outcome: 'client_closed', price: null }),
    call({ id: 'req_4' }, { outcome: 'answered', usage: null, price: null }),
    call({ id: 'req_5' }, { outcome: 'upstream_aborted', usage: null, price: null }),
    call({ id: 'req_6' }, { outcome: 'unknown', usage: null, price: null }),
    call({ id: 'req_7' }, { outcome: 'key_revoked', usage: null, price: null }),
    { start: callStart({ id: 'req_8' }), end: null },
  ])

  const [usage] = await readUsage(database, 'model', ever)

  expect(usage).toMatchObject({
    calls: 8n,
    outcomes: {
      answered: 2n,
      upstream_error: 1n,
      client_closed: 1n,
      upstream_aborted: 1n,
      key_revoked: 1n,
      shut_down: 0n,
      unknown: 1n,
      running: 1n,
    },
    // One was delivered in part with usage, one completely without: both have an unknown cost.
    unpricedCalls: 2n,
    costNanoUsd: 1_500_000n,
    quantities: {
      input: 25n,
      output: 15n,
      cache_read: 0n,
      cache_write_5m: 0n,
      cache_write_1h: 0n,
      web_search: 0n,
    },
  })
})

test('includes the start of a period and excludes its end', async () => {
  const database = openWith(rows)

  const usage = await readUsage(database, 'day', { sinceMs: noon, untilMs: noon + 12 * hour })

  expect(usage.map(({ group: [name], calls }) => [name, calls])).toEqual([['2026-01-31', 2n]])
})

test('finds nothing in an empty ledger', async () => {
  const database = openWith([])

  for (const by of Object.keys(groupings) as Grouping[])
    expect(await readUsage(database, by, ever)).toEqual([])
})

test('adds up to the sum of its calls in every grouping', async () => {
  const counts = fc.array(fc.tuple(fc.nat({ max: 10 ** 9 }), fc.nat({ max: 10 ** 6 }), fc.nat({ max: 2 })), {
    maxLength: 20,
  })
  await fc.assert(
    fc.asyncProperty(counts, async (calls) => {
      const database = openWith(
        calls.map(([input, output, key], index) =>
          call(
            { id: `req_${index}`, key_id: `key_${key}` },
            { price: getPriceTokens(BigInt(input), BigInt(output)) },
          ),
        ),
      )
      const expected = calls.reduce((sum, [i, o]) => sum + BigInt(i) * 15_000n + BigInt(o) * 75_000n, 0n)

      for (const by of ['model', 'key', 'day'] as const) {
        const sum = (await readUsage(database, by, ever)).reduce((total, row) => total + row.costNanoUsd, 0n)
        expect(sum).toBe(expected)
      }
    }),
    { numRuns: 15 },
  )
})

test('adds up more than a SQLite column can hold, and still sorts by cost', async () => {
  // Absurd usage of an upstream: each value fits into its row, their sum does not.
  const most = 2n ** 63n - 1n
  const wild = (id: string, model: string, totalNanoUsd: bigint) => {
    const { lines } = getPriceTokens(1n, 1n) as Extract<Price, { ok: true }> // It always has a price.
    const huge = lines.map((line) => ({ ...line, quantity: most }))
    return call(
      { id, model },
      { price: { ok: true, rateCard: 'card', lines: huge, totalNanoUsd, unpriced: [] } },
    )
  }
  const database = openWith([
    wild('req_1', 'cheap', most - 1n),
    wild('req_2', 'dear', most),
    wild('req_3', 'dear', most),
    wild('req_4', 'dear', 1n),
  ])

  const usage = await readUsage(database, 'model', ever)

  expect(usage.map(({ group: [name], costNanoUsd }) => [name, costNanoUsd])).toEqual([
    ['dear', 2n * most + 1n],
    ['cheap', most - 1n],
  ])
  expect(usage[0]?.quantities).toMatchObject({ input: 3n * most, output: 3n * most, cache_read: 0n })
})

function call(start: Parameters<typeof callStart>[0], end: Parameters<typeof callEnd>[0] = {}): CallRow {
  return { start: callStart(start), end: callEnd(end) }
}

function openWith(calls: readonly CallRow[]) {
  const database = openDatabase(temporaryFolder())
  writeRows(database, calls)
  return database
}

/** Reads as another process does. */
function readUsage(database: DatabaseSync, by: Grouping, period: Period): Promise<readonly UsageRow[]> {
  return readUsageQuery(createSqliteDatabase(database), { by: [by], period })
}
