import { isRecord, readRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { emptyTurn, joinOutput, joinTurns, listItems } from './conversation.ts'
import type { Conversation, ConversationTurn } from './conversation.ts'

/** Reads a body of OpenAI's Chat Completions; null if it has no messages. */
export function readOpenAiConversation(body: JsonObject): Conversation | null {
  if (!Array.isArray(body['messages'])) return null
  const messages: readonly unknown[] = body['messages']
  const system = messages.filter(isSystem).map((message) => (isRecord(message) ? message['content'] : null))
  return {
    turns: messages.filter((message) => !isSystem(message)).flatMap((message) => readTurn(message)),
    system: system.length === 0 ? null : system,
    tools: listItems(body['tools']).flatMap((tool) => readText(readRecord(tool, 'function'), 'name') ?? []),
    toolDefinitions: body['tools'] ?? null,
    output: joinOutput({ format: body['response_format'], tool_choice: body['tool_choice'] }),
  }
}

function isSystem(message: unknown): boolean {
  const role = readText(message, 'role')
  return role === 'system' || role === 'developer'
}

function readTurn(message: unknown): readonly ConversationTurn[] {
  if (!isRecord(message)) return []
  const texts = readTexts(message['content'])
  // A result of a tool stands in a message of its own.
  if (message['role'] === 'tool')
    return [
      {
        ...emptyTurn,
        role: 'user',
        results: [{ id: readText(message, 'tool_call_id') ?? '', text: texts.join('\n'), media: [] }],
      },
    ]
  const role = message['role'] === 'assistant' ? 'assistant' : 'user'
  const calls = listItems(message['tool_calls']).map((call) => ({
    id: readText(call, 'id') ?? '',
    name: readText(readRecord(call, 'function'), 'name') ?? '',
  }))
  const media = listItems(message['content']).filter(
    (part) => isRecord(part) && part['type'] !== 'text' && part['type'] !== 'refusal',
  )
  return [joinTurns(role, [{ texts, calls, media }])]
}

function readTexts(content: unknown): readonly string[] {
  if (typeof content === 'string') return [content]
  return listItems(content).flatMap((part) => readText(part, 'text') ?? [])
}
