import type { Message, MessageUsage, StopReason } from '../messages/message.ts'

/**
 * The response of `POST /v1/chat/completions`, with one choice. Members that the API always leaves empty
 * (docs.claude.com, api/openai-sdk, Nov 2025) are null or absent.
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
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** Translates a message to a chat completion; thinking is not passed on. */
export function toChatCompletion(message: Message, createdS: number): ChatCompletion {
  const text = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  const calls = message.content.flatMap((block): readonly ChatAnswerCall[] => {
    if (block.type !== 'tool_use') return []
    const { id, name, input } = block
    return [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }]
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

/** The whole prompt counts, cached or not. */
export function toChatUsage(usage: Readonly<Partial<MessageUsage>>): ChatUsage {
  const {
    input_tokens: uncached = 0,
    cache_creation_input_tokens: written,
    output_tokens: output = 0,
  } = usage
  const prompt = uncached + (written ?? 0) + (usage.cache_read_input_tokens ?? 0)
  return { prompt_tokens: prompt, completion_tokens: output, total_tokens: prompt + output }
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
