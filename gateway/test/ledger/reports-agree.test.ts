import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { findCalendarSpan } from '../../src/ledger/calendar.ts'
import { listCalls } from '../../src/ledger/call-list.ts'
import type { CallFilter } from '../../src/ledger/call-list.ts'
import type { CallRow } from '../../src/ledger/call-row.ts'
import { listSessions } from '../../src/ledger/session-list.ts'
import { checkLedger } from '../../src/ledger/check-ledger.ts'
import { foldRows } from '../../src/ledger/fold-usage.ts'
import type { FoldedRow } from '../../src/ledger/fold-usage.ts'
import { rollupSpans } from '../../src/ledger/rollup.ts'
import type { CallPlace } from '../../src/ledger/call-place.ts'
import { readCallRows, searchCalls } from '../../src/ledger/call-search.ts'
import type { CallSearchPage } from '../../src/ledger/call-search.ts'
import { readBuckets } from '../../src/ledger/time-buckets.ts'
import type { BucketSums } from '../../src/ledger/time-buckets.ts'
import { parseLabels } from '../../src/ledger/usage-filter.ts'
import type { UsageFilter } from '../../src/ledger/usage-filter.ts'
import { readUsagePage } from '../../src/ledger/usage-page.ts'
import { readUsage } from '../../src/ledger/usage-report.ts'
import { isTime } from '../../src/ledger/usage-row.ts'
import { createCallWriter } from '../../src/store/sqlite/call-writer.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import type { Queries } from '../../src/store/database.ts'
import { createHourDerivation } from '../../src/store/sqlite/rollup-derivation.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { callEnd, callStart, createPart, getPriceTokens } from './call-rows.ts'

// Reports and lists against a plain filter over all rows, in several zones, with some hours derived and some not.

const allSessions = { limit: 1_000, after: null }
const startMs = Date.UTC(2026, 9, 23)

const row = fc
  .record({
    number: fc.nat({ max: 10_000 }),
    // Clocks change in Berlin on the third day, and a month begins on the tenth.
    startedAtMs: fc.nat({ max: 12 * rollupSpans.day }).map((after) => startMs + after),
    key: fc.constantFrom('key_a', 'key_b', 'key_c'),
    model: fc.constantFrom('opus', 'haiku'),
    workspace: fc.constantFrom('default', 'research'),
    project: fc.constantFrom('apollo', 'gemini', null),
    session: fc.constantFrom('one', 'two'),
    // The last one has sums of its own, which numbers do not hold.
    tokens: fc.oneof(
      { arbitrary: fc.bigInt({ min: 0n, max: 1_000_000n }), weight: 9 },
      fc.constant(2n ** 48n),
    ),
  })
  .map((given): CallRow => {
    const start = callStart({
      id: `req_${given.number}`,
      started_at_ms: given.startedAtMs,
      key_id: given.key,
      model: given.model,
      workspace_id: given.workspace,
      session_id: given.session,
      labels: given.project === null ? null : JSON.stringify({ project: given.project }),
    })
    return { start, end: callEnd({ price: getPriceTokens(given.tokens, 1n) }) }
  })
const rows = fc.uniqueArray(row, { maxLength: 40, selector: ({ start }) => start.id })

const filter = fc.record(
  {
    key: fc.constantFrom('key_a', 'key_b', 'key_none'),
    model: fc.constantFrom('opus', 'haiku'),
    workspace: fc.constantFrom('default', 'research'),
    labels: fc.constantFrom({ project: 'apollo' }, { project: 'none' }),
    session: fc.constantFrom('one', 'two'),
    period: fc
      .tuple(fc.nat({ max: 12 * rollupSpans.day }), fc.nat({ max: 9 * rollupSpans.day }))
      .map(([from, length]) => ({ sinceMs: startMs + from, untilMs: startMs + from + length + 1 })),
  },
  { requiredKeys: [] },
)

type Grouping = 'hour' | 'day' | 'month' | 'key' | 'workspace' | 'label:project'
const report = fc.record({
  by: fc.constantFrom<readonly Grouping[]>(
    ['day', 'key'],
    ['month', 'workspace'],
    ['month', 'key'],
    ['key', 'label:project'],
    ['hour', 'workspace'],
    ['day'],
    ['key'],
    [],
  ),
  zone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'Australia/Adelaide',
    'America/New_York',
    'America/St_Johns',
    'Pacific/Chatham',
  ),
  /** Hours that are derived: none, some, or all. */
  hours: fc.nat({ max: 60 }),
})

test('a report has the sums of the calls that its filter matches, in every zone', async () => {
  await fc.assert(
    fc.asyncProperty(rows, filter, report, async (calls, given, { by, zone, hours }) => {
      const wanted: CallFilter = { ...given }
      // Reports cannot be filtered by session.
      delete (wanted as { session?: string }).session
      const database = await writeCalls(calls, hours)
      const period = wanted.period ?? { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER }

      const found = await readUsage(database, {
        by,
        period,
        timeZone: zone,
        filter: wanted,
      })

      const expected = new Map<string, bigint>()
      for (const { start, end } of calls.filter((one) => matches(one, wanted))) {
        const place = JSON.stringify(by.map((grouping) => readValue(grouping, start, zone)))
        const cost = end?.price?.ok === true ? end.price.totalNanoUsd : 0n
        expected.set(place, (expected.get(place) ?? 0n) + cost)
      }
      expect(new Map(found.map(({ group, costNanoUsd }) => [JSON.stringify(group), costNanoUsd]))).toEqual(
        expected,
      )
      await database.close()
    }),
    { numRuns: 60 },
  )
})

test('the pages of a report are its folded rows, each once, and add up to its total', async () => {
  const pages = fc.record({
    top: fc.option(fc.integer({ min: 1, max: 3 })),
    limit: fc.integer({ min: 1, max: 12 }),
    maxSums: fc.constantFrom(0, 4_000),
  })
  await fc.assert(
    fc.asyncProperty(rows, report, pages, async (calls, { by, zone, hours }, { top, limit, maxSums }) => {
      const database = await writeCalls(calls, hours)
      const query = {
        by,
        timeZone: zone,
        period: { sinceMs: startMs, untilMs: startMs + 20 * rollupSpans.day },
      }
      const found: FoldedRow[] = []
      let after: number | null = null
      do {
        const page = await readUsagePage(database, { ...query, top, limit, after }, maxSums)
        const times = new Set(page.rows.map(({ group }) => group[by.findIndex(isTime)]))
        if (times.size !== 1) expect(page.rows.length).toBeLessThanOrEqual(limit)
        found.push(...page.rows)
        after = page.next
        expect(page.total.costNanoUsd).toBe(sumCosts(calls))
      } while (after !== null)

      const expected = foldRows(await readUsage(database, query), by, top)
      expect(found.map(printFolded).toSorted()).toEqual(expected.map(printFolded).toSorted())
      await database.close()
    }),
    { numRuns: 60 },
  )
})

function printFolded({ group, others, ...sums }: FoldedRow): string {
  const values = [group, others, sums.calls, sums.costNanoUsd, sums.outcomes, sums.quantities, sums.costs]
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

function sumCosts(calls: readonly CallRow[]): bigint {
  return calls.reduce((sum, { end }) => sum + (end?.price?.ok === true ? end.price.totalNanoUsd : 0n), 0n)
}

test('buckets of time that are read in parts are those that are read at once', async () => {
  const widths = fc.constantFrom(rollupSpans.day, rollupSpans.hour, rollupSpans.hour / 4)
  const bounds = fc.record({ maxGroups: fc.nat({ max: 5 }), maxCalls: fc.nat({ max: 2_000 }) })
  await fc.assert(
    fc.asyncProperty(rows, widths, bounds, async (calls, widthMs, bound) => {
      const database = await writeCalls(calls, 60)
      const query = { startMs, widthMs, by: ['key_id', 'model'], accepted: [] } as const
      const count = 48
      const expected = await readBuckets(database, { ...query, count }, { maxGroups: 1e9, maxCalls: 1e9 })
      expect(expected).toHaveLength(count)

      const found: (readonly BucketSums[])[] = []
      while (found.length < count) {
        const rest = { startMs: startMs + found.length * widthMs, count: count - found.length }
        const part = await readBuckets(database, { ...query, ...rest }, bound)
        expect(part.length).toBeGreaterThan(0)
        if (widthMs >= rollupSpans.hour && part.length > 1)
          expect(part.flat().length).toBeLessThanOrEqual(bound.maxGroups)
        found.push(...part)
      }
      expect(found).toEqual(expected)
      await database.close()
    }),
    { numRuns: 15 },
  )
})

test('the latest rows of the ledger have the sum of the usage, of all and of some workspaces', async () => {
  const filters = fc.constantFrom<UsageFilter>(
    {},
    { key: 'key_a' },
    { anyWorkspace: new Set(['research']) },
    { anyWorkspace: new Set() },
  )
  await fc.assert(
    fc.asyncProperty(rows, filters, fc.nat({ max: 60 }), async (calls, wanted, hours) => {
      const database = await writeCalls(calls, hours)
      const period = { sinceMs: startMs, untilMs: startMs + 20 * rollupSpans.day }
      const check = await checkLedger(database, period, wanted)

      const own = calls.filter(
        ({ start }) =>
          (wanted.key === undefined || start.key_id === wanted.key) &&
          (wanted.anyWorkspace?.has(start.workspace_id ?? '') ?? true),
      )
      expect(check).toEqual({
        rows: own.length,
        costNanoUsd: sumCosts(own),
        usageNanoUsd: sumCosts(own),
        sinceMs: startMs,
        isComplete: true,
      })
      await database.close()
    }),
    { numRuns: 20 },
  )
})

test('a call of a version without workspaces is one of the default workspace, in lists as in reports', async () => {
  const start = callStart({ id: 'req_1', workspace_id: null, session_id: 'one' })
  const database = await writeCalls([{ start, end: callEnd() }], 0)
  const period = { sinceMs: 0, untilMs: start.started_at_ms + 1 }
  const readFor = async (workspace: string) => {
    const visible = { visibleWorkspaces: [workspace] }
    const page = { limit: 5, after: null }
    const [usage] = await readUsage(database, { by: ['workspace'], period, filter: { workspace } })
    return [
      Number(usage?.calls ?? 0),
      (await checkLedger(database, period, { workspace })).rows,
      (await searchCalls(database, { workspace }, page)).rows.length,
      (await searchCalls(database, visible, page)).rows.length,
      (await listSessions(database, { workspace }, allSessions)).length,
      (await listSessions(database, visible, allSessions)).length,
    ]
  }

  expect(await readFor('default')).toEqual([1, 1, 1, 1, 1, 1])
  expect(await readFor('research')).toEqual([0, 0, 0, 0, 0, 0])
  expect(await readCallRows(database, 'req_1')).toMatchObject([{ workspace_id: 'default' }])
  await database.close()
})

/** Queries that keep their statements, with values. */
function countStatements(queries: Queries): { queries: Queries; statements: string[] } {
  const statements: string[] = []
  const printed = (values: unknown) =>
    JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value))
  return {
    statements,
    queries: {
      dialect: queries.dialect,
      query: (sql, values) => {
        statements.push(`${sql} ${printed(values)}`)
        return queries.query(sql, values)
      },
      queryArrays: (sql, values) => {
        statements.push(`${sql} ${printed(values)}`)
        return queries.queryArrays(sql, values)
      },
    },
  }
}

test('days of another zone are summed from days (UTC) with few hours more and less', async () => {
  const calls = Array.from({ length: 5 * 24 }, (_, hour): CallRow => {
    const id = `req_${String(hour).padStart(3, '0')}`
    const started_at_ms = startMs + hour * rollupSpans.hour
    const start = callStart({ id, started_at_ms, key_id: hour % 7 === 0 ? 'key_a' : 'key_b' })
    return { start, end: callEnd({ price: getPriceTokens(BigInt(1 + hour), 1n) }) }
  })
  const database = await writeCalls(calls, calls.length)
  const { queries, statements } = countStatements(database)

  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu']
  const reports = zones.flatMap((timeZone) =>
    [{}, { key: 'key_a' }].map((given: UsageFilter) => ({ timeZone, given })),
  )
  for (const { timeZone, given } of reports) {
    const found = await readUsage(queries, {
      by: ['day', 'key'],
      period: { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER },
      timeZone,
      filter: given,
    })

    const expected = new Map<string, bigint>()
    for (const { start, end } of calls.filter((one) => matches(one, given as CallFilter))) {
      const place = `${findCalendarSpan(start.started_at_ms, 'day', timeZone).name} ${start.key_id}`
      const cost = end?.price?.ok === true ? end.price.totalNanoUsd : 0n
      expected.set(place, (expected.get(place) ?? 0n) + cost)
    }
    expect(new Map(found.map(({ group, costNanoUsd }) => [group.join(' '), costNanoUsd]))).toEqual(expected)
  }
  await database.close()
  const days = statements.filter((text) => text.includes('"day/key_id,outcome"'))
  expect(days.length).toBeGreaterThan(0)
  // With a filter, the moved hours of a zone are read together.
  expect(statements.filter((text) => /start_ms IN \((\?, ){3,}/.test(text))).toHaveLength(zones.length)
})

test('the hours of a week are listed in one statement, also by a dimension that has sums of days', async () => {
  const weeks = 3
  const calls = Array.from({ length: weeks * 7 * 24 }, (_, hour): CallRow => {
    const id = `req_${String(hour).padStart(3, '0')}`
    const started_at_ms = startMs + hour * rollupSpans.hour
    const start = callStart({ id, started_at_ms, key_id: hour % 7 === 0 ? 'key_a' : 'key_b' })
    return { start, end: callEnd({ price: getPriceTokens(1n, 1n) }) }
  })
  const database = await writeCalls(calls, calls.length)
  for (const timeZone of ['UTC', 'Europe/Berlin', 'Asia/Kolkata']) {
    const { queries, statements } = countStatements(database)
    const found = await readUsage(queries, {
      by: ['hour', 'key'],
      period: { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER },
      timeZone,
    })
    expect(found).toHaveLength(calls.length)
    expect(new Set(found.map(({ group }) => group[0])).size).toBe(calls.length)
    const listed = statements.filter((text) => text.includes("'hour'") || text.includes('"hour'))
    expect(listed.length).toBeLessThan(12)
  }
  await database.close()
})

test('the pages of a list are the calls that its filter matches, latest first, each once', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      filter,
      fc.nat({ max: 60 }),
      fc.integer({ min: 1, max: 7 }),
      async (calls, wanted, hours, limit) => {
        const database = await writeCalls(calls, hours)
        const found: string[] = []
        let after: string | null = null
        do {
          const page = await listCalls(database, wanted, { limit, after })
          found.push(...page.calls.map((call) => String(call['id'])))
          after = page.next
        } while (after !== null)

        const expected = calls.filter((one) => matches(one, wanted)).toSorted(compareStarts)
        expect(found).toEqual(expected.map(({ start }) => start.id))
        await database.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('the pages of a search are the calls that match it, latest first, each once', async () => {
  const search = fc.record({
    filter,
    minTokens: fc.option(fc.nat({ max: 1_000_001 })),
    maxTokens: fc.option(fc.nat({ max: 1_000_001 })),
    hours: fc.nat({ max: 60 }),
  })
  await fc.assert(
    fc.asyncProperty(rows, search, fc.integer({ min: 1, max: 7 }), async (calls, given, limit) => {
      const { key, model, workspace, session, period } = given.filter
      const tokens = { minTokens: given.minTokens ?? undefined, maxTokens: given.maxTokens ?? undefined }
      const wanted = { key, model, workspace, session, ...period, ...tokens }
      const database = await writeCalls(calls, given.hours)
      const found: string[] = []
      let after: CallPlace | null = null
      do {
        const page: CallSearchPage = await searchCalls(database, wanted, { limit, after })
        found.push(...page.rows.map((call) => String(call['id'])))
        after = page.next
      } while (after !== null)

      const expected = calls
        .filter((one) => matches(one, { key, model, workspace, session, period } as CallFilter))
        .filter((one) => countTokens(one) >= (tokens.minTokens ?? 0))
        .filter((one) => countTokens(one) <= (tokens.maxTokens ?? Infinity))
        .toSorted(compareStarts)
      expect(found).toEqual(expected.map(({ start }) => start.id))
      const [first] = expected
      const stored = first === undefined ? [] : await readCallRows(database, first.start.id)
      expect(stored.map(({ id, input_quantity: input }) => [id, input])).toEqual(
        first === undefined ? [] : [[first.start.id, BigInt(countTokens(first) - 1)]],
      )
      await database.close()
    }),
    { numRuns: 60 },
  )
})

/** Input and output of a generated row. */
function countTokens({ end }: CallRow): number {
  const lines = end?.price?.ok === true ? end.price.lines : []
  return lines.reduce((sum, { quantity }) => sum + Number(quantity), 0)
}

function readValue(grouping: Grouping, start: CallRow['start'], zone: string): string | null {
  if (grouping === 'hour' || grouping === 'day' || grouping === 'month')
    return findCalendarSpan(start.started_at_ms, grouping, zone).name
  if (grouping === 'label:project') return parseLabels(start.labels)['project'] ?? null
  return grouping === 'key' ? start.key_id : start.workspace_id
}

async function writeCalls(calls: readonly CallRow[], derivedHours: number) {
  const connection = openDatabase(temporaryFolder())
  createCallWriter(connection).write(createPart(calls))
  const deriveNextHour = createHourDerivation(connection)
  for (let count = 0; count < derivedHours; count += 1) deriveNextHour(startMs + 20 * rollupSpans.day)
  return createSqliteDatabase(connection)
}

function matches(
  { start }: CallRow,
  { key, model, workspace, labels, session, period }: CallFilter,
): boolean {
  return (
    (key === undefined || start.key_id === key) &&
    (model === undefined || start.model === model) &&
    (workspace === undefined || start.workspace_id === workspace) &&
    (session === undefined || start.session_id === session) &&
    (labels === undefined || start.labels === JSON.stringify(labels)) &&
    (period === undefined || (start.started_at_ms >= period.sinceMs && start.started_at_ms < period.untilMs))
  )
}

function compareStarts({ start: one }: CallRow, { start: other }: CallRow): number {
  return other.started_at_ms - one.started_at_ms || (one.id < other.id ? 1 : -1)
}
