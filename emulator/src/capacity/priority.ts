import { computePriorityUsage } from '@anthology/catalog'
import type { MessageUsage } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { createBuckets } from './demand.ts'
import type { Demand, TokensPerMinute } from './demand.ts'

/** The usage that counts against a commitment, with weights from the catalog. */
export type PriorityUsage = Pick<
  MessageUsage,
  | 'input_tokens'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
  | 'cache_creation'
  | 'output_tokens'
>

/**
 * Returns the demands of a call with this usage on a Priority Tier commitment; null if it cannot use one: there is no
 * commitment, it does not cover the model, or the call opts out (docs.claude.com, api/service-tiers).
 */
export type PriorityDemands = (validation: ValidRequest, usage: PriorityUsage) => readonly Demand[] | null

export function createPriority(commitment: TokensPerMinute | undefined): PriorityDemands {
  if (commitment === undefined) return () => null
  const inputs = createBuckets(commitment.inputTokensPerMinute)
  const outputs = createBuckets(commitment.outputTokensPerMinute)
  return ({ request, model, day }, usage) => {
    if (request.service_tier === 'standard_only') return null
    const [input, output] = [inputs(model), outputs(model)]
    const { inference_geo: geo } = request
    const priorityUsage = computePriorityUsage({ ...usage, ...(geo && { inference_geo: geo }) }, model, {
      asOf: day,
    })
    if (!input || !output || !priorityUsage.ok) return null
    return [
      {
        kind: 'priority',
        name: 'input-tokens',
        bucket: input,
        amount: Number(priorityUsage.inputMilliTokens) / 1_000,
      },
      {
        kind: 'priority',
        name: 'output-tokens',
        bucket: output,
        amount: Number(priorityUsage.outputMilliTokens) / 1_000,
      },
    ]
  }
}
