import { getDay } from '../day.ts'
import type { LifecycleState } from '../lifecycle/lifecycle.ts'
import { getLifecycle } from '../lifecycle/lifecycle.ts'
import { limitOn } from '../tokens/limit.ts'
import type { LimitBeta, Modality, Model, Platform } from '../model.ts'
import { keepKnown } from './known-on.ts'
import type { TokenPrices } from '../pricing/rate-card.ts'
import { valueOn } from '../effective-dated.ts'
import { sources } from '../sources.ts'
import type { FactGroup, SourceKey } from '../sources.ts'

/** A model in the form of `anthology models --json`. Unknown is null; prices are USD per million tokens. */
export interface CatalogEntry {
  readonly id: string
  readonly name: string
  readonly aliases: readonly string[]
  readonly platforms: Readonly<Record<Platform, string | null>>
  readonly description: string | null
  readonly strengths: string | null
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly multilingual: boolean
  readonly vision: boolean
  readonly extended_thinking: boolean
  readonly priority_tier: boolean | null
  readonly comparative_latency: string | null
  readonly context_window_tokens: number
  readonly context_window_beta: BetaEntry | null
  readonly max_output_tokens: number
  readonly max_output_beta: BetaEntry | null
  readonly training_cutoff: string | null
  readonly prices: TokenPrices | null
  readonly lifecycle: Pick<LifecycleState, 'status' | 'deprecated' | 'retired' | 'replacement'>
  readonly notes: readonly string[]
  readonly sources: readonly string[]
  /** The same pages by the facts that they state. */
  readonly sources_by_group: Readonly<Record<FactGroup, readonly string[]>>
}

interface BetaEntry {
  readonly header: string
  readonly tokens: number
}

/**
 * Returns the public form of a model on a day (default today); members are in a fixed order. With a day it has
 * only what was known then: no platform that did not offer the model yet, and no note about later times.
 */
export function catalogEntry(model: Model, options: { asOf?: string | undefined } = {}): CatalogEntry {
  const day = getDay(options.asOf)
  const on = (platform: Platform): string | null => idOn(model, platform, day)
  const { status, deprecated, retired, replacement } = getLifecycle(model, 'anthropic', day)
  const [window, output] = [limitOn(model.contextWindow, day), limitOn(model.maxOutput, day)]
  return {
    id: model.id,
    name: model.name,
    aliases: model.aliases,
    platforms: {
      anthropic: on('anthropic'),
      bedrock: on('bedrock'),
      vertex: on('vertex'),
      foundry: on('foundry'),
    },
    description: model.description,
    strengths: model.strengths,
    input: model.input,
    output: model.output,
    multilingual: model.multilingual,
    vision: model.vision,
    extended_thinking: model.thinking?.types.includes('enabled') === true,
    priority_tier: model.priorityTier,
    comparative_latency: model.comparativeLatency,
    context_window_tokens: window.tokens,
    context_window_beta: betaEntry(window.beta),
    max_output_tokens: output.tokens,
    max_output_beta: betaEntry(output.beta),
    training_cutoff: model.trainingCutoff,
    prices: pricesEntry(model, day),
    lifecycle: { status, deprecated, retired, replacement },
    notes: keepKnown(
      [...model.notes, ...model.uncertain.map((point) => `Uncertain: ${point}.`)],
      options.asOf,
    ),
    sources: listPages(Object.values(model.sources).flat(), options.asOf),
    sources_by_group: sourcesByGroup(model, options.asOf),
  }
}

/**
 * The titles of pages without those of later times. A fact that no page of its day states, such as one of a model
 * that is newer than its oldest page, keeps the later pages from which it was read.
 */
function listPages(keys: readonly SourceKey[], asOf: string | undefined): readonly string[] {
  const pages = [...new Set(keys)].map((key) => sources[key])
  const known = keepKnown(pages, asOf)
  return known.length === 0 ? pages : known
}

function sourcesByGroup(
  { sources: groups }: Model,
  asOf: string | undefined,
): CatalogEntry['sources_by_group'] {
  return {
    names: listPages(groups.names, asOf),
    abilities: listPages(groups.abilities, asOf),
    limits: listPages(groups.limits, asOf),
    thinking: listPages(groups.thinking, asOf),
    tokens: listPages(groups.tokens, asOf),
    prices: listPages(groups.prices, asOf),
    lifecycle: listPages(groups.lifecycle, asOf),
  }
}

/** The id on a platform, from the day on which it offers the model. The Claude API's id is the model's own. */
export function idOn({ id, platforms, lifecycle }: Model, platform: Platform, day: string): string | null {
  if (platform === 'anthropic') return id
  const released = lifecycle[platform]?.released ?? lifecycle.anthropic.released
  return day < released ? null : platforms[platform]
}

function betaEntry(beta: LimitBeta | null): BetaEntry | null {
  return beta === null ? null : { header: beta.header, tokens: beta.tokens }
}

/** The standard prices of the day's card, as printed; before the release, the announced ones. */
function pricesEntry({ rateCards, lifecycle }: Model, day: string): TokenPrices | null {
  const card = valueOn(rateCards, day) ?? (day < lifecycle.anthropic.released ? rateCards[0] : undefined)
  if (card === undefined) return null
  const { input, cache_write_5m, cache_write_1h, cache_read, output } = card.standard
  return { input, cache_write_5m, cache_write_1h, cache_read, output }
}
