import type { Platform } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import type { ErrorCode } from '../errors.ts'
import type { CallEnd, CallOutcome } from '../ledger/call-row.ts'
import type { ProtocolName } from '../protocols/protocol.ts'

// Calls and attempts as telemetry sees them: plain values, so that nothing here depends on how a call is served.

/** The operation's name in the conventions of OpenTelemetry for generative AI. */
export type Operation = 'chat' | 'count_tokens'

/** A settled call, for the counters. */
export interface SettledCall {
  readonly protocol: ProtocolName
  readonly operation: Operation
  /** The catalog's id. */
  readonly model: string
  readonly upstream: string
  /** The row that was written for it. */
  readonly row: Pick<
    CallEnd,
    'outcome' | 'status' | 'total_ms' | 'first_byte_ms' | 'first_token_ms' | 'price'
  >
  /** The usage that its price was computed from. */
  readonly usage: UsageFields | null
}

/** A settled call, for its span. */
export interface CallRecord {
  readonly operation: Operation
  /** The client's name for the model. */
  readonly requestedModel: string
  readonly model: string
  /** Null where the request does not state it. */
  readonly maxTokens: number | null
  readonly streamed: boolean
  readonly sessionId: string | null
  readonly keyId: string
  readonly upstream: string
  readonly row: CallEnd
  readonly usage: UsageFields | null
}

export interface AttemptStart {
  readonly callId: string
  readonly operation: Operation
  readonly upstream: string
  readonly platform: Platform
  /** The upstream's name for the model. */
  readonly modelName: string
  /** Null for an upstream in this process. */
  readonly baseUrl: string | null
  /** Counts from 1. */
  readonly number: number
}

export interface AttemptEnd {
  readonly outcome: Exclude<CallOutcome, 'unknown'>
  /** The upstream's status; null where no answer came. */
  readonly status: number | null
  /** The upstream's own error type. */
  readonly errorType: string | null
  /** The code of the error of ours that the client gets instead of an answer. */
  readonly errorCode: ErrorCode | null
}
