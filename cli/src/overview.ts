import type { Model, Platform } from '@anthology/catalog'
import { getLifecycle } from '@anthology/catalog'
import type { Context } from './command.ts'
import { shownId, shownLimit, shownPrices } from './effective-day.ts'
import { formatMonth, formatWindow, unknownCell } from './number-format.ts'
import { bold, dim } from './ansi-colors.ts'
import { platformTitles } from './model-name.ts'
import { alignColumns, wrapText } from './table.ts'
import type { Alignment } from './table.ts'

export interface OverviewOptions {
  readonly platform: Platform
  readonly asOf: string | undefined
  readonly context: Pick<Context, 'columns' | 'color'>
}

/** A line for each of many models, with as many columns as fit, the most important first. */
export function overview(models: readonly Model[], options: OverviewOptions): string {
  const { context } = options
  const shown = chooseColumns(models, options)
  const rows = models.map((model) => shown.map(({ cell }) => cell(model, options)))
  const lines = alignColumns(
    [shown.map(({ title }) => title), ...rows],
    shown.map(({ alignment }) => alignment),
  )
  const notes = [
    `${models.length} models (${platformTitles[options.platform]}). Prices are in USD per million tokens.`,
    'In full: anthology models NAME. Side by side: anthology models NAME NAME.',
  ]
  return [
    ...lines.map((line, row) => (row === 0 ? bold(line, context) : line)),
    '',
    ...notes.flatMap((note) => wrapText(note, context.columns)).map((line) => dim(line, context)),
  ].join('\n')
}

interface Column {
  readonly title: string
  readonly alignment: Alignment
  /** Columns with a lower rank are dropped last. */
  readonly rank: number
  readonly cell: (model: Model, options: OverviewOptions) => string
}

/** From left to right. */
const columns: readonly Column[] = [
  { title: 'MODEL', alignment: 'left', rank: 0, cell: (model) => model.displayName.replace('Claude ', '') },
  {
    title: 'ID',
    alignment: 'left',
    rank: 1,
    cell: (model, { platform, asOf }) => shownId(model, platform, asOf) ?? unknownCell,
  },
  { title: 'STATUS', alignment: 'left', rank: 4, cell: statusCell },
  { title: 'CONTEXT', alignment: 'right', rank: 5, cell: (model, { asOf }) => windowCell(model, asOf) },
  {
    title: 'MAX OUT',
    alignment: 'right',
    rank: 6,
    cell: (model, { asOf }) => formatWindow(shownLimit(model, model.maxOutput, asOf).tokens),
  },
  { title: 'IN', alignment: 'right', rank: 2, cell: priceCell('input') },
  { title: 'OUT', alignment: 'right', rank: 3, cell: priceCell('output') },
  { title: '5M WRITE', alignment: 'right', rank: 9, cell: priceCell('cache_write_5m') },
  { title: '1H WRITE', alignment: 'right', rank: 10, cell: priceCell('cache_write_1h') },
  { title: 'CACHE HIT', alignment: 'right', rank: 8, cell: priceCell('cache_read') },
  { title: 'TRAINED TO', alignment: 'left', rank: 7, cell: (model) => formatMonth(model.trainingCutoff) },
  { title: 'LATENCY', alignment: 'left', rank: 11, cell: (model) => model.comparativeLatency ?? unknownCell },
]

/** Name and id are always shown, however narrow the terminal. */
const alwaysRank = 1
const gap = 2

function chooseColumns(models: readonly Model[], options: OverviewOptions): readonly Column[] {
  const widths = new Map(
    columns.map((column) => [
      column,
      Math.max(column.title.length, ...models.map((model) => column.cell(model, options).length)),
    ]),
  )
  let room = options.context.columns + gap
  const fitting = columns
    .toSorted((left, right) => left.rank - right.rank)
    .filter((column) => {
      const width = (widths.get(column) ?? 0) + gap
      if (column.rank > alwaysRank && width > room) return false
      room -= width
      return true
    })
  return columns.filter((column) => fitting.includes(column))
}

const accessNotes = { limited: 'limited access', invitation: 'by invitation' } as const

function statusCell(model: Model, { platform, asOf }: OverviewOptions): string {
  const { status, retired } = getLifecycle(model, platform, asOf)
  if (status === 'active') return model.access === null ? 'active' : accessNotes[model.access]
  if (status === 'retired') return `retired ${retired ?? ''}`.trimEnd()
  return status === 'deprecated' && retired !== null ? `retires ${retired}` : status
}

function windowCell(model: Model, asOf: string | undefined): string {
  const { tokens, beta } = shownLimit(model, model.contextWindow, asOf)
  return beta === null ? formatWindow(tokens) : `${formatWindow(tokens)}-${formatWindow(beta.tokens)}`
}

function priceCell(
  name: 'input' | 'output' | 'cache_write_5m' | 'cache_write_1h' | 'cache_read',
): Column['cell'] {
  return (model, { asOf }) => {
    const prices = shownPrices(model, asOf)
    return prices === undefined ? unknownCell : `$${prices[name]}`
  }
}
