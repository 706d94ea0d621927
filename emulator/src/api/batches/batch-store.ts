import type { BatchItem } from '@anthology/wire'

import type { Call } from '../../call.ts'

/** A batch as it is kept. It changes only in `batch-progress.ts`. */
export interface StoredBatch {
  readonly id: string
  readonly createdMs: number
  /** The call that made it, without its body: whose it is, and by which rules its requests are read. */
  readonly call: Call
  readonly total: number
  /** What is still to be done. */
  pending: readonly BatchItem[]
  readonly outcomes: Outcome[]
  /** The size of what was sent and of what has come of it. */
  heldBytes: number
  cancelInitiatedMs: number | null
  endedMs: number | null
}

/** How one request ended, and the line of the results that says so. */
export interface Outcome {
  readonly kind: 'succeeded' | 'errored' | 'canceled' | 'expired'
  readonly line: string
}

export interface BatchStore {
  /** How long a batch is in progress; 0: until somebody looks. */
  readonly durationMs: number
  add(batch: StoredBatch): void
  find(id: string, key: string | null): StoredBatch | null
  /** Newest first. */
  list(key: string | null): readonly StoredBatch[]
  remove(batch: StoredBatch): void
}

/** Where a new batch goes beyond these, the oldest are forgotten. The numbers of the service are not published. */
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
      // The newest stays, however large it is.
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
