import type { Problem } from '../messages/shape.ts'
import type { ChatFunction, ChatRequest } from './chat-request.ts'
import { translateTurns } from './chat-turns.ts'
import type { JsonBody } from './chat-turns.ts'

export type TranslatedChat =
  | {
      readonly ok: true
      /** A body for the Messages API, not yet validated. */
      readonly body: JsonBody
      /** The members without effect, for a notice. */
      readonly ignored: readonly string[]
    }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Translates a chat request to a Messages request (docs.claude.com, api/openai-sdk, Nov 2025).
 * `defaultMaxTokens` is used if the request has neither limit: this API allows that, the Messages API does
 * not.
 */
export function translateChatRequest(request: ChatRequest, defaultMaxTokens: number): TranslatedChat {
  if (request.n !== undefined && request.n !== null && request.n !== 1)
    return fail('n', 'Input should be 1: one answer is made per request')
  const turns = translateTurns(request.messages)
  if (!turns.ok) return turns
  const tools = listFunctions(request)
  const toolChoice = translateToolChoice(request)
  if (toolChoice === 'unknown')
    return fail('tool_choice', "Input should be 'none', 'auto', 'required' or a function")
  const stops = [request.stop ?? []].flat()
  const kept = stops.filter((sequence) => sequence.trim() !== '')
  const body = {
    model: request.model,
    max_tokens: request.max_completion_tokens ?? request.max_tokens ?? defaultMaxTokens,
    messages: turns.messages,
    ...(turns.system !== '' && { system: turns.system }),
    ...(tools.length > 0 && { tools: tools.map(translateFunction) }),
    ...(toolChoice && !(tools.length === 0 && isMoot(toolChoice)) && { tool_choice: toolChoice }),
    ...(kept.length > 0 && { stop_sequences: kept }),
    ...(isGiven(request.temperature) && { temperature: Math.min(1, request.temperature) }),
    ...(isGiven(request.top_p) && { top_p: request.top_p }),
    ...(isGiven(request.thinking) && { thinking: request.thinking }),
    ...(request.stream === true && { stream: true }),
  }
  return { ok: true, body, ignored: listIgnored(request, kept.length < stops.length) }
}

function translateFunction({ name, description, parameters }: ChatFunction): JsonBody {
  return {
    name,
    ...(isGiven(description) && { description }),
    input_schema: { type: 'object', ...(parameters ?? { properties: {} }) },
  }
}

function translateToolChoice(request: ChatRequest): JsonBody | null | 'unknown' {
  const { tool_choice: choice, function_call: call, parallel_tool_calls: isParallel } = request
  const parallel = isParallel === false ? { disable_parallel_tool_use: true } : {}
  const given = choice ?? call ?? null
  if (given === null) return isParallel === false ? { type: 'auto', ...parallel } : null
  if (typeof given !== 'string') {
    const name = 'function' in given ? given.function.name : given.name
    return { type: 'tool', name, ...parallel }
  }
  if (given === 'none') return { type: 'none' }
  if (given === 'auto') return { type: 'auto', ...parallel }
  return given === 'required' ? { type: 'any', ...parallel } : 'unknown'
}

/** Without tools the choice has no effect, but the Messages API would reject it. */
function isMoot(choice: JsonBody): boolean {
  return choice['type'] === 'auto' || choice['type'] === 'none'
}

const read: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'max_tokens',
  'max_completion_tokens',
  'stream',
  'stream_options',
  'stop',
  'temperature',
  'top_p',
  'n',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'thinking',
])

function listIgnored(request: ChatRequest, hasBlankStop: boolean): readonly string[] {
  const ignored = Object.entries(request)
    .filter(([name, value]) => !read.has(name) && isGiven(value))
    .map(([name]) => name.slice(0, 100))
  const isStrict = listFunctions(request).some(({ strict }) => strict === true)
  return [
    ...ignored,
    ...(hasBlankStop ? ['stop sequences of whitespace'] : []),
    ...(isStrict ? ['strict of functions'] : []),
    ...listIgnoredParts(request),
  ]
}

/** Every role may have text parts; only the user may also have images. */
function listIgnoredParts({ messages }: ChatRequest): readonly string[] {
  const ignored = messages.flatMap(({ role, content }) => {
    const parts = typeof content === 'string' ? [] : (content ?? [])
    return parts
      .filter(({ type }) => type !== 'text' && !(role === 'user' && type === 'image_url'))
      .map(({ type }) => `${type.slice(0, 100)} parts of ${role} messages`)
  })
  return [...new Set(ignored)].slice(0, maxParts)
}

/** The maximum number of ignored parts that are named. */
const maxParts = 20

function listFunctions({ tools, functions }: ChatRequest): readonly ChatFunction[] {
  return [...(tools ?? []).map((tool) => tool.function), ...(functions ?? [])]
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null
}

function fail(path: string, message: string): TranslatedChat {
  return { ok: false, problem: { path, message } }
}
