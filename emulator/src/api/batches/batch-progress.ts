import type { BatchItem } from '@anthology/wire'

import type { Outcome, StoredBatch } from './batch-store.ts'

export interface Pace {
  readonly nowMs: number
  /** How long the whole batch takes. */
  readonly durationMs: number
  /** Answers one request. */
  readonly run: (item: BatchItem) => Outcome
}

const dayMs = 24 * 60 * 60 * 1_000
export const lifetimeMs = dayMs
export const resultsLifetimeMs = 29 * dayMs

/**
 * Brings a batch to where it is by the clock. Its requests are done one after the other at even
 * distances, all of them at once where it takes no time; what is not done when the batch is
 * cancelled or 24 hours old is cancelled or has expired.
 */
export function advanceBatch(batch: StoredBatch, { nowMs, durationMs, run }: Pace): void {
  if (batch.endedMs !== null) return
  const { createdMs, cancelInitiatedMs } = batch
  if (cancelInitiatedMs !== null) {
    finish(batch, 'canceled', cancelInitiatedMs)
    return
  }
  const expiresMs = createdMs + lifetimeMs
  const untilMs = Math.min(nowMs, expiresMs)
  const share = durationMs === 0 ? 1 : Math.max(0, Math.min(1, (untilMs - createdMs) / durationMs))
  const due = Math.max(0, Math.floor(batch.total * share) - batch.outcomes.length)
  const taken = batch.pending.slice(0, Math.min(due, maxPerLook))
  for (const item of taken) keep(batch, run(item))
  batch.pending = batch.pending.slice(taken.length)
  if (batch.pending.length === 0) finish(batch, 'expired', Math.min(createdMs + durationMs, expiresMs))
  else if (nowMs >= expiresMs && taken.length === due) finish(batch, 'expired', expiresMs)
}

/** Begins the end of a batch; what was done by now stays done. */
export function cancel(batch: StoredBatch, pace: Pace): void {
  // A batch that takes no time has been done by nobody until somebody looks.
  if (pace.durationMs > 0) advanceBatch(batch, pace)
  if (batch.endedMs === null) batch.cancelInitiatedMs ??= pace.nowMs
}

/** A look takes no longer than a second or so. What is left of a huge batch is for the next ones. */
export const maxPerLook = 5_000

function finish(batch: StoredBatch, kind: 'canceled' | 'expired', endedMs: number): void {
  for (const { custom_id } of batch.pending)
    keep(batch, { kind, line: JSON.stringify({ custom_id, result: { type: kind } }) })
  batch.pending = []
  batch.endedMs = endedMs
}

function keep(batch: StoredBatch, outcome: Outcome): void {
  batch.outcomes.push(outcome)
  batch.heldBytes += outcome.line.length
}
