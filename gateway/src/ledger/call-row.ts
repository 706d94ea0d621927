import type { Price, PriceLine } from '@anthology/catalog'

import type { UsageSource } from '../calls/meter.ts'

/**
 * The results of a call. `shut_down`: the time that running calls have after the signal to stop was over; `unknown`: the
 * process died before the call ended; null in a row: still running.
 */
export const callOutcomes = [
  'answered',
  'upstream_error',
  'client_closed',
  'upstream_aborted',
  'key_revoked',
  'shut_down',
  'unknown',
] as const

export type CallOutcome = (typeof callOutcomes)[number]

/**
 * True if the call was ended before its answer, by its client, by the revocation of its key or by the end of the gateway. The upstream may bill
 * what it has read and written until then, so the usage is estimated where it was not reported.
 */
export function isCutOff(outcome: CallOutcome): boolean {
  return outcome === 'client_closed' || outcome === 'key_revoked' || outcome === 'shut_down'
}

/** The id of the row of an attempt from which its call moved on. */
export function nameAttempt(callId: string, attemptNumber: number): string {
  return `${callId}#${attemptNumber}`
}

/** The call and the attempt of a row's id; the attempt is null for the row of the call itself. */
export function parseRowId(id: string): { readonly callId: string; readonly attempt: number | null } {
  if (!id.includes('#')) return { callId: id, attempt: null }
  const { call, number } = /^(?<call>req_[^/#]+)#(?<number>\d+)$/.exec(id)?.groups ?? {}
  return call === undefined ? { callId: id, attempt: null } : { callId: call, attempt: Number(number) }
}

/** The components of a price; a row has three columns for each. */
export const components = [
  'input',
  'cache_write_5m',
  'cache_write_1h',
  'cache_read',
  'output',
  'web_search',
] as const satisfies readonly PriceLine['component'][]

export type Component = (typeof components)[number]

/** The facts known just before an upstream is called. Written first, so that a crash cannot hide the call. */
export interface CallStart {
  readonly id: string
  readonly started_at_ms: number
  readonly protocol: string
  readonly key_id: string
  /** The workspace of the key, and its member, when the call began. Null in rows of older versions. */
  readonly workspace_id: string | null
  readonly member_id: string | null
  /** A JSON object with sorted names; null without labels. */
  readonly labels: string | null
  /** The money that is held for the call, in nano-dollars; null if no budget applies to it. */
  readonly hold_nano_usd: number | null
  /** The process that serves the call, whose leases count until its calls have ended. Null in rows of older versions. */
  readonly process_id: string | null
  readonly requested_model: string
  readonly model: string
  readonly upstream: string
  readonly platform: string
  readonly streamed: boolean
  readonly session_id: string | null
  readonly agent_id: string | null
  readonly parent_agent_id: string | null
}

/** The facts known when the call has ended. Times count from `started_at_ms`; null is "never happened" or "unknown". */
export interface CallEnd {
  readonly outcome: CallOutcome
  /** The HTTP status that the client received. */
  readonly status: number | null
  readonly attempts: number
  readonly stop_reason: string | null
  readonly error_type: string | null
  readonly message_id: string | null
  readonly upstream_request_id: string | null
  readonly first_byte_ms: number | null
  readonly first_token_ms: number | null
  /** Null for batch results: only the platform knows when each was made. */
  readonly total_ms: number | null
  /** JSON as received; for a stream, `message_start` and `message_delta` merged. */
  readonly usage: string | null
  /** Null without usage, and in rows of older versions. */
  readonly usage_source: UsageSource | null
  /** Null without usage. An unknown price leaves the call's cost null, never zero. */
  readonly price: Price | null
  /** See `CallDetails` (call-details.ts). Null in rows of older versions. */
  readonly details: string | null
}

export interface CallRow {
  readonly start: CallStart
  readonly end: CallEnd | null
}
