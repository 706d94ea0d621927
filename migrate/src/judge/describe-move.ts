import { getTokenizer, limitOn, valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { Severity } from '../finding.ts'

/** A difference between two models that any call of the older one may meet. */
export interface MoveChange {
  readonly code: string
  readonly severity: Severity
  readonly message: string
}

/**
 * Lists the differences between two models. They follow from the facts of both, so a move over several generations has
 * the changes of all of them.
 */
export function describeMove(from: Model, to: Model, day: string): readonly MoveChange[] {
  return [...listBreaks(from, to), ...listSilent(from, to, day), ...listCosts(from, to, day)]
}

function listBreaks(from: Model, to: Model): readonly MoveChange[] {
  const changes: MoveChange[] = []
  const breaks = (code: string, message: string) => changes.push({ code, severity: 'breaks', message })
  const [old, next] = [from.behaviour, to.behaviour]
  if (old.sampling !== next.sampling && next.sampling !== 'all')
    breaks(
      'sampling',
      next.sampling === 'default_only'
        ? 'temperature, top_p and top_k are refused, except for their default values.'
        : 'temperature and top_p together are refused.',
    )
  if (old.prefill && !next.prefill) breaks('prefill', 'A last message of the assistant (prefill) is refused.')
  if (old.forcedToolChoice !== 'never' && next.forcedToolChoice === 'never')
    breaks('forced_tool', 'tool_choice of type any and tool is refused.')
  const lost = from.thinking?.types.filter((type) => to.thinking?.types.includes(type) !== true) ?? []
  if (lost.length > 0) breaks('thinking_types', `thinking of type ${lost.join(' and ')} is refused.`)
  return changes
}

function listSilent(from: Model, to: Model, day: string): readonly MoveChange[] {
  const changes: MoveChange[] = []
  const add = (code: string, message: string) => changes.push({ code, severity: 'changes', message })
  const [old, next] = [from.thinking?.default ?? 'off', to.thinking?.default ?? 'off']
  if (old === 'off' && next !== 'off')
    add(
      'thinks_by_default',
      'Without a thinking member the model thinks: max_tokens covers the thinking as well, and the first block is a thinking block.',
    )
  if (
    from.thinking?.shown !== 'omitted' &&
    from.thinking !== null &&
    (to.thinking?.shown === 'omitted' || (next !== 'off' && to.thinking?.shown === null))
  )
    add('thinking_not_shown', 'The text of thinking is empty unless thinking.display is summarized.')
  if (to.effort !== null && from.effort?.default !== to.effort.default)
    add(
      'effort',
      `The default effort is ${to.effort.default}${from.effort === null ? '; the older model has none' : ` instead of ${from.effort.default}`}.`,
    )
  const [oldMax, newMax] = [limitOn(from.maxOutput, day).tokens, limitOn(to.maxOutput, day).tokens]
  if (oldMax !== newMax) add('max_output', `The maximum of max_tokens is ${newMax} instead of ${oldMax}.`)
  if (to.minCacheableTokens !== null && from.minCacheableTokens !== to.minCacheableTokens)
    add(
      'min_cacheable',
      `A prompt is cached from ${to.minCacheableTokens} tokens on instead of ${from.minCacheableTokens ?? 'an unknown number'}.`,
    )
  if (from.behaviour.overflow !== to.behaviour.overflow && to.behaviour.overflow === 'stops')
    add('overflow', 'An answer that fills the context window stops with model_context_window_exceeded.')
  if (
    to.thinking?.returned.checksConversation === true &&
    from.thinking?.returned.checksConversation !== true
  )
    add(
      'bound_thinking',
      'Thinking blocks are refused after an earlier message, the system prompt or the tools changed.',
    )
  return changes
}

function listCosts(from: Model, to: Model, day: string): readonly MoveChange[] {
  const changes: MoveChange[] = []
  const [old, next] = [valueOn(from.rateCards, day)?.standard, valueOn(to.rateCards, day)?.standard]
  if (old !== undefined && next !== undefined && (old.input !== next.input || old.output !== next.output))
    changes.push({
      code: 'price',
      severity: 'changes',
      message: `A million tokens cost ${next.input} and ${next.output} USD (input, output) instead of ${old.input} and ${old.output}.`,
    })
  if (getTokenizer(from).id !== getTokenizer(to).id)
    changes.push({
      code: 'tokenizer',
      severity: 'changes',
      message:
        'Another tokenizer counts: the same text has about 30 % more tokens, at most 35 % (migration guide, 2026).',
    })
  return changes
}
