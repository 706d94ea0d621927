import type { Model, Platform } from '@anthology/catalog'
import { getLifecycle } from '@anthology/catalog'
import type { Context } from './command.ts'
import { shownLimit, shownPrices } from './effective-day.ts'
import {
  formatContextWindow,
  formatMaxOutput,
  formatMonth,
  formatYesNo,
  unknownCell,
} from './number-format.ts'
import { bold, dim } from './ansi-colors.ts'
import { platformTitles } from './model-name.ts'
import { overview } from './overview.ts'
import { alignColumns, wrapColumns, wrapText } from './table.ts'

export interface ComparisonOptions {
  readonly platform: Platform
  readonly asOf: string | undefined
  readonly context: Pick<Context, 'columns' | 'color'>
}

/**
 * The comparison table of the Models overview page: models as columns; stacked if the terminal is too
 * narrow; one line each if there are many.
 */
export function comparison(models: readonly Model[], options: ComparisonOptions): string {
  const width = Math.floor((options.context.columns - labelWidth) / models.length) - 2
  if (width >= narrowestColumn) return sideBySide(models, Math.min(width, 24), options)
  return models.length > maxStacked ? overview(models, options) : stacked(models, options)
}

const labelWidth = 18

/** In narrower columns, descriptions would wrap at every word. */
const narrowestColumn = 16

/** A longer stacked list no longer serves as a comparison. */
const maxStacked = 8

function sideBySide(models: readonly Model[], width: number, options: ComparisonOptions): string {
  const { context } = options
  const widths = [labelWidth, ...models.map(() => width)]
  const [head = '', ...rest] = wrapColumns([['', ...models.map((model) => model.displayName)]], widths)
  const rows = abilityRows(options)
    .map(([label, cell]) => [label, ...models.map(cell)])
    .filter(([, ...cells]) => cells.some((cell) => cell !== unknownCell))
  const body = rows.flatMap((row) => wrapColumns([row], widths).map((line) => dimLabel(line, context)))
  const lines = [
    ...[head, ...rest].map((line) => bold(line, context)),
    ...body,
    '',
    ...names(models, options),
  ]
  return [...lines, '', ...footer(models, options)].join('\n')
}

type Row = readonly [label: string, cell: (model: Model) => string]

function abilityRows({ platform, asOf }: ComparisonOptions): readonly Row[] {
  return [
    ['Description', (model) => model.description ?? unknownCell],
    ['Strengths', (model) => model.strengths ?? unknownCell],
    ['Multilingual', (model) => formatYesNo(model.multilingual)],
    ['Vision', (model) => formatYesNo(model.vision)],
    ['Extended thinking', thinkingCell],
    ['Priority Tier', (model) => formatYesNo(model.priorityTier)],
    ['Latency', (model) => model.comparativeLatency ?? unknownCell],
    ['Context window', (model) => formatContextWindow(shownLimit(model, model.contextWindow, asOf))],
    ['Max output', (model) => formatMaxOutput(shownLimit(model, model.maxOutput, asOf))],
    ['Training cut-off', (model) => formatMonth(model.trainingCutoff)],
    ['Lifecycle', (model) => lifecycleCell(model, { platform, asOf })],
  ]
}

/** Newer models choose their own thinking length, and reject a budget. */
function thinkingCell({ thinking }: Model): string {
  if (thinking === null) return 'No'
  return thinking.types.includes('enabled') ? 'Yes' : 'Adaptive'
}

/** Ids and prices are rows, so that an id is never wrapped and can be copied. */
function names(models: readonly Model[], { platform, asOf, context }: ComparisonOptions): readonly string[] {
  const head = ['', `${platformTitles[platform]} id`, 'Alias', ...priceColumns.map(([title]) => title)]
  const rows = models.map((model) => [
    model.displayName,
    model.platforms[platform] ?? unknownCell,
    platform === 'anthropic' ? model.aliases.join(', ') || unknownCell : unknownCell,
    ...prices(model, asOf),
  ])
  const hasAliases = rows.some(([, , alias]) => alias !== unknownCell)
  const withAlias = hasAliases ? [head, ...rows] : [head, ...rows].map((row) => row.toSpliced(2, 1))
  const first = hasAliases ? 3 : 2
  const alignments = withAlias[0]?.map((_, column) => (column < first ? 'left' : 'right'))
  return alignColumns(withAlias, alignments).map((line, row) => (row === 0 ? bold(line, context) : line))
}

const priceColumns = [
  ['Input', 'input'],
  ['5m write', 'cache_write_5m'],
  ['1h write', 'cache_write_1h'],
  ['Cache hit', 'cache_read'],
  ['Output', 'output'],
] as const

function prices(model: Model, asOf: string | undefined): readonly string[] {
  const card = shownPrices(model, asOf)
  return priceColumns.map(([, component]) => (card === undefined ? unknownCell : `$${card[component]}`))
}

function stacked(models: readonly Model[], options: ComparisonOptions): string {
  const blocks = models.map((model) => [...block(model, options), ''])
  return [...blocks.flat(), ...footer(models, options)].join('\n')
}

function block(model: Model, { platform, asOf, context }: ComparisonOptions): readonly string[] {
  const [input, write5m, write1h, hit, output] = prices(model, asOf)
  const abilities = [
    ...(model.multilingual ? ['multilingual'] : []),
    ...(model.vision ? ['vision'] : []),
    ...(model.thinking === null
      ? []
      : [thinkingCell(model) === 'Yes' ? 'extended thinking' : 'adaptive thinking']),
    ...(model.priorityTier === true ? ['Priority Tier'] : []),
  ]
  const window = shownLimit(model, model.contextWindow, asOf)
  const maxOutput = shownLimit(model, model.maxOutput, asOf)
  const limits = `${formatContextWindow(window)} context, up to ${formatMaxOutput(maxOutput)} out`
  const alias = platform === 'anthropic' && model.aliases.length > 0 ? `  or ${model.aliases.join(', ')}` : ''
  const rows: readonly (readonly [string, string | null])[] = [
    [
      '',
      model.description === null
        ? null
        : [model.description, model.strengths?.toLowerCase()].filter(Boolean).join(': '),
    ],
    ['id', `${model.platforms[platform] ?? `not offered on ${platformTitles[platform]}`}${alias}`],
    ['limits', `${limits}; trained to ${formatMonth(model.trainingCutoff)}`],
    ['can', abilities.join(', ')],
    ['speed', model.comparativeLatency?.toLowerCase() ?? null],
    ['price', `${input} in, ${output} out; cache ${write5m} for 5m, ${write1h} for 1h, ${hit} hit`],
    ['status', lifecycleCell(model, { platform, asOf })],
  ]
  const lines = rows.flatMap(([label, text]) =>
    (text === null ? [] : wrapText(text, context.columns - 10)).map((line, row) =>
      label === '' ? `  ${line}` : `  ${dim((row === 0 ? label : '').padEnd(6), context)}  ${line}`,
    ),
  )
  return [bold(model.displayName, context), ...lines]
}

function lifecycleCell(
  model: Model,
  { platform, asOf }: Pick<ComparisonOptions, 'platform' | 'asOf'>,
): string {
  const { status, deprecated, retired } = getLifecycle(model, platform, asOf)
  if (status !== 'retired' && status !== 'deprecated') return status
  return status === 'retired'
    ? `retired ${retired ?? ''}`.trimEnd()
    : `deprecated ${deprecated ?? ''}, retires ${retired ?? 'later'}`.replace(' ,', ',')
}

function footer(models: readonly Model[], { asOf, context }: ComparisonOptions): readonly string[] {
  const betas = models.flatMap((model) =>
    [model.contextWindow, model.maxOutput].flatMap((limit) => {
      const { beta } = shownLimit(model, limit, asOf)
      return beta === null ? [] : [`${beta.header} (${model.displayName})`]
    }),
  )
  const retired = models.some((model) => getLifecycle(model, 'anthropic', asOf).status === 'retired')
  const notes = [
    'Prices are in USD per million tokens.',
    ...(betas.length === 0 ? [] : [`Beta headers: ${betas.join(', ')}.`]),
    ...(retired ? ['The Claude API does not serve retired models; the emulator of Anthology does.'] : []),
    'For one model in full: anthology models NAME.',
  ]
  return notes.flatMap((note) => wrapText(note, context.columns)).map((line) => dim(line, context))
}

function dimLabel(line: string, context: ComparisonOptions['context']): string {
  return `${dim(line.slice(0, labelWidth), context)}${line.slice(labelWidth)}`
}
