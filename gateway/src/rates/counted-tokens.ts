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
  return {
    inputTokens:
      readTokens(usage, 'input_tokens') +
      readTokens(usage, 'cache_creation_input_tokens') +
      (readsCount ? readTokens(usage, 'cache_read_input_tokens') : 0),
    outputTokens: readTokens(usage, 'output_tokens'),
  }
}

/** A count of a usage; 0 if it is absent or no count. */
export function readTokens(usage: UsageFields, name: string): number {
  const count = usage[name]
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0
}
