import type { UsageFields } from '@anthology/wire'

/** The kinds of tokens in a usage; `input` is neither read from a cache nor written to it. */
export const tokenKinds = ['input', 'cache_read', 'cache_write', 'output'] as const

export type TokenCounts = Record<(typeof tokenKinds)[number], number>

/** Reads the counts of a usage; a missing or invalid one is 0, because only the ledger validates usage. */
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
