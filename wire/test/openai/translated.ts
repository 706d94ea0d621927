import { formatProblem } from '../../src/messages/schema.ts'
import type { ChatTarget } from '../../src/openai/chat-options.ts'
import { translateChatRequest } from '../../src/openai/chat-to-messages.ts'
import type { TranslatedChat } from '../../src/openai/chat-to-messages.ts'
import { parseChatRequest } from '../../src/openai/parse-chat.ts'

/** A model that takes every option. */
export const capable: ChatTarget = {
  maxTokens: 4_096,
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  jsonSchema: true,
  sampling: 'all',
  thinkingOff: 'default',
}

export interface Translated {
  readonly body: Readonly<Record<string, unknown>>
  /** The body as it is sent. */
  readonly text: string
  readonly notices: readonly string[]
}

/** Translates a greeting with further members. */
export function translate(more: object, target: ChatTarget = capable): Translated {
  return translateText(JSON.stringify({ ...greeting, ...more }), target)
}

/** Translates JSON in the client's own spelling. */
export function translateText(text: string, target: ChatTarget = capable): Translated {
  const result = tryTranslate(text, target)
  if (!result.ok) throw new Error(formatProblem(result.problem))
  return { body: JSON.parse(result.body), text: result.body, notices: result.notices }
}

export function tryTranslate(text: string, target: ChatTarget = capable): TranslatedChat {
  const parsed = parseChatRequest(new TextEncoder().encode(text))
  return parsed.ok ? translateChatRequest(parsed, target) : parsed
}

/** The error for a greeting with further members. */
export function reject(more: object): string {
  const result = tryTranslate(JSON.stringify({ ...greeting, ...more }))
  return result.ok ? 'accepted' : formatProblem(result.problem)
}

export const greeting = { model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hi' }] }
