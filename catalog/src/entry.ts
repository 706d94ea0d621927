import type { LifecycleState } from './lifecycle.ts'
import { lifecycleOf } from './lifecycle.ts'
import type { Limit, Modality, Model, Platform, TokenPrices } from './model.ts'
import { sources } from './sources.ts'

/** A model as `anthology models --json` prints it. Unknown is null; prices are USD per million tokens. */
export type CatalogEntry = {
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
  readonly training_cutoff: string
  readonly prices: TokenPrices | null
  readonly lifecycle: LifecycleState
  readonly notes: readonly string[]
  readonly sources: readonly string[]
}

type BetaEntry = { readonly header: string; readonly tokens: number }

/** The public form of a model, with its lifecycle status on a day (default today); members stand in a fixed order. */
export function catalogEntry(model: Model, options: { asOf?: string | undefined } = {}): CatalogEntry {
  const { anthropic, bedrock, vertex, foundry } = model.platforms
  return {
    id: model.id,
    name: model.name,
    aliases: model.aliases,
    platforms: { anthropic, bedrock, vertex, foundry },
    description: model.description,
    strengths: model.strengths,
    input: model.input,
    output: model.output,
    multilingual: model.multilingual,
    vision: model.vision,
    extended_thinking: model.thinking !== null,
    priority_tier: model.priorityTier,
    comparative_latency: model.comparativeLatency,
    context_window_tokens: model.contextWindow.tokens,
    context_window_beta: betaEntry(model.contextWindow),
    max_output_tokens: model.maxOutput.tokens,
    max_output_beta: betaEntry(model.maxOutput),
    training_cutoff: model.trainingCutoff,
    prices: pricesEntry(model),
    lifecycle: lifecycleOf(model, options.asOf),
    notes: model.notes,
    sources: [...new Set(Object.values(model.sources).flat())].map((key) => sources[key]),
  }
}

function betaEntry({ beta }: Limit): BetaEntry | null {
  return beta === null ? null : { header: beta.header, tokens: beta.tokens }
}

/** The standard prices of the newest card, as printed. */
function pricesEntry(model: Model): TokenPrices | null {
  const card = model.rateCards.at(-1)
  if (card === undefined) return null
  const { input, cache_write_5m, cache_write_1h, cache_read, output } = card.standard
  return { input, cache_write_5m, cache_write_1h, cache_read, output }
}
