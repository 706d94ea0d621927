import { isNestedDeeper } from '../body/json-text.ts'
import { isRecord } from '../body/json-value.ts'
import {
  boolean,
  chosen,
  findProblem,
  freeObject,
  integer,
  list,
  literal,
  openRecord,
  optional,
  orNull,
  required,
  text,
  textOr,
} from '../messages/shape.ts'
import type { Problem, Shape } from '../messages/shape.ts'
import { readExactTexts } from './exact-texts.ts'
import type { ExactTexts } from './exact-texts.ts'

/**
 * The members of a `POST /v1/chat/completions` body that are read: those that the API reads (docs.claude.com,
 * api/openai-sdk, Nov 2025), and those that clients carry over from the Messages API or from other providers.
 * Ignored members may have any value. `field-table.ts` lists what becomes of each.
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

export type ParsedChatRequest =
  | { readonly ok: true; readonly request: ChatRequest; readonly texts: ExactTexts }
  | { readonly ok: false; readonly problem: Problem }

/** Parses a body and validates the members that are read; paths and texts are in the style of the Messages API. */
export function parseChatRequest(bytes: Uint8Array): ParsedChatRequest {
  // Checked first, because JSON.parse takes a microsecond for each level.
  if (isNestedDeeper(bytes, maxDepth)) return reject(tooDeep)
  const body = parseBytes(bytes)
  if (body === undefined) return reject('The request body is not valid JSON')
  const problem = findProblem(body, chatRequest)
  if (problem) return { ok: false, problem }
  return isWalked(body)
    ? { ok: true, request: body, texts: readExactTexts(body, bytes) }
    : reject('Input should be a valid dictionary')
}

function parseBytes(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictUtf8.decode(bytes))
  } catch {
    return undefined
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function reject(message: string): ParsedChatRequest {
  return { ok: false, problem: { path: '', message } }
}

/** The maximum depth of a body, and of the arguments of a call. No schema in use comes near it. */
export const maxDepth = 200
export const tooDeep = `The JSON is nested deeper than ${maxDepth} levels`

/** Narrows a body that passed the shape check. */
function isWalked(body: unknown): body is ChatRequest {
  return isRecord(body)
}

const number: Shape = { kind: 'number' }

const file = { file_data: orNull(text), file_id: orNull(text), filename: orNull(text) }
const part = openRecord({
  type: required(text),
  text: orNull(text),
  refusal: orNull(text),
  image_url: orNull(textOr(openRecord({ url: required(text) }))),
  file: orNull(openRecord(file)),
  ...file,
  cache_control: orNull(freeObject),
})
const content = orNull(textOr(list(part)))
const calledFunction = openRecord({ name: required(text), arguments: orNull(textOr(freeObject)) })
const calledCustom = openRecord({ name: required(text), input: required(text) })
const functionCall = openRecord({ id: required(text), function: required(calledFunction) })
const customCall = openRecord({ id: required(text), custom: required(calledCustom) })
const turn = openRecord({
  role: required(literal('system', 'developer', 'user', 'assistant', 'tool', 'function')),
  content,
  refusal: orNull(text),
  tool_calls: orNull(list(chosen((call) => (hasMember(call, 'custom') ? customCall : functionCall)))),
  function_call: orNull(calledFunction),
  tool_call_id: orNull(text),
  cache_control: orNull(freeObject),
})
const described = {
  name: required(text),
  description: orNull(text),
  parameters: orNull(freeObject),
  cache_control: orNull(freeObject),
}
const wrappedFunction = openRecord({ function: required(openRecord(described)) })
const flatFunction = openRecord(described)
const nativeTool = openRecord({ type: orNull(text), input_schema: optional(freeObject) })
const tool = chosen((value) => {
  if (hasMember(value, 'function')) return wrappedFunction
  if (hasMember(value, 'input_schema')) return nativeTool
  const isFunction = isRecord(value) && (value['type'] ?? 'function') === 'function'
  if (!isFunction) return nativeTool
  return hasMember(value, 'name') ? flatFunction : wrappedFunction
})
const named = openRecord({ name: required(text) })

const chatRequest = openRecord({
  model: required({ kind: 'text', min: 1, max: 256 }),
  messages: required(list(turn, 100_000)),
  system: content,
  max_tokens: orNull(integer()),
  max_completion_tokens: orNull(integer()),
  stream: orNull(boolean),
  stream_options: orNull(openRecord({ include_usage: orNull(boolean) })),
  stop: orNull(textOr(list(text))),
  temperature: orNull(number),
  top_p: orNull(number),
  top_k: orNull(number),
  n: orNull(integer()),
  tools: orNull(list(tool, 10_000)),
  functions: orNull(list(openRecord(described), 10_000)),
  tool_choice: orNull(textOr(freeObject)),
  function_call: orNull(textOr(named)),
  parallel_tool_calls: orNull(boolean),
  response_format: orNull(openRecord({ json_schema: orNull(openRecord({ schema: orNull(freeObject) })) })),
  thinking: orNull(freeObject),
  output_config: orNull(freeObject),
  cache_control: orNull(freeObject),
})

function hasMember(value: unknown, name: string): boolean {
  return isRecord(value) && value[name] !== undefined && value[name] !== null
}
