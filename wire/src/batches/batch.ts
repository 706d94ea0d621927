import type { ErrorEnvelope } from '../messages/error-envelope.ts'
import type { Message } from '../messages/message.ts'

/** A message batch (docs.claude.com, api/creating-message-batches, Nov 2025). Times are RFC 3339. */
export interface MessageBatch {
  readonly id: string
  readonly type: 'message_batch'
  readonly processing_status: 'in_progress' | 'canceling' | 'ended'
  readonly request_counts: BatchCounts
  readonly created_at: string
  /** 24 hours after creation. Requests that are not finished by then expire. */
  readonly expires_at: string
  readonly ended_at: string | null
  readonly cancel_initiated_at: string | null
  /** Set once the results are no longer available, 29 days after creation. */
  readonly archived_at: string | null
  /** Null until the batch has ended. */
  readonly results_url: string | null
}

/** All requests count as `processing` until the whole batch has ended. */
export interface BatchCounts {
  readonly processing: number
  readonly succeeded: number
  readonly errored: number
  readonly canceled: number
  readonly expired: number
}

export type BatchResult =
  | { readonly type: 'succeeded'; readonly message: Message }
  | { readonly type: 'errored'; readonly error: ErrorEnvelope }
  | { readonly type: 'canceled' }
  | { readonly type: 'expired' }

/** One line of the results. */
export interface BatchResultLine {
  readonly custom_id: string
  readonly result: BatchResult
}
