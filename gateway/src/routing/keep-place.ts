import { computePrice } from '@anthology/catalog'
import type { Usage } from '@anthology/catalog'

import { getPriceRegion } from '../upstreams/model-name.ts'
import { applyOwnPrices } from '../upstreams/own-price.ts'
import type { PlannedAttempt, PlanRequest } from './plan.ts'
import { fiveMinutesMs } from './warmth.ts'
import type { UsedCache } from './warmth.ts'

/**
 * Puts the upstream of the conversation's last answer before those that precede it by their groups: if the conversation
 * has thinking that is bound to it, or if the loss of its prompt cache costs more than the other upstream saves.
 */
export function keepPlace(
  attempts: readonly PlannedAttempt[],
  request: Pick<PlanRequest, 'last' | 'day' | 'returnsBoundThinking'>,
): readonly PlannedAttempt[] {
  const { last } = request
  const kept = attempts.find(
    ({ account, model }) => account.name === last?.upstream && model.id === last.model,
  )
  const [first] = attempts
  if (last === null || kept === undefined || first === undefined || kept === first) return attempts
  const others = attempts.filter((attempt) => attempt !== kept)
  if (request.returnsBoundThinking()) {
    const isNamed = kept.because === 'warm_cache' || kept.because === 'fallback_model'
    return [isNamed ? kept : { ...kept, because: 'bound_thinking' }, ...others]
  }
  return last.isWarm && isCheaperToStay(kept, first, request) ? [kept, ...others] : attempts
}

/**
 * Compares the cost of the cached prompt over the next turns: read in each of them, or written once at the other upstream
 * and read there from then on. With read prices of a tenth a move pays back after 23 turns at half the price, and after
 * 127 at ten elevenths. New input and output are left out, because their price is a small part of a long conversation.
 * Where a price is not known, the order of the groups counts.
 */
function isCheaperToStay(
  kept: PlannedAttempt,
  other: PlannedAttempt,
  { last, day }: Pick<PlanRequest, 'last' | 'day'>,
): boolean {
  if (last === null || last.cache.tokens === 0) return false
  const stay = priceCache(kept, last.cache, day)
  const move = priceCache(other, last.cache, day)
  if (stay === null || move === null) return false
  return stay.read * expectedTurns <= move.write + move.read * (expectedTurns - 1n)
}

/** The turns that a conversation is expected to have still. Nobody knows it; agents have dozens. */
const expectedTurns = 20n

/** The cost of the cached tokens at a place; null if it is not known. */
function priceCache(
  { account, model, modelName }: PlannedAttempt,
  { tokens, lifetimeMs }: UsedCache,
  day: string,
): { readonly read: bigint; readonly write: bigint } | null {
  const { platform, name: upstream, rates } = account
  const options = { asOf: day, platform, region: getPriceRegion(account, modelName) }
  const price = (usage: Usage): bigint | null => {
    const own = { upstream, rates, fallback: null }
    const found = applyOwnPrices(computePrice(usage, model, options), { ...usage }, own)
    return found.ok ? found.totalNanoUsd : null
  }
  const lifetime = lifetimeMs > fiveMinutesMs ? 'ephemeral_1h_input_tokens' : 'ephemeral_5m_input_tokens'
  const read = price({ cache_read_input_tokens: tokens })
  const write = price({ cache_creation_input_tokens: tokens, cache_creation: { [lifetime]: tokens } })
  return read === null || write === null ? null : { read, write }
}
