import type { Model } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { readTokens } from '../rates/counted-tokens.ts'

/** The quotas of an account, in tokens per minute for each model, which its platform does not report. */
export interface TokenQuota {
  /** The tokens of the quota that one output token of a model takes on a day (`YYYY-MM-DD`). */
  readonly getOutputWeight: (model: Model, day: string) => number
  /** The configured tokens per minute by model id; `*` stands for every other model. */
  readonly limits: ReadonlyMap<string, number>
}

/**
 * The tokens that a call has taken when it has ended. Tokens that were read from the prompt cache are only reserved
 * while it runs ("How tokens are counted in Amazon Bedrock", 2026).
 */
export function countQuotaTokens(usage: UsageFields, outputWeight: number): number {
  return (
    readTokens(usage, 'input_tokens') +
    readTokens(usage, 'cache_creation_input_tokens') +
    readTokens(usage, 'output_tokens') * outputWeight
  )
}
