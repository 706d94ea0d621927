import { formatNanoUsd, models } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'
import { createSqliteDatabase, readUsage } from '@anthology/gateway'
import type { Queries, UsageRow } from '@anthology/gateway'
import { reprice } from '@anthology/migrate'
import type { Move } from '@anthology/migrate'

import { bold } from './ansi-colors.ts'
import { UsageError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { openExistingLedger } from './ledger-file.ts'
import { formatCount, formatNumber } from './number-format.ts'
import { dataOptions, readStoreSettings } from './settings.ts'
import { alignColumns, wrapText } from './table.ts'

/** Options that price a move from the ledger. */
export const costOptions = {
  ledger: { type: 'boolean', help: 'price the move with the calls of the ledger, by key and workspace' },
  days: { type: 'string', value: 'N', help: 'with --ledger: the calls of the last N days (default 30)' },
  ...dataOptions,
} as const satisfies Record<string, Option>

/** The cost of the ledger's calls, and of the same calls after a move. */
export interface MoveCost {
  readonly days: number
  readonly rows: readonly CostRow[]
  readonly total: CostBounds
  /** What the bounds assume, in sentences. */
  readonly assumptions: readonly string[]
  /** Calls of models that the catalog does not know, or whose target has no known price. */
  readonly unpricedCalls: bigint
}

interface CostBounds {
  readonly calls: bigint
  readonly costNanoUsd: bigint
  readonly lowNanoUsd: bigint
  readonly highNanoUsd: bigint
}

interface CostRow extends CostBounds {
  readonly by: 'key' | 'workspace'
  readonly id: string
  readonly name: string | null
}

const dayMs = 86_400_000

export async function readMoveCost(context: Context, values: Values, move: Move): Promise<MoveCost> {
  const days = readDays(getText(values, 'days'))
  const settings = readStoreSettings(context, values, ['data'])
  const database = createSqliteDatabase(openExistingLedger(settings))
  try {
    const nowMs = Date.now()
    const period = { sinceMs: nowMs - days * dayMs, untilMs: nowMs }
    return await priceMove(database, { days, period, move })
  } finally {
    await database.close()
  }
}

function readDays(text: string | undefined): number {
  if (text === undefined) return 30
  const days = Number(text)
  if (Number.isSafeInteger(days) && days > 0 && days <= 3_650) return days
  throw new UsageError(
    `--days cannot be ${JSON.stringify(text.slice(0, 40))}`,
    'Give a number of days, such as 30.',
  )
}

interface PricedPeriod {
  readonly days: number
  readonly period: { readonly sinceMs: number; readonly untilMs: number }
  readonly move: Move
}

async function priceMove(queries: Queries, { days, period, move }: PricedPeriod): Promise<MoveCost> {
  const assumptions = new Set<string>()
  const rows = new Map<string, CostRow>()
  let unpricedCalls = 0n
  for (const by of ['workspace', 'key'] as const)
    for (const { platform, isBatch, row } of await readRows(queries, by, period)) {
      const [id, model] = row.group
      const used = {
        model: model ?? '',
        platform,
        isBatch,
        calls: row.calls,
        quantities: row.quantities,
        costNanoUsd: row.costNanoUsd,
      }
      const priced = models.some((known) => known.id === model) ? reprice(used, move) : null
      if (priced === null) {
        if (by === 'key') unpricedCalls += row.calls
        continue
      }
      for (const text of priced.assumptions) assumptions.add(text)
      const place = `${by} ${id ?? ''}`
      const known = rows.get(place) ?? { by, id: id ?? '', name: row.names[0] ?? null, ...noCost }
      rows.set(place, {
        ...known,
        ...addCost(known, { calls: row.calls, costNanoUsd: row.costNanoUsd, ...priced }),
      })
    }
  const list = [...rows.values()]
  const total = list.filter(({ by }) => by === 'key').reduce<CostBounds>(addCost, noCost)
  return { days, rows: list, total, assumptions: [...assumptions], unpricedCalls }
}

const noCost: CostBounds = { calls: 0n, costNanoUsd: 0n, lowNanoUsd: 0n, highNanoUsd: 0n }

function addCost(one: CostBounds, other: CostBounds): CostBounds {
  return {
    calls: one.calls + other.calls,
    costNanoUsd: one.costNanoUsd + other.costNanoUsd,
    lowNanoUsd: one.lowNanoUsd + other.lowNanoUsd,
    highNanoUsd: one.highNanoUsd + other.highNanoUsd,
  }
}

interface SourceRow {
  readonly platform: Platform
  readonly isBatch: boolean
  readonly row: UsageRow
}

const platforms: readonly Platform[] = ['anthropic', 'bedrock', 'vertex', 'foundry']

/** A report has two groupings, so platform and batches are filters. */
async function readRows(
  queries: Queries,
  by: 'key' | 'workspace',
  period: PricedPeriod['period'],
): Promise<readonly SourceRow[]> {
  const read: SourceRow[] = []
  for (const platform of platforms) {
    const all = await readUsage(queries, { by: [by, 'model'], period, filter: { platform } })
    const batches = await readUsage(queries, {
      by: [by, 'model'],
      period,
      filter: { platform, protocol: 'batches' },
    })
    for (const row of all) {
      const batch = batches.find(({ group }) => group.join('\n') === row.group.join('\n'))
      if (batch !== undefined) read.push({ platform, isBatch: true, row: batch })
      read.push({ platform, isBatch: false, row: batch === undefined ? row : subtract(row, batch) })
    }
  }
  return read.filter(({ row }) => row.calls > 0n)
}

function subtract(row: UsageRow, part: UsageRow): UsageRow {
  const { quantities: all, calls, costNanoUsd } = row
  const quantities = {
    input: all.input - part.quantities.input,
    cache_write_5m: all.cache_write_5m - part.quantities.cache_write_5m,
    cache_write_1h: all.cache_write_1h - part.quantities.cache_write_1h,
    cache_read: all.cache_read - part.quantities.cache_read,
    output: all.output - part.quantities.output,
    web_search: all.web_search - part.quantities.web_search,
  }
  return { ...row, quantities, calls: calls - part.calls, costNanoUsd: costNanoUsd - part.costNanoUsd }
}

/** The cost as `--json` prints it: money as decimal strings. */
export function toJsonCost({ days, rows, total, assumptions, unpricedCalls }: MoveCost): object {
  const print = ({ calls, costNanoUsd, lowNanoUsd, highNanoUsd }: CostBounds) => ({
    calls: Number(calls),
    cost_usd: formatNanoUsd(costNanoUsd),
    low_usd: formatNanoUsd(lowNanoUsd),
    high_usd: formatNanoUsd(highNanoUsd),
  })
  return {
    days,
    rows: rows.map((row) => ({ by: row.by, id: row.id, name: row.name, ...print(row) })),
    total: print(total),
    assumptions,
    unpriced_calls: Number(unpricedCalls),
  }
}

export function printMoveCost(
  context: Context,
  { days, rows, total, assumptions, unpricedCalls }: MoveCost,
): void {
  if (rows.length === 0) {
    context.out(`The ledger has no priced calls of the last ${formatNumber(days, 'day')}.`)
    return
  }
  const cells = (bounds: CostBounds) => [
    formatCount(bounds.calls),
    formatNanoUsd(bounds.costNanoUsd),
    formatNanoUsd(bounds.lowNanoUsd),
    formatNanoUsd(bounds.highNanoUsd),
  ]
  const table = alignColumns(
    [
      ['BY', 'NAME', 'CALLS', 'COST USD', 'AFTER, AT LEAST', 'AFTER, AT MOST'],
      ...rows.map((row) => [row.by, row.name ?? row.id, ...cells(row)]),
      ['total', '', ...cells(total)],
    ],
    ['left', 'left', 'right', 'right', 'right', 'right'],
  )
  context.out(`Calls of the last ${formatNumber(days, 'day')}, priced again:`)
  table.forEach((line, at) => context.out(at === 0 || at === table.length - 1 ? bold(line, context) : line))
  for (const text of assumptions) for (const line of wrapText(text, context.columns)) context.out(line)
  if (unpricedCalls > 0n)
    context.out(`${formatNumber(unpricedCalls, 'call')} without a known price: left out.`)
}
