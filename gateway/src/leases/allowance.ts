/** A rate limit for one kind (requests, input tokens, output tokens) in a time window. Amounts are integers. */
export interface Allowance {
  readonly limit: number
  /** The amount that is available now; negative after a hold that was too small. */
  room(nowMs: number): number
  /** The unused part of the limit across all workers, for response headers. */
  remaining(nowMs: number): number
  /** Reserves an amount for an admitted call. The reservation does not expire. */
  hold(amount: number): void
  /** The call is sent: its reservation counts as used from now on. Returns the time slot in which it counts. */
  count(amount: number, nowMs: number): number
  /** The call is not sent: releases its reservation. */
  drop(amount: number): void
  /** Corrects the amount counted in a slot once the actual usage is known. */
  correct(slot: number, difference: number, nowMs: number): void
  /** Moves an amount from its slot to the current one. Returns the new slot. */
  move(slot: number, amount: number, nowMs: number): number
  /** Time until the amount (at most the whole limit) is available, if nothing else is used. */
  waitMs(amount: number, nowMs: number): number
  /** Time until the whole limit is available again, if nothing else is used. */
  resetInMs(nowMs: number): number
}

/** The kinds, in the order in which they are checked. */
export const rateKinds = ['requests', 'input_tokens', 'output_tokens'] as const

export type RateKind = (typeof rateKinds)[number]

/** Limits per minute; a missing kind is not limited. */
export type RateLimits = Readonly<Partial<Record<RateKind, number>>>

/** An amount for each kind, in the order of `rateKinds`. */
export type Amounts = readonly [requests: number, inputTokens: number, outputTokens: number]

/** One allowance for each limited kind, in the order of `rateKinds`. */
export type Allowances = readonly [Allowance | null, Allowance | null, Allowance | null]
