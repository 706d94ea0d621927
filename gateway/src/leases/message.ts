import type { Amounts, Denial, RateLimits } from './allowance.ts'

// Messages between a worker and the primary about limits that all workers share.
// A bucket is a key's usage of one model. Messages between two processes arrive in
// order; after a lost one none arrives.

/** The use of a bucket's leases since the last report. */
export interface LeaseUse {
  readonly name: string
  readonly limits: RateLimits
  /** Amounts used from the leases, by kind. */
  readonly taken: Amounts
  /** Amounts to count in the windows, as slot and amount by kind; a negative amount corrects an earlier one. */
  readonly entries: readonly (readonly (readonly [slot: number, amount: number])[])[]
  /** Unused amounts that are returned. */
  readonly returned: Amounts
}

export type ToLeaseServer =
  | {
      readonly kind: 'report'
      readonly uses: readonly LeaseUse[]
      /** The answer to a recall; null for a periodic report. */
      readonly recalled: {
        readonly name: string
        /** The need of the first waiting call now that everything is returned; null if none waits. */
        readonly need: Amounts | null
      } | null
    }
  | {
      readonly kind: 'request'
      readonly use: LeaseUse
      /** The minimum: with less, the first waiting call is denied. */
      readonly need: Amounts
      /** Additional amounts for the other waiting calls. */
      readonly wanted: Amounts
    }

export type FromLeaseServer =
  | { readonly kind: 'lent'; readonly name: string; readonly amounts: Amounts; readonly free: Amounts }
  | {
      readonly kind: 'denied'
      readonly name: string
      readonly denial: Denial
      readonly free: Amounts
      /** Time until the whole of each limit is available again. */
      readonly resetInMs: Amounts
    }
  /** Another worker needs amounts that may be unused here: report, and return them. */
  | { readonly kind: 'recall'; readonly name: string }
