import type { KeptEntry, LeaseDenial } from './allowance.ts'

// Messages between a worker and the primary about limits that all workers share.
// A bucket has one or several limits: the rates of a key for one model, or one
// window of a budget. Messages between two processes arrive in order; after a lost
// one none arrives.

/** The facts from which the server creates a bucket: the limits of a rate, or nothing where it knows the bucket by its name. */
export type LeaseTerms = Readonly<Partial<Record<string, number>>>

/** An amount for each limit of the bucket, in its order. */
export type LeaseAmounts = readonly number[]

/** Amounts to count in one limit, as slot and amount; a negative amount corrects an earlier one. */
export type SlotEntries = readonly (readonly [slot: number, amount: number])[]

/** The use of a bucket's leases since the last report. */
export interface LeaseUse {
  readonly name: string
  readonly terms: LeaseTerms
  /** Amounts used from the leases. */
  readonly taken: LeaseAmounts
  /** Amounts to count, by limit. */
  readonly entries: readonly SlotEntries[]
  /** Amounts of new objects, by limit. */
  readonly kept?: readonly (readonly KeptEntry[])[]
  /** Unused amounts that are returned. */
  readonly returned: LeaseAmounts
}

export type ToLeaseServer =
  | {
      readonly kind: 'report'
      readonly uses: readonly LeaseUse[]
      /** The answer to a recall; null for a periodic report. */
      readonly recalled: {
        readonly name: string
        /** The need of the first waiting call now that everything is returned; null if none waits. */
        readonly need: LeaseAmounts | null
      } | null
    }
  | {
      readonly kind: 'request'
      readonly use: LeaseUse
      /** The minimum: with less, the first waiting call is denied. */
      readonly need: LeaseAmounts
      /** Additional amounts for the other waiting calls. */
      readonly wanted: LeaseAmounts
    }

export type FromLeaseServer =
  | {
      readonly kind: 'lent'
      readonly name: string
      readonly amounts: LeaseAmounts
      readonly free: LeaseAmounts
    }
  | {
      readonly kind: 'denied'
      readonly name: string
      readonly denial: LeaseDenial
      readonly free: LeaseAmounts
      /** Time until the whole of each limit is available again. */
      readonly resetInMs: LeaseAmounts
    }
  /** Another worker needs amounts that may be unused here: report, and return them. */
  | { readonly kind: 'recall'; readonly name: string }
