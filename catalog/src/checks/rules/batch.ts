import type { Rule } from '../rule.ts'
import { extraInput } from '../rule.ts'

/** Errors for a request in a batch that the Messages API alone would accept. */
export const batchRules: readonly Rule[] = [
  {
    code: 'batch_stream',
    path: 'stream',
    source: 'Message Batches, 2026; text inferred',
    hint: 'Leave stream out: the results of a batch are fetched after it ends.',
    test: ({ batch, stream }) =>
      batch === true && stream === true ? 'stream: Streaming is not supported in message batches' : null,
  },
  {
    code: 'batch_speed',
    path: 'speed',
    source: 'Message Batches, 2026; text inferred',
    hint: 'Leave speed out: batches do not support it.',
    test: ({ batch, speed }) => (batch === true && speed !== undefined ? extraInput('speed') : null),
  },
  {
    code: 'batch_max_tokens_zero',
    path: 'max_tokens',
    source: 'Message Batches, 2026; text inferred',
    hint: 'Warm the cache with a separate call: batches do not accept max_tokens 0.',
    test: ({ batch, max_tokens }) =>
      batch === true && max_tokens === 0 ? 'max_tokens: Input should be greater than or equal to 1' : null,
  },
]
