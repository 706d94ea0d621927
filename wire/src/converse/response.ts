import type { JsonObject } from '../body/json-value.ts'
import type { ConverseBlock } from './request.ts'

/** The response of Converse (@aws-sdk/client-bedrock-runtime 3.1164, 2026). */
export interface ConverseResponse {
  readonly output: {
    readonly message: { readonly role: 'assistant'; readonly content: readonly ConverseBlock[] }
  }
  readonly stopReason: string
  readonly usage: ConverseUsage
  readonly metrics: { readonly latencyMs: number }
  readonly additionalModelResponseFields?: JsonObject
  readonly serviceTier?: { readonly type: string }
}

export interface ConverseUsage {
  /** Without tokens read from or written to a cache. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** The sum of all four counts. */
  readonly totalTokens: number
  readonly cacheReadInputTokens?: number
  readonly cacheWriteInputTokens?: number
  /** The tokens written to the cache, longest TTL first; empty if there are none. */
  readonly cacheDetails?: readonly { readonly ttl: '1h' | '5m'; readonly inputTokens: number }[]
}

/** A member of the event stream: the `:event-type` or `:exception-type` of its frame, and its payload. */
export type ConverseStreamMember =
  | { readonly kind: 'event'; readonly eventType: ConverseEventType; readonly payload: JsonObject }
  | {
      readonly kind: 'exception'
      readonly exceptionType: ConverseExceptionType
      /** The optional members belong to `modelStreamErrorException`. */
      readonly payload: {
        readonly message: string
        readonly originalMessage?: string
        readonly originalStatusCode?: number
      }
    }

export type ConverseEventType =
  | 'messageStart'
  | 'contentBlockStart'
  | 'contentBlockDelta'
  | 'contentBlockStop'
  | 'messageStop'
  | 'metadata'

export type ConverseExceptionType =
  | 'internalServerException'
  | 'modelStreamErrorException'
  | 'serviceUnavailableException'
  | 'throttlingException'
  | 'validationException'
