import type { Price, PriceLine } from '@anthology/catalog'

/** How a call ended. `unknown`: the process exited before the call ended; null in a row: still running. */
export type CallOutcome = 'answered' | 'upstream_error' | 'client_closed' | 'upstream_aborted' | 'unknown'

/** The components of a price, each with three columns of its own in a row. */
export const components = [
  'input',
  'cache_write_5m',
  'cache_write_1h',
  'cache_read',
  'output',
  'web_search',
] as const satisfies readonly PriceLine['component'][]

export type Component = (typeof components)[number]

/**
 * The part of a row that is known before the upstream is called. Written first, so that a crash cannot hide the call.
 */
export interface CallStart {
  readonly id: string
  readonly started_at_ms: number
  readonly protocol: string
  readonly key_id: string
  readonly requested_model: string
  readonly model: string
  readonly upstream: string
  readonly platform: string
  readonly streamed: boolean
  readonly session_id: string | null
  readonly agent_id: string | null
  readonly parent_agent_id: string | null
}

/**
 * The part of a row that is known when the call has ended. Times count from `started_at_ms`; null is "never came" or
 * "not known".
 */
export interface CallEnd {
  readonly outcome: CallOutcome
  /** The HTTP status that the client was answered with. */
  readonly status: number | null
  readonly attempts: number
  readonly stop_reason: string | null
  readonly error_type: string | null
  readonly message_id: string | null
  readonly upstream_request_id: string | null
  readonly first_byte_ms: number | null
  readonly first_token_ms: number | null
  /** Null of a batch's results: only the platform knows when each was made. */
  readonly total_ms: number | null
  /** JSON as it came; of a stream, `message_start` and `message_delta` merged. */
  readonly usage: string | null
  /** Null when no usage came; a price that is not known keeps the call's cost null, never zero. */
  readonly price: Price | null
}

export interface CallRow {
  readonly start: CallStart
  readonly end: CallEnd | null
}
