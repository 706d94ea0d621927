import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { findRolling, maxLimitNanoUsd } from '../../src/budgets/budget.ts'
import type { Budget } from '../../src/budgets/budget.ts'
import { parseScope } from '../../src/budgets/scope.ts'
import { readCorrections, readSpend } from '../../src/budgets/spend.ts'
import type { ProcessFilter } from '../../src/budgets/spend-query.ts'
import type { CallRow } from '../../src/ledger/call-row.ts'
import { rerateCalls } from '../../src/ledger/rerate.ts'
import { rollupSpans } from '../../src/ledger/rollup.ts'
import type { Database, SqlRow } from '../../src/store/database.ts'
import type { MaintenanceSteps } from '../../src/store/maintenance.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { createSteps as createPostgresSteps } from '../../src/store/postgres/maintenance.ts'
import { createPostgresDatabase } from '../../src/store/postgres/postgres-database.ts'
import { keepForever } from '../../src/store/retention.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSteps as createSqliteSteps } from '../../src/store/sqlite/maintenance.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { createSqliteSink } from '../../src/store/sqlite/sqlite-sink.ts'
import { callEnd, callStart, getPriceTokens } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from '../store/running-postgres.ts'
import type { RunningPostgres } from '../store/running-postgres.ts'
import { encodeCalls, encodeOpen, openPostgresSink, part } from '../store/sinks.ts'

// The sums of budgets against the sum of the single rows and corrections, with some hours derived and some not.

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const { day, hour } = rollupSpans
const startMs = Date.UTC(2026, 10, 20)
const lengthMs = 6 * day
const source = { names: { key: new Map(), workspace: new Map(), member: new Map() }, builtInKeys: [] }

interface Store {
  readonly sink: LedgerSink
  readonly steps: MaintenanceSteps
  readonly database: Database
}

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  SQLite: openSqlite,
  PostgreSQL: openPostgres,
}

const row = fc
  .record({
    number: fc.nat({ max: 1_000_000 }),
    startedAtMs: fc.nat({ max: lengthMs - 1 }).map((after) => startMs + after),
    key: fc.constantFrom('key_a', 'key_b'),
    model: fc.constantFrom('opus', 'haiku'),
    member: fc.constantFrom('ada', null),
    workspace: fc.constantFrom('default', 'research', null),
    project: fc.constantFrom('apollo', 'gemini', null),
    hold: fc.constantFrom(null, 700, 123_456),
    process: fc.constantFrom(null, 'server_1', 'server_1/worker', 'server_2'),
    tokens: fc.oneof({ weight: 20, arbitrary: fc.bigInt(0n, 1_000_000n) }, fc.constant(2n ** 46n)),
    kind: fc.constantFrom('priced', 'priced', 'unknown', 'unpriced', 'failed', 'running'),
  })
  .map((given): CallRow => {
    const start = callStart({
      id: `req_${String(given.number).padStart(7, '0')}`,
      started_at_ms: given.startedAtMs,
      key_id: given.key,
      model: given.model,
      member_id: given.member,
      workspace_id: given.workspace,
      labels: given.project === null ? null : JSON.stringify({ project: given.project }),
      hold_nano_usd: given.hold,
      process_id: given.process,
    })
    // An absurd cost is not exact, and neither is its correction.
    const tokens = given.startedAtMs < startMs + 5 * day ? given.tokens : given.tokens % 1_000n
    return { start, end: createEnd(given.kind, tokens) }
  })
const rows = fc.uniqueArray(row, { minLength: 200, maxLength: 200, selector: ({ start }) => start.id })

const budget = fc
  .record({
    scope: fc.constantFrom(
      'organization',
      'key:key_a',
      'workspace:default',
      'workspace:research',
      'member:ada',
      'label:project=apollo',
    ),
    models: fc.constantFrom(null, ['opus'], ['opus', 'haiku'], ['none']),
    window: fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const),
    rolling: fc.boolean(),
  })
  .map((given): Budget => ({
    ...given,
    id: 'budget_1',
    revision: 1,
    source: 'api',
    limitNanoUsd: 1,
    timezone: 'UTC',
    action: 'block',
    thresholds: [],
    raise: null,
    activeFromMs: 0,
  }))

const range = fc
  .tuple(fc.nat({ max: lengthMs }), fc.nat({ max: lengthMs }), fc.constantFrom(1, hour))
  .map(([from, length, unit]) => ({
    sinceMs: Math.floor((startMs + from) / unit) * unit,
    untilMs: Math.floor((startMs + from + length) / unit) * unit,
  }))

const processes = fc.constantFrom(
  'all' as const,
  'all' as const,
  { only: 'server_1' },
  { except: [] },
  { except: ['server_1'] },
  { except: ['server_1', 'server_2'] },
)

test.each(Object.entries(stores))(
  'the spend of a budget on %s is the sum of its rows, whether hours come from rollups or not',
  async (_, open) => {
    const { sink, steps, database } = await open()
    const [calls = []] = fc.sample(rows, { numRuns: 1, seed: 11 })
    await sink.ingest(
      part(1, {
        calls: encodeCalls(calls),
        opened: encodeOpen(calls.filter(({ end }) => end === null)),
      }),
    )
    const priceCall = () => ({ ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd: 5_000n })
    const nowMs = startMs + lengthMs
    await rerateCalls(database, {
      sinceMs: startMs + 5 * day,
      priceCall,
      isDryRun: false,
      nowMs: () => nowMs,
    })
    for (let count = 0; count < 70; count += 1) await steps.run()
    const ledger = await database.query('SELECT * FROM all_calls')
    const corrections = await database.query('SELECT * FROM corrections')
    expect(corrections.length).toBeGreaterThan(5)

    await fc.assert(
      fc.asyncProperty(budget, range, processes, async (wanted, period, filter) => {
        const found = await readSpend(database, wanted, { ...period, processes: filter }, source)

        const expected = new Map<number, number>()
        const counts = (one: SqlRow) => matches(one, wanted, period)
        for (const one of ledger)
          if (counts(one) && isServedBy(one, filter))
            add(expected, wanted, one, countRow(one, isOfOne(filter) ? [] : corrections))
        if (!isOfOne(filter))
          for (const one of corrections) {
            const call = ledger.find(({ id }) => id === one['call_id'])
            // Other processes have reported the hold of a call without a price.
            const isReported = call !== undefined && !isServedBy(call, filter)
            const released = isReported && Number(one['unpriced']) < 0 ? countRow(call, []) : 0
            if (counts(one)) add(expected, wanted, one, Number(one['cost_nano_usd']) - released)
          }
        expect(saturate(found)).toEqual(saturate(expected))
        // The reports of processes and the corrections of them are the whole spend.
        const whole = new Map<number, number>()
        for (const one of ledger) if (counts(one)) add(whole, wanted, one, countRow(one, []))
        for (const [slot, amount] of await readCorrections(database, wanted, period, source))
          whole.set(slot, (whole.get(slot) ?? 0) + amount)
        expect(saturate(whole)).toEqual(
          saturate(await readSpend(database, wanted, { ...period, processes: 'all' }, source)),
        )
      }),
      { numRuns: 60 },
    )
  },
)

function createEnd(kind: string, tokens: bigint): CallRow['end'] {
  switch (kind) {
    case 'running':
      return null
    case 'unknown':
      return callEnd({ outcome: 'unknown', usage: null, price: null })
    case 'unpriced':
      return callEnd({ price: { ok: false, because: 'unknown_price', detail: 'nobody knows it' } })
    case 'failed':
      return callEnd({ outcome: 'upstream_error', status: 500, usage: null, price: null })
    default:
      return callEnd({ price: getPriceTokens(tokens, 1n) })
  }
}

function isOfOne(filter: ProcessFilter): boolean {
  return typeof filter === 'object' && 'only' in filter
}

/** The amount of one row: its cost, or its hold where the cost is not known and no correction gave it one. */
function countRow(call: SqlRow, corrections: readonly SqlRow[]): number {
  if (call['cost_nano_usd'] !== null) return Number(call['cost_nano_usd'])
  const isOpen =
    call['outcome'] === null || call['outcome'] === 'unknown' || call['unpriced_because'] !== null
  const isCorrected = corrections.some((one) => one['call_id'] === call['id'] && Number(one['unpriced']) < 0)
  return isOpen && !isCorrected ? Number(call['hold_nano_usd'] ?? 0) : 0
}

function matches(
  call: SqlRow,
  { scope, models }: Budget,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): boolean {
  const startedAtMs = Number(call['started_at_ms'])
  if (startedAtMs < sinceMs || startedAtMs >= untilMs) return false
  if (models !== null && !models.includes(String(call['model']))) return false
  const parsed = parseScope(scope)
  if (parsed?.kind === 'key') return call['key_id'] === parsed.name
  if (parsed?.kind === 'member') return call['member_id'] === parsed.name
  if (parsed?.kind === 'workspace') return (call['workspace_id'] ?? 'default') === parsed.name
  return parsed?.kind !== 'label' || String(call['labels']).includes(`"${parsed.name}":"${parsed.value}"`)
}

function isServedBy(
  { process_id: process }: SqlRow,
  filter: 'all' | { readonly only: string } | { readonly except: readonly string[] },
): boolean {
  const isOf = (server: string) => process === server || String(process).startsWith(`${server}/`)
  if (filter === 'all') return true
  return 'only' in filter ? isOf(filter.only) : !filter.except.some(isOf)
}

function add(slots: Map<number, number>, wanted: Budget, call: SqlRow, amount: number): void {
  const rolling = findRolling(wanted)
  const slot = rolling === null ? 0 : Math.floor(Number(call['started_at_ms']) / rolling.slotMs)
  slots.set(slot, (slots.get(slot) ?? 0) + amount)
}

/** Slots with an amount; more than any limit is as good as any other such amount. */
function saturate(slots: ReadonlyMap<number, number>): readonly (readonly [number, number])[] {
  return [...slots]
    .filter(([, amount]) => amount !== 0)
    .map(([slot, amount]) => [slot, Math.min(amount, maxLimitNanoUsd)] as const)
    .toSorted(([one], [other]) => one - other)
}

async function openSqlite(): Promise<Store> {
  const connection = openDatabase(temporaryFolder())
  const steps = createSqliteSteps(connection, { retention: keepForever, nowMs: () => startMs + 7 * day })
  return { sink: createSqliteSink(connection), steps, database: createSqliteDatabase(connection) }
}

async function openPostgres(): Promise<Store> {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const connections = await openConnections({ url })
  onTestFinished(async () => {
    await sink.close()
    await connections.close()
  })
  const steps = createPostgresSteps(connections, { retention: keepForever, nowMs: () => startMs + 7 * day })
  return { sink, steps, database: createPostgresDatabase(connections) }
}
