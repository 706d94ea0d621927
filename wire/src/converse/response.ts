import type { JsonObject } from '../body/json-value.ts'
import type { ConverseBlock } from './request.ts'

/** The answer of Converse (@aws-sdk/client-bedrock-runtime 3.1164, 2026). */
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
  /** Without what was read from or written to a cache. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** All four added up. */
  readonly totalTokens: number
  readonly cacheReadInputTokens?: number
  readonly cacheWriteInputTokens?: number
  /** What was written, the longer life first; empty where nothing was. */
  readonly cacheDetails?: readonly { readonly ttl: '1h' | '5m'; readonly inputTokens: number }[]
}

/** A member of the event stream: what the frame's `:event-type` or `:exception-type` says, and its payload. */
export type ConverseStreamMember =
  | { readonly kind: 'event'; readonly eventType: ConverseEventType; readonly payload: JsonObject }
  | {
      readonly kind: 'exception'
      readonly exceptionType: ConverseExceptionType
      /** The further members are those of `modelStreamErrorException`. */
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
