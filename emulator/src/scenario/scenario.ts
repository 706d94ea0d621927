/**
 * A scenario: what the emulator answers, and where it fails. A file (YAML or JSON) and the argument of
 * `createEmulator({ scenario })` have this shape; `emulator/scenario.schema.json` describes it member by member.
 */
export interface Scenario {
  readonly version: 1
  /** The result for a call that no rule matches; default `answer`: the emulator's normal answer. */
  readonly unmatched?: 'answer' | 'refuse'
  readonly rules: readonly Rule[]
}

/** One rule. Of the rules that match, the first one of the highest priority applies. */
export interface Rule {
  readonly name?: string
  /** All conditions must hold. Without `path`, a rule applies to calls that create a message. */
  readonly when?: When
  /** Default 0. */
  readonly priority?: number
  /** Applies to this many requests, then no longer. */
  readonly times?: number
  /** Applies to every n-th request that meets the conditions; with call, to that one and every n-th after it. */
  readonly every?: number
  /** Applies to this share of the requests that meet the conditions, 0 to 1, chosen by the emulator's seed. */
  readonly rate?: number
  readonly reply?: ScriptedReply
  readonly fault?: Fault
  /**
   * One answer for each assistant turn after the user message that `last_user` matched; without `last_user`, for each
   * assistant turn of the conversation.
   */
  readonly steps?: readonly Step[]
}

export type Step = Pick<Rule, 'reply' | 'fault'>

export interface When {
  /** Any spelling, alias or name of a cloud. */
  readonly model?: string
  readonly protocol?: Protocol
  readonly platform?: Platform
  readonly path?: TextCondition
  readonly header?: Readonly<Record<string, TextCondition>>
  readonly system?: TextCondition
  /** The texts of the last turn, if it is the user's; results of tools and reminders of agents are not part of it. */
  readonly last_user?: TextCondition
  /** The texts of the last user turn that has any, also after calls of tools. */
  readonly question?: TextCondition
  /** One of the results of tools in the last turn. */
  readonly tool_result?: ToolResultCondition
  /** The request offers these tools. */
  readonly tools?: string | readonly string[]
  /** The number of assistant turns in the request. A prefill belongs to the turn to come. */
  readonly turn?: number
  /** The n-th request that meets the other conditions, from 1. */
  readonly call?: number
  /** JSONPath (RFC 9535) in the body as it was sent. */
  readonly json?: Readonly<Record<string, JsonCondition>>
}

export type Protocol = 'messages' | 'openai' | 'bedrock' | 'vertex'
export type Platform = 'anthropic' | 'bedrock' | 'vertex' | 'foundry'

/** A plain string means `contains`. */
export type TextCondition = string | TextTest

export interface TextTest {
  readonly contains?: string
  readonly equals?: string
  /** A regular expression in RE2 syntax: its time is linear in the text. */
  readonly regex?: string
}

export type ToolResultCondition = string | (TextTest & { readonly tool?: string })

export type JsonCondition =
  | string
  | number
  | boolean
  | null
  | {
      readonly contains?: string
      readonly equals?: unknown
      readonly regex?: string
      readonly exists?: boolean
    }

/**
 * What the model says. Strings may contain templates, such as `{{last_user}}`. A reply that the service could not send for
 * the request is refused with status 400, and the error names the rule and the member.
 */
export interface ScriptedReply {
  readonly text?: string
  /**
   * The thinking before the text; the request must enable thinking. Where the service always thinks, which is with a
   * budget, a reply without `thinking` gets the emulator's own.
   */
  readonly thinking?: string
  readonly tool_calls?: readonly ScriptedToolCall[]
  /** All blocks in their order, in place of `text`, `thinking` and `tool_calls`. */
  readonly blocks?: readonly ScriptedBlock[]
  /** A value that is sent as JSON text; it must satisfy the schema of the request, if that has one. */
  readonly structured?: unknown
  /** The stop reason `refusal`, after the text if there is one. */
  readonly refusal?: true | { readonly category?: string; readonly explanation?: string }
  /**
   * Default: what follows from the blocks and the request. `max_tokens` and the stop sequences of the request end the
   * answer before, with their own stop reason.
   */
  readonly stop_reason?: ScriptedStopReason
  /** With the stop reason `stop_sequence`; default the first one of the request. */
  readonly stop_sequence?: string
  /** Members that replace those of the usage that follows from the blocks. */
  readonly usage?: ScriptedUsage
}

/** Members of `usage`, in tokens or requests. What follows from a given member and is not given itself is adapted. */
export interface ScriptedUsage {
  readonly input_tokens?: number
  readonly output_tokens?: number
  readonly cache_creation_input_tokens?: number
  readonly cache_read_input_tokens?: number
  readonly cache_creation?: {
    readonly ephemeral_5m_input_tokens?: number
    readonly ephemeral_1h_input_tokens?: number
  }
  readonly server_tool_use?: {
    readonly web_search_requests?: number
    readonly web_fetch_requests?: number
  }
  readonly output_tokens_details?: { readonly thinking_tokens: number }
  readonly service_tier?: 'standard' | 'priority' | 'batch'
  readonly inference_geo?: string
  readonly speed?: 'standard' | 'fast'
}

export type ScriptedStopReason =
  | 'end_turn'
  | 'tool_use'
  | 'max_tokens'
  | 'stop_sequence'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded'

export interface ScriptedToolCall {
  readonly name: string
  readonly input?: Readonly<Record<string, unknown>>
  readonly id?: string
}

export type ScriptedBlock =
  | { readonly text: string }
  | { readonly thinking: string }
  | { readonly redacted_thinking: true }
  | { readonly tool_call: ScriptedToolCall }
  /** A content block of the API as it is, such as a use of a server tool, its result, or a text with citations. */
  | { readonly block: Readonly<Record<string, unknown>> }

/**
 * A failure instead of an answer, or in the middle of one. Members that contradict each other are refused. In a stream,
 * events are counted as a client counts them: `message_start` is the first, `ping` and OpenAI's `[DONE]` do not count.
 */
export interface Fault {
  /**
   * Answers with this status, in the error shape of the protocol, with the type, text and headers that belong to it. A
   * status of the Claude API that Bedrock does not use becomes the one of its exception, such as 503 for 529.
   */
  readonly status?: number
  /**
   * The text of the error, or its type and text; default: what the service says with this status. A type of the Claude API
   * gets its name on Bedrock and Google Cloud; any other type is sent as it is.
   */
  readonly error?: string | { readonly type?: string; readonly message?: string }
  /** Headers of the answer, in addition to its own or in place of them. */
  readonly headers?: Readonly<Record<string, string>>
  /** `retry-after` in seconds. */
  readonly retry_after?: number
  /** The same as `status: 529`. */
  readonly overloaded?: true
  /**
   * `status: 429` with the headers of this exhausted limit; `true` means `requests`. On Bedrock, Google Cloud and Foundry it
   * has no such headers.
   */
  readonly rate_limit?: true | 'requests' | 'input_tokens' | 'output_tokens'
  /** The time before the first byte. */
  readonly first_byte_ms?: number
  /** The time before each further event of a stream. */
  readonly between_events_ms?: number
  /**
   * Sends no more after `after_events` events (default 0, then not even a head), and keeps the connection open until the
   * client leaves or the emulator is closed or reset. A plain answer stalls after its first half if `after_events` is above 0.
   */
  readonly stall?: true
  /** Breaks the connection in the middle of the answer: after half of its bytes, or at a place. */
  readonly cut?: true | Cut
  /**
   * Resets the connection: `true` before the first byte, or at a place as in `cut`. Over HTTP/2, a cut and a reset in the
   * answer end only its stream, with an error code.
   */
  readonly reset?: true | Cut
  /** Ends a stream cleanly without `message_stop`, or what stands for it in the protocol. */
  readonly missing?: 'message_stop'
  /**
   * Sends what cannot be read, in the event after `after_events` (default 1) or in a plain body: JSON without its last byte
   * (`json`); a line break in the data, a wrong checksum, or half a plain body (`frame`); a byte that no UTF-8 has (`utf8`).
   */
  readonly malformed?: 'json' | 'frame' | 'utf8'
  /**
   * An error event of this type in the open stream, after `after_events` (default 1), as its last event. A plain answer has
   * the status that belongs to the type.
   */
  readonly error_event?: string
  /** The number of events of the stream before `stall`, `malformed` or `error_event`. */
  readonly after_events?: number
  /** The final usage states these figures; `true`: 0 output tokens. In a stream `message_start` keeps the right ones. */
  readonly wrong_usage?: true | Readonly<Record<string, number>>
}

/** A place in an answer. A plain answer has no events: it breaks after `after_bytes`, by default after half of its bytes. */
export interface Cut {
  readonly after_events?: number
  /** The number of bytes of the body. The last byte of a plain body is never sent, because the answer would be complete. */
  readonly after_bytes?: number
  /**
   * In the middle of an event, of a character of several bytes, of a JSON escape, or of a line: the first one after
   * `after_events` (default 1) or `after_bytes`. An answer without one is cut inside the next frame.
   */
  readonly inside?: 'frame' | 'utf8' | 'escape' | 'line'
}
