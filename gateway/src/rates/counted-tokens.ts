import type { Model } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

/** The tokens of a call that count towards its limits. */
export interface CountedTokens {
  readonly inputTokens: number
  readonly outputTokens: number
}

/**
 * Counts uncached input, cache writes and output. Cache reads count only for
 * Haiku 3.5, Haiku 3 and Opus 3 (docs.claude.com, api/rate-limits, November 2025).
 */
export function countTokens(usage: UsageFields, { family, generation }: Model): CountedTokens {
  const readsCount = (family === 'haiku' || family === 'opus') && generation.startsWith('3')
  const tokens = (name: string) => {
    const count = usage[name]
    return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0
  }
  return {
    inputTokens:
      tokens('input_tokens') +
      tokens('cache_creation_input_tokens') +
      (readsCount ? tokens('cache_read_input_tokens') : 0),
    outputTokens: tokens('output_tokens'),
  }
}
