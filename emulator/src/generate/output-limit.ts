import { limitOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { StopReason } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'

/** The maximum of output tokens, thinking included, and the stop reason of an answer that reaches it. */
export interface OutputLimit {
  readonly maxTokens: number
  readonly cutReason: StopReason
}

/**
 * An answer ends at the context window if that is reached before `max_tokens`: with the stop reason `max_tokens` on
 * models before 3.7, with one of its own in the beta (docs.claude.com, build-with-claude/context-windows, Nov 2025).
 * Other models have already rejected such a request.
 */
export function findOutputLimit({ request, model, prompt, betas, day }: ValidRequest): OutputLimit {
  const { max_tokens: maxTokens = 1 } = request
  const { tokens, beta } = limitOn(model.contextWindow, day)
  const windowTokens = beta && betas.includes(beta.header) ? beta.tokens : tokens
  const roomTokens = Math.max(1, windowTokens - prompt.inputTokens)
  if (maxTokens <= roomTokens) return { maxTokens, cutReason: 'max_tokens' }
  const cutReason = namesOverflow(model, betas) ? 'model_context_window_exceeded' : 'max_tokens'
  return { maxTokens: roomTokens, cutReason }
}

/** Whether an answer can have the stop reason `model_context_window_exceeded`. */
export function namesOverflow({ behaviour }: Model, betas: readonly string[]): boolean {
  return behaviour.overflow === 'stops' || betas.includes('model-context-window-exceeded-2025-08-26')
}
