import type { RequestBody } from '../create-request.ts'
import { printValue, toList, toMembers } from '../members.ts'
import type { Members } from '../members.ts'
import { catchNoCounterpart, given, NoCounterpart } from './counterpart.ts'
import type { Translated } from './counterpart.ts'

/**
 * Writes a request of the Messages API as a chat completion. What OpenAI's format lacks keeps its form of the Messages
 * API where the gateway accepts that (docs/openai.md): thinking, `top_k`, `output_config`, cache breakpoints, PDFs.
 */
export function createChatCompletion(body: RequestBody): Translated {
  return catchNoCounterpart(() => translate(body))
}

/** The members that OpenAI's SDKs know. The others are members of the Messages API. */
export const chatMembers: readonly string[] = [
  'model',
  'messages',
  'max_tokens',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'stop',
  'reasoning_effort',
  'response_format',
  'stream',
  'stream_options',
]

function translate(body: RequestBody): Members {
  const { system, messages, tools, tool_choice, output_config, stop_sequences, stream, ...others } = body
  const { effort, format, ...config } = toMembers(output_config)
  const isCommonEffort = effort === 'low' || effort === 'medium' || effort === 'high'
  const rest = { ...config, ...(!isCommonEffort && given('effort', effort)) }
  const schema = toMembers(format)['schema']
  return {
    ...others,
    messages: [...createSystem(system), ...toList(messages).flatMap(createTurn)],
    ...(tools !== undefined && { tools: toList(tools).map(createTool) }),
    ...(tool_choice !== undefined && { tool_choice: createChoice(toMembers(tool_choice)) }),
    ...given('stop', stop_sequences),
    ...(isCommonEffort && { reasoning_effort: effort }),
    ...(format !== undefined && {
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    }),
    ...(Object.keys(rest).length > 0 && { output_config: rest }),
    ...(stream === true && { stream, stream_options: { include_usage: true } }),
  }
}

function createSystem(system: unknown): readonly Members[] {
  return system === undefined ? [] : [{ role: 'system', content: system }]
}

/** Results of tools are messages of their own, before what else the user says. */
function createTurn(turn: unknown): readonly Members[] {
  const { role, content } = toMembers(turn)
  const blocks = toList(content).map(toMembers)
  if (role === 'assistant') {
    const calls = blocks.filter(({ type }) => type === 'tool_use')
    const parts = blocks.filter(({ type }) => type !== 'tool_use').map(createPart)
    return [
      {
        role,
        ...(parts.length > 0 && { content: parts }),
        ...(calls.length > 0 && { tool_calls: calls.map(createCall) }),
      },
    ]
  }
  const [results, others] = [blocks.filter(isPlainResult), blocks.filter((block) => !isPlainResult(block))]
  return [
    ...results.map(({ tool_use_id, content: text }) => ({
      role: 'tool',
      tool_call_id: tool_use_id,
      content: text,
    })),
    ...(others.length > 0 || results.length === 0 ? [{ role: 'user', content: others.map(createPart) }] : []),
  ]
}

/** A result that is an error, or that has a breakpoint, stays a block: a message of OpenAI cannot say either. */
function isPlainResult({ type, is_error, cache_control }: Members): boolean {
  return type === 'tool_result' && is_error !== true && cache_control === undefined
}

function createCall({ id, name, input }: Members): Members {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } }
}

const keptTypes: readonly unknown[] = [
  'text',
  'document',
  'search_result',
  'tool_result',
  'thinking',
  'redacted_thinking',
]

function createPart(block: Members): Members {
  const { type, source, ...others } = block
  const { type: kind, media_type, data } = toMembers(source)
  if (type === 'image' && kind === 'base64')
    return {
      type: 'image_url',
      image_url: { url: `data:${printValue(media_type)};base64,${printValue(data)}` },
      ...others,
    }
  if (type === 'image' || keptTypes.includes(type)) return block
  throw new NoCounterpart(printValue(type))
}

/** A tool of the Messages API that has more than a function says stays as it is. */
function createTool(tool: unknown): Members {
  const { type = 'custom', name, description, input_schema, cache_control, ...others } = toMembers(tool)
  if (type !== 'custom' || Object.keys(others).length > 0) return toMembers(tool)
  const described = { name, ...given('description', description), parameters: input_schema }
  return { type: 'function', function: described, ...given('cache_control', cache_control) }
}

function createChoice({ type, name }: Members): unknown {
  if (type === 'tool') return { type: 'function', function: { name } }
  return type === 'any' ? 'required' : type
}
