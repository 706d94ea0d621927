import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { createSqliteDatabase } from '../../src/store/sqlite/sqlite-database.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { readLedgerSums } from '../../src/reconcile/read-ledger.ts'
import { reconcile } from '../../src/reconcile/reconcile.ts'
import type { Database } from '../../src/store/database.ts'
import { callEnd, callStart, writeRows } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { printAws, printAzure, printGoogle, printNewReports, printOldReports } from './bills.ts'
import type { BilledCell, PrintBill } from './bills.ts'
import { computePrice, models } from '@anthology/catalog'

const days = { firstDay: '2026-11-01', lastDay: '2026-11-05' }
const upstreams = new Set(['claude'])
const nowMs = Date.UTC(2026, 10, 29)
const opus = 'claude-opus-4-1-20250805'
const sonnet = 'claude-sonnet-4-5-20250929'

const byToken: readonly (readonly [string, PrintBill])[] = [
  ['the reports with buckets', printOldReports],
  ['the analytics reports', printNewReports],
  ['AWS in both grammars', printAws],
  ['Google Cloud', printGoogle],
]

test.each([...byToken, ['Azure', printAzure] as const])(
  '%s of our own ledger have no differences',
  async (_, print) => {
    const { database, cells } = await createLedger()

    const result = await compare(database, print, cells)

    expect(result.differences).toEqual([])
    expect(result.cells).toBe(50)
    expect(result.providerNanoUsd).toBe(result.ledgerNanoUsd)
    expect(result).toMatchObject(days)
  },
)

type Plant = (cells: BilledCell[]) => void

const plants: readonly (readonly [string, Plant, object])[] = [
  [
    'another client of the account',
    (cells) => change(cells, ['2026-11-02', opus, 'output'], { tokens: 5_000n, cost: 375_000_000n }),
    { kind: 'provider_only', day: '2026-11-02', model: opus, component: 'output', tokens: 5_000n },
  ],
  [
    'a call that was not billed',
    (cells) => change(cells, ['2026-11-03', sonnet, 'input'], { tokens: -777n, cost: -2_331_000n }),
    { kind: 'gateway_only', day: '2026-11-03', model: sonnet, component: 'input', tokens: -777n },
  ],
  [
    'cache writes of another class',
    (cells) => {
      change(cells, ['2026-11-01', opus, 'cache_write_5m'], { tokens: -300n, cost: 0n })
      change(cells, ['2026-11-01', opus, 'cache_write_1h'], { tokens: 300n, cost: 0n })
    },
    { kind: 'class_shift', day: '2026-11-01', model: opus, component: 'cache_write_5m', tokens: -300n },
  ],
  [
    'a call over midnight',
    (cells) => {
      change(cells, ['2026-11-02', sonnet, 'output'], { tokens: -40n, cost: -600_000n })
      change(cells, ['2026-11-03', sonnet, 'output'], { tokens: 40n, cost: 600_000n })
    },
    { kind: 'time_shift', day: '2026-11-02', model: sonnet, component: 'output', tokens: -40n },
  ],
  [
    'another price',
    (cells) => change(cells, ['2026-11-04', opus, 'input'], { tokens: 0n, cost: 20_000_000n }),
    { kind: 'price', day: '2026-11-04', model: opus, component: 'input', costNanoUsd: 20_000_000n },
  ],
  [
    'more tokens of a cut stream than were estimated',
    (cells) => change(cells, ['2026-11-05', sonnet, 'output'], { tokens: 50n, cost: 750_000n }),
    { kind: 'estimated', day: '2026-11-05', model: sonnet, component: 'output', tokens: 50n },
  ],
]

test.each(byToken.flatMap(([name, print]) => plants.map((plant) => [plant[0], name, print, plant] as const)))(
  'finds %s in %s, and nothing else',
  async (_, __, print, [, plant, expected]) => {
    const { database, cells } = await createLedger()
    const changed = [...cells]
    plant(changed)

    const { differences } = await compare(database, print, changed)

    expect(differences).toMatchObject([expected])
  },
)

test('finds all planted differences together', async () => {
  const { database, cells } = await createLedger()
  const changed = [...cells]
  for (const [, plant] of plants) plant(changed)

  const { differences } = await compare(database, printAws, changed)

  const kinds = ['class_shift', 'estimated', 'gateway_only', 'price', 'provider_only', 'time_shift']
  expect(differences.map(({ kind }) => kind).toSorted()).toEqual(kinds)
})

test('a unit of a thousand that is read as a million, or the reverse, cannot pass', async () => {
  const { database, cells } = await createLedger()
  const wrong: PrintBill = (all) => ({
    'cur.csv': printAws(all)['cur.csv']!.replaceAll('1K tokens', '1M tokens'),
  })

  const { differences } = await compare(database, wrong, cells)

  expect(new Set(differences.map(({ kind, model }) => `${kind} ${model}`))).toEqual(
    new Set([`provider_only ${sonnet}`]),
  )
})

test('keeps an unknown usage type with its cost, and taxes apart from usage', async () => {
  const { database, cells } = await createLedger()
  const more: PrintBill = (all) => ({
    'cur.csv': [
      printAws(all)['cur.csv'],
      '2026-11-02T00:00:00Z,Usage,AmazonBedrockService,USE1-Claude4.5Sonnet-guardrail-units,x,12,1K tokens,USD,1.25',
      '2026-11-02T00:00:00Z,Tax,AmazonBedrockService,USE1-Claude4.5Sonnet-input-tokens,x,1,,USD,3.5',
    ].join('\n'),
  })

  const result = await compare(database, more, cells)

  expect(result.differences).toMatchObject([
    {
      kind: 'unparsed',
      costNanoUsd: 1_250_000_000n,
      detail: 'line 52: USE1-Claude4.5Sonnet-guardrail-units',
    },
  ])
  expect(result.noUsageNanoUsd).toBe(3_500_000_000n)
  expect(result.providerNanoUsd).toBe(result.ledgerNanoUsd + 4_750_000_000n)
})

test('reads a report as AWS delivers it: packed, with a byte order mark, quotes and commas', async () => {
  const { database, cells } = await createLedger()
  const packed: PrintFiles = (all) => ({
    'cur.csv.gz': gzipSync(
      `\uFEFF${printAws(all)['cur.csv']!.replaceAll(',Amazon Bedrock,', ',"Amazon ""Bedrock"", x\ny",')}`,
    ),
  })

  const result = await compare(database, packed, cells)

  expect(result).toMatchObject({ differences: [], cells: 50 })
})

test('a row whose day or cost cannot be read is named, and never passes as zero or as a day to come', async () => {
  const { database, cells } = await createLedger()
  const place = 'AmazonBedrockService,USE1-Claude4.5Sonnet-input-tokens,x,0,1K tokens,USD'
  const aws: PrintBill = (all) => ({
    'cur.csv': [
      printAws(all)['cur.csv'],
      `02/11/2026 05:00,Usage,${place},0`,
      `2026-11-02T05:00:00Z,Usage,${place},"1,25"`,
    ].join('\r\n'),
  })
  const azure: PrintBill = () => ({
    'azure.csv': [
      'Date,MeterName,PublisherName,Quantity,CostInBillingCurrency,BillingCurrency,ChargeType',
      '11/02/2026,Claude,Anthropic,100,1,EUR,Usage',
    ].join('\n'),
  })

  const read = await compare(database, aws, cells)
  const inEuro = await compare(database, azure, [])

  expect(read.openDays).toEqual([])
  expect(read.differences.map(({ kind, detail }) => `${kind} ${detail}`)).toEqual([
    'unparsed line 52: USE1-Claude4.5Sonnet-input-tokens',
    'unparsed line 53: USE1-Claude4.5Sonnet-input-tokens',
  ])
  expect(inEuro.differences).toContainEqual(expect.objectContaining({ kind: 'unparsed' }))
})

test('a file that is named twice, or that is damaged, is refused', async () => {
  const { database, cells } = await createLedger()
  const text = printAws(cells)['cur.csv'] ?? ''

  await expect(compare(database, () => ({ 'a.csv': text, 'b.csv': text }), [])).rejects.toThrow(
    'has the same content as a.csv',
  )
  await expect(
    compare(database, () => ({ 'cut.csv.gz': gzipSync(text).subarray(0, -20) }), []),
  ).rejects.toThrow('is damaged')
})

test('the differences of a year are found in a moment, also if every row is one', async () => {
  const { database } = await createLedger()
  const cell = { component: 'input', quantity: 1_000n, costNanoUsd: 3_000_000n } as const
  const ids = models.map(({ id }) => id)
  const year = Array.from({ length: 365 }, (_, day) =>
    ids.map((model) => ({
      ...cell,
      model,
      day: new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
    })),
  ).flat()

  const { differences } = await compare(database, printNewReports, year)

  expect(differences.length).toBe(year.length)
})

test('a bundle of consumption units is compared by day, and a wrong day is found', async () => {
  const { database, cells } = await createLedger()
  const changed = [...cells]
  change(changed, ['2026-11-03', opus, 'output'], { tokens: 0n, cost: 30_000_000n })

  const { differences } = await compare(database, printAzure, changed)

  expect(differences).toMatchObject([
    { kind: 'price', day: '2026-11-03', model: null, costNanoUsd: 30_000_000n },
  ])
})

test('days that the provider may still revise are named and not compared', async () => {
  const { database, cells } = await createLedger()

  const result = await compare(database, printOldReports, cells, Date.UTC(2026, 10, 5, 12))

  expect(result.openDays).toEqual(['2026-11-04', '2026-11-05'])
  expect(result).toMatchObject({ firstDay: '2026-11-01', lastDay: '2026-11-03', differences: [] })
})

test('a report has the days that were two days old when it was made', async () => {
  const { database, cells } = await createLedger()
  const old: PrintBill = (all) =>
    Object.fromEntries(
      Object.entries(printNewReports(all)).map(([name, text]) => [
        name,
        text.replaceAll('2026-11-28T00:00:00Z', '2026-11-06T08:00:00Z'),
      ]),
    )

  const result = await compare(database, old, cells)

  expect(result).toMatchObject({ lastDay: '2026-11-04', openDays: ['2026-11-05'], differences: [] })
  expect(result.files[0]).toMatchObject({ watermark: '2026-11-06T08:00:00Z' })
})

test('a file that is no bill is refused with the known formats', async () => {
  const { database } = await createLedger()

  await expect(compare(database, () => ({ 'notes.csv': 'a,b\n1,2\n' }), [])).rejects.toThrow(
    'no known format',
  )
  await expect(compare(database, () => ({ 'cut.json': '{"data": [' }), [])).rejects.toThrow(
    'neither one JSON object',
  )
})

function change(
  cells: BilledCell[],
  [day, model, component]: readonly [string, string, BilledCell['component']],
  { tokens, cost }: { readonly tokens: bigint; readonly cost: bigint },
): void {
  const at = cells.findIndex((one) => one.day === day && one.model === model && one.component === component)
  const cell = cells[at]
  if (cell === undefined) throw new Error('no such cell')
  cells[at] = { ...cell, quantity: cell.quantity + tokens, costNanoUsd: cell.costNanoUsd + cost }
}

/** As `PrintBill`; a file may be packed. */
type PrintFiles = (cells: readonly BilledCell[]) => Readonly<Record<string, string | Uint8Array>>

async function compare(database: Database, print: PrintFiles, cells: readonly BilledCell[], now = nowMs) {
  const folder = temporaryFolder()
  const files = Object.entries(print(cells)).map(([name, text]) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  })
  return reconcile(database, { files, upstreams, firstDay: null, lastDay: null, nowMs: now })
}

/** Calls of two models on five days, a cut stream on the last one, and calls of another account. */
async function createLedger() {
  const connection = openDatabase(temporaryFolder())
  const rows = [1, 2, 3, 4, 5].flatMap((day) =>
    [opus, sonnet].flatMap((id) =>
      ['claude', 'other'].map((upstream, at) => {
        const model = models.find((one) => one.id === id)!
        const usage = {
          input_tokens: 100_000 + day,
          output_tokens: 20_000 + day * at,
          cache_read_input_tokens: 400_000,
          cache_creation_input_tokens: 3_000,
          cache_creation: { ephemeral_5m_input_tokens: 1_000 + day, ephemeral_1h_input_tokens: 2_000 - day },
        }
        const cut = day === 5 && id === sonnet ? { usage_source: 'estimated' as const } : {}
        return {
          start: callStart({
            id: `req_${day}${at}${id}`,
            started_at_ms: Date.UTC(2026, 10, day, 13),
            model: id,
            upstream,
          }),
          end: callEnd({
            usage: JSON.stringify(usage),
            price: computePrice(usage, model, { asOf: '2026-11-01' }),
            ...cut,
          }),
        }
      }),
    ),
  )
  writeRows(connection, rows)
  const database = createSqliteDatabase(connection)
  return { database, cells: await readLedgerSums(database, upstreams, days) }
}
