import type { Limit, Model, TokenPrices } from '@anthology/catalog'
import { lifecycleOf, sources } from '@anthology/catalog'
import type { Context } from './command.ts'
import { formatCount, formatMonth, formatYesNo, unknownCell } from './figures.ts'
import { bold, dim } from './ink.ts'
import { platformTitles } from './model-name.ts'
import { wrapText } from './table.ts'

/** Everything the catalog knows of one model, in paragraphs of labelled lines. */
export function modelSheet(
  model: Model,
  {
    asOf,
    context,
  }: { readonly asOf: string | undefined; readonly context: Pick<Context, 'columns' | 'color'> },
): string {
  const sections: readonly Section[] = [
    ['Names', names(model)],
    ['Abilities', abilities(model)],
    ['Limits', limits(model)],
    ['Prices, USD per million tokens', prices(model)],
    ['Lifecycle on the Claude API', lifecycle(model, asOf)],
    ['Notes', model.notes.map((note) => ['', note])],
    ['Sources', [...new Set(Object.values(model.sources).flat())].map((key) => ['', sources[key]])],
  ]
  const title = model.description === null ? model.displayName : `${model.displayName}  ${model.description}`
  const body = sections.flatMap(([heading, lines]) =>
    lines.length === 0 ? [] : ['', bold(heading, context), ...lines.flatMap((line) => render(line, context))],
  )
  return [bold(title, context), ...body].join('\n')
}

type Line = readonly [label: string, text: string]
type Section = readonly [heading: string, lines: readonly Line[]]

const labelWidth = 18

/** A line without a label is an item of a list. */
function render([label, text]: Line, context: Pick<Context, 'columns' | 'color'>): readonly string[] {
  const [first, rest] = label === '' ? ['-', ' '] : [label.padEnd(labelWidth), ' '.repeat(labelWidth)]
  const gap = label === '' ? ' ' : '  '
  const width = Math.max(20, context.columns - 2 - first.length - gap.length)
  return wrapText(text, width).map((line, row) => `  ${dim(row === 0 ? first : rest, context)}${gap}${line}`)
}

function names(model: Model): readonly Line[] {
  const { anthropic, bedrock, vertex, foundry } = model.platforms
  const profiles = model.bedrockProfiles?.map((prefix) => `${prefix}.`).join(', ')
  return [
    [platformTitles.anthropic, anthropic ?? unknownCell],
    ['Aliases', model.aliases.join(', ') || unknownCell],
    ...(model.otherIds.length === 0 ? [] : [['Also accepted', model.otherIds.join(', ')] as const]),
    [platformTitles.bedrock, bedrock ?? unknownCell],
    ...(profiles === undefined ? [] : [['Bedrock profiles', `${profiles} before the id`] as const]),
    [platformTitles.vertex, vertex ?? unknownCell],
    [platformTitles.foundry, foundry ?? unknownCell],
    ['Models API', `${model.displayName}, created ${model.createdAt.slice(0, 10)}`],
  ]
}

function abilities(model: Model): readonly Line[] {
  const thinking = model.thinking === null ? 'No' : `Yes, shown ${model.thinking.shown}`
  const interleaved = model.thinking?.interleaved ?? null
  return [
    ...(model.strengths === null ? [] : [['Strengths', model.strengths] as const]),
    ['Input', model.input.join(', ')],
    ['Output', model.output.join(', ')],
    ['Multilingual', formatYesNo(model.multilingual)],
    ['Vision', formatYesNo(model.vision)],
    ['Extended thinking', thinking],
    ...(interleaved === null ? [] : [['Between tool calls', `with ${interleaved}`] as const]),
    ['Priority Tier', formatYesNo(model.priorityTier)],
    ['Latency', model.comparativeLatency ?? unknownCell],
  ]
}

function limits(model: Model): readonly Line[] {
  const { auto, forced } = model.toolPromptTokens
  const reliable = model.reliableKnowledge
  return [
    ['Context window', limitText(model.contextWindow)],
    ['Max output', limitText(model.maxOutput)],
    ['Training cut-off', formatMonth(model.trainingCutoff)],
    ...(reliable === null ? [] : [['Reliable knowledge', `to ${formatMonth(reliable)}`] as const]),
    ['Cacheable prompt', `from ${formatCount(model.minCacheableTokens)} tokens`],
    ['Tools add', `${auto} tokens to the prompt (${forced} when a tool is forced)`],
  ]
}

function limitText({ tokens, tooltip, beta }: Limit): string {
  const about = tooltip === null ? '' : ` (${tooltip})`
  const until = beta?.until === undefined || beta.until === null ? '' : `, until ${beta.until}`
  const more = beta === null ? '' : `; ${formatCount(beta.tokens)} with ${beta.header}${until}`
  return `${formatCount(tokens)} tokens${about}${more}`
}

function prices(model: Model): readonly Line[] {
  return model.rateCards.flatMap(({ from, standard, longContext }): readonly Line[] => [
    [`From ${from}`, priceText(standard)],
    ...(longContext === undefined
      ? []
      : [[`Above ${formatCount(longContext.aboveTokens)}`, priceText(longContext)] as const]),
  ])
}

function priceText({ input, cache_write_5m, cache_write_1h, cache_read, output }: TokenPrices): string {
  return `$${input} in, $${output} out, cache $${cache_write_5m} for 5m, $${cache_write_1h} for 1h, $${cache_read} hit`
}

function lifecycle(model: Model, asOf: string | undefined): readonly Line[] {
  const { status, deprecated, retired, replacement } = lifecycleOf(model, asOf)
  return [
    ['Status', status],
    ['Deprecated', deprecated ?? unknownCell],
    ['Retired', retired ?? unknownCell],
    ['Replacement', replacement ?? unknownCell],
  ]
}
