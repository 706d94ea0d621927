import { limitOn } from '@anthology/catalog'
import type { StopReason } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'

/** How many tokens an answer may take, thinking included, and what one that is cut there ends with. */
export interface OutputLimit {
  readonly maxTokens: number
  readonly cutReason: StopReason
}

/**
 * Where the window ends before `max_tokens` do, the answer ends there: silently on models before
 * 3.7, by name with the beta (docs.claude.com, build-with-claude/context-windows, Nov 2025). The
 * others have refused such a request.
 */
export function findLimit({ request, model, prompt, betas, day }: ValidRequest): OutputLimit {
  const { max_tokens: maxTokens = 1 } = request
  const { tokens, beta } = limitOn(model.contextWindow, day)
  const windowTokens = beta && betas.includes(beta.header) ? beta.tokens : tokens
  const roomTokens = Math.max(1, windowTokens - prompt.inputTokens)
  if (maxTokens <= roomTokens) return { maxTokens, cutReason: 'max_tokens' }
  const isNamed =
    model.behaviour.overflow === 'stops' || betas.includes('model-context-window-exceeded-2025-08-26')
  return { maxTokens: roomTokens, cutReason: isNamed ? 'model_context_window_exceeded' : 'max_tokens' }
}
