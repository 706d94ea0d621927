import type { Protocol } from '../scenario/scenario.ts'

/**
 * The recordings of one conversation: the content of one file. `emulator/cassette.schema.json` describes it member by
 * member. All texts are redacted.
 */
export interface Cassette {
  readonly version: 1
  /** The first words of the conversation, or method and path of a request that belongs to none. */
  readonly conversation: string
  /** In the order in which the requests were sent. */
  readonly exchanges: readonly RecordedExchange[]
}

export interface RecordedExchange {
  /** When the request was sent, ISO 8601. */
  readonly recorded: string
  /** The version of the catalog that resolved the model's name. All packages of Anthology have one version. */
  readonly catalog: string
  readonly request: RecordedRequest
  readonly response: RecordedResponse
}

/** The facts of a request. A new request is reduced to the same facts, and then compared. */
export interface RecordedRequest {
  readonly protocol: Protocol
  /** Such as `create_message`, `invoke`, `converse`; `other` for a path that the emulator does not know. */
  readonly endpoint: string
  readonly method: string
  readonly path: string
  readonly stream: boolean
  /** The pinned id in the catalog; a name that the catalog does not know stays as it is. */
  readonly model?: string
  /** The number of assistant turns. */
  readonly turn?: number
  /** The texts of the last user turn that has any. */
  readonly last_user?: string
  /** The results of tools in the last turn. */
  readonly tool_results?: readonly RecordedToolResult[]
  /** A hash of the images, documents, and other content in the last turn that is no text. */
  readonly media_hash?: string
  /** The beginning of the answer, where the request gives it. */
  readonly prefill?: string
  /** The names of the tools that the request offers, sorted. */
  readonly tools?: readonly string[]
  /** A hash of the system prompt. */
  readonly system_hash?: string
  /** A hash of the definitions of the tools. */
  readonly tools_hash?: string
  /** A hash of the form that the answer must have: a schema, a choice of tools. */
  readonly output_hash?: string
  readonly betas?: readonly string[]
  /** A hash of the body of a request that belongs to no conversation. */
  readonly body_hash?: string
  /** The JSON body of a request with a conversation, redacted; only where the recorder keeps bodies. It is not compared. */
  readonly body?: string
}

export interface RecordedToolResult {
  /** The name of the tool; '' if its call is not in the conversation. */
  readonly tool: string
  readonly text: string
}

/** A response has `body`, `base64` or `events`. */
export interface RecordedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds from the request to the response, or to each of its events. */
  readonly at_ms: readonly number[]
  readonly body?: string
  /** A body that is not text. */
  readonly base64?: string
  /** For a person: what the base64 contains. */
  readonly note?: string
  readonly events?: readonly RecordedEvent[]
}

export type RecordedEvent =
  /** An event of an SSE stream in its usual form: one `event` line if it has a name, and one `data` line. */
  | { readonly event?: string; readonly data: string }
  /** Any other text, such as a comment of an SSE stream, with its line ends. */
  | { readonly text: string }
  /** A message of an AWS event stream: its headers, and its payload as text. */
  | { readonly headers: Readonly<Record<string, string>>; readonly payload: string }
  /**
   * A message of InvokeModelWithResponseStream. `chunk` is the event that its payload carries in base64, `after` the rest
   * of the payload, such as padding.
   */
  | { readonly headers: Readonly<Record<string, string>>; readonly chunk: string; readonly after: string }
  /** Bytes that have none of these forms. */
  | { readonly base64: string; readonly note?: string }

/** A cassette that cannot be read or written, or an invalid option. */
export class CassetteError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CassetteError'
  }
}
