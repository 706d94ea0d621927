import type { OutputBlock } from './content-block.ts'

/** The answer to `POST /v1/messages` (docs.claude.com, api/messages, Nov 2025). */
export interface Message {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  /** The dated id of the model that answered, also where an alias was asked for. */
  readonly model: string
  readonly content: readonly OutputBlock[]
  /** Null only in the `message_start` event of a stream. */
  readonly stop_reason: StopReason | null
  readonly stop_sequence: string | null
  /** Of 2026; null but for a refusal. */
  readonly stop_details?: StopDetails | null
  /** What of the request the model did not get to see; of 2026, with the beta that tells. */
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

/** The whole prompt is `input_tokens` plus both cache figures. */
export interface MessageUsage {
  readonly input_tokens: number
  readonly cache_creation_input_tokens: number | null
  readonly cache_read_input_tokens: number | null
  readonly cache_creation: CacheCreationUsage | null
  /** At least 1, also for an empty answer; hidden thinking is included. */
  readonly output_tokens: number
  readonly server_tool_use?: ServerToolUsage | null
  readonly service_tier: 'standard' | 'priority' | 'batch' | null
  /** These are of 2026. */
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

/** The answer to `POST /v1/messages/count_tokens`. */
export interface TokenCount {
  readonly input_tokens: number
}
