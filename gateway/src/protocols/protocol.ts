import type { BodyIndex, Patch, Frame, UsageFields } from '@anthology/wire'

import type { ErrorCode, ErrorKind } from '../errors.ts'
import type { ClientRequest, BufferedResponse } from '../http/client-exchange.ts'

/** The wire protocols that we serve calls in. */
export type ProtocolName = 'messages' | 'openai' | 'bedrock' | 'vertex'

/**
 * All that is particular to a wire protocol: how a request of it becomes one of
 * the Messages API, and how the answer, a stream and a refusal look in it. What
 * is between, from the key to the ledger, is one way for all (serve-call.ts).
 */
export interface Protocol {
  readonly name: ProtocolName
  /** What the body must say it is; null: clients of this protocol say all kinds of things. */
  readonly contentType: string | null
  /** What the path tells before the body does: whether the call is charged for, and its model; null where the body names it. */
  readonly path: { readonly billable: boolean; readonly model: string | null }
  /** Reads a request; throws a Refusal for what cannot be one. */
  readonly read: (source: ProtocolRequest) => InboundRequest
  /** A refusal of our own. */
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
  /** Beside those of every refusal, as the Messages API has them: `retry-after`, and the limits of the key. */
  readonly headers: Readonly<Record<string, string>>
}

/** A request in the terms of the Messages API. */
export interface InboundRequest {
  /** False for what the platforms do not charge: it is relayed like the rest, and leaves no row in the ledger. */
  readonly billable: boolean
  readonly requestedModel: string
  readonly stream: boolean
  /** Where the upstream's own door is, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** The client's bytes; only Converse and OpenAI's requests are translated into others. */
  readonly body: Uint8Array
  readonly index: BodyIndex
  /** The splices that make the body one of the Messages API, all but the model's name. */
  readonly patches: readonly Patch[]
  /** For the upstream, `anthropic-version` and `anthropic-beta` among them. */
  readonly headers: Readonly<Record<string, string>>
  /** The values of `anthropic-beta`, wherever they stood. */
  readonly betas: readonly string[]
  /** What was adjusted or dropped, and why. */
  readonly notices: readonly string[]
  readonly translator: ResponseTranslator
}

/** How an answer of the Messages API looks at a door. */
export interface ResponseTranslator {
  /** Whether it is to be told where the JSON of plain events stands. */
  readonly wantsOffsets?: boolean
  /**
   * A whole answer, an upstream's error as well; `headers` has our own beside the upstream's. Throws where it cannot
   * be read. `usage` is what the answer was metered with.
   */
  translateBody(answer: BufferedResponse, usage: UsageFields | null): BufferedResponse
  /** The head of a stream. */
  translateHead(headers: Readonly<Record<string, string>>): Record<string, string>
  /** The bytes that say what a frame of the stream says; empty where this protocol says nothing of it. Called once a frame, in order; `readUsage` gives what was metered until then. */
  translateEvent(frame: Frame, readUsage: () => UsageFields | null): Uint8Array
}

/** The Messages API's own: every byte as it came. */
export const passthrough: ResponseTranslator = {
  translateBody: (answer) => answer,
  translateHead: (headers) => ({ ...headers }),
  translateEvent: ({ bytes }) => bytes,
}
