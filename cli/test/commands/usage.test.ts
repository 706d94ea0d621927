import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createKey, openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { fillRollups } from '../../../gateway/src/store/sqlite/rollup-writer.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { insertKey } from '../../../gateway/test/stored-keys.ts'

test.each([[[]], [['--json']], [['--calls', '--json']]])(
  'usage %j in a folder without data reports that, and creates nothing',
  async (options) => {
    const cwd = temporaryFolder()

    const { code, out, err } = await run(['usage', ...options], { cwd })

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe(
      `anthology: there is no data folder ${join(cwd, '.anthology')}\nName it with --data DIR or ANTHOLOGY_DATA, or run the command in the folder where the server was started.\n`,
    )
    expect(readdirSync(cwd)).toEqual([])
  },
)

test('a folder that no server has used is not mistaken for an empty ledger', async () => {
  const data = temporaryFolder()

  const { code, err } = await run(['usage', '--data', data])

  expect(code).toBe(1)
  expect(err).toContain(`${data} is not a data folder: it has no anthology.sqlite`)
  expect(readdirSync(data)).toEqual([])
})

test('prints the next step for a new ledger', async () => {
  const data = temporaryFolder()
  openDatabase(data).close()

  const { code, out } = await run(['usage', '--data', data])

  expect({ code, out }).toEqual({
    code: 0,
    out: 'No calls yet. Start the server with anthology serve, and send a request.\n',
  })
})

test('needs no secret of an upstream that the configuration refers to', async () => {
  const cwd = temporaryFolder()
  openDatabase(join(cwd, 'ledgers')).close()
  writeFileSync(
    join(cwd, 'anthology.yaml'),
    'data: ledgers\nupstreams:\n  - platform: anthropic\n    api_key: ${UP_ONE}\n',
  )

  expect(await run(['usage'], { cwd })).toMatchObject({ code: 0, err: '' })
  expect(await run(['keys', 'create', '--name', 'ci'], { cwd })).toMatchObject({ code: 0 })
  expect(await run(['keys', 'list'], { cwd })).toMatchObject({ code: 0 })
})

test('needs the variable of the data folder only if no flag names one', async () => {
  const cwd = temporaryFolder()
  openDatabase(join(cwd, 'ledgers')).close()
  writeFileSync(join(cwd, 'anthology.yaml'), 'data: ${LEDGERS}\nhost: ${HOST}\n')

  const [without, withFlag] = [
    await run(['usage'], { cwd }),
    await run(['usage', '--data', 'ledgers'], { cwd }),
  ]

  expect(without.code).toBe(1)
  expect(without.err).toContain('anthology.yaml:1:7: the environment variable LEDGERS is not set')
  expect(withFlag.code).toBe(0)
})

test('shows keys by name and id, with their rejected calls', async () => {
  const data = ledgerFolder()
  const database = openDatabase(data)
  const { record } = createKey('ci', null, 1)
  insertKey(database, record)
  database.prepare('UPDATE calls SET key_id = ?').run(record.id)
  database.exec('DELETE FROM rollups; DELETE FROM rollup_groups')
  fillRollups(database)
  const insert = database.prepare('INSERT INTO rejected_calls VALUES (?, ?, ?, ?)')
  insert.run('2026-11-01', record.id, 'rate_limited', 1200)
  insert.run('2026-11-02', record.id, 'rate_limited', 34)
  insert.run('2026-11-02', record.id, 'bad_request', 2)
  insert.run('2026-11-03', 'env', 'model_not_allowed', 1)
  database.close()

  const all = await run(['usage', '--by', 'key', '--data', data])
  const json = await run(['usage', '--by', 'key', '--data', data, '--json'])
  const day = await run(['usage', '--by', 'key', '--data', data, '--until', '2026-11-01'])

  expect(all.out).toContain(`\nci (${record.id})  `)
  expect(all.out).toContain(`Rejected calls of ci (${record.id}): 1,234 rate_limited, 2 bad_request.`)
  expect(all.out).toContain('Rejected calls of env: 1 model_not_allowed.')
  expect((JSON.parse(json.out) as { rows: unknown }).rows).toMatchObject([
    { key: record.id, name: 'ci', calls: 4, rejected_calls: { rate_limited: 1234, bad_request: 2 } },
    { key: 'env', name: null, calls: 0, cost_usd: '0.00', rejected_calls: { model_not_allowed: 1 } },
  ])
  expect(day.out).toContain('1,200 rate_limited.')
  expect(day.out).not.toContain('model_not_allowed')
})

test.each([
  ['--model', 'opus-9'],
  ['--key', 'nobody'],
  ['--calls', '--outcome', 'shut_down'],
])('says that no calls match %s %s %s', async (...options) => {
  const { code, out } = await run(['usage', '--data', ledgerFolder(), ...options.filter(Boolean)])

  expect({ code, out }).toEqual({
    code: 0,
    out: 'No calls match the filters. Leave some out to include more calls.\n',
  })
})

test('a list as CSV or JSON that has more calls says so beside its output', async () => {
  const data = ledgerFolder()
  for (const format of ['--csv', '--json']) {
    const { out, err } = await run(['usage', '--data', data, '--calls', format, '--limit', '1'])
    const [, cursor = ''] = /^More calls: add --after (.+)\n$/.exec(err) ?? []
    const rest = await run(['usage', '--data', data, '--calls', format, '--after', cursor])

    expect(out).not.toContain('More calls')
    expect(rest).toMatchObject({ code: 0, err: '' })
  }
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
  [['--by', 'colour'], 'usage cannot be grouped by "colour"', 'hour, day, month, label:NAME'],
  [['--by', 'day,day'], 'usage cannot be grouped by "day,day"', '--by day,model'],
  [['--by', 'day,key,model'], 'usage cannot be grouped by "day,key,model"', 'one grouping, or two'],
  [['--tz', 'Berlin'], '"Berlin" is not a time zone', 'Write it as Europe/Berlin'],
  [['--label', 'apollo'], '--label needs NAME=VALUE, not "apollo"', 'project=apollo'],
  [['--after', '1:req_1'], '--after needs --calls', 'anthology usage --calls --after 1:req_1'],
  [['--calls', '--after', 'x'], '--after: the cursor was not made by this list', 'last line of the list'],
  [['--since', '2026-13-01'], '"2026-13-01" is not a day', 'Write it as 2026-11-22.'],
  [
    ['--since', '2026-11-10', '--until', '2026-11-01'],
    '--until 2026-11-01 is before --since 2026-11-10',
    'Both days are included.',
  ],
  [['--limit', '5'], '--limit needs --calls', 'anthology usage --calls --limit 5'],
  [['--calls', '--by', 'key'], '--by does not apply to --calls', 'filter the list: --key ci'],
  [['--calls', '--limit', '0'], '--limit must be a whole number above 0, not "0"', '--limit 100'],
])('reports %j as wrong use', async (options, problem, hint) => {
  const { code, out, err } = await run(['usage', '--data', ledgerFolder(), ...options])

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
    '2026-11-01      1  1,200           75           4      30        0.000000001',
    '2026-11-02      1  1,200           75           4      30  9007199.254740993',
    '2026-11-03      2  1,200           75           4      30               0.00',
    'total           4  3,600          225          12      90  9007199.254740994',
    '1 call did not finish because the process ended, so its cost is unknown (see --by outcome, --calls).',
    '1 call was answered but has no known price, so it is not in the cost (--calls shows the reason).',
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
      usage, lines, unpriced_because, cost_nano_usd)
    VALUES (?, ?, 'messages', 'key_1', 'opus', 'opus', 'one', 'anthropic', 0, ?, ?, ?, ?, ?)`)
  const lines =
    '{"input":[1200,null,18000000],"cache_write_5m":[50,null,0],"cache_write_1h":[25,null,0],"cache_read":[4,null,0],"output":[30,null,0]}'
  const day = (text: string) => Date.parse(`${text}Z`)
  const usage = '{"input_tokens":1200}'
  insert.run('req_1', day('2026-11-01T00:00:00.000'), 'answered', usage, lines, null, 1n)
  // A double cannot represent this sum to the nano-dollar.
  insert.run('req_2', day('2026-11-02T23:59:59.999'), 'answered', usage, lines, null, 9_007_199_254_740_993n)
  insert.run('req_3', day('2026-11-03T00:00:00.001'), 'answered', usage, lines, 'no price', null)
  database.exec(`
    INSERT INTO calls (id, started_at_ms, protocol, key_id, requested_model, model, upstream, platform, streamed, outcome)
    VALUES ('req_4', ${day('2026-11-03T00:00:00.000')}, 'messages', 'key_1', 'opus', 'opus', 'one', 'anthropic', 0, 'unknown')`)
  fillRollups(database)
  database.close()
  return data
}
