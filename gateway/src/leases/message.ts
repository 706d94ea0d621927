import type { Amounts, Denial, RateLimits } from './allowance.ts'

// What a worker and the primary say to each other about limits that all workers
// share. A bucket is a key's use of one model. Per pair of processes messages
// arrive in order, or never again.

/** What was done with the leases of a bucket since the last report. */
export interface LeaseUse {
  readonly name: string
  readonly limits: RateLimits
  /** Taken out of the leases, by kind. */
  readonly taken: Amounts
  /** What the windows have to count, as slot and amount by kind; an amount below zero corrects an earlier one. */
  readonly entries: readonly (readonly (readonly [slot: number, amount: number])[])[]
  /** Unused and given back. */
  readonly returned: Amounts
}

export type ToLeaseServer =
  | {
      readonly kind: 'report'
      readonly uses: readonly LeaseUse[]
      /** What a recall is answered by; null: the time has come to report. */
      readonly recalled: {
        readonly name: string
        /** What the call that waits longest lacks now that everything is given back; null: none waits. */
        readonly need: Amounts | null
      } | null
    }
  | {
      readonly kind: 'request'
      readonly use: LeaseUse
      /** Without so much the call that waits longest is refused. */
      readonly need: Amounts
      /** What the others that wait would take besides. */
      readonly wanted: Amounts
    }

export type FromLeaseServer =
  | { readonly kind: 'lent'; readonly name: string; readonly amounts: Amounts; readonly free: Amounts }
  | {
      readonly kind: 'denied'
      readonly name: string
      readonly denial: Denial
      readonly free: Amounts
      /** How long until all of each limit is there again. */
      readonly resetInMs: Amounts
    }
  /** Others lack what may lie unused here: report, and give it back. */
  | { readonly kind: 'recall'; readonly name: string }
