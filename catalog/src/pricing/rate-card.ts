import type { EffectiveDated } from '../effective-dated.ts'

/** USD per million tokens, decimal strings as the page prints them, without the `$`. */
export interface TokenPrices {
  readonly input: string
  readonly cache_write_5m: string
  readonly cache_write_1h: string
  readonly cache_read: string
  readonly output: string
}

/** The batch prices in the price table; it has no cache prices for batches. */
export interface BatchPrices {
  readonly input: string
  readonly output: string
}

/** The prices of a model from a day on. */
export type RateCard = EffectiveDated<{
  readonly id: string
  readonly standard: TokenPrices
  /** By prompt length, the shortest first: the last step that a prompt exceeds prices the whole request. */
  readonly steps?: readonly PriceStep[]
  readonly batch?: BatchPrices
  readonly fast?: FastPrices
  readonly note?: string
}>

/** The prices of every token of a request whose prompt, including cached tokens, is longer than the step. */
export type PriceStep = TokenPrices & {
  readonly abovePromptTokens: number
  /** The header without which such a long prompt is rejected; null: none is required. */
  readonly needsBeta: string | null
  /** The first day on which it is no longer available. */
  readonly until: string | null
  readonly batch: BatchPrices
  /** The prices of fast mode above the step; missing: it has none there. */
  readonly fast?: TokenPrices
}

/** Input and output as printed; the cache prices follow from the multipliers, which apply on top. */
export type FastPrices = TokenPrices & {
  /** The header without which the Claude API rejects `speed: "fast"`; null: none is required. */
  readonly needsBeta: string | null
  /** The first day without it, and the effect of `speed: "fast"` since then. */
  readonly ended: { readonly on: string; readonly afterwards: 'standard' | 'refused' } | null
}
