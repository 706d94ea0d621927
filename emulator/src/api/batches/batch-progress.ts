import type { BatchItem } from '@anthology/wire'

import type { Steps } from '../../steps.ts'
import type { Outcome, StoredBatch } from './batch-store.ts'

export interface Pace {
  readonly nowMs: number
  /** The duration of the whole batch. */
  readonly durationMs: number
  /** Runs one request. */
  readonly run: (item: BatchItem) => Outcome
}

const dayMs = 24 * 60 * 60 * 1_000
export const lifetimeMs = dayMs
export const resultsLifetimeMs = 29 * dayMs

/**
 * Advances a batch to the current time. Its requests run one after another at even intervals, or all at once if the
 * duration is 0. Requests that are still pending when the batch is canceled or 24 hours old end as canceled or expired.
 */
export function* advanceBatch(batch: StoredBatch, { nowMs, durationMs, run }: Pace): Steps<void> {
  if (batch.endedMs !== null) return
  const { createdMs, cancelInitiatedMs } = batch
  if (cancelInitiatedMs !== null) {
    finish(batch, 'canceled', cancelInitiatedMs)
    return
  }
  const expiresMs = createdMs + lifetimeMs
  const untilMs = Math.min(nowMs, expiresMs)
  const share = durationMs === 0 ? 1 : Math.max(0, Math.min(1, (untilMs - createdMs) / durationMs))
  const due = Math.floor(batch.total * share)
  const last = Math.min(due, batch.ran + maxPerRead)
  // Another reader can run requests of the same batch, or end it, during a pause.
  for (let pauseAtMs = performance.now() + sliceMs; batch.endedMs === null && batch.ran < last;) {
    const item = batch.requests[batch.ran]
    batch.ran += 1
    if (item !== undefined) keep(batch, run(item))
    if (performance.now() < pauseAtMs) continue
    yield 'pause'
    pauseAtMs = performance.now() + sliceMs
  }
  if (batch.endedMs !== null) return
  if (batch.ran === batch.total) finish(batch, 'expired', Math.min(createdMs + durationMs, expiresMs))
  else if (nowMs >= expiresMs && batch.ran >= due) finish(batch, 'expired', expiresMs)
}

/** Starts the cancellation of a batch; finished requests keep their results. */
export function* cancel(batch: StoredBatch, pace: Pace): Steps<void> {
  // A batch with duration 0 runs on the first read, so a cancellation before that finds all requests pending.
  if (pace.durationMs > 0) yield* advanceBatch(batch, pace)
  if (batch.endedMs === null) batch.cancelInitiatedMs ??= pace.nowMs
}

/** Limits one read to about a second; later reads run the rest of a huge batch. */
export const maxPerRead = 5_000

/** The longest time for which requests run without a pause. */
const sliceMs = 10

function finish(batch: StoredBatch, kind: 'canceled' | 'expired', endedMs: number): void {
  for (const { custom_id } of batch.requests.slice(batch.ran))
    keep(batch, { kind, line: JSON.stringify({ custom_id, result: { type: kind } }) })
  batch.requests = []
  batch.endedMs = endedMs
}

function keep(batch: StoredBatch, outcome: Outcome): void {
  batch.outcomes.push(outcome)
  batch.heldBytes += outcome.line.length
}
