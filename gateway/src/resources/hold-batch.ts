import { setImmediate } from 'node:timers/promises'

import { readOptionFacts } from '@anthology/catalog'
import { indexBody } from '@anthology/wire'

import type { Key } from '../auth/key-ring.ts'
import type { BudgetHold } from '../budgets/budget-hold.ts'
import { boundCost, computeCost } from '../budgets/hold.ts'
import { readPromptFacts } from '../budgets/prompt-facts.ts'
import { priceHint, toBudgetError } from '../budgets/refusal.ts'
import { readMembers, readSmallMember } from '../calls/call.ts'
import { getDay } from '../clock.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { sliceMs } from '../slices.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import type { BatchedRequest } from './batch-request.ts'

interface NewBatch {
  readonly key: Key
  readonly labels: string | null
  readonly startedAtMs: number
  readonly betas: readonly string[]
  readonly account: UpstreamAccount
  /** The client's bytes. */
  readonly body: Uint8Array
  readonly requests: readonly BatchedRequest[]
}

/**
 * Holds what all requests of a batch may cost at most; null if no budget applies. Throws an ApiError if a budget has
 * too little. A large batch is read in slices, so that running streams are not blocked.
 */
export async function holdBatch(
  { budgets, fallbackPrice }: Pick<Context, 'budgets' | 'fallbackPrice'>,
  { key, labels, startedAtMs, betas, account, body, requests }: NewBatch,
): Promise<BudgetHold | null> {
  const subject = {
    keyId: key.id,
    keyName: key.name,
    workspaceId: key.workspaceId,
    memberId: key.memberId,
    labels,
    startedAtMs,
    modelIds: [...new Set(requests.map(({ model }) => model.id))],
  }
  const applied = budgets.find(subject)
  if (applied.length === 0) return null
  const isBlocked = applied.some(({ action }) => action === 'block')
  let amount = 0
  let sliceEndMs = performance.now() + sliceMs
  for (const [at, { model, start, end }] of requests.entries()) {
    const bound = boundRequest(body.subarray(start, end), {
      upstream: account.name,
      model,
      platform: account.platform,
      region: undefined,
      rates: account.rates,
      fallback: fallbackPrice ?? undefined,
    })
    if (bound.ok) amount += computeCost(bound.bound, bound.bound.maxOutputTokens)
    else if (isBlocked)
      throw new ApiError(
        'unknown_price',
        `requests.${at}.params.model: no budget can hold money for ${model.id}: ${bound.detail}. ${priceHint}`,
      )
    if (performance.now() < sliceEndMs) continue
    await setImmediate()
    sliceEndMs = performance.now() + sliceMs
  }
  const held = await budgets.hold(applied, subject, amount)
  if (!held.ok) throw toBudgetError(held.refusal)
  return held.hold

  function boundRequest(
    params: Uint8Array,
    place: Parameters<typeof boundCost>[1],
  ): ReturnType<typeof boundCost> {
    const index = indexBody(params, readMembers)
    if (!index.ok) throw new ApiError('bad_request', index.message)
    const members: Record<string, unknown> = {}
    for (const name of ['max_tokens', 'inference_geo'])
      if (index.get(name) !== undefined) members[name] = readSmallMember({ body: params, index }, name)
    const { max_tokens, inference_geo } = readOptionFacts(members)
    const options = {
      ...(max_tokens !== undefined && Number.isSafeInteger(max_tokens) && max_tokens >= 0 && { max_tokens }),
      ...(inference_geo !== undefined && { inference_geo }),
      batch: true,
    }
    return boundCost(
      { prompt: readPromptFacts(params, index), options, betas, asOf: getDay(startedAtMs) },
      place,
    )
  }
}
