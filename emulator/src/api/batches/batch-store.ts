import type { BatchItem } from '@anthology/wire'

import type { Call } from '../../call.ts'

/** A stored batch. Only `batch-progress.ts` changes it. */
export interface StoredBatch {
  readonly id: string
  readonly createdMs: number
  /** The call that created the batch, without its body: it determines the owner and the rules for the requests. */
  readonly call: Call
  readonly total: number
  /** All requests; emptied when the batch has ended. */
  requests: readonly BatchItem[]
  /** The number of requests that have run. */
  ran: number
  readonly outcomes: Outcome[]
  /** The size of the request body and of the results so far. */
  heldBytes: number
  cancelInitiatedMs: number | null
  endedMs: number | null
}

/** The outcome of one request, and its line in the results. */
export interface Outcome {
  readonly kind: 'succeeded' | 'errored' | 'canceled' | 'expired'
  readonly line: string
}

export interface BatchStore {
  /** The time a batch stays in progress; 0: until the next read. */
  readonly durationMs: number
  add(batch: StoredBatch): void
  find(id: string, key: string | null): StoredBatch | null
  /** Newest first. */
  list(key: string | null): readonly StoredBatch[]
  remove(batch: StoredBatch): void
}

/** A new batch that exceeds these limits evicts the oldest ones. The limits of the API are not published. */
export const maxBatches = 1_000
export const maxStoreBytes = 1024 * 1024 * 1024

/** A key sees its own batches and no others. */
export function createBatchStore({ durationMs }: { readonly durationMs: number }): BatchStore {
  const batches = new Map<string, StoredBatch>()
  const isFull = (): boolean => {
    const bytes = [...batches.values()].reduce((sum, { heldBytes }) => sum + heldBytes, 0)
    return batches.size > maxBatches || bytes > maxStoreBytes
  }
  return {
    durationMs,
    add: (batch) => {
      batches.set(batch.id, batch)
      // The newest batch is kept whatever its size.
      for (const id of batches.keys()) {
        if (id === batch.id || !isFull()) return
        batches.delete(id)
      }
    },
    find: (id, key) => {
      const batch = batches.get(id)
      return batch?.call.key === key ? batch : null
    },
    list: (key) => [...batches.values()].filter(({ call }) => call.key === key).toReversed(),
    remove: ({ id }) => {
      batches.delete(id)
    },
  }
}
