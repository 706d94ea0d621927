import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { openDatabase } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { callEnd, callStart, writeRows } from '../../../gateway/test/ledger/call-rows.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const options = ['--upstream', 'recorder', '--until', '2026-11-01']

test('ends with 0 where every token is found, and with 1 where something is unexplained', async () => {
  const { data, file } = createLedger()

  const right = await run(['reconcile', file('right.json', 25), '--data', data, ...options])
  const wrong = await run(['reconcile', file('wrong.json', 26), '--data', data, ...options])
  const json = await run(['reconcile', file('wrong.json', 26), '--data', data, ...options, '--json'])

  expect(right).toMatchObject({ code: 0, err: '' })
  expect(right.out).toContain('2 combinations of day, model and component compared')
  expect(right.out).toContain('No differences.')
  expect(wrong.code).toBe(1)
  expect(wrong.out).toMatch(/provider_only +2026-11-01 +claude-opus-4-1-20250805 +input +1 /)
  expect(wrong.out).toContain('1 differences are not explained.')
  expect(json.code).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({
    formats: ['Anthropic usage or cost report'],
    differences: [{ kind: 'provider_only', explained: false, tokens: 1, cost_usd: null }],
  })
})

test('runs are stored and listed, and a file that was compared before is named', async () => {
  const { data, file } = createLedger()
  const [right, wrong] = [file('right.json', 25), file('wrong.json', 26)]
  const none = await run(['reconcile', 'runs', '--data', data])

  const first = await run(['reconcile', wrong, '--data', data, ...options])
  const other = await run(['reconcile', right, '--data', data, ...options])
  const again = await run(['reconcile', wrong, '--data', data, ...options])
  const elsewhere = await run(['reconcile', wrong, '--data', data, '--upstream', 'other', '--json'])
  const json = await run(['reconcile', wrong, '--data', data, ...options, '--json'])
  const listed = await run(['reconcile', 'runs', '--data', data])
  const runs = JSON.parse((await run(['reconcile', 'runs', '--data', data, '--json'])).out) as object[]

  const today = new Date().toISOString().slice(0, 10)
  expect(none.out).toBe('Nothing was reconciled yet.\n')
  for (const { out } of [first, other]) expect(out).not.toContain('already')
  expect(again.out).toContain(
    `wrong.json was already compared on ${today} up to 2026-11-01: 1 not explained.`,
  )
  // The same file about another account is a comparison of its own.
  expect(JSON.parse(elsewhere.out)).toMatchObject({ files: [{ name: 'wrong.json', compared_before: null }] })
  expect(JSON.parse(json.out)).toMatchObject({
    id: expect.stringMatching(/^reconciliation_\w{20}$/),
    files: [{ name: 'wrong.json', compared_before: { last_day: '2026-11-01', unexplained: 1 } }],
  })
  expect(listed.out.split('\n')[0]).toMatch(
    /^RAN AT +UPSTREAMS +FIRST DAY +LAST DAY +PROVIDER +LEDGER +UNEXPL/,
  )
  expect(listed.out).toMatch(/^\S+Z +recorder +2026-11-01 +2026-11-01 +0\.00 +0\.0015 +0 of 0 +right\.json$/m)
  expect(runs).toHaveLength(5)
  expect(runs.at(-1)).toMatchObject({
    upstreams: ['recorder'],
    files: [
      {
        name: 'wrong.json',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        format: 'Anthropic usage or cost report',
        watermark: '2026-11-20T06:00:00Z',
      },
    ],
    first_day: '2026-11-01',
    last_day: '2026-11-01',
    open_days: [],
    compared: 2,
    provider_usd: '0.00',
    ledger_usd: '0.0015',
    differences: 1,
    unexplained: 1,
  })
})

test('corrections count, and rerate is offered the calls of the ledger', async () => {
  const { data } = createLedger()

  const dry = await run(['rerate', '--since', '2026-11-01', '--dry-run', '--data', data])

  expect(dry).toMatchObject({
    code: 0,
    out: '1 call with usage: 0 would get a correction, by 0.00 USD in all.\n1 call keeps its cost, because the model or upstream is not configured any more.\n',
  })
})

test.each([
  [['reconcile'], 'reconcile needs files and the upstream'],
  [['reconcile', 'bill.csv', '--upstream', 'claude'], 'there is no file'],
  [['reconcile', 'runs', 'all'], 'reconcile runs does not accept "all"'],
  [['rerate'], 'rerate needs --since with a day'],
])('reports %j as wrong use', async (argv, problem) => {
  const { code, err } = await run(argv, { cwd: temporaryFolder() })

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

function createLedger() {
  const data = temporaryFolder()
  const database = openDatabase(data)
  const start = callStart({ started_at_ms: Date.UTC(2026, 10, 1, 12) })
  writeRows(database, [{ start, end: callEnd() }])
  database.close()
  const file = (name: string, input: number) => {
    const result = { model: 'claude-opus-4-1-20250805', uncached_input_tokens: input, output_tokens: 15 }
    const page = {
      data: [{ starting_at: '2026-11-01T00:00:00Z', results: [result] }],
      has_more: false,
      data_refreshed_at: '2026-11-20T06:00:00Z',
    }
    const path = join(data, name)
    writeFileSync(path, JSON.stringify(page))
    return path
  }
  return { data, file }
}
