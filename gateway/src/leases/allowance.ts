/** What may be taken of one kind (requests, input tokens, output tokens) in a window of time. Amounts are whole numbers. */
export interface Allowance {
  readonly limit: number
  /** What may be taken now; below zero after a hold that was too small. */
  room(nowMs: number): number
  /** What is left of the limit for anybody, to be shown. */
  remaining(nowMs: number): number
  /** Keeps so much for a call that is let in: nobody else can have it, and none of it passes with time. */
  hold(amount: number): void
  /** The call is made: what was held for it counts from now on. Tells the slot of time that it counts in. */
  count(amount: number, nowMs: number): number
  /** The call is never made: others may have what was held for it. */
  drop(amount: number): void
  /** Corrects what was counted in a slot, once it is known better. */
  correct(slot: number, difference: number, nowMs: number): void
  /** What was counted in a slot counts from now on. Tells its new slot. */
  move(slot: number, amount: number, nowMs: number): number
  /** How long until there is room for so much, or for all there is if it is more than that, when nothing else is taken. */
  waitMs(amount: number, nowMs: number): number
  /** How long until all of the limit is there again, when nothing else is taken. */
  resetInMs(nowMs: number): number
}

/** The kinds, in the order in which they are asked for. */
export const rateKinds = ['requests', 'input_tokens', 'output_tokens'] as const

export type RateKind = (typeof rateKinds)[number]

/** Limits of a minute; a kind that is absent is not limited. */
export type RateLimits = Readonly<Partial<Record<RateKind, number>>>

/** An amount of every kind, in the order of `rateKinds`. */
export type Amounts = readonly [requests: number, inputTokens: number, outputTokens: number]

/** One for every kind that is limited, in the order of `rateKinds`. */
export type Allowances = readonly [Allowance | null, Allowance | null, Allowance | null]

/** The first allowance that has no room for a call, and the time until it does. */
export interface Denial {
  readonly kind: RateKind
  readonly limit: number
  readonly waitMs: number
}
