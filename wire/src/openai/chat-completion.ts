import { listElements, listMembers } from '../body/json-text.ts'
import { isRecord, readRecord } from '../body/json-value.ts'
import type { Message, StopReason } from '../messages/message.ts'

/**
 * The response of `POST /v1/chat/completions`, with one choice. Members that the API always leaves empty
 * (docs.claude.com, api/openai-sdk, Nov 2025) are null or absent, except for the details of the usage.
 */
export interface ChatCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  /** Unix time in seconds. */
  readonly created: number
  readonly model: string
  readonly choices: readonly [
    {
      readonly index: 0
      readonly message: {
        readonly role: 'assistant'
        readonly content: string | null
        readonly refusal: null
        readonly tool_calls?: readonly ChatAnswerCall[]
      }
      readonly finish_reason: FinishReason
      readonly logprobs: null
    },
  ]
  readonly usage: ChatUsage
}

export interface ChatAnswerCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export interface ChatUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  /** Absent if the upstream does not report it. */
  readonly prompt_tokens_details?: { readonly cached_tokens: number }
  readonly completion_tokens_details?: { readonly reasoning_tokens: number }
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/**
 * Translates the JSON of a message to a chat completion; thinking is not passed on. Throws if the bytes are not
 * a message.
 */
export function translateMessage(bytes: Uint8Array, createdS: number): ChatCompletion {
  // Not validated: if it is not a message, reading its members throws.
  const message = JSON.parse(strictUtf8.decode(bytes)) as Message
  const texts = message.content.some(({ type }) => type === 'tool_use') ? listInputTexts(bytes) : []
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  const calls = message.content.flatMap((block, index): readonly ChatAnswerCall[] => {
    if (block.type !== 'tool_use') return []
    const { id, name, input } = block
    return [{ id, type: 'function', function: { name, arguments: texts[index] ?? JSON.stringify(input) } }]
  })
  return {
    id: message.id,
    object: 'chat.completion',
    created: createdS,
    model: message.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        finish_reason: toFinishReason(message.stop_reason),
        logprobs: null,
      },
    ],
    usage: toChatUsage(message.usage),
  }
}

/** The text of each block's input, as the upstream wrote it. */
function listInputTexts(bytes: Uint8Array): readonly (string | undefined)[] {
  const message = { start: bytes.indexOf(openBrace), end: bytes.length }
  const content = listMembers(bytes, message).get('content')
  return (content ? listElements(bytes, content) : []).map((block) => {
    const input = listMembers(bytes, block).get('input')
    return input && strictUtf8.decode(bytes.subarray(input.start, input.end))
  })
}

const openBrace = 0x7b
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** The whole prompt counts, cached or not. A count that the upstream does not report is 0. */
export function toChatUsage(usage: unknown): ChatUsage {
  const cached = readCount(usage, 'cache_read_input_tokens')
  const thought = readCount(readRecord(usage, 'output_tokens_details'), 'thinking_tokens')
  const output = readCount(usage, 'output_tokens') ?? 0
  const uncached = readCount(usage, 'input_tokens') ?? 0
  const prompt = uncached + (readCount(usage, 'cache_creation_input_tokens') ?? 0) + (cached ?? 0)
  return {
    prompt_tokens: prompt,
    completion_tokens: output,
    total_tokens: prompt + output,
    ...(cached !== null && { prompt_tokens_details: { cached_tokens: cached } }),
    ...(thought !== null && { completion_tokens_details: { reasoning_tokens: thought } }),
  }
}

function readCount(usage: unknown, name: string): number | null {
  const count = isRecord(usage) ? usage[name] : null
  return typeof count === 'number' ? count : null
}

/** The common mapping; the compatibility page does not document it. */
export function toFinishReason(reason: StopReason | null): FinishReason {
  switch (reason) {
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'tool_use':
      return 'tool_calls'
    case 'refusal':
      return 'content_filter'
    case 'end_turn':
    case 'stop_sequence':
    case 'pause_turn':
    case null:
      break
  }
  // A later API version may add reasons, but clients expect one that they know.
  return 'stop'
}
