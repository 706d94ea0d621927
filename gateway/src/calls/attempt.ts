import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import type { Limits } from '../limits.ts'
import type { RatePermit } from '../rates/rates.ts'
import type { Failure } from '../routing/failure.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { Call } from './call.ts'
import type { Reading } from './meter.ts'

/** One request to one upstream, with what its relay needs. */
export interface Attempt {
  readonly call: Call
  readonly planned: PlannedAttempt
  /** Counts from 1. */
  readonly attemptNumber: number
  /** Sends the request to the attempt's upstream. */
  readonly send: (receiver: Receiver) => UpstreamHandle
  readonly response: ClientResponse
  readonly limits: Limits
  readonly nowMs: () => number
  readonly telemetry: Pick<Telemetry, 'running' | 'countLimit'>
  /** What the call holds of its key's rate limits. */
  readonly permit: RatePermit
  /** Flushes the call's first row and resolves when it is durable; the head of a stream waits for it. */
  readonly flushStart: () => Promise<void>
}

/** How an attempt ended, and what is still to be sent to the client once the ledger has the row. */
export interface AttemptResult {
  readonly outcome: Exclude<CallOutcome, 'unknown'>
  /** The HTTP status for the client and the ledger. */
  readonly status: number
  readonly reading: Reading
  readonly upstreamRequestId: string | null
  /** The upstream's ids and rate limits, for the log. */
  readonly upstreamHeaders: string | null
  /** Null where no response began. */
  readonly firstByteMs: number | null
  readonly firstTokenMs: number | null
  readonly finish: Finish
}

export type Finish =
  /** The client is gone, nothing can be sent. */
  | { readonly kind: 'aborted' }
  /** A whole response, nothing of which was sent yet. */
  | {
      readonly kind: 'complete'
      readonly headers: Readonly<Record<string, string>>
      readonly body: Uint8Array
    }
  /** The last frames of a stream; `open` sends its head and what waits with it, unless they have gone out before. */
  | { readonly kind: 'stream_end'; readonly open: () => void; readonly frames: readonly Uint8Array[] }
  /** Nothing was sent: the client gets the failure's error. */
  | { readonly kind: 'api_error'; readonly failure: Failure }

export const emptyReading: Reading = { usage: null, stopReason: null, messageId: null, errorType: null }

/** The status in the ledger where the client disconnected before it could be answered; nginx's convention. */
export const clientClosedStatus = 499

/** What follows an upstream's head: the rest of the answer, as a stream or as a whole. */
export interface Sink {
  chunk(bytes: Uint8Array): boolean
  end(): void
  fail(error: Error): void
  /** The client disconnected: ends the attempt with what is known so far. */
  abandon(): void
}

/** What a sink gets beside the attempt. */
export interface SinkOptions {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly firstByteMs: number
  readonly resume: () => void
  readonly done: (result: AttemptResult) => void
}
