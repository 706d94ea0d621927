import type { Model, PriceComponent, PriceOptions } from '@anthology/catalog'
import { formatNanoUsd, computePrice, quote, resolve, withEndpoint } from '@anthology/catalog'

import { readRequestFacts } from './client-body.ts'
import type { Context } from './command.ts'
import { formatCount, formatNumber } from './number-format.ts'
import { bold } from './ansi-colors.ts'
import { alignDecimals } from './price-view.ts'
import type { Priceable, PriceSource } from './price-source.ts'
import { alignColumns } from './table.ts'

/** Options for pricing the lines of a transcript; values in the lines take precedence. */
export type TranscriptOptions = PriceOptions & {
  /** The name of a model that overrides the one in the lines. */
  readonly name: string | undefined
}

/** The options for an answer or a request: what its line states, where the options leave it open. */
export function optionsFor(
  item: Exclude<Priceable, { kind: 'unreadable' }>,
  options: PriceOptions,
): PriceOptions {
  const day = item.kind === 'usage' ? item.day : null
  return {
    ...options,
    batch: item.batch || options.batch === true,
    asOf: options.asOf ?? day ?? undefined,
    platform: options.platform ?? item.platform ?? undefined,
  }
}

export interface TranscriptSum {
  readonly groups: readonly Group[]
  /** The reasons for missing prices, with their counts; these items are not in any sum. */
  readonly unpriced: ReadonlyMap<string, number>
}

/** The answers and the requests of one model. */
interface Group {
  readonly model: string
  answers: number
  requests: number
  readonly quantities: Map<PriceComponent, bigint>
  /** The exact cost of the answers. */
  costNanoUsd: bigint
  /** The cost range of the requests, which have not been sent. */
  lowNanoUsd: bigint
  highNanoUsd: bigint
}

/** Sums by model: answers exactly, requests as a range. */
export function sumTranscript({ items }: PriceSource, options: TranscriptOptions): TranscriptSum {
  const groups = new Map<string, Group>()
  const unpriced = new Map<string, number>()
  for (const item of items) {
    const problem = addItem(groups, item, options)
    if (problem !== null) unpriced.set(problem, (unpriced.get(problem) ?? 0) + 1)
  }
  return { groups: [...groups.values()].toSorted((a, b) => a.model.localeCompare(b.model)), unpriced }
}

/** Returns null, or why the item has no price. */
function addItem(groups: Map<string, Group>, item: Priceable, options: TranscriptOptions): string | null {
  const name = options.name ?? item.model
  const model = name === null ? null : modelCalled(name)
  if (name === null || model === null)
    return name === null ? 'it has no model' : `there is no model ${JSON.stringify(name.slice(0, 80))}`
  if (item.kind === 'unreadable') return item.problem
  const itemOptions = optionsFor(item, withEndpoint(options, name))
  if (item.kind === 'usage') {
    const price = computePrice(item.usage, model, itemOptions)
    if (!price.ok) return price.detail
    const group = getGroup(groups, model.id)
    group.answers += 1
    group.costNanoUsd += price.totalNanoUsd
    for (const { component, quantity } of price.lines)
      group.quantities.set(component, (group.quantities.get(component) ?? 0n) + quantity)
    return null
  }
  const { batch, ...quoteOptions } = itemOptions
  const facts = readRequestFacts(item.body, { name, model, asOf: quoteOptions.asOf })
  if (typeof facts === 'string') return facts
  const quoted = quote({ ...facts, batch }, model, quoteOptions)
  if (!quoted.ok) return quoted.detail
  const group = getGroup(groups, model.id)
  group.requests += 1
  group.lowNanoUsd += quoted.lowNanoUsd
  group.highNanoUsd += quoted.highNanoUsd
  return null
}

function modelCalled(name: string): Model | null {
  const found = resolve(name)
  return found.ok ? found.model : null
}

function getGroup(groups: Map<string, Group>, model: string): Group {
  const known = groups.get(model)
  if (known !== undefined) return known
  const fresh = { answers: 0, requests: 0, costNanoUsd: 0n, lowNanoUsd: 0n, highNanoUsd: 0n }
  const group = { model, quantities: new Map<PriceComponent, bigint>(), ...fresh }
  groups.set(model, group)
  return group
}

export function transcriptSheet(
  { groups, unpriced }: TranscriptSum,
  { repeated, skipped }: PriceSource,
  context: Context,
): readonly string[] {
  const answered = groups.filter(({ answers }) => answers > 0)
  const requested = groups.filter(({ requests }) => requests > 0)
  const notes = [
    ...[...unpriced].map(([why, count]) => `${formatCount(count)} without a price, not in the sums: ${why}.`),
    ...(repeated === 0
      ? []
      : [`${formatNumber(repeated, 'line')} repeated an answer, which is counted once.`]),
    ...(skipped === 0 ? [] : [`${formatNumber(skipped, 'line')} without a priced item.`]),
  ]
  return [
    ...(answered.length === 0 ? [] : answerTable(answered, context)),
    ...(answered.length > 0 && requested.length > 0 ? [''] : []),
    ...(requested.length === 0 ? [] : requestTable(requested, context)),
    ...(notes.length === 0 || groups.length === 0 ? notes : ['', ...notes]),
  ]
}

function answerTable(groups: readonly Group[], context: Context): readonly string[] {
  const head = ['MODEL', 'ANSWERS', 'INPUT', 'CACHE WRITE', 'CACHE READ', 'OUTPUT', 'COST USD']
  const costs = alignDecimals([
    ...groups.map((group) => group.costNanoUsd),
    sum(groups, (group) => group.costNanoUsd),
  ])
  const formatCells = (some: readonly Group[]): string[] => {
    const tokens = (...names: PriceComponent[]) =>
      formatCount(
        sum(some, ({ quantities }) => names.reduce((all, name) => all + (quantities.get(name) ?? 0n), 0n)),
      )
    return [
      formatCount(sum(some, ({ answers }) => BigInt(answers))),
      tokens('input'),
      tokens('cache_write_5m', 'cache_write_1h'),
      tokens('cache_read'),
      tokens('output'),
    ]
  }
  const rows = groups.map((group, row) => [group.model, ...formatCells([group]), costs[row] ?? ''])
  return boldEnds([head, ...rows, ['total', ...formatCells(groups), costs.at(-1) ?? '']], context)
}

function requestTable(groups: readonly Group[], context: Context): readonly string[] {
  const head = ['MODEL', 'REQUESTS', 'AT LEAST USD', 'AT MOST USD']
  const row = (name: string, some: readonly Group[]): string[] => [
    name,
    formatCount(sum(some, ({ requests }) => BigInt(requests))),
    `$${formatNanoUsd(sum(some, ({ lowNanoUsd }) => lowNanoUsd))}`,
    `$${formatNanoUsd(sum(some, ({ highNanoUsd }) => highNanoUsd))}`,
  ]
  return boldEnds([head, ...groups.map((group) => row(group.model, [group])), row('total', groups)], context)
}

function boldEnds(rows: readonly (readonly string[])[], context: Context): readonly string[] {
  const [first = []] = rows
  const lines = alignColumns(rows, ['left', ...first.slice(1).map(() => 'right' as const)])
  return lines.map((line, index) => (index === 0 || index === lines.length - 1 ? bold(line, context) : line))
}

export function transcriptEntry(
  { groups, unpriced }: TranscriptSum,
  { repeated, skipped }: PriceSource,
): object {
  return {
    models: groups.map(({ model, answers, requests, quantities, ...costs }) => ({
      model,
      answers,
      requests,
      quantities: Object.fromEntries([...quantities].map(([name, count]) => [name, Number(count)])),
      cost_usd: formatNanoUsd(costs.costNanoUsd),
      requests_low_usd: formatNanoUsd(costs.lowNanoUsd),
      requests_high_usd: formatNanoUsd(costs.highNanoUsd),
    })),
    total_usd: formatNanoUsd(sum(groups, ({ costNanoUsd }) => costNanoUsd)),
    unpriced: [...unpriced].map(([because, count]) => ({ because, count })),
    repeated,
    skipped,
  }
}

function sum(groups: readonly Group[], pick: (group: Group) => bigint): bigint {
  return groups.reduce((total, group) => total + pick(group), 0n)
}
