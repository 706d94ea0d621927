import type {
  LifecycleStatus,
  Limit,
  Model,
  Platform,
  TokenPrices,
  ToolPromptTokens,
} from '@anthology/catalog'
import { getLifecycle, keepKnown, limitOn, sources, findSuccessor, valueOn } from '@anthology/catalog'
import type { Context } from './command.ts'
import { getEffectiveDay, shownId } from './effective-day.ts'
import { formatCount, formatMonth, formatYesNo, unknownCell } from './number-format.ts'
import { bold, dim } from './ansi-colors.ts'
import { platformTitles } from './model-name.ts'
import { wrapText } from './table.ts'

/**
 * Everything the catalog has about one model, in paragraphs of labelled lines. With a day it has only what was
 * known then.
 */
export function renderModel(
  model: Model,
  {
    asOf,
    context,
  }: { readonly asOf: string | undefined; readonly context: Pick<Context, 'columns' | 'color'> },
): string {
  const sections: readonly Section[] = [
    ['Names', names(model, asOf)],
    ['Abilities', abilities(model)],
    ['Limits', limits(model, asOf)],
    ['Prices, USD per million tokens', prices(model, asOf)],
    ['Requests', requests(model)],
    ['Lifecycle', lifecycle(model, asOf)],
    ['Notes', keepKnown(model.notes, asOf).map((note) => ['', note])],
    ['Uncertain', keepKnown(model.uncertain, asOf).map((point) => ['', point])],
    ['Sources', keepKnown(listSources(model), asOf).map((page) => ['', page])],
  ]
  const title = model.description === null ? model.displayName : `${model.displayName}  ${model.description}`
  const body = sections.flatMap(([heading, lines]) =>
    lines.length === 0 ? [] : ['', bold(heading, context), ...lines.flatMap((line) => render(line, context))],
  )
  return [bold(title, context), ...body].join('\n')
}

function listSources(model: Model): readonly string[] {
  return [...new Set(Object.values(model.sources).flat())].map((key) => sources[key])
}

type Line = readonly [label: string, text: string]
type Section = readonly [heading: string, lines: readonly Line[]]

const labelWidth = 18

/** A line without a label is a list entry. */
function render([label, text]: Line, context: Pick<Context, 'columns' | 'color'>): readonly string[] {
  const [first, rest] = label === '' ? ['-', ' '] : [label.padEnd(labelWidth), ' '.repeat(labelWidth)]
  const gap = label === '' ? ' ' : '  '
  const width = Math.max(20, context.columns - 2 - first.length - gap.length)
  return wrapText(text, width).map((line, row) => `  ${dim(row === 0 ? first : rest, context)}${gap}${line}`)
}

function names(model: Model, asOf: string | undefined): readonly Line[] {
  const id = (platform: Platform): Line => [
    platformTitles[platform],
    shownId(model, platform, asOf) ?? unknownCell,
  ]
  const profiles = model.bedrockProfiles?.map((prefix) => `${prefix}.`).join(', ')
  return [
    id('anthropic'),
    ['Aliases', model.aliases.join(', ') || unknownCell],
    ...(model.otherIds.length === 0 ? [] : [['Also accepted', model.otherIds.join(', ')] as const]),
    id('bedrock'),
    ...(profiles === undefined ? [] : [['Bedrock profiles', `${profiles} as prefix of the id`] as const]),
    id('vertex'),
    id('foundry'),
    ['Models API', modelsApiText(model)],
  ]
}

function abilities(model: Model): readonly Line[] {
  const interleaved = model.thinking?.interleaved ?? null
  return [
    ...(model.strengths === null ? [] : [['Strengths', model.strengths] as const]),
    ['Input', model.input.join(', ')],
    ['Output', model.output.join(', ')],
    ['Multilingual', formatYesNo(model.multilingual)],
    ['Vision', formatYesNo(model.vision)],
    ['Extended thinking', thinkingText(model)],
    ...effortLines(model),
    ...(interleaved === null ? [] : [['Between tool calls', `with ${interleaved}`] as const]),
    ['Priority Tier', formatYesNo(model.priorityTier)],
    ['Latency', model.comparativeLatency ?? unknownCell],
  ]
}

function limits(model: Model, asOf: string | undefined): readonly Line[] {
  const tools = valueOn(model.toolPromptTokens, getEffectiveDay(model, asOf)) ?? model.toolPromptTokens.at(-1)
  const reliable = model.reliableKnowledge
  const minCacheable = model.minCacheableTokens
  return [
    ['Context window', limitText(model, model.contextWindow, asOf)],
    ['Max output', limitText(model, model.maxOutput, asOf)],
    ['Training cut-off', formatMonth(model.trainingCutoff)],
    ...(reliable === null ? [] : [['Reliable knowledge', `to ${formatMonth(reliable)}`] as const]),
    ['Cacheable prompt', minCacheable === null ? unknownCell : `from ${formatCount(minCacheable)} tokens`],
    ['Tools add', tools === undefined ? unknownCell : toolsText(tools)],
  ]
}

function modelsApiText({ displayName, createdAt }: Model): string {
  return createdAt === null ? displayName : `${displayName}, created ${createdAt.slice(0, 10)}`
}

function toolsText({ auto, forced }: ToolPromptTokens): string {
  const whenForced = forced === null ? '' : ` (${forced} when a tool is forced)`
  return `${auto} tokens to the prompt${whenForced}`
}

function thinkingText({ thinking }: Model): string {
  if (thinking === null) return 'No'
  const shown = thinking.shown === null ? '' : `, shown ${thinking.shown}`
  return `${thinkingDefaults[thinking.default]}; accepts ${thinking.types.join(', ')}${shown}`
}

const thinkingDefaults = { off: 'Off by default', on: 'On by default', always_on: 'Always on' } as const

function effortLines({ effort }: Model): readonly Line[] {
  return effort === null ? [] : [['Effort', `${effort.levels.join(', ')} (default ${effort.default})`]]
}

/** The request features that differ between models. */
function requests({ behaviour, thinking }: Model): readonly Line[] {
  const { structuredOutputs, inferenceGeo } = behaviour
  const where = structuredOutputs.notOn?.map((platform) => platformTitles[platform]).join(', ')
  return [
    ['Sampling', samplingTexts[behaviour.sampling]],
    ['Prefill', behaviour.prefill ? 'Accepted' : 'Rejected'],
    ['Forced tools', forcedTexts(thinking !== null)[behaviour.forcedToolChoice]],
    [
      'Structured output',
      `${formatYesNo(structuredOutputs.supported)}${where === undefined ? '' : `, not on ${where}`}`,
    ],
    ['inference_geo', inferenceGeo ? 'Accepted' : 'Rejected'],
    ...behaviour.refusedTools.map(({ tool, on }): Line => [
      'Rejected tool',
      `${tool} on ${on.map((platform) => platformTitles[platform]).join(', ')}`,
    ]),
  ]
}

const samplingTexts: Readonly<Record<Model['behaviour']['sampling'], string>> = {
  all: 'temperature, top_p and top_k',
  temperature_xor_top_p: 'temperature or top_p, not both',
  default_only: 'only the default values',
}

/** Without thinking, a forced tool has no conflict to describe. */
function forcedTexts(thinks: boolean): Readonly<Record<Model['behaviour']['forcedToolChoice'], string>> {
  return {
    always: 'Accepted',
    unless_thinking: thinks ? 'Accepted, except with thinking' : 'Accepted',
    never: 'Rejected',
  }
}

function limitText(model: Model, limit: Limit, asOf: string | undefined): string {
  const { tokens, beta } = limitOn(limit, getEffectiveDay(model, asOf))
  const about = limit.tooltip === null ? '' : ` (${limit.tooltip})`
  const end = beta?.until ?? null
  const until = end === null || isLater(end, asOf) ? '' : `, until ${end}`
  const more = beta === null ? '' : `; ${formatCount(beta.tokens)} with ${beta.header}${until}`
  return `${formatCount(tokens)} tokens${about}${more}`
}

/** True for a day that lies after the one whose facts are shown. */
function isLater(day: string, asOf: string | undefined): boolean {
  return asOf !== undefined && day > asOf
}

function prices({ rateCards }: Model, asOf: string | undefined): readonly Line[] {
  const cards = rateCards.filter(({ from }) => !isLater(from, asOf))
  if (cards.length === 0) return [['', 'Not known; calls have no price, never a price of zero.']]
  return cards.flatMap(({ from, standard, steps = [], batch, fast }): readonly Line[] => [
    [`From ${from}`, priceText(standard)],
    ...steps.map((step) => [`Above ${formatCount(step.abovePromptTokens)}`, priceText(step)] as const),
    ...(batch === undefined ? [] : [['In a batch', `$${batch.input} in, $${batch.output} out`] as const]),
    ...(fast === undefined
      ? []
      : [
          [
            'Fast mode',
            `${priceText(fast)}${fast.ended === null || isLater(fast.ended.on, asOf) ? '' : `; until ${fast.ended.on}`}`,
          ] as const,
        ]),
  ])
}

function priceText({ input, cache_write_5m, cache_write_1h, cache_read, output }: TokenPrices): string {
  return `$${input} in, $${output} out, cache $${cache_write_5m} for 5m, $${cache_write_1h} for 1h, $${cache_read} hit`
}

function lifecycle(model: Model, asOf: string | undefined): readonly Line[] {
  const { status, deprecated, retired, notBefore, replacement } = getLifecycle(model, 'anthropic', asOf)
  const { released } = model.lifecycle.anthropic
  const successor = findSuccessor(model, asOf)
  return [
    ['Status', model.access === null ? status : `${status}, ${model.access} access`],
    ['Released', released ?? unknownCell],
    ['Deprecated', deprecated ?? unknownCell],
    ['Retired', retired ?? (notBefore === null ? unknownCell : `not before ${notBefore}`)],
    ['Replacement', replacement ?? unknownCell],
    ...(successor === null || successor.id === replacement ? [] : [['Move to', successor.id] as const]),
    ...clouds.flatMap((platform): readonly Line[] => cloudLine(model, platform, asOf)),
  ]
}

const clouds: readonly Platform[] = ['bedrock', 'vertex', 'foundry']

/** Partner platforms have their own dates. */
function cloudLine(model: Model, platform: Platform, asOf: string | undefined): readonly Line[] {
  if (shownId(model, platform, asOf) === null) return []
  const { status, deprecated, retired, note } = getLifecycle(model, platform, asOf)
  const [known] = keepKnown(note === null ? [] : [note], asOf)
  return [
    [
      platformTitles[platform],
      `${status}${formatDays(status, { deprecated, retired })}${known === undefined ? '' : ` (${known})`}`,
    ],
  ]
}

function formatDays(
  status: LifecycleStatus,
  { deprecated, retired }: { readonly deprecated: string | null; readonly retired: string | null },
): string {
  if (status === 'retired') return retired === null ? '' : ` ${retired}`
  if (status !== 'deprecated') return ''
  return `${deprecated === null ? '' : ` since ${deprecated}`}${retired === null ? '' : `, retires ${retired}`}`
}
