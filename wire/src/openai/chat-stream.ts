import { createJsonText, listMembers, printJsonTexts } from '../body/json-text.ts'
import { mergeUsage } from '../messages/merge-usage.ts'
import type { UsageFields } from '../messages/merge-usage.ts'
import type { Message, StopReason } from '../messages/message.ts'
import type { BlockDelta, StreamEvent } from '../messages/stream-event.ts'
import { toChatUsage, toFinishReason } from './chat-completion.ts'
import type { ChatUsage, FinishReason } from './chat-completion.ts'
import { chatError } from './chat-error.ts'

/** One event of a streamed chat completion; `data: [DONE]` follows the last one. */
export interface ChatChunk {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  readonly created: number
  readonly model: string
  readonly choices: readonly ChunkChoice[]
  /** Only if `stream_options.include_usage` requests it; null except in the last chunk. */
  readonly usage?: ChatUsage | null
}

export interface ChunkChoice {
  readonly index: 0
  readonly delta: ChunkDelta
  readonly finish_reason: FinishReason | null
  readonly logprobs: null
}

export interface ChunkDelta {
  readonly role?: 'assistant'
  readonly content?: string
  readonly tool_calls?: readonly [
    {
      readonly index: number
      readonly id?: string
      readonly type?: 'function'
      readonly function: { readonly name?: string; readonly arguments: string }
    },
  ]
}

export interface ChatStreamOptions {
  /** Unix time in seconds. */
  readonly created: number
  readonly includeUsage: boolean
}

/** Translates the events of one message, in order. */
export type ChatTranslator = (event: StreamEvent) => readonly ChatChunk[]

/**
 * Translates the JSON of an event of a message and encodes the chunks as SSE, with `[DONE]` after the last one.
 * Throws if the text is not JSON.
 */
export function encodeChatEvent(data: string, translate: ChatTranslator): string {
  const event = parseEvent(data)
  const values =
    event.type === 'error' ? [chatError(event.error.type, event.error.message)] : translate(event)
  const lines = values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')
  return event.type === 'message_stop' ? `${lines}data: [DONE]\n\n` : lines
}

/** Parses an event. If a block's start event contains an input, the input keeps the upstream's text. */
function parseEvent(data: string): StreamEvent {
  // Unknown events have a type that the translation ignores.
  const event = JSON.parse(data) as StreamEvent
  if (event.type !== 'content_block_start' || event.content_block.type !== 'tool_use') return event
  const bytes = utf8.encode(data)
  const block = listMembers(bytes, { start: bytes.indexOf(openBrace), end: bytes.length }).get(
    'content_block',
  )
  const input = block && listMembers(bytes, block).get('input')
  if (!input) return event
  const text = decoder.decode(bytes.subarray(input.start, input.end))
  return { ...event, content_block: { ...event.content_block, input: { ...createJsonText(text) } } }
}

const openBrace = 0x7b
const utf8 = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export function createChatStream(options: ChatStreamOptions): ChatTranslator {
  const { created, includeUsage } = options
  let message: Pick<Message, 'id' | 'model'> = { id: '', model: '' }
  let usage: UsageFields = {}
  let isFinished = false
  let call: { readonly index: number; readonly input: object; hasArguments: boolean } | null = null
  let calls = 0

  const chunk = (choices: readonly ChunkChoice[], total: ChatUsage | null = null): ChatChunk => ({
    id: message.id,
    object: 'chat.completion.chunk',
    created,
    model: message.model,
    choices,
    ...(includeUsage && { usage: total }),
  })
  const say = (delta: ChunkDelta, finish: FinishReason | null = null): readonly ChatChunk[] => [
    chunk([{ index: 0, delta, finish_reason: finish, logprobs: null }]),
  ]
  /** An upstream may send several `message_delta`, and the reason in any of them. */
  const finish = (reason: StopReason | null): readonly ChatChunk[] => {
    if (isFinished) return []
    isFinished = true
    return say({}, toFinishReason(reason))
  }
  const tellDelta = (delta: BlockDelta): readonly ChatChunk[] => {
    if (delta.type === 'text_delta') return say({ content: delta.text })
    if (delta.type !== 'input_json_delta' || !call || delta.partial_json === '') return []
    call.hasArguments = true
    return say({ tool_calls: [{ index: call.index, function: { arguments: delta.partial_json } }] })
  }

  return (event) => {
    switch (event.type) {
      case 'message_start':
        message = event.message
        usage = mergeUsage(null, event.message.usage)
        return say({ role: 'assistant', content: '' })
      case 'content_block_start': {
        const { content_block: block } = event
        if (block.type === 'text' && block.text !== '') return say({ content: block.text })
        if (block.type !== 'tool_use') return []
        const { id, name, input } = block
        call = { index: calls, input, hasArguments: false }
        calls += 1
        return say({
          tool_calls: [{ index: call.index, id, type: 'function', function: { name, arguments: '' } }],
        })
      }
      case 'content_block_delta':
        return tellDelta(event.delta)
      case 'content_block_stop': {
        if (!call) return []
        const { index, input, hasArguments } = call
        call = null
        // An input without members has no deltas, but the arguments must be JSON; the whole input may also be
        // in the start event.
        return hasArguments
          ? []
          : say({ tool_calls: [{ index, function: { arguments: printJsonTexts(input) } }] })
      }
      case 'message_delta': {
        usage = mergeUsage(usage, event.usage)
        // An event that adds nothing but usage may have no reason at all, or no delta.
        const reason = event.delta?.stop_reason ?? null
        return reason === null ? [] : finish(reason)
      }
      case 'message_stop':
        return [...finish(null), ...(includeUsage ? [chunk([], toChatUsage(usage))] : [])]
      case 'ping':
      case 'error':
        break
    }
    // Events of a later API version do not change the completion.
    return []
  }
}
