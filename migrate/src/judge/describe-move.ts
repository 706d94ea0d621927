import { getTokenizer, limitOn, valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Severity } from '../finding.ts'

/** A difference between two models that any call of the older one may meet. */
export interface MoveChange {
  readonly code: string
  readonly severity: Severity
  readonly message: string
}

interface ModelPair {
  readonly from: Model
  readonly to: Model
  readonly day: string
}

interface Difference {
  readonly code: string
  readonly severity: Severity
  /** Null: the models do not differ in this. */
  readonly describe: (pair: ModelPair) => string | null
}

/** All differences, in the order of a report: refused requests, changed answers, costs. */
const differences: readonly Difference[] = [
  { code: 'sampling', severity: 'breaks', describe: describeSampling },
  { code: 'prefill', severity: 'breaks', describe: describePrefill },
  { code: 'forced_tool', severity: 'breaks', describe: describeForcedTool },
  { code: 'thinking_types', severity: 'breaks', describe: describeThinkingTypes },
  { code: 'thinks_by_default', severity: 'changes', describe: describeThinkingDefault },
  { code: 'thinking_not_shown', severity: 'changes', describe: describeHiddenThinking },
  { code: 'effort', severity: 'changes', describe: describeEffort },
  { code: 'max_output', severity: 'changes', describe: describeMaxOutput },
  { code: 'min_cacheable', severity: 'changes', describe: describeMinCacheable },
  { code: 'overflow', severity: 'changes', describe: describeOverflow },
  { code: 'bound_thinking', severity: 'changes', describe: describeBoundThinking },
  { code: 'price', severity: 'changes', describe: describePrice },
  { code: 'tokenizer', severity: 'changes', describe: describeTokenizer },
]

/**
 * Lists the differences between two models. They follow from the facts of both, so a move over several generations has
 * the changes of all of them.
 */
export function describeMove(from: Model, to: Model, day: string): readonly MoveChange[] {
  return differences.flatMap(({ code, severity, describe }) => {
    const message = describe({ from, to, day })
    return message === null ? [] : [{ code, severity, message }]
  })
}

function describeSampling({ from, to }: ModelPair): string | null {
  const { sampling } = to.behaviour
  if (sampling === 'all' || sampling === from.behaviour.sampling) return null
  return sampling === 'default_only'
    ? 'temperature, top_p and top_k are refused, except for their default values.'
    : 'temperature and top_p together are refused.'
}

function describePrefill({ from, to }: ModelPair): string | null {
  const isLost = from.behaviour.prefill && !to.behaviour.prefill
  return isLost ? 'A last message of the assistant (prefill) is refused.' : null
}

function describeForcedTool({ from, to }: ModelPair): string | null {
  const isLost = from.behaviour.forcedToolChoice !== 'never' && to.behaviour.forcedToolChoice === 'never'
  return isLost ? 'tool_choice of type any and tool is refused.' : null
}

function describeThinkingTypes({ from, to }: ModelPair): string | null {
  const lost = from.thinking?.types.filter((type) => to.thinking?.types.includes(type) !== true) ?? []
  return lost.length > 0 ? `thinking of type ${lost.join(' and ')} is refused.` : null
}

function describeThinkingDefault({ from, to }: ModelPair): string | null {
  return thinksByDefault(to) && !thinksByDefault(from)
    ? 'Without a thinking member the model thinks: max_tokens covers the thinking as well, and the first block is a thinking block.'
    : null
}

function thinksByDefault({ thinking }: Model): boolean {
  return thinking !== null && thinking.default !== 'off'
}

function describeHiddenThinking({ from, to }: ModelPair): string | null {
  const wasShown = from.thinking !== null && from.thinking.shown !== 'omitted'
  return wasShown && mayHideThinking(to)
    ? 'The text of thinking is empty unless thinking.display is summarized.'
    : null
}

/** Models that think by default omit the text, unless their page states another form. */
function mayHideThinking(model: Model): boolean {
  if (model.thinking === null) return false
  const { shown } = model.thinking
  return shown === 'omitted' || (shown === null && thinksByDefault(model))
}

function describeEffort({ from, to }: ModelPair): string | null {
  if (to.effort === null || from.effort?.default === to.effort.default) return null
  const before = from.effort === null ? '; the older model has none' : ` instead of ${from.effort.default}`
  return `The default effort is ${to.effort.default}${before}.`
}

function describeMaxOutput({ from, to, day }: ModelPair): string | null {
  const [old, next] = [limitOn(from.maxOutput, day).tokens, limitOn(to.maxOutput, day).tokens]
  return old === next ? null : `The maximum of max_tokens is ${next} instead of ${old}.`
}

function describeMinCacheable({ from, to }: ModelPair): string | null {
  const [old, next] = [from.minCacheableTokens, to.minCacheableTokens]
  if (next === null || old === next) return null
  return `A prompt is cached from ${next} tokens on instead of ${old ?? 'an unknown number'}.`
}

function describeOverflow({ from, to }: ModelPair): string | null {
  const starts = to.behaviour.overflow === 'stops' && from.behaviour.overflow !== 'stops'
  return starts ? 'An answer that fills the context window stops with model_context_window_exceeded.' : null
}

function describeBoundThinking({ from, to }: ModelPair): string | null {
  return checksConversation(to) && !checksConversation(from)
    ? 'Thinking blocks are refused after an earlier message, the system prompt or the tools changed.'
    : null
}

function checksConversation({ thinking }: Model): boolean {
  return thinking?.returned.checksConversation === true
}

function describePrice({ from, to, day }: ModelPair): string | null {
  const [old, next] = [from, to].map(({ rateCards }) => valueOn(rateCards, day)?.standard)
  if (old === undefined || next === undefined) return null
  if (old.input === next.input && old.output === next.output) return null
  return `A million tokens cost ${next.input} and ${next.output} USD (input, output) instead of ${old.input} and ${old.output}.`
}

function describeTokenizer({ from, to }: ModelPair): string | null {
  return getTokenizer(from).id === getTokenizer(to).id
    ? null
    : 'Another tokenizer counts: the same text has about 30 % more tokens, at most 35 % (migration guide, 2026).'
}
