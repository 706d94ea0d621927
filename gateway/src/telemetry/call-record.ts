import type { Platform } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import type { ErrorCode } from '../errors.ts'
import type { CallEnd, CallOutcome } from '../ledger/call-row.ts'
import type { ProtocolName } from '../protocols/protocol.ts'

// Calls and attempts as plain values, so that telemetry does not depend on how a call is served.

/** The operation's name in OpenTelemetry's conventions for generative AI. */
export type Operation = 'chat' | 'count_tokens'

/** A settled call, for the counters. */
export interface SettledCall {
  readonly protocol: ProtocolName
  readonly operation: Operation
  /** The catalog's id. */
  readonly model: string
  readonly upstream: string
  /** Its ledger row. */
  readonly row: Pick<
    CallEnd,
    'outcome' | 'status' | 'total_ms' | 'first_byte_ms' | 'first_token_ms' | 'usage_source' | 'price'
  >
  /** The usage that its price is computed from. */
  readonly usage: UsageFields | null
}

/** A settled call, for its span. */
export interface CallRecord {
  readonly operation: Operation
  /** The client's name for the model. */
  readonly requestedModel: string
  readonly model: string
  /** Null if the request has none. */
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
  /** The upstream's status; null without a response. */
  readonly status: number | null
  /** The upstream's own error type. */
  readonly errorType: string | null
  /** The code of the error that the gateway returns instead of a response. */
  readonly errorCode: ErrorCode | null
}
