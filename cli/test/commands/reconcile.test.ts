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

test('corrections count, and rerate is offered the calls of the ledger', async () => {
  const { data } = createLedger()

  const dry = await run(['rerate', '--since', '2026-11-01', '--dry-run', '--data', data])

  expect(dry).toMatchObject({
    code: 0,
    out: '1 calls with usage: 0 would get a correction, by 0.00 USD in all.\n1 calls keep their cost, because their model or upstream is not configured any more.\n',
  })
})

test.each([
  [['reconcile'], 'reconcile needs files and the upstream'],
  [['reconcile', 'bill.csv', '--upstream', 'claude'], 'there is no file'],
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
    const page = { data: [{ starting_at: '2026-11-01T00:00:00Z', results: [result] }], has_more: false }
    const path = join(data, name)
    writeFileSync(path, JSON.stringify(page))
    return path
  }
  return { data, file }
}
