import { expect, test } from 'vitest'

import { rollupSpans } from '../../src/ledger/rollup.ts'
import { keepForever, planPruning, readRetention } from '../../src/store/retention.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSteps } from '../../src/store/sqlite/maintenance.ts'
import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { readUsage } from '../../src/ledger/usage-report.ts'
import { callEnd, callStart, writeRows } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'

const { day } = rollupSpans
const nowMs = Date.UTC(2026, 10, 29, 12, 30)

test('keeps everything unless configured', () => {
  expect(readRetention({})).toEqual(keepForever)
  expect(planPruning(keepForever, nowMs)).toEqual({ callsBeforeMs: null, rollupsBeforeMs: null })
})

test.each([
  [{ calls: '30d' }, 'retention.calls: must be at least 31d, not 30d'],
  [{ calls: '400d', rollups: '100d' }, 'retention.rollups: must not be shorter than retention.calls'],
  [{ rollups: '100d' }, 'retention.rollups: must not be shorter than retention.calls'],
])('refuses %j', (config, message) => {
  expect(() => readRetention(config)).toThrow(message)
})

test('removes the calls of whole days that are too old, in small steps, and keeps their sums', async () => {
  const database = openDatabase(temporaryFolder())
  const limitMs = Math.floor((nowMs - 40 * day) / day) * day
  const starts = [...Array(300).keys()].map((index) => limitMs - 1 - index * 1_000)
  const kept = [limitMs, limitMs + 1, nowMs]
  writeRows(
    database,
    [...starts, ...kept].map((startedAtMs, index) => ({
      start: callStart({ id: `req_${index}`, started_at_ms: startedAtMs }),
      end: callEnd(),
    })),
  )
  const queries = createSqliteDatabase(database)
  const query = { by: ['model'] as const, period: { sinceMs: 0, untilMs: nowMs + 1 } }
  const before = await readUsage(queries, query)
  const steps = createSteps(database, { retention: readRetention({ calls: '40d' }), nowMs: () => nowMs })

  let count = 0
  while (await steps.run());
  while (await steps.run()) count += 1

  const left = await queries.query('SELECT started_at_ms FROM calls ORDER BY 1')
  expect(left.map((row) => Number(row['started_at_ms']))).toEqual(kept)
  expect(count).toBeGreaterThan(1)
  expect(before).toMatchObject([{ calls: 303n }])
  expect(await readUsage(queries, query)).toEqual(before)
})

test('removes sums by whole months, so that no report has a part of one', async () => {
  const database = openDatabase(temporaryFolder())
  const starts = [Date.UTC(2026, 6, 31, 23), Date.UTC(2026, 7, 1), Date.UTC(2026, 7, 20), nowMs]
  writeRows(
    database,
    starts.map((startedAtMs, index) => ({
      start: callStart({ id: `req_${index}`, started_at_ms: startedAtMs }),
      end: callEnd(),
    })),
  )
  const retention = readRetention({ calls: '40d', rollups: '100d' })
  const steps = createSteps(database, { retention, nowMs: () => nowMs })

  while (await steps.run());
  while (await steps.run());

  const months = await readUsage(createSqliteDatabase(database), {
    by: ['month'],
    period: { sinceMs: 0, untilMs: nowMs + 1 },
  })
  expect(months.map(({ group, calls }) => [group[0], calls])).toEqual([
    ['2026-08', 2n],
    ['2026-11', 1n],
  ])
})
