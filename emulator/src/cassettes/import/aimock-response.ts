import { isRecord, parseJson, readRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import type {
  Fault,
  ScriptedBlock,
  ScriptedReply,
  ScriptedStopReason,
  ScriptedToolCall,
} from '../../scenario/scenario.ts'
import { listItems } from '../requests/conversation.ts'

export interface AimockResponse {
  readonly reply: ScriptedReply | null
  readonly fault: Fault
}

/** Translates the `response` of a fixture; null: it is no answer of a chat. */
export function readAimockResponse(value: unknown, note: (message: string) => void): AimockResponse | null {
  const response = isRecord(value) ? value : {}
  const error = readRecord(response, 'error')
  if (error !== null) return { reply: null, fault: readError(error, response) }
  const { content, toolCalls, blocks } = response
  if (content === undefined && toolCalls === undefined && blocks === undefined) {
    note(
      `a response with ${Object.keys(response).join(', ')} has no counterpart, so that the fixture is left out`,
    )
    return null
  }
  for (const name of Object.keys(response))
    if (!knownMembers.has(name)) note(`response.${name} has no counterpart and is left out`)
  const usage = readUsage(response['usage'])
  const reply: ScriptedReply = {
    ...(Array.isArray(blocks) ? { blocks: blocks.flatMap(readBlock) } : readContent(content, toolCalls)),
    ...readStop(readText(response, 'finishReason')),
    ...(Object.keys(usage).length > 0 && { usage }),
  }
  return { reply, fault: {} }
}

const knownMembers: ReadonlySet<string> = new Set([
  'content',
  'toolCalls',
  'blocks',
  'usage',
  'finishReason',
  'role',
])

function readError(error: JsonObject, response: JsonObject): Fault {
  const type = readText(error, 'type')
  const message = readText(error, 'message')
  const { status, retryAfter } = response
  return {
    status: typeof status === 'number' && status >= 400 && status <= 599 ? status : 500,
    error: { ...(type !== null && { type }), ...(message !== null && { message }) },
    ...(typeof retryAfter === 'number' && retryAfter >= 0 && { retry_after: retryAfter }),
  }
}

/** Content that is no text is structured output. */
function readContent(content: unknown, toolCalls: unknown): ScriptedReply {
  const calls = listItems(toolCalls).flatMap(readToolCall)
  return {
    ...(typeof content === 'string' && { text: content }),
    ...((isRecord(content) || Array.isArray(content)) && { structured: content }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

function readBlock(block: unknown): readonly ScriptedBlock[] {
  const text = readText(block, 'text')
  if (text !== null) return [{ text }]
  return readToolCall(block).map((call) => ({ tool_call: call }))
}

/** The arguments are JSON text or its value. */
function readToolCall(call: unknown): readonly ScriptedToolCall[] {
  const name = readText(call, 'name')
  if (!isRecord(call) || name === null) return []
  const given = call['arguments']
  const input: unknown = typeof given === 'string' ? parseJson(given) : given
  const id = readText(call, 'id')
  return [{ name, ...(isRecord(input) && { input }), ...(id !== null && { id }) }]
}

/** The stop reason of a call of tools follows from the content. */
function readStop(reason: string | null): ScriptedReply {
  const stop = reason === null ? undefined : stopReasons[reason]
  return stop === undefined ? {} : { stop_reason: stop }
}

const stopReasons: Readonly<Record<string, ScriptedStopReason>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  content_filter: 'refusal',
}

/** Counts in the names of OpenAI or of the Messages API. */
function readUsage(usage: unknown): Readonly<Record<string, number>> {
  if (!isRecord(usage)) return {}
  const input = usage['input_tokens'] ?? usage['prompt_tokens']
  const output = usage['output_tokens'] ?? usage['completion_tokens']
  return {
    ...(typeof input === 'number' && { input_tokens: input }),
    ...(typeof output === 'number' && { output_tokens: output }),
  }
}
