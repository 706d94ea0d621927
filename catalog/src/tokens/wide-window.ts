import { limitOn } from './limit.ts'
import type { Model } from '../model.ts'

export interface WideWindow {
  /** The betas of the request, with the one that the window needs. */
  readonly betas: readonly string[]
  /** What the suffix changed, or why it has no effect; null if the model has the window without a beta. */
  readonly notice: string | null
}

const wideTokens = 1_000_000

/** Applies Claude Code's suffix `[1m]` to a request: it asks for a context window of a million tokens on a day. */
export function requestWideWindow(model: Model, day: string, betas: readonly string[]): WideWindow {
  const { tokens, beta } = limitOn(model.contextWindow, day)
  if (tokens >= wideTokens) return { betas, notice: null }
  if (beta === null || beta.tokens < wideTokens || (beta.until !== null && day >= beta.until))
    return { betas, notice: `[1m] has no effect: ${model.id} has a context window of ${tokens} tokens` }
  const { header } = beta
  return betas.includes(header)
    ? { betas, notice: null }
    : { betas: [...betas, header], notice: `[1m] adds the beta ${header}` }
}
