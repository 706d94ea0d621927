import { computePriorityUsage } from '@anthology/catalog'
import type { MessageUsage } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { createBuckets } from './demand.ts'
import type { Demand, TokensPerMinute } from './demand.ts'

/** What is burnt down of a commitment, by the weights that the catalog holds. */
export type Burnt = Pick<
  MessageUsage,
  | 'input_tokens'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
  | 'cache_creation'
  | 'output_tokens'
>

/**
 * What a call of so much usage needs of a Priority Tier commitment; null where it cannot have any: there is
 * none, the model is not part of it, or the call does not want it (docs.claude.com, api/service-tiers).
 */
export type PriorityDemands = (validation: ValidRequest, usage: Burnt) => readonly Demand[] | null

export function createPriority(commitment: TokensPerMinute | undefined): PriorityDemands {
  if (commitment === undefined) return () => null
  const inputs = createBuckets(commitment.inputTokensPerMinute)
  const outputs = createBuckets(commitment.outputTokensPerMinute)
  return ({ request, model, day }, usage) => {
    if (request.service_tier === 'standard_only') return null
    const [input, output] = [inputs(model), outputs(model)]
    const { inference_geo: geo } = request
    const burnt = computePriorityUsage({ ...usage, ...(geo && { inference_geo: geo }) }, model, { asOf: day })
    if (!input || !output || !burnt.ok) return null
    return [
      { of: 'priority', name: 'input-tokens', bucket: input, amount: Number(burnt.inputMilliTokens) / 1_000 },
      {
        of: 'priority',
        name: 'output-tokens',
        bucket: output,
        amount: Number(burnt.outputMilliTokens) / 1_000,
      },
    ]
  }
}
