import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('creates no folder before the first start of a server, and prints the next step', async () => {
  const data = join(temporaryFolder(), 'data')

  const text = await run(['usage', '--data', data])
  const json = await run(['usage', '--data', data, '--json'])
  const calls = await run(['usage', '--data', data, '--calls', '--json'])

  expect(text).toMatchObject({
    code: 0,
    out: 'No calls yet. Start the server with anthology serve, and send a request.\n',
  })
  expect(JSON.parse(json.out)).toMatchObject({ by: 'model', total: { calls: 0 }, rows: [] })
  expect(JSON.parse(calls.out)).toEqual([])
  expect(existsSync(data)).toBe(false)
})

test('distinguishes an empty period from an empty ledger', async () => {
  const data = temporaryFolder()
  openDatabase(data).close()

  const { code, out } = await run(['usage', '--data', data, '--since', '2026-11-01'])

  expect({ code, out }).toEqual({
    code: 0,
    out: 'No calls in this period. Leave out --since and --until to include all calls.\n',
  })
})

test.each([
  [['--by', 'colour'], 'usage cannot be grouped by "colour"', 'model, key, day, upstream, protocol, outcome'],
  [['--since', '2026-13-01'], '"2026-13-01" is not a day', 'Write it as 2026-11-22.'],
  [
    ['--since', '2026-11-10', '--until', '2026-11-01'],
    '--until 2026-11-01 is before --since 2026-11-10',
    'Both days are included.',
  ],
  [['--limit', '5'], '--limit needs --calls', 'anthology usage --calls --limit 5'],
  [['--calls', '--limit', '0'], '--limit must be a whole number above 0, not "0"', '--limit 100'],
])('reports %j as wrong use', async (options, problem, hint) => {
  const { code, out, err } = await run(['usage', '--data', temporaryFolder(), ...options])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
  expect(err).toContain(hint)
})

test('sums the ledger to the nano-dollar, adds notes, and includes both days', async () => {
  const data = ledgerFolder()

  const all = await run(['usage', '--data', data, '--by', 'day'])
  const days = await run([
    'usage',
    '--data',
    data,
    '--by',
    'day',
    '--since',
    '2026-11-01',
    '--until',
    '2026-11-02',
  ])

  expect(all.out.split('\n')).toEqual([
    'DAY         CALLS  INPUT  CACHE WRITE  CACHE READ  OUTPUT           COST USD',
    '2026-11-02      1  1,200           75           4      30  9007199.254740993',
    '2026-11-01      1  1,200           75           4      30        0.000000001',
    '2026-11-03      2  1,200           75           4      30               0.00',
    'total           4  3,600          225          12      90  9007199.254740994',
    '1 calls did not finish because the process ended, so their cost is unknown (see --by outcome, --calls).',
    '1 calls were answered but have no known price, so they are not in the cost (--calls shows the reason).',
    '',
  ])
  expect(days.out).toContain('2026-11-01')
  expect(days.out).toContain('2026-11-02')
  expect(days.out).not.toContain('2026-11-03')
})

test('prints money as decimal text and the usage object unchanged as JSON', async () => {
  const data = ledgerFolder()

  const sums = JSON.parse((await run(['usage', '--data', data, '--json'])).out)
  const calls = JSON.parse((await run(['usage', '--data', data, '--calls', '--limit', '3', '--json'])).out)

  expect(sums).toMatchObject({
    by: 'model',
    since: null,
    until: null,
    total: { calls: 4, cost_usd: '9007199.254740994' },
    rows: [
      {
        model: 'opus',
        outcomes: { answered: 3, unknown: 1 },
        input_tokens: 3_600,
        cache_write_5m_tokens: 150,
        cache_write_1h_tokens: 75,
        web_search_requests: 0,
        unpriced_calls: 1,
      },
    ],
  })
  expect(calls).toMatchObject([
    { id: 'req_3', cost_usd: null, unpriced_because: 'no price', streamed: false },
    { id: 'req_4', outcome: 'unknown', usage: null },
    { id: 'req_2', cost_usd: '9007199.254740993', input_usd: '0.018', usage: { input_tokens: 1_200 } },
  ])
})

/** A ledger of four calls: one without a price, and one without an end. */
function ledgerFolder(): string {
  const data = temporaryFolder()
  const database = openDatabase(data)
  const insert = database.prepare(`
    INSERT INTO calls (id, started_at_ms, protocol, key_id, requested_model, model, upstream, platform, streamed, outcome,
      usage, input_quantity, input_nano_usd, cache_write_5m_quantity, cache_write_1h_quantity, cache_read_quantity,
      output_quantity, unpriced_because, cost_nano_usd)
    VALUES (?, ?, 'messages', 'key_1', 'opus', 'opus', 'one', 'anthropic', 0, ?, ?, ?, 18000000, 50, 25, 4, 30, ?, ?)`)
  const day = (text: string) => Date.parse(`${text}Z`)
  const usage = '{"input_tokens":1200}'
  insert.run('req_1', day('2026-11-01T00:00:00.000'), 'answered', usage, 1_200, null, 1n)
  // A double cannot represent this sum to the nano-dollar.
  insert.run('req_2', day('2026-11-02T23:59:59.999'), 'answered', usage, 1_200, null, 9_007_199_254_740_993n)
  insert.run('req_3', day('2026-11-03T00:00:00.001'), 'answered', usage, 1_200, 'no price', null)
  database.exec(`
    INSERT INTO calls (id, started_at_ms, protocol, key_id, requested_model, model, upstream, platform, streamed, outcome)
    VALUES ('req_4', ${day('2026-11-03T00:00:00.000')}, 'messages', 'key_1', 'opus', 'opus', 'one', 'anthropic', 0, 'unknown')`)
  database.close()
  return data
}
