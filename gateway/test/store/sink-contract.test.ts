import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { createCallSums } from '../../src/ledger/call-sums.ts'
import { readRejections } from '../../src/ledger/rejected-report.ts'
import type { RejectedFilter } from '../../src/ledger/rejected-report.ts'
import { rollupDimensions, rollupSpans } from '../../src/ledger/rollup.ts'
import { allHours } from '../../src/ledger/rollup-periods.ts'
import { createRowReader } from '../../src/ledger/rollup-rows.ts'
import { subtractSums } from '../../src/ledger/subtract-sums.ts'
import { insertKey, revokeKey } from '../../src/organization/keys.ts'
import { ensureWorkspaces } from '../../src/organization/workspaces.ts'
import type { Resource } from '../../src/resources/resource.ts'
import type { Database } from '../../src/store/database.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { callEnd, callStart, getPriceTokens } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'
import { encodeCalls, encodeOpen, openPostgresSink, openSqliteSink, part } from './sinks.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

interface OpenedSink {
  readonly sink: LedgerSink
  readonly database: Database
}

const stores: Readonly<Record<string, () => Promise<OpenedSink>>> = {
  async sqlite() {
    const dataFolder = temporaryFolder()
    return { sink: openSqliteSink(dataFolder), database: await openStore({ dataFolder }) }
  },
  async postgres() {
    const url = await postgres.createDatabase()
    const sink = await openPostgresSink(url)
    return { sink, database: await openStore({ dataFolder: temporaryFolder(), store: url }) }
  },
}

describe.each(Object.entries(stores))('%s', (_, openSink) => {
  async function open(): Promise<OpenedSink> {
    const opened = await openSink()
    onTestFinished(async () => {
      await opened.sink.close()
      await opened.database.close()
    })
    return opened
  }

  test('a call is stored with all its columns', async () => {
    const { sink, database } = await open()
    const start = callStart({
      streamed: true,
      session_id: 'a "quoted" \\ {session}, NULL',
      labels: '{"a":"b"}',
    })

    await sink.ingest(part(1, { calls: encodeCalls([{ start, end: callEnd({ first_token_ms: 7 }) }]) }))

    const [row] = await database.query('SELECT * FROM all_calls')
    expect(row).toMatchObject({
      id: 'req_1',
      started_at_ms: 1_000n,
      streamed: 1n,
      session_id: 'a "quoted" \\ {session}, NULL',
      labels: '{"a":"b"}',
      outcome: 'answered',
      status: 200n,
      error_type: null,
      first_token_ms: 7n,
      usage: '{"input_tokens":25,"output_tokens":15}',
      input_quantity: 25n,
      output_nano_usd: 1_125_000n,
      web_search_quantity: null,
      cost_nano_usd: 1_500_000n,
    })
  })

  test('a part that comes again changes nothing', async () => {
    const { sink, database } = await open()
    const again = part(1, { calls: encodeCalls([{ start: callStart(), end: callEnd() }]) })

    await sink.ingest(again)
    await sink.ingest(again)

    expect(await database.query('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: 1n }])
  })

  test('the end of a call replaces its unknown outcome, in one part too', async () => {
    const { sink, database } = await open()
    const end = callEnd()
    const unknown = callEnd({ outcome: 'unknown', status: null, price: null, usage: null })
    const rows = ['req_1', 'req_2'].flatMap((id) => [
      { start: callStart({ id }), end: unknown },
      { start: callStart({ id }), end },
    ])

    for (const [index, row] of rows.slice(0, 2).entries())
      await sink.ingest(part(index, { calls: encodeCalls([row]) }))
    await sink.ingest(part(3, { calls: encodeCalls(rows.slice(2)) }))

    expect(await database.query('SELECT id, outcome FROM calls ORDER BY id')).toEqual([
      { id: 'req_1', outcome: 'answered' },
      { id: 'req_2', outcome: 'answered' },
    ])
  })

  test('a running call is visible until it ends, and becomes unknown if its process left no journal', async () => {
    const { sink, database } = await open()
    const running = ['req_1', 'req_2'].map((id) => ({ start: callStart({ id }), end: null }))
    const read = 'SELECT id, outcome, model, streamed FROM all_calls ORDER BY id'

    await sink.ingest(part(1, { opened: encodeOpen(running) }))
    const whileRunning = await database.query(read)
    const ended = encodeCalls([{ start: callStart(), end: callEnd() }])
    await sink.ingest(part(2, { calls: ended, closed: ['req_1'] }))
    const closed = await sink.closeListedCalls()

    expect(whileRunning.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['req_1', null],
      ['req_2', null],
    ])
    expect(closed).toBe(1)
    expect(await database.query(read)).toEqual(
      ['answered', 'unknown'].map((outcome, index) => ({
        id: `req_${index + 1}`,
        outcome,
        model: 'claude-opus-4-1-20250805',
        streamed: 0n,
      })),
    )
  })

  test('the rollups are the sums of the calls, also after a call was replaced', async () => {
    const { sink, database } = await open()
    const unknown = callEnd({
      outcome: 'unknown',
      status: null,
      price: null,
      usage: null,
      usage_source: null,
    })
    const absurd = callEnd({ price: getPriceTokens(2n ** 40n, 1n) })
    const rows = [
      { start: callStart({ id: 'req_1' }), end: unknown },
      { start: callStart({ id: 'req_2', started_at_ms: 90_000_000 }), end: callEnd() },
      { start: callStart({ id: 'req_3', started_at_ms: 90_000_001 }), end: absurd },
      { start: callStart({ id: 'req_4', started_at_ms: 90_000_002 }), end: absurd },
      { start: callStart({ id: 'req_1' }), end: callEnd() },
      { start: callStart({ id: 'req_2', started_at_ms: 90_000_000 }), end: unknown },
    ]

    // Once alone, and once in one part.
    for (const [index, row] of rows.entries()) await sink.ingest(part(index, { calls: encodeCalls([row]) }))
    const moved = rows.map(({ start, end }) => ({ start: { ...start, id: `${start.id}_again` }, end }))
    await sink.ingest(part(9, { calls: encodeCalls(moved.slice(1, 5)) }))

    const sums = 'sum(calls) AS calls, sum(input_quantity) AS input, sum(cost_nano_usd) AS cost'
    const totals = await database.query(
      `SELECT span, ${sums} FROM rollups JOIN rollup_groups ON id = group_id
       WHERE outcome = 'answered' GROUP BY span ORDER BY span`,
    )
    const [exact] = await database.query(
      'SELECT count(*) AS calls, sum(input_quantity) AS input, sum(cost_nano_usd) AS cost FROM all_calls',
    )
    expect(exact).toMatchObject({ calls: 8n, input: 2n ** 42n + 100n })
    expect(totals.length).toBeGreaterThan(0)
    for (const total of totals) expect(total).toEqual({ span: total['span'], ...exact })
  })

  test('calls that are read one by one have the sums of their hour', async () => {
    const { sink, database } = await open()
    const failed = { outcome: 'upstream_error', price: null, usage: null, usage_source: null } as const
    const unknownPrice = { ok: false, because: 'unknown_price', detail: 'no price' } as const
    const ends = [
      callEnd(),
      callEnd({ attempts: 3 }),
      callEnd(failed),
      callEnd({ price: unknownPrice }),
      callEnd({ price: null }),
      callEnd({ outcome: 'client_closed', usage_source: 'estimated' }),
      callEnd({ price: getPriceTokens(2n ** 48n, 1n) }),
      callEnd({ price: getPriceTokens(2n ** 64n, 1n) }),
    ]
    const names = ['req_1', 'req_1#1', 'batch_1/a#1']
    const rows = names.flatMap((name, at) =>
      ends.map((end, index) => {
        const id = name.replace('_1', `_${index}`)
        const labels = at === 0 ? null : '{"project":"apollo"}'
        return { start: callStart({ id, labels, workspace_id: at === 1 ? 'research' : null }), end }
      }),
    )
    await sink.ingest(part(1, { calls: encodeCalls(rows) }))
    const range = { startMs: 0, endMs: rollupSpans.hour }

    for (const dimensions of [new Set(rollupDimensions), new Set(['key_id'] as const)]) {
      const sums = await createCallSums(database, dimensions)(range)

      const hours = await createRowReader(database, { dimensions, matches: null }).sum(allHours, range)
      expect(hours.length).toBeGreaterThan(2)
      expect(subtractSums(hours, sums, dimensions)).toEqual([])
    }
  })

  test('rejected calls are summed, and positions are kept and forgotten', async () => {
    const { sink, database } = await open()
    const rejection = { day: '2026-11-28', key_id: 'key_1', code: 'no_model', calls: 2 } as const

    await sink.ingest(part(10, { rejections: [rejection, { ...rejection, calls: 3 }] }))
    await sink.ingest(part(20, { rejections: [rejection] }))
    const kept = await sink.readPositions()
    await sink.ingest(part(0, { positions: [['one', null]] }))

    expect(await database.query('SELECT calls FROM rejected_calls')).toEqual([{ calls: 7n }])
    expect([...kept]).toEqual([['one', { segment: 1, offset: 20 }]])
    expect([...(await sink.readPositions())]).toEqual([])
  })

  test('rejected calls are reported by day and by key, within the filters, and the keys with most calls first', async () => {
    const { sink, database } = await open()
    const { record } = createKey('ci', null, 1)
    await ensureWorkspaces(database, [], 1)
    await insertKey(database, record)
    const reject = (day: string, key_id: string, code: string, calls: number) => ({
      day,
      key_id,
      code,
      calls,
    })
    const rejections = [
      reject('2026-11-27', record.id, 'rate_limited', 9),
      reject('2026-11-28', record.id, 'rate_limited', 2),
      reject('2026-11-29', record.id, 'rate_limited', 3),
      reject('2026-11-29', record.id, 'bad_request', 1),
      reject('2026-11-29', 'env', 'rate_limited', 6),
    ]
    await sink.ingest(part(10, { rejections }))
    const period = { sinceMs: Date.UTC(2026, 10, 28, 12), untilMs: Date.UTC(2026, 10, 30) }
    const read = (filter: Partial<RejectedFilter>, limit = 10) =>
      readRejections(database, { period, filter: { visibleWorkspaces: null, ...filter } }, limit)

    const all = await read({})
    const first = await read({ visibleWorkspaces: ['default'] }, 1)

    expect(all).toEqual({
      days: [
        { day: '2026-11-28', code: 'rate_limited', calls: 2n },
        { day: '2026-11-29', code: 'bad_request', calls: 1n },
        { day: '2026-11-29', code: 'rate_limited', calls: 9n },
      ],
      keys: [
        { keyId: 'env', name: null, code: 'rate_limited', calls: 6n },
        { keyId: record.id, name: 'ci', code: 'rate_limited', calls: 5n },
        { keyId: record.id, name: 'ci', code: 'bad_request', calls: 1n },
      ],
      isCut: false,
    })
    expect(first).toEqual({ days: all.days, keys: all.keys.slice(0, 1), isCut: true })
    expect((await read({ key: record.id })).keys).toEqual(all.keys.slice(1))
    expect(await read({ workspace: 'default' })).toEqual(all)
    for (const none of [{ workspace: 'other' }, { member: 'mem_1' }, { visibleWorkspaces: [] }])
      expect(await read(none)).toEqual({ days: [], keys: [], isCut: false })
  })

  test('resources are created, listed, settled and deleted in the order of their changes', async () => {
    const { sink } = await open()
    const ids = ['a', 'b', 'c', 'd', 'e']
    const created = ids.map((id) => ({ kind: 'created', resource: resource({ id }) }) as const)
    const foreign = { kind: 'created', resource: resource({ id: 'x', key_id: 'key_2' }) } as const
    await sink.ingest(part(1, { changes: [...created, foreign] }))
    const changes = [
      { kind: 'settled', id: 'a', atMs: 5 },
      { kind: 'deleted', id: 'c' },
    ] as const
    await sink.ingest(part(2, { changes }))

    const list = async (from: Parameters<typeof listFrom>[0], limit?: number) =>
      (await sink.queryResources(listFrom(from, limit))).map(({ id }) => id)
    const unsettled = await sink.queryResources({ kind: 'unsettled', after: 'b', limit: 9 })

    expect(await sink.queryResources({ kind: 'with_ids', ids: ['none', 'a'] })).toEqual([
      resource({ id: 'a', settled_at_ms: 5 }),
    ])
    expect([
      await list({ kind: 'newest' }, 2),
      await list({ kind: 'after', id: 'd' }, 2),
      await list({ kind: 'before', id: 'b' }),
      await list({ kind: 'ids', ids: ['e', 'x', 'a'] }),
      await list({ kind: 'after', id: 'x' }),
      unsettled.map(({ id }) => id),
    ]).toEqual([['e', 'd'], ['d', 'b'], ['e', 'd', 'b'], ['e', 'a'], [], ['d', 'e', 'x']])
  })

  test('keys are listed as they were stored and revoked, and a live name is taken', async () => {
    const { sink, database } = await open()
    const first = { ...createKey('first', null, 1).record, aws: { accessKeyId: 'AKIA1', version: 1 } }
    const second = createKey('second', ['claude-opus-4-1-20250805'], 2).record
    await ensureWorkspaces(database, [], 1)
    await insertKey(database, second)
    await insertKey(database, first)

    const again = createKey('first', null, 3).record
    await expect(insertKey(database, again)).rejects.toMatchObject({ code: 'name_taken' })
    await expect(revokeKey(database, 'nobody', 9)).rejects.toMatchObject({ code: 'not_found' })
    await revokeKey(database, 'second', 9)

    expect(await sink.listKeys()).toEqual([first, { ...second, revokedAtMs: 9 }])
  })
})

test('servers that share a PostgreSQL keep their positions and their running calls apart', async () => {
  const url = await postgres.createDatabase()
  const [one, other] = [await openPostgresSink(url, 'replica_1'), await openPostgresSink(url, 'replica_2')]
  const running = [{ start: callStart(), end: null }]

  await one.ingest(part(1, { opened: encodeOpen(running) }))
  const closed = await other.closeListedCalls()
  await other.ingest(part(7))

  expect(closed).toBe(0)
  expect([...(await one.readPositions()).values()]).toEqual([{ segment: 1, offset: 1 }])
  await Promise.all([one.close(), other.close()])
})

test('a call with more tokens than 64 bits hold can be listed in PostgreSQL', async () => {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const price = { ...getPriceTokens(2n ** 70n, 5n), totalNanoUsd: 0n }

  await sink.ingest(part(1, { calls: encodeCalls([{ start: callStart(), end: callEnd({ price }) }]) }))

  const database = await openStore({ dataFolder: temporaryFolder(), store: url })
  const rows = await database.query('SELECT input_quantity, output_quantity FROM all_calls')
  await Promise.all([sink.close(), database.close()])
  expect(rows).toEqual([{ input_quantity: 2n ** 63n - 1n, output_quantity: 5n }])
})

test('a text with a NUL character is stored in PostgreSQL, which has none', async () => {
  const url = await postgres.createDatabase()
  const sink = await openPostgresSink(url)
  const start = callStart({ session_id: 'a\0b' })

  await sink.ingest(part(1, { calls: encodeCalls([{ start, end: callEnd() }]) }))
  await sink.ingest(part(2, { opened: encodeOpen([{ start: { ...start, id: 'req_2' }, end: null }]) }))

  const database = await openStore({ dataFolder: temporaryFolder(), store: url })
  const rows = await database.query('SELECT session_id FROM all_calls')
  await Promise.all([sink.close(), database.close()])
  expect(rows).toEqual([{ session_id: 'a\uFFFDb' }, { session_id: 'a\uFFFDb' }])
})

function listFrom(
  from:
    | { kind: 'newest' }
    | { kind: 'after' | 'before'; id: string }
    | { kind: 'ids'; ids: readonly string[] },
  limit = 9,
) {
  return { kind: 'of_key', keyId: 'key_1', resourceKind: 'batch', from, limit } as const
}

function resource(given: Partial<Resource> = {}): Resource {
  return {
    id: 'msgbatch_1',
    kind: 'batch',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    upstream: 'claude',
    created_at_ms: 1_000,
    settled_at_ms: null,
    models: {},
    betas: [],
    hold_nano_usd: null,
    process_id: null,
    ...given,
  }
}
