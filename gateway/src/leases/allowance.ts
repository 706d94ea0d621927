/** The limit of one kind (requests, input tokens, output tokens) in a time window. Amounts are integers. */
export interface Allowance {
  readonly limit: number
  /** The available amount; negative if a hold was too small. */
  room(nowMs: number): number
  /** The unused part of the limit, for response headers. */
  remaining(nowMs: number): number
  /** Reserves an amount for an admitted call; it does not expire. */
  hold(amount: number): void
  /** Turns a hold into usage, because its call is sent now. Returns the time slot in which it counts. */
  count(amount: number, nowMs: number): number
  /** Releases a hold whose call is never sent. */
  drop(amount: number): void
  /** Corrects an amount counted in a slot once the real usage is known. */
  correct(slot: number, difference: number, nowMs: number): void
  /** Moves a counted amount from its slot to the current one, which it returns. */
  move(slot: number, amount: number, nowMs: number): number
  /** Time until there is room for the amount (at most the limit), if nothing else is counted. */
  waitMs(amount: number, nowMs: number): number
  /** Time until the whole limit is available again, if nothing else is counted. */
  resetInMs(nowMs: number): number
}

/** The kinds, in the order in which they are checked. */
export const rateKinds = ['requests', 'input_tokens', 'output_tokens'] as const

export type RateKind = (typeof rateKinds)[number]

/** Limits per minute; an absent kind is unlimited. */
export type RateLimits = Readonly<Partial<Record<RateKind, number>>>

/** An amount for each kind, in the order of `rateKinds`. */
export type Amounts = readonly [requests: number, inputTokens: number, outputTokens: number]

/** In the order of `rateKinds`; null for a kind without a limit. */
export type Allowances = readonly [Allowance | null, Allowance | null, Allowance | null]

/** The first limit of a bucket that has no room for a call, and the time until it does. */
export interface LeaseDenial {
  /** The position of the limit in its bucket. */
  readonly index: number
  readonly limit: number
  /** The amount that counts in the limit, without what is lent or held. */
  readonly used: number
  /** The amount that is neither used nor lent. */
  readonly free: number
  readonly waitMs: number
  /** Time until the whole limit is available again, if nothing else is counted. */
  readonly resetInMs: number
}

/** The first rate that has no room for a call. */
export interface Denial {
  readonly kind: RateKind
  readonly limit: number
  readonly waitMs: number
}

/** The amount that a stored object counts with until its cost is known, such as the hold of a batch. */
export type KeptEntry = readonly [id: string, slot: number, amount: number]

/** A limit that the lease server lends from. */
export interface SharedAllowance {
  readonly limit: number
  room(nowMs: number): number
  /** Counts the reported usage of a worker in a slot. */
  correct(slot: number, amount: number, nowMs: number, worker: number): void
  /** Counts a stored object of a worker. Only money is kept for objects. */
  keepFor?(worker: number, entry: KeptEntry): void
  /** A worker exited with this amount of leases. */
  lose(amount: number, nowMs: number, worker: number): void
  hold(amount: number): void
  waitMs(amount: number, nowMs: number): number
  resetInMs(nowMs: number): number
}
