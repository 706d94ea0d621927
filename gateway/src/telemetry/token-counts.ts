import type { UsageFields } from '@anthology/wire'

/** The kinds of tokens in a usage; `input` excludes cache reads and writes. */
export const tokenKinds = ['input', 'cache_read', 'cache_write', 'output'] as const

export type TokenCounts = Record<(typeof tokenKinds)[number], number>

/** The counts of a usage; what is missing or no count is nothing: the ledger is the place that judges a usage. */
export function readTokens(usage: UsageFields): TokenCounts {
  return {
    input: count(usage['input_tokens']),
    cache_read: count(usage['cache_read_input_tokens']),
    cache_write: count(usage['cache_creation_input_tokens']),
    output: count(usage['output_tokens']),
  }
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
