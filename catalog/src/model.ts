import type { RateCard } from './pricing/rate-card.ts'
import type { EffectiveDated } from './effective-dated.ts'
import type { FactGroup, SourceKey } from './sources.ts'

/** One pinned snapshot with every fact the catalog holds about it. What no source states is `null`. */
export interface Model {
  /** The pinned id of the Claude API; a snapshot never changes under it. */
  readonly id: string
  /** The name on the comparison table, e.g. `Claude Sonnet 3.5`. Two snapshots may share one. */
  readonly name: string
  /** The Models API's `display_name` and `created_at`; the latter null where no reply of it was seen. */
  readonly displayName: string
  readonly createdAt: string | null
  readonly family: Family
  /** `4.1` of Opus 4.1: what the rules "from the 4.5 generation on" compare. */
  readonly generation: string
  /** Null: anybody with an account. */
  readonly access: 'invitation' | 'limited' | null
  /** What the page of August 2025 had of it: a column of the comparison table, a price row, or nothing. */
  readonly page: 'column' | 'price_row' | null
  /** The day whose facts a retired model is served with, when the lifecycle mode is `ignore`. */
  readonly factsAsOf: string
  /** Names of the Claude API that point here; which ones moved, and when, stands in `aliases.ts`. */
  readonly aliases: readonly string[]
  /** Further ids the Claude API accepts for this same snapshot. */
  readonly otherIds: readonly string[]
  readonly platforms: Readonly<Record<Platform, string | null>>
  /** The id on Bedrock's Messages endpoint ("mantle"), where it is another than the runtime's. */
  readonly mantleId?: string
  /** Inference profiles on Bedrock by their prefix, e.g. `us` for `us.anthropic...`; null: not stated. */
  readonly bedrockProfiles: readonly string[] | null
  readonly description: string | null
  readonly strengths: string | null
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly multilingual: boolean
  readonly vision: boolean
  /** Whether a commitment to the Priority Tier serves it; in 2026 none is sold any more, on a day that is not known. */
  readonly priorityTier: boolean | null
  readonly comparativeLatency: string | null
  readonly contextWindow: Limit
  readonly maxOutput: Limit
  /** `YYYY-MM`. */
  readonly trainingCutoff: string | null
  readonly reliableKnowledge: string | null
  /** A shorter prompt is answered uncached, without an error. */
  readonly minCacheableTokens: number | null
  /** Tokens of the system prompt that `tools` brings along; an empty series: not stated. */
  readonly toolPromptTokens: readonly EffectiveDated<ToolPromptTokens>[]
  /** How far an image is scaled down before its tokens are counted. */
  readonly imageDetail: 'standard' | 'high'
  /** Costs a tenth more on a Bedrock or Google Cloud endpoint that is not the global one. */
  readonly regionalPremium: boolean
  readonly behaviour: Behaviour
  /** Null: the model does not think. */
  readonly thinking: Thinking | null
  /** Null: `output_config.effort` is refused. */
  readonly effort: Effort | null
  /** Oldest first; a card is valid from its day until the next card's. None: no price is known. */
  readonly rateCards: readonly RateCard[]
  /** Null where the model is not offered, as far as is known. */
  readonly lifecycle: Readonly<Record<Platform, Lifecycle | null>> & { readonly anthropic: ReleasedLifecycle }
  readonly notes: readonly string[]
  /** What stands in this file on one weak source, by inference, or not at all. */
  readonly uncertain: readonly string[]
  /** Where each group of facts stands. */
  readonly sources: Readonly<Record<FactGroup, readonly [SourceKey, ...SourceKey[]]>>
}

export type Family = 'opus' | 'sonnet' | 'haiku' | 'fable' | 'mythos'
export type Platform = 'anthropic' | 'bedrock' | 'vertex' | 'foundry'
export type Modality = 'text' | 'image'

/** A number of tokens, the page's tooltip on it, and the beta that raises it. */
export interface Limit {
  readonly tokens: number
  readonly tooltip: string | null
  readonly beta: LimitBeta | null
  /** The beta that raises it inside a Message Batch, and only there. */
  readonly batch?: LimitBeta
  /** What held before, oldest first, each until the day before `until`. */
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

/** With tool_choice auto or none, and with any or tool; null where a forced tool is refused. */
export interface ToolPromptTokens {
  readonly auto: number
  readonly forced: number | null
}

/** The switches that the rules of `check` read. */
export interface Behaviour {
  /**
   * What happens when prompt and max_tokens together exceed the window: a 400; the answer is cut there in silence;
   * or it stops there with `model_context_window_exceeded`.
   */
  readonly overflow: 'refused' | 'cut' | 'stops'
  /** `default_only`: any value but the default is refused. */
  readonly sampling: 'all' | 'temperature_xor_top_p' | 'default_only'
  readonly prefill: boolean
  /** Whether tool_choice `any` and `tool` are taken; `unless_thinking`: not with thinking of type `enabled`. */
  readonly forcedToolChoice: 'always' | 'unless_thinking' | 'never'
  /** Whether `inference_geo` is taken. */
  readonly inferenceGeo: boolean
  readonly structuredOutputs: Ability
  readonly citations: boolean
  readonly refusedTools: readonly RefusedTool[]
}

/** `supported` null: not stated. */
export interface Ability {
  readonly supported: boolean | null
  readonly notOn?: readonly Platform[]
}

/** A tool type, or how a group of them begins, and where it is refused. */
export interface RefusedTool {
  readonly tool: string
  readonly on: readonly Platform[]
}

export type ThinkingType = 'enabled' | 'adaptive' | 'disabled' | 'between_tools'

export interface Thinking {
  /** The values of `thinking.type` that are taken. */
  readonly types: readonly ThinkingType[]
  /** What happens without a `thinking` member. */
  readonly default: 'off' | 'on' | 'always_on'
  /** What an answer shows of it by default; null: not stated. */
  readonly shown: 'full' | 'summarized' | 'omitted' | null
  readonly minBudgetTokens: number | null
  /** The beta with which a budget may exceed max_tokens when there are tools. */
  readonly interleaved: string | null
  /** `disabled` and `between_tools` are taken up to this effort only; null: at any. */
  readonly switchedOffUpToEffort: EffortLevel | null
  readonly returned: ReturnedThinking
  readonly note: string | null
}

/** What becomes of the thinking that a client sends back. */
export interface ReturnedThinking {
  /** Thinking of earlier turns stays in the context and is counted; the others drop it unread. */
  readonly keepsEarlier: boolean
  /** What a block of this model cannot be taken away from. */
  readonly boundTo: 'nothing' | 'conversation' | 'model_and_conversation'
  /** A block whose conversation was changed is refused. */
  readonly checksConversation: boolean
  /** Whether it reads the blocks of models that bind theirs to no model. What it may not read is dropped without an error. */
  readonly readsUnbound: boolean
  /** The ids of the other models whose bound blocks it reads. */
  readonly readsBoundOf: readonly string[]
}

export type EffortLevel = 'low' | 'medium' | 'high' | 'xhigh' | 'max'

export interface Effort {
  readonly levels: readonly EffortLevel[]
  readonly default: EffortLevel
  /** The header that was needed, until the day named. */
  readonly beta: { readonly header: string; readonly until: string } | null
}

/** A model's life on one platform; a date that nobody published is null. */
export interface Lifecycle {
  readonly released: string | null
  readonly deprecated: string | null
  /** May lie ahead of us. */
  readonly retired: string | null
  /** Where no retirement is announced: the day before which there will be none. */
  readonly notBefore: string | null
  /** On the newest deprecations page. */
  readonly replacement: string | null
  /** What an earlier edition named, where it was another one. */
  readonly earlierReplacement?: string
  /** What was said of it where dates are not published; `from` is the day from which the catalog goes by it. */
  readonly stated?: readonly EffectiveDated<{ readonly status: LifecycleStatus }>[]
  readonly note?: string
}

/** On the Claude API every release has its day. */
export type ReleasedLifecycle = Lifecycle & { readonly released: string }

/** `unreleased` is of a day before the model came out; `unknown` of a platform that publishes no dates. */
export type LifecycleStatus = 'unreleased' | 'active' | 'deprecated' | 'retired' | 'unknown'
