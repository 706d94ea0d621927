import { isRecord } from '../body/json-value.ts'
import {
  boolean,
  findProblem,
  freeObject,
  integer,
  list,
  literal,
  openRecord,
  orNull,
  required,
  text,
  textOr,
} from '../messages/shape.ts'
import type { Problem, Shape } from '../messages/shape.ts'

/**
 * The members of a `POST /v1/chat/completions` body that the API reads (docs.claude.com, api/openai-sdk, Nov
 * 2025). Ignored members may have any value.
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
  readonly tool_choice?: string | { readonly function: { readonly name: string } } | null
  readonly function_call?: string | { readonly name: string } | null
  readonly parallel_tool_calls?: boolean | null
  /** An extension of the Claude API, passed on unchanged. */
  readonly thinking?: Readonly<Record<string, unknown>> | null
}

export interface ChatTurn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool' | 'function'
  readonly content?: string | readonly ChatPart[] | null
  readonly tool_calls?: readonly ChatToolCall[] | null
  readonly function_call?: ChatCalledFunction | null
  readonly tool_call_id?: string | null
}

export interface ChatPart {
  readonly type: string
  readonly text?: string | null
  readonly image_url?: { readonly url: string } | null
}

export interface ChatToolCall {
  readonly id: string
  readonly function: ChatCalledFunction
}

/** `arguments` is JSON in a string. */
export interface ChatCalledFunction {
  readonly name: string
  readonly arguments: string
}

export interface ChatTool {
  readonly function: ChatFunction
}

export interface ChatFunction {
  readonly name: string
  readonly description?: string | null
  readonly parameters?: Readonly<Record<string, unknown>> | null
  /** Has no effect here. */
  readonly strict?: unknown
}

export type ParsedChatRequest =
  | { readonly ok: true; readonly request: ChatRequest }
  | { readonly ok: false; readonly problem: Problem }

/** Validates the members that are read; paths and texts are in the style of the Messages API. */
export function parseChatRequest(body: unknown): ParsedChatRequest {
  const problem = findProblem(body, chatRequest)
  if (problem) return { ok: false, problem }
  return isWalked(body)
    ? { ok: true, request: body }
    : { ok: false, problem: { path: '', message: 'Input should be a valid dictionary' } }
}

/** Narrows a body that passed the shape check. */
function isWalked(body: unknown): body is ChatRequest {
  return isRecord(body)
}

const number: Shape = { kind: 'number' }

const part = openRecord({
  type: required(text),
  text: orNull(text),
  image_url: orNull(openRecord({ url: required(text) })),
})
const calledFunction = openRecord({ name: required(text), arguments: required(text) })
const turn = openRecord({
  role: required(literal('system', 'developer', 'user', 'assistant', 'tool', 'function')),
  content: orNull(textOr(list(part))),
  tool_calls: orNull(list(openRecord({ id: required(text), function: required(calledFunction) }))),
  function_call: orNull(calledFunction),
  tool_call_id: orNull(text),
})
const describedFunction = openRecord({
  name: required(text),
  description: orNull(text),
  parameters: orNull(freeObject),
})
const named = openRecord({ name: required(text) })

const chatRequest = openRecord({
  model: required({ kind: 'text', min: 1, max: 256 }),
  messages: required(list(turn, 100_000)),
  max_tokens: orNull(integer()),
  max_completion_tokens: orNull(integer()),
  stream: orNull(boolean),
  stream_options: orNull(openRecord({ include_usage: orNull(boolean) })),
  stop: orNull(textOr(list(text))),
  temperature: orNull(number),
  top_p: orNull(number),
  n: orNull(integer()),
  tools: orNull(list(openRecord({ function: required(describedFunction) }))),
  functions: orNull(list(describedFunction)),
  tool_choice: orNull(textOr(openRecord({ function: required(named) }))),
  function_call: orNull(textOr(named)),
  parallel_tool_calls: orNull(boolean),
  thinking: orNull(freeObject),
})
