import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { Call } from './call.ts'
import type { ErrorCode } from '../errors.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import type { Limits } from '../limits.ts'
import type { Reading } from './meter.ts'
import type { PlannedAttempt } from '../routing/plan.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { RatePermit } from '../rates/rates.ts'

/** One attempt's share of an answer: what goes out, and where the answer goes to. */
export interface Attempt {
  readonly call: Call
  readonly planned: PlannedAttempt
  readonly attemptNumber: number
  /** Asks the attempt's upstream. */
  readonly send: (receiver: Receiver) => UpstreamHandle
  readonly response: ClientResponse
  readonly limits: Limits
  readonly nowMs: () => number
  readonly telemetry: Pick<Telemetry, 'running' | 'countLimit'>
  /** What the call holds of its key's limits. */
  readonly permit: RatePermit
  /** Resolves when the call's first row is durable, which is urgent from now on: a stream says nothing before. */
  readonly flushStart: () => Promise<void>
}

/** How a leg ended, and what is still to be sent to the client once the ledger knows. */
export interface AttemptResult {
  readonly outcome: Exclude<CallOutcome, 'unknown'>
  readonly status: number
  readonly reading: Reading
  readonly upstreamRequestId: string | null
  /** The upstream's ids and rate limits, for the log. */
  readonly upstreamHeaders: string | null
  readonly firstByteMs: number | null
  readonly firstTokenMs: number | null
  readonly finish: Finish
}

export type Finish =
  /** The client is gone, nothing can be sent. */
  | { readonly kind: 'aborted' }
  /** A whole answer, of which nothing was sent yet. */
  | {
      readonly kind: 'complete'
      readonly headers: Readonly<Record<string, string>>
      readonly body: Uint8Array
    }
  /** The last frames of a stream; `open` lets out its head and what waits with it, if they have not gone out before. */
  | { readonly kind: 'stream_end'; readonly open: () => void; readonly frames: readonly Uint8Array[] }
  /** Nothing was sent and nothing came: an error of our own. */
  | { readonly kind: 'api_error'; readonly code: ErrorCode; readonly message: string }

export const emptyReading: Reading = { usage: null, stopReason: null, messageId: null, errorType: null }

/** What follows an upstream's head: the rest of the answer, as a stream or as a whole. */
export interface Sink {
  chunk(bytes: Uint8Array): boolean
  end(): void
  fail(error: Error): void
  /** The client went away: what is known of the leg so far. */
  abandon(): void
}
