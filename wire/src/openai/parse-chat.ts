import { countValues } from '../body/json-bounds.ts'
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
import type { ChatRequest } from './chat-request.ts'
import { readExactTexts } from './exact-texts.ts'
import type { ExactTexts } from './exact-texts.ts'

export type ParsedChatRequest =
  | { readonly ok: true; readonly request: ChatRequest; readonly texts: ExactTexts }
  | { readonly ok: false; readonly problem: Problem }

/** Parses a body and validates the members that are read; paths and texts are in the style of the Messages API. */
export function parseChatRequest(bytes: Uint8Array): ParsedChatRequest {
  // Checked first, because JSON.parse takes a microsecond for each level.
  const counted = countValues(bytes, jsonBounds)
  if (typeof counted === 'string') return reject(excessTexts[counted])
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

/** Bounds of a body, and of all arguments of calls together, so that no request keeps the translation busy for long. */
export const jsonBounds = { maxDepth: 200, maxValues: 100_000 }
export const excessTexts = {
  depth: `The JSON is nested deeper than ${jsonBounds.maxDepth} levels`,
  values: `The JSON has more than ${jsonBounds.maxValues} values`,
}

/** Narrows a body that passed the shape check. */
function isWalked(body: unknown): body is ChatRequest {
  return isRecord(body)
}

const number: Shape = { kind: 'number' }

const textPart = openRecord({ type: required(text), text: orNull(text), cache_control: orNull(freeObject) })
const file = { file_data: orNull(text), file_id: orNull(text), filename: orNull(text) }
const otherPart = openRecord({
  type: required(text),
  refusal: orNull(text),
  image_url: orNull(textOr(openRecord({ url: required(text) }))),
  file: orNull(openRecord(file)),
  ...file,
  cache_control: orNull(freeObject),
})
const part = chosen((value) => (isRecord(value) && value['type'] === 'text' ? textPart : otherPart))
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
