import { openDatabase, readAdminKey } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { callEnd, callStart, getPriceTokens, writeRows } from '../../../gateway/test/ledger/call-rows.ts'
import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('an invoice has lines by model and component, and its subtotal is the ledger to the nano-dollar', async () => {
  const data = createLedger()

  const invoice = await runJson(['invoice', '--workspace', 'research', '--month', '2026-11', '--data', data])
  const usage = await runJson([
    'usage',
    '--workspace',
    'research',
    '--since',
    '2026-11-01',
    '--until',
    '2026-11-30',
    '--data',
    data,
  ])

  expect(invoice).toMatchObject({
    lines: [
      { model: 'haiku', component: 'input', quantity: 7, cost_usd: '0.000105' },
      { model: 'haiku', component: 'output', quantity: 1, cost_usd: '0.000075' },
      { model: 'opus', component: 'input', quantity: 2_000, cost_usd: '0.03' },
      { model: 'opus', component: 'output', quantity: 2, cost_usd: '0.00015' },
    ],
    subtotal_usd: '0.03033',
    adjustment_usd: '0.00',
    due_usd: '0.03',
  })
  expect(invoice['subtotal_usd']).toBe((usage['total'] as { cost_usd: string }).cost_usd)
})

test('a markup or discount is valid from its month on, and is rounded once', async () => {
  const data = createLedger()
  const terms = ['invoice', 'terms', '--workspace', 'research', '--data', data]
  await run([...terms, '--markup', '12.5%', '--from', '2026-10'])
  await run([...terms, '--markup=-3.3333%', '--from', '2026-12'])

  const invoice = ['invoice', '--workspace', 'research', '--data', data]
  const november = await runJson([...invoice, '--month', '2026-11'])
  const december = await runJson([...invoice, '--month', '2026-12'])
  const september = await runJson([...invoice, '--month', '2026-09'])

  expect(november).toMatchObject({
    adjustment_percent: '+12.5',
    adjustment_usd: '0.00379125',
    total_usd: '0.03412125',
    due_usd: '0.03',
  })
  // 3.3333 % of 90,000 nano-dollars are 2,999.97.
  expect(december).toMatchObject({ subtotal_usd: '0.00009', adjustment_usd: '-0.000003', due_usd: '0.00' })
  expect(september).toMatchObject({ lines: [], adjustment_percent: '+0', due_usd: '0.00' })
})

test('a month of another zone has the calls of its own days', async () => {
  const data = createLedger()

  const invoice = await runJson([
    'invoice',
    '--workspace',
    'research',
    '--month',
    '2026-12',
    '--tz',
    'Asia/Kolkata',
    '--data',
    data,
  ])

  expect(invoice).toMatchObject({ subtotal_usd: '0.00027' })
})

test('prints a table and CSV', async () => {
  const data = createLedger()
  await run([
    'invoice',
    'terms',
    '--workspace',
    'research',
    '--markup',
    '10',
    '--from',
    '2026-01',
    '--data',
    data,
  ])
  const invoice = ['invoice', '--workspace', 'research', '--month', '2026-12', '--data', data]

  const table = await run(invoice)
  const csv = await run([...invoice, '--csv'])

  expect(table.out.split('\n')).toEqual([
    'Invoice of research for 2026-12 (UTC)',
    'MODEL     COMPONENT  QUANTITY       USD',
    'haiku     input             1  0.000015',
    'haiku     output            1  0.000075',
    'subtotal                        0.00009',
    '+10 %                          0.000009',
    'total                          0.000099',
    'due                                0.00',
    '',
  ])
  expect(csv.out).toBe(
    'workspace_id,month,model,component,quantity,cost_usd\n' +
      'research,2026-12,haiku,input,1,0.000015\nresearch,2026-12,haiku,output,1,0.000075\n' +
      'research,2026-12,,+10 %,,0.000009\n',
  )
})

test('the admin API has the same invoice, as JSON and CSV', async () => {
  const data = temporaryFolder()
  const made = await runJson(['workspaces', 'create', 'research', '--data', data])
  createLedger(String(made['id']), data)
  const terms = ['--markup', '12.5%', '--from', '2026-11', '--data', data]
  await run(['invoice', 'terms', '--workspace', 'research', ...terms])
  const adminKey = readAdminKey(data)
  const server = await startServer({ dataFolder: data, adminKey })
  const ask = async (path: string) => {
    const url = `${server.url}/admin/v1/workspaces/research/invoices/${path}`
    const answer = await fetch(url, { headers: { 'x-api-key': adminKey } })
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
  }

  for (const zone of ['UTC', 'Asia/Kolkata']) {
    const invoice = ['invoice', '--workspace', 'research', '--month', '2026-11', '--tz', zone, '--data', data]
    const json = await ask(`2026-11?timezone=${zone}`)
    const csv = await ask(`2026-11/csv?timezone=${zone}`)

    expect(json).toMatchObject({ status: 200, type: 'application/json' })
    expect(JSON.parse(json.text)).toEqual(await runJson(invoice))
    expect(csv).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' })
    expect(csv.text).toBe((await run([...invoice, '--csv'])).out)
  }
  expect(JSON.parse((await ask('2026-11')).text)).toMatchObject({ subtotal_usd: '0.03033' })
  for (const [path, detail] of [
    ['2026-13', 'month: must be a month'],
    ['2026-11?timezone=Mars', 'timezone: Mars is not known'],
  ] as const)
    expect(await ask(path)).toMatchObject({ status: 400, text: expect.stringContaining(detail) })
})

test('a change of the terms is in the log of changes', async () => {
  const data = createLedger()
  const terms = ['invoice', 'terms', '--workspace', 'research', '--from', '2026-11', '--data', data]
  await run([...terms, '--markup', '10'])
  await run([...terms, '--markup=-5'])

  const database = openDatabase(data)
  const rows = database
    .prepare('SELECT action, actor, value_before, value_after FROM audit ORDER BY rowid')
    .all()
  database.close()

  const print = (adjustment_percent: string) =>
    JSON.stringify({ workspace_id: 'research', from_month: '2026-11', adjustment_percent })
  expect(rows).toMatchObject([
    { action: 'setInvoiceTerms', actor: 'cli', value_before: null, value_after: print('+10') },
    { action: 'setInvoiceTerms', value_before: print('+10'), value_after: print('-5') },
  ])
})

test('terms are listed, and those of a month are removed', async () => {
  const data = createLedger()
  const terms = ['invoice', 'terms', '--workspace', 'research', '--data', data]
  await run([...terms, '--markup', '10', '--from', '2026-10'])
  await run([...terms, '--markup=-5', '--from', '2026-11'])

  const listed = await run(terms)
  const removed = await run([...terms, '--markup', 'none', '--from', '2026-11'])
  const again = await run([...terms, '--markup', 'none', '--from', '2026-11'])
  const left = await runJson(terms)

  expect(listed.out).toBe('FROM     PERCENT\n2026-10      +10\n2026-11       -5\n')
  expect(removed.out).toBe('research: the terms from 2026-11 on are removed.\n')
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('no invoice terms') })
  expect(left).toEqual([{ workspace_id: 'research', from_month: '2026-10', adjustment_percent: '+10' }])
})

test('a workspace that does not exist has neither an invoice nor terms', async () => {
  const data = createLedger()
  const invoice = ['invoice', '--workspace', 'reserach', '--data', data]

  for (const argv of [
    [...invoice, '--month', '2026-11'],
    [...invoice, 'terms', '--markup', '10', '--from', '2026-11'],
  ]) {
    const { code, err } = await run(argv)
    expect(code).toBe(1)
    expect(err).toContain("there is no workspace 'reserach'")
  }
})

test.each([
  [[], 'invoice needs --workspace'],
  [['--workspace', 'research'], '--month needs a month, not ""'],
  [['--workspace', 'research', '--month', '2026-13'], '--month needs a month, not "2026-13"'],
  [
    ['terms', '--workspace', 'research', '--markup', 'x', '--from', '2026-01'],
    '--markup needs percent from -100 to 9999.9999, not "x"',
  ],
  [['terms', '--workspace', 'research', '--markup=-101', '--from', '2026-01'], 'from -100 to 9999.9999'],
])('reports %j as wrong use', async (options, problem) => {
  const { code, err } = await run(['invoice', ...options, '--data', temporaryFolder()])

  expect(code).toBe(2)
  expect(err).toContain(problem)
})

async function runJson(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await run([...argv, '--json'])
  expect(code, err).toBe(0)
  return JSON.parse(out) as Record<string, unknown> // Both commands print an object.
}

/** Calls in November, in the last minutes of it, and in December (UTC). */
function createLedger(research = 'research', data = temporaryFolder()): string {
  const database = openDatabase(data)
  const call = (
    id: string,
    time: string,
    { model, workspace, input }: { model: string; workspace: string; input: bigint },
  ) => ({
    start: callStart({ id, started_at_ms: Date.parse(time), model, workspace_id: workspace }),
    end: callEnd({ price: getPriceTokens(input, 1n) }),
  })
  writeRows(database, [
    call('req_1', '2026-11-01T00:00:00Z', { model: 'opus', workspace: research, input: 1_000n }),
    call('req_2', '2026-11-15T00:00:00Z', { model: 'opus', workspace: research, input: 1_000n }),
    call('req_3', '2026-11-15T00:00:00Z', { model: 'opus', workspace: 'default', input: 5_000n }),
    call('req_4', '2026-11-30T23:59:59Z', { model: 'haiku', workspace: research, input: 7n }),
    call('req_5', '2026-12-01T00:00:00Z', { model: 'haiku', workspace: research, input: 1n }),
  ])
  database
    .prepare(`INSERT OR IGNORE INTO workspaces (id, name, created_at_ms) VALUES ('research', 'research', 0)`)
    .run()
  database.close()
  return data
}
