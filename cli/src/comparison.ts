import type { Model, Platform } from '@anthology/catalog'
import { getLifecycle, keepKnown } from '@anthology/catalog'
import type { Context } from './command.ts'
import { shownId, shownLimit, shownPrices } from './effective-day.ts'
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
  /** Undefined: the ids of all platforms, and the lifecycle on the Claude API. */
  readonly platform: Platform | undefined
  readonly asOf: string | undefined
  readonly context: Pick<Context, 'columns' | 'color'>
  /** Deprecated models, of which only the prices are shown. */
  readonly deprecated?: readonly Model[]
}

/**
 * The comparison table of the Models overview page: models as columns; stacked if the terminal is too
 * narrow; one line each if there are many.
 */
export function comparison(models: readonly Model[], options: ComparisonOptions): string {
  const width = Math.floor((options.context.columns - labelWidth) / models.length) - 2
  if (width >= narrowestColumn) return sideBySide(models, Math.min(width, 24), options)
  const { platform = 'anthropic', ...rest } = options
  return models.length > maxStacked ? overview(models, { platform, ...rest }) : stacked(models, options)
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
    ...prices(models, options),
    ...cloudIds(models, options),
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
    ['', (model) => model.contextWindow.tooltip ?? unknownCell],
    ['Max output', (model) => formatMaxOutput(shownLimit(model, model.maxOutput, asOf))],
    ['', (model) => model.maxOutput.tooltip ?? unknownCell],
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
function prices(models: readonly Model[], options: ComparisonOptions): readonly string[] {
  const { platform = 'anthropic', asOf, context, deprecated = [] } = options
  const head = ['', `${platformTitles[platform]} id`, 'Alias', ...priceColumns.map(([title]) => title)]
  const alias = ({ aliases }: Model): string =>
    platform === 'anthropic' ? aliases.join(', ') || unknownCell : unknownCell
  const row = (model: Model, name: string, note: string): readonly string[] => [
    name,
    shownId(model, platform, asOf) ?? unknownCell,
    note,
    ...listPrices(model, asOf),
  ]
  const shown = [
    ...models.map((model) => ({ model, cells: row(model, model.displayName, alias(model)) })),
    ...pickPriced(deprecated).map((model) => ({ model, cells: row(model, model.name, '(deprecated)') })),
  ]
  const rows = (deprecated.length === 0 ? shown : shown.toSorted((a, b) => compareAge(a.model, b.model))).map(
    ({ cells }) => cells,
  )
  const hasAliases = rows.some(([, , note]) => note !== unknownCell)
  const withAlias = hasAliases ? [head, ...rows] : [head, ...rows].map((cells) => cells.toSpliced(2, 1))
  const first = hasAliases ? 3 : 2
  const alignments = withAlias[0]?.map((_, column) => (column < first ? 'left' : 'right'))
  return alignColumns(withAlias, alignments).map((line, at) => (at === 0 ? bold(line, context) : line))
}

/** Two snapshots of one name have one price row. */
function pickPriced(deprecated: readonly Model[]): readonly Model[] {
  return deprecated.filter((model, at) => deprecated.findIndex(({ name }) => name === model.name) === at)
}

/** The order of the price table: the newest generation first, and in it Opus before Sonnet before Haiku. */
function compareAge(left: Model, right: Model): number {
  const byGeneration = Number(right.generation) - Number(left.generation)
  return byGeneration || families.indexOf(left.family) - families.indexOf(right.family)
}

const families: readonly Model['family'][] = ['mythos', 'fable', 'opus', 'sonnet', 'haiku']

/** The ids on the clouds that offer any of the models. */
function cloudIds(
  models: readonly Model[],
  { platform, asOf, context }: ComparisonOptions,
): readonly string[] {
  const offering = (platform === undefined ? clouds : []).filter((cloud) =>
    models.some((model) => shownId(model, cloud, asOf) !== null),
  )
  if (offering.length === 0) return []
  const rows = models.map((model) => [
    model.displayName,
    ...offering.map((cloud) => shownId(model, cloud, asOf) ?? unknownCell),
  ])
  const head = ['', ...offering.map((cloud) => `${platformTitles[cloud]} id`)]
  return ['', ...alignColumns([head, ...rows]).map((line, at) => (at === 0 ? bold(line, context) : line))]
}

const clouds: readonly Platform[] = ['bedrock', 'vertex', 'foundry']

const priceColumns = [
  ['Input', 'input'],
  ['5m write', 'cache_write_5m'],
  ['1h write', 'cache_write_1h'],
  ['Cache hit', 'cache_read'],
  ['Output', 'output'],
] as const

function listPrices(model: Model, asOf: string | undefined): readonly string[] {
  const card = shownPrices(model, asOf)
  return priceColumns.map(([, component]) => (card === undefined ? unknownCell : `$${card[component]}`))
}

function stacked(models: readonly Model[], options: ComparisonOptions): string {
  const { asOf, context, deprecated = [] } = options
  const blocks = models.map((model) => [...block(model, options), ''])
  const priced = pickPriced(deprecated).flatMap((model) => [
    `  ${model.name} (deprecated)`,
    ...labelled('price', priceText(model, asOf), context),
  ])
  const table = priced.length === 0 ? [] : [bold('Also priced', context), ...priced, '']
  return [...blocks.flat(), ...table, ...footer(models, options)].join('\n')
}

function block(model: Model, options: ComparisonOptions): readonly string[] {
  const { platform = 'anthropic', asOf, context } = options
  const id = shownId(model, platform, asOf) ?? `not offered on ${platformTitles[platform]}`
  const alias = platform === 'anthropic' && model.aliases.length > 0 ? `  or ${model.aliases.join(', ')}` : ''
  const elsewhere = (options.platform === undefined ? clouds : []).flatMap((cloud) => {
    const name = shownId(model, cloud, asOf)
    return name === null ? [] : [`${name} on ${platformTitles[cloud]}`]
  })
  const description =
    model.description === null
      ? null
      : [model.description, model.strengths?.toLowerCase()].filter(Boolean).join(': ')
  const rows: readonly (readonly [string, string | null])[] = [
    ['', description],
    ['id', `${id}${alias}`],
    ['clouds', elsewhere.join(', ') || null],
    ['limits', `${limitsText(model, asOf)}; trained to ${formatMonth(model.trainingCutoff)}`],
    ['can', listAbilities(model).join(', ')],
    ['speed', model.comparativeLatency?.toLowerCase() ?? null],
    ['price', priceText(model, asOf)],
    ['status', lifecycleCell(model, { platform, asOf })],
  ]
  const lines = rows.flatMap(([label, text]) => (text === null ? [] : labelled(label, text, context)))
  return [bold(model.displayName, context), ...lines]
}

function labelled(label: string, text: string, context: ComparisonOptions['context']): readonly string[] {
  return wrapText(text, context.columns - 10).map((line, row) =>
    label === '' ? `  ${line}` : `  ${dim((row === 0 ? label : '').padEnd(6), context)}  ${line}`,
  )
}

function limitsText(model: Model, asOf: string | undefined): string {
  const window = shownLimit(model, model.contextWindow, asOf)
  const maxOutput = shownLimit(model, model.maxOutput, asOf)
  const about = ({ tooltip }: Model['maxOutput']): string => (tooltip === null ? '' : ` (${tooltip})`)
  return `${formatContextWindow(window)} context${about(window)}, up to ${formatMaxOutput(maxOutput)} out${about(maxOutput)}`
}

function listAbilities(model: Model): readonly string[] {
  const thinking = thinkingCell(model) === 'Yes' ? 'extended thinking' : 'adaptive thinking'
  return [
    ...(model.multilingual ? ['multilingual'] : []),
    ...(model.vision ? ['vision'] : []),
    ...(model.thinking === null ? [] : [thinking]),
    ...(model.priorityTier === true ? ['Priority Tier'] : []),
  ]
}

function priceText(model: Model, asOf: string | undefined): string {
  const [input, write5m, write1h, hit, output] = listPrices(model, asOf)
  return `${input} in, ${output} out; cache ${write5m} for 5m, ${write1h} for 1h, ${hit} hit`
}

function lifecycleCell(
  model: Model,
  { platform = 'anthropic', asOf }: Pick<ComparisonOptions, 'platform' | 'asOf'>,
): string {
  const { status, deprecated, retired } = getLifecycle(model, platform, asOf)
  if (status !== 'retired' && status !== 'deprecated') return status
  return status === 'retired'
    ? `retired ${retired ?? ''}`.trimEnd()
    : `deprecated ${deprecated ?? ''}, retires ${retired ?? 'later'}`.replace(' ,', ',')
}

function describeNames(models: readonly Model[]): readonly string[] {
  const hasAliases = models.some(({ aliases }) => aliases.length > 0)
  const hasSnapshots = models.some(({ id }) => /\d{8}$/.test(id))
  return [
    ...(hasAliases ? ['An alias has the rate limits and the prices of the model that it points to.'] : []),
    ...(hasSnapshots
      ? ['Models with the same snapshot date are identical on all platforms, and do not change.']
      : []),
  ]
}

/** The footnotes of the page; the notes of a newer model are in its full view. */
function listFootnotes(model: Model, asOf: string | undefined): readonly string[] {
  const notes = model.page === null ? [] : keepKnown(model.notes, asOf)
  return notes.map((note) => `- ${model.displayName}: ${note}`)
}

function footer(models: readonly Model[], options: ComparisonOptions): readonly string[] {
  const { platform, asOf, context } = options
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
    ...(platform !== undefined && platform !== 'anthropic' ? [] : describeNames(models)),
    ...models.flatMap((model) => listFootnotes(model, asOf)),
    'For one model in full: anthology models NAME.',
  ]
  return notes.flatMap((note) => wrapText(note, context.columns)).map((line) => dim(line, context))
}

function dimLabel(line: string, context: ComparisonOptions['context']): string {
  return `${dim(line.slice(0, labelWidth), context)}${line.slice(labelWidth)}`
}
