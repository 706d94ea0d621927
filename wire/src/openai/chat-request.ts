/**
 * The members of a `POST /v1/chat/completions` body that are read: those that the API reads (docs.claude.com,
 * api/openai-sdk, Nov 2025), and those that clients carry over from the Messages API or from other providers.
 * Ignored members may have any value. `field-table.ts` lists the effect of each.
 */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatTurn[]
  readonly max_tokens?: number | null
  readonly max_completion_tokens?: number | null
  readonly stream?: boolean | null
  readonly stream_options?: { readonly include_usage?: boolean | null } | null
  readonly stop?: string | readonly string[] | null
  readonly temperature?: number | null
  readonly top_p?: number | null
  readonly n?: number | null
  readonly tools?: readonly ChatTool[] | null
  readonly functions?: readonly ChatFunction[] | null
  readonly tool_choice?: string | JsonRecord | null
  readonly function_call?: string | { readonly name: string } | null
  readonly parallel_tool_calls?: boolean | null
  readonly response_format?: ChatFormat | null
  readonly reasoning_effort?: unknown
  /** OpenRouter's form of the effort. */
  readonly reasoning?: unknown
  /** Members of the Messages API. */
  readonly system?: string | readonly ChatPart[] | null
  readonly top_k?: number | null
  readonly thinking?: JsonRecord | null
  readonly output_config?: JsonRecord | null
  readonly cache_control?: JsonRecord | null
}

type JsonRecord = Readonly<Record<string, unknown>>

export interface ChatTurn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content?: string | readonly ChatPart[] | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ChatToolCall[] | null
  readonly function_call?: ChatCalledFunction | null
  readonly tool_call_id?: string | null
  readonly cache_control?: JsonRecord | null
}

/** A part in OpenAI's form, or a content block of the Messages API. */
export interface ChatPart extends ChatFile {
  readonly type: string
  readonly text?: string | null
  readonly refusal?: string | null
  readonly image_url?: string | { readonly url: string; readonly detail?: unknown } | null
  readonly file?: ChatFile | null
  readonly cache_control?: JsonRecord | null
  readonly [member: string]: unknown
}

/** A member `file` of a part; in the form of OpenAI's Responses API, the part itself. */
export interface ChatFile {
  /** A data URL, or base64 alone. */
  readonly file_data?: string | null
  readonly file_id?: string | null
  readonly filename?: string | null
}

export interface ChatToolCall {
  readonly id: string
  readonly function?: ChatCalledFunction
  readonly custom?: { readonly name: string; readonly input: string }
  readonly cache_control?: JsonRecord | null
}

export interface ChatCalledFunction {
  readonly name: string
  /** JSON in a string; some models leave the object itself. */
  readonly arguments?: string | JsonRecord | null
}

/** A function in OpenAI's form, the same without the wrapper, or a tool of the Messages API. */
export interface ChatTool extends Partial<ChatFunction> {
  readonly type?: unknown
  readonly function?: ChatFunction
  readonly input_schema?: JsonRecord
  readonly [member: string]: unknown
}

export interface ChatFunction {
  readonly name: string
  readonly description?: string | null
  readonly parameters?: JsonRecord | null
  /** Has no effect here. */
  readonly strict?: unknown
  readonly cache_control?: JsonRecord | null
}

export interface ChatFormat {
  readonly type?: unknown
  readonly json_schema?: { readonly schema?: JsonRecord | null } | null
}
