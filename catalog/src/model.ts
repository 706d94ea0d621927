import type { FactGroup, SourceKey } from './sources.ts'

/** One pinned snapshot with every fact the catalog holds about it. What no source states is `null`. */
export type Model = {
  /** The dated id of the Claude API; a snapshot never changes under it. */
  readonly id: string
  /** The name on the comparison table, e.g. `Claude Sonnet 3.5`. Two snapshots may share one. */
  readonly name: string
  /** The Models API's `display_name` and `created_at`. */
  readonly displayName: string
  readonly createdAt: string
  readonly family: Family
  /** The day whose facts a retired model is served with, when the lifecycle mode is `ignore`. */
  readonly factsAsOf: string
  /** Names of the Claude API that move to the newest snapshot. */
  readonly aliases: readonly string[]
  /** Further ids the Claude API accepts for this same snapshot. */
  readonly otherIds: readonly string[]
  readonly platforms: Readonly<Record<Platform, string | null>>
  /** Inference profiles on Bedrock by their prefix, e.g. `us` for `us.anthropic...`; null: not stated. */
  readonly bedrockProfiles: readonly string[] | null
  readonly description: string | null
  readonly strengths: string | null
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly multilingual: boolean
  readonly vision: boolean
  readonly priorityTier: boolean | null
  readonly comparativeLatency: string | null
  readonly contextWindow: Limit
  readonly maxOutput: Limit
  /** `YYYY-MM`. */
  readonly trainingCutoff: string
  readonly reliableKnowledge: string | null
  /** A shorter prompt is answered uncached, without an error. */
  readonly minCacheableTokens: number
  /** Tokens of the system prompt that `tools` brings along, with tool_choice auto/none and any/tool. */
  readonly toolPromptTokens: { readonly auto: number; readonly forced: number }
  readonly behaviour: Behaviour
  /** Null: the model has no extended thinking. */
  readonly thinking: Thinking | null
  /** Oldest first; a card is valid from its day until the next card's. */
  readonly rateCards: readonly RateCard[]
  readonly lifecycle: Lifecycle
  readonly notes: readonly string[]
  /** Where each group of facts stands. */
  readonly sources: Readonly<Record<FactGroup, readonly SourceKey[]>>
}

export type Family = 'opus' | 'sonnet' | 'haiku'
export type Platform = 'anthropic' | 'bedrock' | 'vertex' | 'foundry'
export type Modality = 'text' | 'image'

/** A number of tokens, the page's tooltip on it, and the beta that raises it. */
export type Limit = {
  readonly tokens: number
  readonly tooltip: string | null
  readonly beta: LimitBeta | null
}

/** `until` is the first day on which the header no longer has an effect for this model. */
export type LimitBeta = { readonly header: string; readonly tokens: number; readonly until: string | null }

/** The switches that the rules of `check` read. */
export type Behaviour = {
  /** What happens when prompt and max_tokens together exceed the window: a 400, or the answer is cut there. */
  readonly overflow: 'refused' | 'cut'
  readonly sampling: 'all' | 'temperature_xor_top_p'
  readonly prefill: boolean
}

export type Thinking = {
  readonly types: readonly ('enabled' | 'adaptive' | 'disabled')[]
  readonly shown: 'full' | 'summarized'
  /** The beta with which a budget may exceed max_tokens when there are tools. */
  readonly interleaved: string | null
}

/** USD per million tokens, decimal strings as the page prints them, without the `$`. */
export type TokenPrices = {
  readonly input: string
  readonly cache_write_5m: string
  readonly cache_write_1h: string
  readonly cache_read: string
  readonly output: string
}

export type RateCard = {
  readonly id: string
  /** The first day, `YYYY-MM-DD`. */
  readonly from: string
  readonly standard: TokenPrices
  /** The prices of every token of a request whose prompt is longer than `aboveTokens`. */
  readonly longContext?: TokenPrices & { readonly aboveTokens: number }
  readonly source: SourceKey
}

export type Lifecycle = {
  readonly deprecated: string | null
  readonly retired: string | null
  /** On the newest deprecations page. */
  readonly replacement: string | null
  /** What an earlier edition named, where it was another one. */
  readonly earlierReplacement?: string
}
