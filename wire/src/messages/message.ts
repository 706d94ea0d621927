import type { OutputBlock } from './content-block.ts'

/** The response of `POST /v1/messages` (docs.claude.com, api/messages, Nov 2025). */
export interface Message {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  /** The dated id of the model that responded, even if the request named an alias. */
  readonly model: string
  readonly content: readonly OutputBlock[]
  /** Null only in the `message_start` event of a stream. */
  readonly stop_reason: StopReason | null
  readonly stop_sequence: string | null
  /** Since 2026; null unless the stop reason is `refusal`. */
  readonly stop_details?: StopDetails | null
  /** The parts of the request that the model did not see; since 2026, with the beta that reports them. */
  readonly input_transformations?: readonly InputTransformation[]
  readonly usage: MessageUsage
}

export interface InputTransformation {
  readonly type: string
  readonly path: string
  readonly reason: string
}

export interface StopDetails {
  readonly type: 'refusal'
  readonly category: string | null
  readonly explanation: string | null
}

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'

/** The whole prompt is `input_tokens` plus both cache counts. */
export interface MessageUsage {
  readonly input_tokens: number
  readonly cache_creation_input_tokens: number | null
  readonly cache_read_input_tokens: number | null
  readonly cache_creation: CacheCreationUsage | null
  /** At least 1, even for an empty response; hidden thinking is included. */
  readonly output_tokens: number
  readonly server_tool_use?: ServerToolUsage | null
  readonly service_tier: 'standard' | 'priority' | 'batch' | null
  /** Since 2026, like the members below. */
  readonly inference_geo?: string | null
  readonly speed?: 'standard' | 'fast' | null
  readonly output_tokens_details?: { readonly thinking_tokens: number } | null
}

export interface CacheCreationUsage {
  readonly ephemeral_5m_input_tokens: number
  readonly ephemeral_1h_input_tokens: number
}

export interface ServerToolUsage {
  readonly web_search_requests: number
  readonly web_fetch_requests?: number
}

/** The response of `POST /v1/messages/count_tokens`. */
export interface TokenCount {
  readonly input_tokens: number
}
