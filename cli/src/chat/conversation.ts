import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { AccumulatedMessage } from '@anthology/wire'

import type { ImageBlock } from './image.ts'
import type { TurnMessage, TurnRequest } from './turn.ts'

/** What has been said and how the next turn is asked. A value: each step makes a new one. */
export interface Conversation {
  readonly model: string
  readonly system: string | null
  /** Null: as much as the model gives, at most `usualMaxTokens`. */
  readonly maxTokens: number | null
  readonly messages: readonly TurnMessage[]
  /** Images that the next turn takes along. */
  readonly images: readonly ImageBlock[]
}

/** Enough for a long answer with its thinking; the older models give less. */
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

/** The model of the catalog that a name means, if it means one. */
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
 * The answer as it came, thinking included, since the API wants to see it again unchanged. A half answer keeps its
 * text only: a thinking block without its end, or a tool call without its result, would be refused in the next turn.
 */
export function withAnswer(
  conversation: Conversation,
  message: AccumulatedMessage,
  ending: 'whole' | 'stopped' | 'broken',
): Conversation {
  const kept = ending === 'whole' ? message.content.filter(isKept) : message.content.filter(hasText)
  return { ...conversation, messages: [...conversation.messages, { role: 'assistant', content: kept }] }
}

/** Another model goes on with the same words, but it may not read the thinking of the one before it. */
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

/** The API refuses empty text blocks in a request, even where it answered with one. */
function isKept(block: Block): boolean {
  return block['type'] !== 'text' || hasText(block)
}

function isThinking(block: object): boolean {
  const type: unknown = 'type' in block ? block.type : undefined
  return type === 'thinking' || type === 'redacted_thinking'
}
