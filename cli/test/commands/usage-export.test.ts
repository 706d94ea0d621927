import { openDatabase } from '@anthology/gateway'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'

import { callEnd, callStart, getPriceTokens, writeRows } from '../../../gateway/test/ledger/call-rows.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('exports charges whose billed cost is the ledger, and whose list cost is price times quantity', async () => {
  const data = createLedger()

  const rows = await exportRows(['--data', data])

  const usage = JSON.parse((await run(['usage', '--json', '--data', data])).out) as {
    total: { cost_usd: string }
  }
  const billed = rows.reduce((sum, row) => sum + Math.round(Number(row['BilledCost']) * 1e9), 0)
  expect(billed).toBe(Math.round(Number(usage.total.cost_usd) * 1e9))
  for (const row of rows)
    expect(Number(row['ListUnitPrice']) * Number(row['PricingQuantity'])).toBeCloseTo(
      Number(row['ListCost']),
      12,
    )
  expect(rows).toHaveLength(6)
  expect(rows[0]).toMatchObject({
    BilledCost: '0.03',
    BillingPeriodStart: '2026-11-01T00:00:00Z',
    BillingPeriodEnd: '2026-12-01T00:00:00Z',
    ChargeCategory: 'Usage',
    ChargeClass: '',
    ChargePeriodStart: '2026-11-01T00:00:00Z',
    ChargePeriodEnd: '2026-11-02T00:00:00Z',
    ConsumedQuantity: '2000',
    ConsumedUnit: 'Tokens',
    ListUnitPrice: '15.00',
    PricingQuantity: '0.002',
    PricingUnit: '1000000 Tokens',
    ProviderName: 'Anthropic',
    ServiceName: 'Claude API',
    SkuMeter: 'input',
    SubAccountId: 'research',
    Tags: '{"project":"apollo"}',
    x_RequestCount: '2',
  })
})

test('has a row for each hour with --by hour, and only the days of its period', async () => {
  const data = createLedger()

  const hours = await exportRows(['--by', 'hour', '--until', '2026-11-01', '--data', data])

  expect(hours.map((row) => row['ChargePeriodStart'])).toEqual([
    '2026-11-01T00:00:00Z',
    '2026-11-01T00:00:00Z',
    '2026-11-01T05:00:00Z',
    '2026-11-01T05:00:00Z',
  ])
})

test('a correction is a charge of its own class without a quantity', async () => {
  const data = createLedger()
  const database = openDatabase(data)
  const columns = database
    .prepare('SELECT name, type, "notnull" FROM pragma_table_info(\'corrections\')')
    .all()
  const given: Record<string, string | number> = {
    id: 'req_1~1',
    call_id: 'req_1',
    model: 'opus',
    rate_card: 'new',
    input_nano_usd: -5,
    cost_nano_usd: -5,
    started_at_ms: Date.parse('2026-11-01T00:00:00Z'),
    platform: 'anthropic',
  }
  const values = columns.map(({ name, type }) => given[String(name)] ?? (type === 'TEXT' ? '' : 0))
  database.prepare(`INSERT INTO corrections VALUES (${columns.map(() => '?').join(', ')})`).run(...values)
  database.close()

  const rows = await exportRows(['--data', data])

  const corrections = rows.filter((row) => row['ChargeClass'] === 'Correction')
  expect(corrections).toMatchObject([
    {
      BilledCost: '-0.000000005',
      ListCost: '-0.000000005',
      PricingQuantity: '',
      ListUnitPrice: '',
      SkuPriceId: 'new/input',
    },
  ])
})

test('says which charges are missing because their calls are removed', async () => {
  const data = createLedger()
  const database = openDatabase(data)
  database.exec("DELETE FROM calls WHERE id = 'req_1'")
  const removed = "INSERT INTO rollup_progress (name, until_ms) VALUES ('removed_calls', ?)"
  database.prepare(removed).run(Date.parse('2026-11-02T00:00:00Z'))
  database.close()
  const argv = ['usage', 'export', '--focus', '--data', data]

  const all = await run(argv)
  const kept = await run([...argv, '--since', '2026-11-02'])

  expect(all.err).toBe('Charges before 2026-11-02 are missing: retention has removed these calls.\n')
  expect(kept).toMatchObject({ code: 0, err: '' })
})

test.each([
  [['export'], 'usage export needs --focus'],
  [['--focus'], '--focus needs the word export'],
  [['export', '--focus', '--by', 'model'], 'charges are by day or hour, not by model'],
  [['export', '--focus', '--workspace', 'research'], 'usage export does not accept --workspace'],
  [['export', '--focus', '--tz', 'Asia/Kolkata'], 'usage export does not accept --tz'],
  [['export', '--focus', '--json'], 'usage export does not accept --json'],
  [['import'], 'anthology usage does not accept "import"'],
])('reports %j as wrong use', async (argv, problem) => {
  const { code, err } = await run(['usage', ...argv, '--data', createLedger()])

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

async function exportRows(options: readonly string[]): Promise<readonly Record<string, string>[]> {
  const { code, out, err } = await run(['usage', 'export', '--focus', ...options])
  expect(code, err).toBe(0)
  return parse(out, { columns: true }) as Record<string, string>[] // By `columns`.
}

function createLedger(): string {
  const data = temporaryFolder()
  const database = openDatabase(data)
  const call = (id: string, time: string, upstream = 'recorder') => ({
    start: callStart({
      id,
      started_at_ms: Date.parse(time),
      upstream,
      workspace_id: 'research',
      labels: '{"project":"apollo"}',
    }),
    end: callEnd({ price: getPriceTokens(1_000n, 3n) }),
  })
  writeRows(database, [
    call('req_1', '2026-11-01T00:10:00Z'),
    call('req_2', '2026-11-01T05:20:00Z'),
    call('req_3', '2026-11-02T05:20:00Z'),
    call('req_4', '2026-11-03T05:20:00Z', 'other'),
  ])
  database.close()
  return data
}
