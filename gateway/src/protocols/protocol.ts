import type { Platform } from '@anthology/catalog'
import type { BodyIndex, Patch, Frame, UsageFields } from '@anthology/wire'

import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { ClientRequest, BufferedResponse } from '../http/client-exchange.ts'
import type { ResolveName } from '../routing/name-resolver.ts'

/** The inbound API protocols. */
export const protocolNames = ['messages', 'openai', 'bedrock', 'vertex'] as const

export type ProtocolName = (typeof protocolNames)[number]

/**
 * Everything specific to an inbound protocol: the translation of a request to the
 * Messages API, and of a response, a stream and an error back. Everything between,
 * from key to ledger, is shared by all protocols (serve-call.ts).
 */
export interface Protocol {
  readonly name: ProtocolName
  /** The platform whose names are preferred, if one text is a name on several. */
  readonly platform: Platform
  /** Required Content-Type; null accepts any, because this protocol's clients send various ones. */
  readonly contentType: string | null
  /** Known from the path alone: whether the call is billed, and its model (null if only the body names it). */
  readonly path: { readonly billable: boolean; readonly model: string | null }
  /** Whether clients expect the rate limits of an upstream; the clouds' own APIs do not report any. */
  readonly forwardsRateLimits: boolean
  /** Parses a request; throws an ApiError if it is invalid. A large body may take several turns of the event loop. */
  readonly read: (source: ProtocolRequest) => InboundRequest | Promise<InboundRequest>
  /** Formats an error of ours. */
  readonly toErrorResponse: (apiError: ApiErrorParts) => BufferedResponse
}

export interface ProtocolRequest {
  readonly request: Pick<ClientRequest, 'headers' | 'url'>
  readonly body: Uint8Array
  readonly startedAtMs: number
  readonly nowMs: () => number
  readonly resolveModel: ResolveName
}

export interface ApiErrorParts {
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly message: string
  readonly requestId: string
  /** In addition to those of every error, named as in the Messages API: `retry-after`, and the key's rate limits. */
  readonly headers: Readonly<Record<string, string>>
  /** Additional members of a problem of the admin API. */
  readonly details?: object
  /** `error.details.error_code` of the Messages API; null or absent: the error has none. */
  readonly errorCode?: string | null | undefined
}

/** A parsed request in Messages API terms. */
export interface InboundRequest {
  /** False for calls that platforms do not bill: relayed like the others, but without a ledger row. */
  readonly billable: boolean
  readonly requestedModel: string
  readonly stream: boolean
  /** The path on a Messages API upstream, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** The client's bytes, except for Converse and OpenAI requests, which are translated. */
  readonly body: Uint8Array
  readonly index: BodyIndex
  /** The patches that convert the body to the Messages API, except for the model name. */
  readonly patches: readonly Patch[]
  /** For the upstream, including `anthropic-version` and `anthropic-beta`. */
  readonly headers: Readonly<Record<string, string>>
  /** The beta names, whether sent in the header or in the body. */
  readonly betas: readonly string[]
  /** Descriptions of everything adjusted or dropped, for the notice header. */
  readonly notices: readonly string[]
  readonly translator: ResponseTranslator
}

/** Translates Messages API responses to an inbound protocol. */
export interface ResponseTranslator {
  /** Requests the JSON offsets of plain events in `Frame.offsets`. */
  readonly wantsOffsets?: boolean
  /**
   * Translates a complete response, including an upstream's error; its headers contain our own and the upstream's.
   * Throws if the body cannot be parsed. `usage` is the metered usage.
   */
  translateBody(answer: BufferedResponse, usage: UsageFields | null): BufferedResponse
  /** Translates the headers of a stream. */
  translateHead(headers: Readonly<Record<string, string>>): Record<string, string>
  /**
   * Translates a frame of the stream; returns no bytes if this protocol has no equivalent. Called once per frame, in
   * order; `readUsage` returns the usage metered so far.
   */
  translateEvent(frame: Frame, readUsage: () => UsageFields | null): Uint8Array
  /** An event without content, which keeps a silent stream open. Absent if the protocol has none (Amazon Bedrock). */
  readonly ping?: Uint8Array
  /** A comment of the event stream, for people who read it. Absent if the protocol has none (Amazon Bedrock). */
  comment?(text: string): Uint8Array
}

/** A comment line of an event stream (WHATWG HTML standard, 9.2.6). */
export function encodeComment(text: string): Uint8Array {
  return new TextEncoder().encode(`: ${text.replaceAll(/[\r\n]+/g, ' ')}\n\n`)
}

/** For the Messages API itself: forwards every byte unchanged. */
export const passthrough: ResponseTranslator = {
  // "Ping events", platform.claude.com, build-with-claude/streaming.
  ping: new TextEncoder().encode('event: ping\ndata: {"type": "ping"}\n\n'),
  comment: encodeComment,
  translateBody: (answer) => answer,
  translateHead: (headers) => ({ ...headers }),
  translateEvent: ({ bytes }) => bytes,
}
