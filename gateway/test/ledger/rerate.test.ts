import { computePrice, models } from '@anthology/catalog'
import { expect, test } from 'vitest'

import { createStoredPricer } from '../../src/ledger/price-stored-call.ts'
import { listCalls } from '../../src/ledger/call-list.ts'
import { rerateCalls } from '../../src/ledger/rerate.ts'
import { readUsage } from '../../src/ledger/usage-report.ts'
import { createEmulator } from '@anthology/emulator'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createHourDerivation } from '../../src/store/sqlite/rollup-derivation.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, getPriceTokens, writeRows } from './call-rows.ts'

const nowMs = Date.UTC(2026, 10, 29)
const ever = { sinceMs: 0, untilMs: nowMs }
const usage = { input_tokens: 1_000, output_tokens: 100 }
const model = models.find(({ id }) => id === 'claude-opus-4-1-20250805')!
const right = computePrice(usage, model, { asOf: '2026-11-01' })

test('writes the differences once, changes no call, and reports follow', async () => {
  const { database, priceCall } = openLedger()
  const before = await database.query('SELECT * FROM calls ORDER BY id')
  const options = { sinceMs: Date.UTC(2026, 10, 1), priceCall, isDryRun: false, nowMs: () => nowMs }

  const dry = await rerateCalls(database, { ...options, isDryRun: true })
  const first = await rerateCalls(database, options)
  const second = await rerateCalls(database, options)

  const [sum] = await readUsage(database, { by: ['model'], period: ever })
  const { calls } = await listCalls(database, {}, { limit: 10 })
  const cost = right.ok ? right.totalNanoUsd : 0n
  expect(first).toEqual({ calls: 4, corrected: 2, skipped: 1, differenceNanoUsd: 2n * cost - 7n })
  expect(dry).toEqual(first)
  expect(second).toMatchObject({ corrected: 0, differenceNanoUsd: 0n })
  expect(await database.query('SELECT * FROM calls ORDER BY id')).toEqual(before)
  // The wrong price and the missing one are corrected; the older call and the unknown upstream keep theirs.
  expect(sum).toMatchObject({ calls: 5n, costNanoUsd: 3n * cost + 14n, unpricedCalls: 0n })
  const cut = { sinceMs: Date.UTC(2026, 10, 2) - 1, untilMs: Date.UTC(2026, 10, 2) + 1 }
  const [inCutHour] = await readUsage(database, { by: [], period: cut })
  expect(inCutHour).toMatchObject({ calls: 4n, costNanoUsd: 3n * cost + 7n, unpricedCalls: 0n })
  expect(calls.map((call) => [call['id'], call['correction_nano_usd']])).toEqual([
    ['req_wrong', cost - 7n],
    ['req_right', null],
    ['req_other', null],
    ['req_none', cost],
    ['req_before', null],
  ])
})

test('a second correction of a price has the difference to the first', async () => {
  const { database } = openLedger()
  const price = (totalNanoUsd: bigint) => () => ({ ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd })
  const options = { sinceMs: 0, isDryRun: false, nowMs: () => nowMs }

  await rerateCalls(database, { ...options, priceCall: price(100n) })
  await rerateCalls(database, { ...options, priceCall: price(90n) })

  const [sum] = await readUsage(database, { by: [], period: ever })
  expect(sum?.costNanoUsd).toBe(5n * 90n)
})

/** Five calls: before the period, with the right price, a wrong one, none, and of an upstream that is gone. */
function openLedger() {
  const connection = openDatabase(temporaryFolder())
  const wrong = { ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd: 7n }
  const day = Date.UTC(2026, 10, 2)
  const call = (id: string, price: typeof right | null, given: object = {}) => ({
    start: callStart({ id, started_at_ms: day, upstream: 'emulator', model: model.id, ...given }),
    end: callEnd({ usage: JSON.stringify(usage), price }),
  })
  writeRows(connection, [
    call('req_before', wrong, { started_at_ms: Date.UTC(2026, 9, 31) }),
    call('req_right', right),
    call('req_wrong', wrong),
    call('req_none', { ok: false, because: 'unknown_price', detail: 'no price' }),
    call('req_other', wrong, { upstream: 'gone' }),
  ])
  const deriveNextHour = createHourDerivation(connection)
  while (deriveNextHour(nowMs));
  const upstream = createEmulator()
  const accounts = [{ name: 'emulator', platform: 'anthropic' as const, upstream, secrets: [] }]
  return { database: createSqliteDatabase(connection), priceCall: createStoredPricer(accounts) }
}
