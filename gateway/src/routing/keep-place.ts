import { computePrice } from '@anthology/catalog'
import type { Model, Usage } from '@anthology/catalog'

import type { UpstreamAccount } from '../upstreams/account.ts'
import { getPriceRegion } from '../upstreams/model-name.ts'
import { applyOwnPrices } from '../upstreams/own-price.ts'
import { fiveMinutesMs } from './warmth.ts'
import type { UsedCache, Warmth } from './warmth.ts'

/** The parts of an attempt that count. */
interface KeepableAttempt {
  readonly account: UpstreamAccount
  readonly model: Model
  readonly modelName: string
}

interface KeepRequest {
  readonly last: ReturnType<Warmth['find']>
  readonly day: string
  readonly returnsBoundThinking: () => boolean
}

/**
 * Finds the attempt at the place of the conversation's last answer, if it is to precede those that come first by their
 * groups: the conversation has thinking that is bound to it, or the loss of its prompt cache costs more than the other
 * upstream saves. Null if the order stays.
 */
export function findKept<Attempt extends KeepableAttempt>(
  attempts: readonly Attempt[],
  request: KeepRequest,
): Attempt | null {
  const { last } = request
  const kept = attempts.find(
    ({ account, model }) => account.name === last?.upstream && model.id === last.model,
  )
  const [first] = attempts
  if (last === null || kept === undefined || first === undefined || kept === first) return null
  if (request.returnsBoundThinking()) return kept
  return last.isWarm && isCheaperToStay(kept, first, request) ? kept : null
}

/**
 * Compares the cost of the cached prompt over the next turns: read in each of them, or written once at the other upstream
 * and read there from then on. With read prices of a tenth a move pays back after 23 turns at half the price, and after
 * 127 at ten elevenths. New input and output are left out, because their price is a small part of a long conversation.
 * Where a price is not known, the order of the groups counts.
 */
function isCheaperToStay(kept: KeepableAttempt, other: KeepableAttempt, { last, day }: KeepRequest): boolean {
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
  { account, model, modelName }: KeepableAttempt,
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
