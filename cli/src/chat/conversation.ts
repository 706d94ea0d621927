import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { AccumulatedMessage } from '@anthology/wire'

import type { ImageBlock } from './image.ts'
import type { TurnMessage, TurnRequest } from './turn.ts'

/** The messages so far and the settings for the next turn. Immutable: each step returns a new one. */
export interface Conversation {
  readonly model: string
  readonly system: string | null
  /** Null: the model's maximum, but at most `usualMaxTokens`. */
  readonly maxTokens: number | null
  readonly messages: readonly TurnMessage[]
  /** Images for the next turn. */
  readonly images: readonly ImageBlock[]
}

/** Enough for a long answer with its thinking; older models have a lower maximum. */
const usualMaxTokens = 8192

export function createRequest(conversation: Conversation): TurnRequest {
  const { model, system, maxTokens, messages } = conversation
  const most = getModel(model)?.maxOutput.tokens ?? usualMaxTokens
  return {
    model,
    max_tokens: maxTokens ?? Math.min(usualMaxTokens, most),
    ...(system === null ? {} : { system }),
    messages,
  }
}

/** Returns the catalog's model for a name, or null. */
export function getModel(name: string): Model | null {
  const found = resolve(name)
  return found.ok ? found.model : null
}

export function withQuestion(conversation: Conversation, text: string): Conversation {
  const content = [...conversation.images, { type: 'text', text }]
  return {
    ...conversation,
    images: [],
    messages: [...conversation.messages, { role: 'user', content }],
  }
}

/**
 * Appends an answer unchanged, including thinking, because the API checks it in the next request. An
 * interrupted answer keeps its text only: the API rejects an incomplete thinking block, or a tool call
 * without its result.
 */
export function withAnswer(
  conversation: Conversation,
  message: AccumulatedMessage,
  ending: 'whole' | 'stopped' | 'broken',
): Conversation {
  const kept = ending === 'whole' ? message.content.filter(isKept) : message.content.filter(hasText)
  return { ...conversation, messages: [...conversation.messages, { role: 'assistant', content: kept }] }
}

/**
 * Switches the model. The text is kept, but thinking is removed, because another model may not be able to
 * read it.
 */
export function withModel(conversation: Conversation, model: string): Conversation {
  const messages = conversation.messages.map((message) => ({
    ...message,
    content: message.content.filter((block) => !isThinking(block)),
  }))
  return { ...conversation, model, messages }
}

export function hasThinking({ messages }: Conversation): boolean {
  return messages.some(({ content }) => content.some(isThinking))
}

export function getMessageText(message: AccumulatedMessage): string {
  return message.content.map((block) => (hasText(block) ? block.text : '')).join('')
}

interface Block {
  readonly [name: string]: unknown
}
type TextBlock = Block & { readonly text: string }

function hasText(block: Block): block is TextBlock {
  return block['type'] === 'text' && typeof block['text'] === 'string' && block['text'].trim() !== ''
}

/** The API rejects empty text blocks in a request, even if it sent them in a response. */
function isKept(block: Block): boolean {
  return block['type'] !== 'text' || hasText(block)
}

function isThinking(block: object): boolean {
  const type: unknown = 'type' in block ? block.type : undefined
  return type === 'thinking' || type === 'redacted_thinking'
}
