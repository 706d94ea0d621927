import type { Amounts, RateLimits } from './allowance.ts'
import type { RateDenial } from '../rates/rate-bucket.ts'

// Messages between a worker and the primary about limits that all workers share.
// A bucket is a key's use of one model. Messages between two processes arrive in
// order; after the first lost one, none arrive.

/** The changes to a bucket's leases since the last report. */
export interface LeaseUse {
  readonly name: string
  readonly limits: RateLimits
  /** Amounts used from the leases, by kind. */
  readonly taken: Amounts
  /** Window entries as slot and amount, by kind; a negative amount corrects an earlier one. */
  readonly entries: readonly (readonly (readonly [slot: number, amount: number])[])[]
  /** Unused amounts that the worker returns. */
  readonly returned: Amounts
}

export type ToLeaseServer =
  | {
      readonly kind: 'report'
      readonly uses: readonly LeaseUse[]
      /** Set in the reply to a recall; null in a periodic report. */
      readonly recalled: {
        readonly name: string
        /** The shortage of the oldest waiting call, now that everything is returned; null if no call is waiting. */
        readonly need: Amounts | null
      } | null
    }
  | {
      readonly kind: 'request'
      readonly use: LeaseUse
      /** The oldest waiting call is rejected without this amount. */
      readonly need: Amounts
      /** The total for the other waiting calls. */
      readonly wanted: Amounts
    }

export type FromLeaseServer =
  | { readonly kind: 'lent'; readonly name: string; readonly amounts: Amounts; readonly free: Amounts }
  | {
      readonly kind: 'denied'
      readonly name: string
      readonly denial: RateDenial
      readonly free: Amounts
      /** Time until each limit is fully available again. */
      readonly resetInMs: Amounts
    }
  /** Another worker needs amounts that may be unused here: report and return them. */
  | { readonly kind: 'recall'; readonly name: string }
