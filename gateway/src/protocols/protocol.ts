import type { BodyIndex, Patch, Frame, UsageFields } from '@anthology/wire'

import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { ClientRequest, BufferedResponse } from '../http/client-exchange.ts'

/** The wire protocols in which clients send calls. */
export type ProtocolName = 'messages' | 'openai' | 'bedrock' | 'vertex'

/**
 * Everything specific to a wire protocol: translating its requests to the
 * Messages API, and responses, streams and errors back. Everything between, from
 * the key to the ledger, is the same for all protocols (serve-call.ts).
 */
export interface Protocol {
  readonly name: ProtocolName
  /** Required Content-Type; null accepts any. */
  readonly contentType: string | null
  /** Known from the path alone: whether the call is billed, and its model (null if the body names it). */
  readonly path: { readonly billable: boolean; readonly model: string | null }
  /** Parses a request; throws an ApiError if it is invalid. */
  readonly read: (source: ProtocolRequest) => InboundRequest
  /** Encodes an error of ours. */
  readonly toErrorResponse: (apiError: ApiErrorParts) => BufferedResponse
}

export interface ProtocolRequest {
  readonly request: ClientRequest
  readonly body: Uint8Array
  readonly startedAtMs: number
  readonly nowMs: () => number
}

export interface ApiErrorParts {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly message: string
  readonly requestId: string
  /** Additional headers, with the Messages API's names: `retry-after` and the key's limits. */
  readonly headers: Readonly<Record<string, string>>
}

/** A request in the terms of the Messages API. */
export interface InboundRequest {
  /** False for operations that the platforms do not bill: they are relayed as well, but have no row in the ledger. */
  readonly billable: boolean
  readonly requestedModel: string
  readonly stream: boolean
  /** The upstream path, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** The client's bytes; only Converse and OpenAI bodies are translated. */
  readonly body: Uint8Array
  readonly index: BodyIndex
  /** The splices that make this a Messages body, except the model's name. */
  readonly patches: readonly Patch[]
  /** Headers for the upstream, including `anthropic-version` and `anthropic-beta`. */
  readonly headers: Readonly<Record<string, string>>
  /** The values of `anthropic-beta`, from the header or the body. */
  readonly betas: readonly string[]
  /** Adjusted or dropped parts of the request, with the reason. */
  readonly notices: readonly string[]
  readonly translator: ResponseTranslator
}

/** Translates responses of the Messages API to the client's protocol. */
export interface ResponseTranslator {
  /** True if `translateEvent` needs the offsets of the JSON in plain events. */
  readonly wantsOffsets?: boolean
  /**
   * Translates a complete response, including an upstream's error; its `headers` include ours. Throws if the body
   * cannot be parsed. `usage` is the metered usage of the response.
   */
  translateBody(answer: BufferedResponse, usage: UsageFields | null): BufferedResponse
  /** Translates the headers of a stream. */
  translateHead(headers: Readonly<Record<string, string>>): Record<string, string>
  /**
   * Translates one frame of a stream; empty if this protocol has no counterpart. Called once per frame, in order.
   * `readUsage` returns the usage metered so far.
   */
  translateEvent(frame: Frame, readUsage: () => UsageFields | null): Uint8Array
}

/** The Messages API's own translator: it changes no byte. */
export const passthrough: ResponseTranslator = {
  translateBody: (answer) => answer,
  translateHead: (headers) => ({ ...headers }),
  translateEvent: ({ bytes }) => bytes,
}
