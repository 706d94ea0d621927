import { isRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { emptyTurn, joinTurns, listItems } from './conversation.ts'
import type { Conversation, ConversationTurn } from './conversation.ts'

/** Reads a body of the Messages API, as Bedrock's InvokeModel and Vertex AI take it too; null if it has no messages. */
export function readMessagesConversation(body: JsonObject): Conversation | null {
  if (!Array.isArray(body['messages'])) return null
  return {
    turns: body['messages'].flatMap((message: unknown) => readTurn(message)),
    system: body['system'] ?? null,
    tools: listItems(body['tools']).flatMap((tool) => readText(tool, 'name') ?? []),
    toolDefinitions: body['tools'] ?? null,
  }
}

function readTurn(message: unknown): readonly ConversationTurn[] {
  if (!isRecord(message)) return []
  const role = message['role'] === 'assistant' ? 'assistant' : 'user'
  const { content } = message
  if (typeof content === 'string') return [{ ...emptyTurn, role, texts: [content] }]
  return [joinTurns(role, listItems(content).map(readBlock))]
}

function readBlock(block: unknown): Partial<ConversationTurn> {
  if (!isRecord(block)) return {}
  switch (block['type']) {
    case 'text':
      return { texts: [readText(block, 'text') ?? ''] }
    case 'tool_use':
      return { calls: [{ id: readText(block, 'id') ?? '', name: readText(block, 'name') ?? '' }] }
    case 'tool_result':
      return { results: [{ id: readText(block, 'tool_use_id') ?? '', text: readResult(block['content']) }] }
    case 'image':
    case 'document':
      return { media: [block['source'] ?? null] }
    default:
      return {}
  }
}

function readResult(content: unknown): string {
  if (typeof content === 'string') return content
  return listItems(content)
    .flatMap((block) => readText(block, 'text') ?? [])
    .join('\n')
}
