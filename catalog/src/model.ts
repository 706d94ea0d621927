import type { RateCard } from './pricing/rate-card.ts'
import type { EffectiveDated } from './effective-dated.ts'
import type { FactGroup, SourceKey } from './sources.ts'

/** One pinned snapshot with every fact the catalog holds about it. A fact that no source states is `null`. */
export interface Model {
  /** The pinned id of the Claude API; a snapshot never changes under it. */
  readonly id: string
  /** The name in the comparison table, e.g. `Claude Sonnet 3.5`. Two snapshots may share one. */
  readonly name: string
  /** The Models API's `display_name` and `created_at`; the latter is null if no response with it was seen. */
  readonly displayName: string
  readonly createdAt: string | null
  readonly family: Family
  /** `4.1` for Opus 4.1; rules such as "from the 4.5 generation on" compare it. */
  readonly generation: string
  /** Null: available to every account. */
  readonly access: 'invitation' | 'limited' | null
  /** The model's entry on the page of August 2025: a column of the comparison table, a price row, or none. */
  readonly page: 'column' | 'price_row' | null
  /** The day whose facts apply to a retired model in lifecycle mode `ignore`. */
  readonly factsAsOf: string
  /** Names of the Claude API that point to this model; `aliases.ts` records when an alias moved. */
  readonly aliases: readonly string[]
  /** Further ids the Claude API accepts for this same snapshot. */
  readonly otherIds: readonly string[]
  readonly platforms: Readonly<Record<Platform, string | null>>
  /** The id on Bedrock's Messages endpoint ("mantle"), if it differs from the runtime's. */
  readonly mantleId?: string
  /** Inference profiles on Bedrock by their prefix, e.g. `us` for `us.anthropic...`; null: not stated. */
  readonly bedrockProfiles: readonly string[] | null
  readonly description: string | null
  readonly strengths: string | null
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly multilingual: boolean
  readonly vision: boolean
  /** Whether a Priority Tier commitment covers it; in 2026 no more are sold, from a day that is not known. */
  readonly priorityTier: boolean | null
  readonly comparativeLatency: string | null
  readonly contextWindow: Limit
  readonly maxOutput: Limit
  /** `YYYY-MM`. */
  readonly trainingCutoff: string | null
  readonly reliableKnowledge: string | null
  /** A shorter prompt is not cached, without an error. */
  readonly minCacheableTokens: number | null
  /** System prompt tokens that `tools` adds; an empty series: not stated. */
  readonly toolPromptTokens: readonly EffectiveDated<ToolPromptTokens>[]
  /** The limit to which an image is scaled down before its tokens are counted. */
  readonly imageDetail: 'standard' | 'high'
  /** Costs 10 % more on a Bedrock or Google Cloud endpoint other than the global one. */
  readonly regionalPremium: boolean
  readonly behaviour: Behaviour
  /** Null: the model has no thinking. */
  readonly thinking: Thinking | null
  /** Null: `output_config.effort` is rejected. */
  readonly effort: Effort | null
  /** Oldest first; a card is valid from its day until the next card's. Empty: no price is known. */
  readonly rateCards: readonly RateCard[]
  /** Null if the model is not offered, as far as is known. */
  readonly lifecycle: Readonly<Record<Platform, Lifecycle | null>> & { readonly anthropic: ReleasedLifecycle }
  readonly notes: readonly string[]
  /** The facts of this file with one weak source, by inference, or without a source. */
  readonly uncertain: readonly string[]
  /** The sources of each group of facts. */
  readonly sources: Readonly<Record<FactGroup, readonly [SourceKey, ...SourceKey[]]>>
}

export type Family = 'opus' | 'sonnet' | 'haiku' | 'fable' | 'mythos'
export type Platform = 'anthropic' | 'bedrock' | 'vertex' | 'foundry'

/** The host of a deployment of Foundry ("Hosted on Azure", "Hosted on Anthropic"); the first has fewer features. */
export type FoundryHosting = 'azure' | 'anthropic'
export type Modality = 'text' | 'image'

/** A number of tokens, its tooltip on the page, and the beta that raises it. */
export interface Limit {
  readonly tokens: number
  readonly tooltip: string | null
  readonly beta: LimitBeta | null
  /** The beta that raises it inside a Message Batch only. */
  readonly batch?: LimitBeta
  /** Earlier values, oldest first, each valid until the day before `until`. */
  readonly earlier?: readonly {
    readonly until: string
    readonly tokens: number
    readonly beta: LimitBeta | null
  }[]
}

/** `until` is the first day on which the header no longer has an effect for this model. */
export interface LimitBeta {
  readonly header: string
  readonly tokens: number
  readonly until: string | null
}

/** With tool_choice auto or none, and with any or tool; null if a forced tool is rejected. */
export interface ToolPromptTokens {
  readonly auto: number
  readonly forced: number | null
}

/** The switches that the rules of `check` read. */
export interface Behaviour {
  /**
   * The result when prompt and max_tokens together exceed the window: a 400; a response silently cut at the
   * end; or a stop with `model_context_window_exceeded`.
   */
  readonly overflow: 'refused' | 'cut' | 'stops'
  /** `default_only`: any value but the default is rejected. */
  readonly sampling: 'all' | 'temperature_xor_top_p' | 'default_only'
  /** With `default_only`: a `top_p` of 1, which has no effect, is rejected too, and so are two parameters. */
  readonly strictSampling?: true
  readonly prefill: boolean
  /** Whether tool_choice `any` and `tool` are accepted; `unless_thinking`: not with thinking of type `enabled`. */
  readonly forcedToolChoice: 'always' | 'unless_thinking' | 'never'
  /** Whether `inference_geo` is accepted. */
  readonly inferenceGeo: boolean
  readonly structuredOutputs: Ability
  readonly citations: boolean
  readonly refusedTools: readonly RefusedTool[]
  /** The models that its advisor tool may name; missing: not stated. */
  readonly advisors?: readonly string[]
}

/** `supported` null: not stated. */
export interface Ability {
  readonly supported: boolean | null
  readonly notOn?: readonly Platform[]
}

/** A tool type, or the prefix of several, and the platforms that reject it. */
export interface RefusedTool {
  readonly tool: string
  readonly on: readonly Platform[]
}

export type ThinkingType = 'enabled' | 'adaptive' | 'disabled' | 'between_tools'

export interface Thinking {
  /** The accepted values of `thinking.type`. */
  readonly types: readonly ThinkingType[]
  /** The behaviour without a `thinking` member. */
  readonly default: 'off' | 'on' | 'always_on'
  /** The form in which an answer shows its thinking by default; null: not stated. */
  readonly shown: 'full' | 'summarized' | 'omitted' | null
  readonly minBudgetTokens: number | null
  /** The beta with which a budget may exceed max_tokens if there are tools. */
  readonly interleaved: string | null
  /** `disabled` and `between_tools` are accepted up to this effort only; null: at any. */
  readonly switchedOffUpToEffort: EffortLevel | null
  readonly returned: ReturnedThinking
  readonly note: string | null
}

/** How the model handles thinking blocks that a client sends back. */
export interface ReturnedThinking {
  /** True if thinking of earlier turns stays in the context and is counted; other models drop it unread. */
  readonly keepsEarlier: boolean
  /** The scope in which a block of this model is valid. */
  readonly boundTo: 'nothing' | 'conversation' | 'model_and_conversation'
  /** True if a block is rejected after its conversation was changed. */
  readonly checksConversation: boolean
  /** True if it reads unbound blocks of other models. Unreadable blocks are dropped without an error. */
  readonly readsUnbound: boolean
  /** The ids of other models whose bound blocks it reads. */
  readonly readsBoundOf: readonly string[]
}

export type EffortLevel = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface Effort {
  readonly levels: readonly EffortLevel[]
  readonly default: EffortLevel
  /** The header that was required before the given day. */
  readonly beta: { readonly header: string; readonly until: string } | null
}

/** A model's lifecycle on one platform; an unpublished date is null. */
export interface Lifecycle {
  readonly released: string | null
  readonly deprecated: string | null
  /** May be in the future. */
  readonly retired: string | null
  /** If no retirement is announced: the day before which there will be none. */
  readonly notBefore: string | null
  /** From the newest deprecations page. */
  readonly replacement: string | null
  /** The replacement named by an earlier edition, if different. */
  readonly earlierReplacement?: string
  /**
   * Published statements on platforms without dates; `from` is the day from which the catalog applies the
   * statement.
   */
  readonly stated?: readonly EffectiveDated<{ readonly status: LifecycleStatus }>[]
  readonly note?: string
}

/** On the Claude API every release has a date. */
export type ReleasedLifecycle = Lifecycle & { readonly released: string }

/** `unreleased` applies before the model's release; `unknown` to a platform that publishes no dates. */
export type LifecycleStatus = 'unreleased' | 'active' | 'deprecated' | 'retired' | 'unknown'
