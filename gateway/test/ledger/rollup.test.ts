import type { DatabaseSync } from 'node:sqlite'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Price } from '@anthology/catalog'
import { callOutcomes } from '../../src/ledger/call-row.ts'
import type { CallRow } from '../../src/ledger/call-row.ts'
import { createCallSums } from '../../src/ledger/call-sums.ts'
import { rollupDimensions, rollupMeasures, rollupSpans, summedColumns } from '../../src/ledger/rollup.ts'
import { rollupLevels } from '../../src/ledger/rollup-levels.ts'
import { allHours } from '../../src/ledger/rollup-periods.ts'
import { createRowReader } from '../../src/ledger/rollup-rows.ts'
import { subtractSums } from '../../src/ledger/subtract-sums.ts'
import { createCallWriter } from '../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createHourDerivation } from '../../src/store/sqlite/rollup-derivation.ts'
import { fillRollups } from '../../src/store/sqlite/rollup-writer.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, createPart, getPriceTokens } from './call-rows.ts'

const maxInteger = 2n ** 63n - 1n

const anyValue = fc.oneof(
  fc.bigInt({ min: 0n, max: 1_000n }),
  fc.bigInt({ min: 2n ** 33n - 2n, max: 2n ** 33n + 2n }),
  fc.bigInt({ min: maxInteger - 2n, max: maxInteger }),
)

const row = fc
  .record({
    number: fc.nat({ max: 12 }),
    attempt: fc.constantFrom('', '', '#1'),
    startedAtMs: fc.nat({ max: 3 * rollupSpans.day }),
    key: fc.constantFrom('a', 'b'),
    labels: fc.constantFrom(null, '{"project":"apollo"}'),
    workspace: fc.constantFrom('default', 'research', null),
    outcome: fc.constantFrom(...callOutcomes),
    source: fc.constantFrom('final' as const, 'estimated' as const, null),
    hasUsage: fc.boolean(),
    price: fc.constantFrom('none', 'some', 'unknown'),
    isRunning: fc.constantFrom(false, false, false, true),
    quantity: anyValue,
    cost: anyValue,
  })
  .map((given): CallRow => {
    const start = callStart({
      id: `req_${given.number}${given.attempt}`,
      started_at_ms: given.startedAtMs,
      key_id: given.key,
      labels: given.labels,
      workspace_id: given.workspace,
    })
    if (given.isRunning) return { start, end: null }
    const usage = given.hasUsage ? '{}' : null
    const end = { outcome: given.outcome, usage, usage_source: given.source, price: makePrice(given) }
    return { start, end: callEnd(end) }
  })

test('rollups of every level are the sums of rows, also of late, replaced and absurd ones', () => {
  const commits = fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 6 })
  fc.assert(
    fc.property(commits, (batches) => {
      const database = openDatabase(temporaryFolder())
      const writer = createCallWriter(database)
      const deriveNextHour = createHourDerivation(database)

      for (const rows of batches) {
        writer.write(createPart(rows))

        expect(readRollups(database, 'hour')).toEqual(sumRows(database, 'hour'))
        deriveNextHour(10 * rollupSpans.day)
      }
      while (deriveNextHour(10 * rollupSpans.day));
      expect(readRollups(database, 'day')).toEqual(sumRows(database, 'day'))
      const total = sumAll(database, 'hour')
      for (const { span } of rollupLevels) expect([span, sumAll(database, span)]).toEqual([span, total])
      database.close()
    }),
    { numRuns: 60 },
  )
})

test('calls that are read one by one have the sums of their hours, by any dimensions', async () => {
  const names = fc.subarray([...rollupDimensions])
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), names, async (rows, by) => {
      const connection = openDatabase(temporaryFolder())
      createCallWriter(connection).write(createPart(rows))
      const database = createSqliteDatabase(connection)
      const [dimensions, range] = [new Set(by), { startMs: 0, endMs: 4 * rollupSpans.day }]

      const sums = await createCallSums(database, dimensions)(range)

      const hours = await createRowReader(database, { dimensions, matches: null }).sum(allHours, range)
      expect(subtractSums(hours, sums, dimensions)).toEqual([])
      await database.close()
    }),
    { numRuns: 40 },
  )
})

test('an upgrade fills the rollups with the sums that calls have written one by one', () => {
  const database = openDatabase(temporaryFolder())
  const writer = createCallWriter(database)
  for (const rows of fc.sample(fc.array(row, { maxLength: 20 }), { numRuns: 5, seed: 7 }))
    writer.write(createPart(rows))
  const written = readRollups(database, 'hour')

  database.exec('DELETE FROM rollups; DELETE FROM rollup_groups')
  fillRollups(database)

  expect(written.size).toBeGreaterThan(5)
  expect(readRollups(database, 'hour')).toEqual(written)
})

test('calls that never ended count once they are closed, by the exit of their process or by the next start', () => {
  const database = openDatabase(temporaryFolder())
  const writer = createCallWriter(database)
  writer.write(createPart([{ start: callStart({ id: 'req_1' }), end: null }]))
  writer.write(createPart([{ start: callStart({ id: 'req_2' }), end: null }]))
  const running = readRollups(database, 'hour')

  const unknown = callEnd({ outcome: 'unknown', price: null, usage: null, usage_source: null, attempts: 0 })
  writer.write(createPart([{ start: callStart({ id: 'req_1' }), end: unknown }]))
  const exited = readRollups(database, 'hour')
  writer.closeListed()

  expect(running.size).toBe(0)
  expect([...exited.values()]).toMatchObject([{ calls: 1n, cost_nano_usd: 0n }])
  expect([...readRollups(database, 'hour').values()]).toMatchObject([{ calls: 2n, cost_nano_usd: 0n }])
  expect(readRollups(database, 'hour')).toEqual(sumRows(database, 'hour'))
})

function makePrice(given: { price: string; quantity: bigint; cost: bigint }): Price | null {
  if (given.price === 'none') return null
  if (given.price === 'unknown') return { ok: false, because: 'unknown_price', detail: 'no price' }
  const priced = getPriceTokens(1n, 1n) as Extract<Price, { ok: true }> // It always has a price.
  const [input] = priced.lines
  if (input === undefined) return null
  return {
    ...priced,
    lines: [{ ...input, quantity: given.quantity, costNanoUsd: given.cost }],
    totalNanoUsd: given.cost,
  }
}

type Sums = Map<string, Record<string, bigint>>

function sumAll(database: DatabaseSync, span: string): Record<string, bigint> | undefined {
  const columns = rollupMeasures.join(', ')
  return addUp(database, `SELECT 'all' AS place, ${columns} FROM rollups WHERE span = '${span}'`).get('all')
}

function readRollups(database: DatabaseSync, span: keyof typeof rollupSpans): Sums {
  return addUp(
    database,
    `SELECT start_ms || ' ' || key_id || workspace_id || outcome || usage_source || labels AS place,
       ${rollupMeasures.join(', ')}
     FROM rollups JOIN rollup_groups ON id = group_id WHERE span = '${span}'`,
  )
}

/** Adds up the rows in JavaScript, which has no 64-bit limit. */
function sumRows(database: DatabaseSync, span: keyof typeof rollupSpans): Sums {
  const length = rollupSpans[span]
  return addUp(
    database,
    `SELECT (started_at_ms / ${length} * ${length}) || ' ' || key_id || coalesce(workspace_id, 'default') || outcome
         || coalesce(usage_source, '') || coalesce(labels, '') AS place,
       id NOT GLOB '*#*' AS calls, iif(id GLOB '*#*', 0, coalesce(attempts, 0)) AS attempts,
       unpriced_because IS NOT NULL OR (cost_nano_usd IS NULL AND (usage IS NOT NULL OR outcome = 'answered')) AS unpriced,
       coalesce(usage_source, '') = 'estimated' AS estimated,
       ${summedColumns.map((name) => `coalesce(${name}, 0) AS ${name}`).join(', ')}
     FROM all_calls WHERE outcome IS NOT NULL`,
  )
}

/** Without the places where everything is zero: a replaced row may leave one. */
function addUp(database: DatabaseSync, sql: string): Sums {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  const sums: Sums = new Map()
  for (const { place, ...measures } of statement.all()) {
    const sum = sums.get(String(place)) ?? {}
    for (const [name, value] of Object.entries(measures))
      sum[name] = (sum[name] ?? 0n) + BigInt(String(value))
    sums.set(String(place), sum)
  }
  for (const [place, sum] of sums) if (Object.values(sum).every((total) => total === 0n)) sums.delete(place)
  return sums
}
