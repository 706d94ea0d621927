import type { SharedBucket } from './shared-bucket.ts'

/** The facts that a change of buckets may depend on. */
export interface BucketFacts {
  /** The store's clock in milliseconds. */
  readonly nowMs: number
  /** The processes that have been seen within `expiryMs`. */
  readonly live: ReadonlySet<string>
}

/** The buckets that several servers share, and the processes that hold leases of them. */
export interface BucketStore {
  /** Changes buckets in one transaction that locks them. `change` may run again after an error. */
  update(
    names: readonly string[],
    change: (bucket: SharedBucket, name: string, facts: BucketFacts) => SharedBucket,
  ): Promise<void>
  /** Marks processes as live, and returns the store's clock in milliseconds. */
  keepAlive(holders: readonly string[]): Promise<number>
  /** Ends processes: their leases count as used from now on. */
  endHolders(holders: readonly string[]): Promise<void>
  /** Sends a message to all servers on the store. */
  send(payload: string): Promise<void>
  /** Removes buckets without a change since then, and processes that were not seen since, by the store's clock. */
  removeIdle(sinceMs: number): Promise<void>
}

/** A process that was not seen for this long has lost its leases. */
export const expiryMs = 10_000
