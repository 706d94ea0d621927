import type {
  Behaviour,
  Effort,
  Lifecycle,
  LifecycleStatus,
  Limit,
  Model,
  ReleasedLifecycle,
  ReturnedThinking,
  Thinking,
} from '../model.ts'
import type { SourceKey } from '../sources.ts'

/** The inputs and outputs of every model so far. */
export const textAndVision = {
  input: ['text', 'image'],
  output: ['text'],
  multilingual: true,
  vision: true,
} as const satisfies Partial<Model>

export const window200k: Limit = {
  tokens: 200_000,
  tooltip: '~150K words, ~680K unicode characters',
  beta: null,
}

/** A million tokens of the tokenizer introduced with Opus 4.7. */
export const window1M: Limit = {
  tokens: 1_000_000,
  tooltip: '~555K words, ~2.5M unicode characters',
  beta: null,
}

/**
 * The same window with the previous tokenizer; a beta until 2026-03-13, whose header is known from third
 * parties.
 */
export const window1MOf46: Limit = {
  tokens: 1_000_000,
  tooltip: '~750K words, ~3.4M unicode characters',
  beta: null,
  earlier: [
    {
      until: '2026-03-13',
      tokens: 200_000,
      beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000, until: null },
    },
  ],
}

export const output128k: Limit = { tokens: 128_000, tooltip: null, beta: null }

export const output128kOr300kInBatches: Limit = {
  ...output128k,
  batch: { header: 'output-300k-2026-03-24', tokens: 300_000, until: null },
}

/** The rules of the Claude 3 and 3.5 models, which have no thinking. */
export const claude3Behaviour: Behaviour = {
  overflow: 'cut',
  sampling: 'all',
  prefill: true,
  forcedToolChoice: 'always',
  inferenceGeo: false,
  structuredOutputs: { supported: null },
  citations: true,
  refusedTools: [],
}

export const claude4Behaviour: Behaviour = {
  ...claude3Behaviour,
  overflow: 'refused',
  forcedToolChoice: 'unless_thinking',
  structuredOutputs: { supported: false },
}

export const claude45Behaviour: Behaviour = {
  ...claude4Behaviour,
  overflow: 'stops',
  sampling: 'temperature_xor_top_p',
  structuredOutputs: { supported: true },
}

export const claude46Behaviour: Behaviour = { ...claude45Behaviour, prefill: false, inferenceGeo: true }

export const claude47Behaviour: Behaviour = { ...claude46Behaviour, sampling: 'default_only' }

/** From Fable 5.1 on, except Haiku 5.5. */
export const unforcedBehaviour: Behaviour = { ...claude47Behaviour, forcedToolChoice: 'never' }

/** For models that drop the thinking of earlier turns. */
export const forgottenThinking: ReturnedThinking = {
  keepsEarlier: false,
  boundTo: 'nothing',
  checksConversation: false,
  readsUnbound: true,
  readsBoundOf: [],
}

/**
 * Opus from 4.5 on, Sonnet from 4.6, Fable and Mythos (Thinking page, August 2026). That each reads the
 * others' blocks is inferred.
 */
export const keptThinking: ReturnedThinking = { ...forgottenThinking, keepsEarlier: true }

/**
 * From Fable 5.1 on (Preserved thinking page): the conversation is checked for accounts created since
 * 2026-08-31.
 */
export const boundThinking: ReturnedThinking = {
  ...keptThinking,
  boundTo: 'model_and_conversation',
  checksConversation: true,
}

/** Thinking with a budget, enabled per call. */
export const manualThinking: Thinking = {
  types: ['enabled', 'disabled'],
  default: 'off',
  shown: 'summarized',
  minBudgetTokens: 1024,
  interleaved: 'interleaved-thinking-2025-05-14',
  switchedOffUpToEffort: null,
  returned: forgottenThinking,
  note: null,
}

/** The model chooses how much to think; `enabled` with a budget is rejected. */
export const adaptiveThinking: Thinking = {
  types: ['adaptive', 'disabled'],
  default: 'off',
  shown: 'omitted',
  minBudgetTokens: null,
  interleaved: null,
  switchedOffUpToEffort: null,
  returned: keptThinking,
  note: null,
}

/** The same, but it cannot be switched off. */
export const constantThinking: Thinking = { ...adaptiveThinking, types: ['adaptive'], default: 'always_on' }

export const everyEffort: Effort = {
  levels: ['low', 'medium', 'high', 'xhigh', 'max'],
  default: 'high',
  beta: null,
}

/** The levels before Opus 4.7 introduced `xhigh`. */
export const effortOf46: Effort = { levels: ['low', 'medium', 'high', 'max'], default: 'high', beta: null }

/** Offered on a platform without published dates, as far as is known. */
export const offered: Lifecycle = {
  released: null,
  deprecated: null,
  retired: null,
  notBefore: null,
  replacement: null,
}

export const offeredEverywhere = { bedrock: offered, vertex: offered, foundry: offered } as const

/**
 * Offered on Foundry since its launch in November 2025; the exact day is not known, so the first of the
 * month is used.
 */
export const offeredWhenFoundryBegan: Lifecycle = { ...offered, released: '2025-11-01' }

/** A published statement about a platform, which the catalog applies from the given day. */
export function stated(status: LifecycleStatus, from: string, source: SourceKey, note?: string): Lifecycle {
  const life: Lifecycle = { ...offered, stated: [{ from, status, source }] }
  return note === undefined ? life : { ...life, note }
}

/** Offered in 2025; the status is unknown since the retirement on the Claude API. */
export function unknownSince(from: string): Lifecycle {
  return stated('unknown', from, 'deprecations-2026-10')
}

/** Retired on the Claude API, but still available on this platform in October 2026. */
export const stillReachable: Lifecycle = {
  ...offered,
  note: 'Still reachable in October 2026, after its retirement on the Claude API.',
}

/** Released after the page of August 2025, which had a one-line description of each model of that time. */
export const afterThePage = {
  page: null,
  description: null,
  strengths: null,
  access: null,
} as const satisfies Partial<Model>

/**
 * From the 4.6 generation on an id has no date and is the same on every platform, except for Bedrock's
 * prefix.
 */
export function dateless(id: string): Model['platforms'] {
  return { anthropic: id, bedrock: `anthropic.${id}`, vertex: id, foundry: id }
}

/** On the Claude API since the given day, and for at least a year. */
export function activeSince(released: string, notBefore: string): ReleasedLifecycle {
  return { ...offered, released, notBefore }
}
