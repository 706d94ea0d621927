import type { Receiver, UpstreamHandle } from '@anthology/wire'

import type { BodyCapture } from '../bodies/body-capture.ts'
import type { ClientResponse } from '../http/client-exchange.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import type { Limits } from '../limits.ts'
import type { RatePermit } from '../rates/rates.ts'
import type { Failure } from '../routing/failure.ts'
import type { Plan, PlannedAttempt } from '../routing/plan.ts'
import type { Quota } from '../routing/quota.ts'
import type { UpstreamErrorKind } from '../routing/upstream-error.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { EmptyQuota } from '../upstreams/reported-quota.ts'
import type { AbandonedReads } from './abandoned-reads.ts'
import type { CallMoney } from './call-money.ts'
import type { CallNotes } from './call-notes.ts'
import type { Call } from './call.ts'
import type { Reading } from './meter.ts'

/** One request to one upstream, with the dependencies of its relay. */
export interface Attempt {
  readonly call: Call
  readonly planned: PlannedAttempt
  /** The quota that the attempt takes from. */
  readonly quota: Quota
  /** Counts from 1. */
  readonly attemptNumber: number
  /** Another upstream is left that could be asked. */
  readonly canMove: boolean
  /** See `identifyConversation`; '' with a single upstream. */
  readonly conversation: string
  readonly usual: Plan['usual']
  /** Sends the request to the attempt's upstream. */
  readonly send: (receiver: Receiver) => UpstreamHandle
  readonly response: ClientResponse
  readonly limits: Limits
  /** A stream whose client gets nothing for this time gets a ping. */
  readonly pingAfterMs: number
  /** A clock that nobody sets, because durations are measured with it. */
  readonly nowMs: () => number
  /** The time of day, for dates in headers. */
  readonly timeOfDayMs: () => number
  readonly telemetry: Pick<Telemetry, 'running' | 'countLimit'>
  /** Bounds the responses that are read although their clients have disconnected. */
  readonly abandonedReads: AbandonedReads
  /** The call's reservation in its key's rate limits. */
  readonly permit: RatePermit
  /** The money that the call's budgets hold for it. */
  readonly money: CallMoney
  /** What the call's row gets as `details`. */
  readonly notes: CallNotes
  /** Null: prompt and answer are not stored. */
  readonly capture: BodyCapture | null
  /** When the request was sent. */
  readonly startedAtMs: number
  /** Reports the final result to the metrics and the attempt's span; `next`: the upstream that is asked next, if any. */
  readonly report: (end: AttemptResult, next: string | null) => void
  /** Calls `cut` when the call's key is revoked; returns a function that ends this. */
  readonly watchKey: (cut: () => void) => () => void
  /** The same for the end of the server's time to stop. */
  readonly watchStop: (cut: () => void) => () => void
}

/** The result of an attempt, and the part of the response that is sent after the ledger has stored the row. */
export interface AttemptResult {
  readonly outcome: Exclude<CallOutcome, 'unknown'>
  /** The HTTP status for the client and the ledger. */
  readonly status: number
  readonly reading: Reading
  readonly upstreamRequestId: string | null
  /** The headers of the upstream's answer; null without one. */
  readonly upstreamHeaders: Readonly<Record<string, string>> | null
  /** The quotas of the model of which, as the upstream reports, nothing is left. */
  readonly emptyQuotas: readonly EmptyQuota[]
  /** Null if no response began. */
  readonly firstByteMs: number | null
  readonly firstTokenMs: number | null
  readonly finish: Finish
}

export type Finish =
  /** The client disconnected; nothing can be sent. */
  | { readonly kind: 'aborted' }
  /** A complete response (an answer or the upstream's error), nothing of it sent yet. */
  | {
      readonly kind: 'complete'
      readonly headers: Readonly<Record<string, string>>
      readonly body: Uint8Array
      /** The kind of the upstream's error; null for an answer. */
      readonly error: UpstreamErrorKind | null
    }
  /** The last frames of a stream. `open` sends the response head and the events queued behind it, unless already sent. */
  | { readonly kind: 'stream_end'; readonly open: () => void; readonly frames: readonly Uint8Array[] }
  /** Nothing was sent: the client gets the failure's error. */
  | { readonly kind: 'api_error'; readonly failure: Failure }

/** The ledger's status for a client that disconnected before its response; nginx's convention. */
export const clientClosedStatus = 499

/** Consumes the upstream's response after its head, streamed or buffered. */
export interface Sink {
  chunk(bytes: Uint8Array): boolean
  end(): void
  fail(error: Error): void
  /** The client disconnected: ends the attempt with the usage known so far. */
  abandon(): void
  /** The client disconnected: the response is read to its end, for its usage only. */
  mute(): void
}

/** The arguments of a sink besides the attempt. */
export interface SinkOptions {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly firstByteMs: number
  readonly resume: () => void
  readonly done: (result: AttemptResult) => void
}
