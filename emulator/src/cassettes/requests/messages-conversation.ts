import { isRecord, readRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { emptyTurn, joinOutput, joinTurns, listItems } from './conversation.ts'
import type { Conversation, ConversationTurn, ToolResult } from './conversation.ts'

/** Reads a body of the Messages API, as Bedrock's InvokeModel and Vertex AI take it too; null if it has no messages. */
export function readMessagesConversation(body: JsonObject): Conversation | null {
  if (!Array.isArray(body['messages'])) return null
  const messages: readonly unknown[] = body['messages']
  return {
    turns: messages.filter((message) => !isSystem(message)).flatMap((message) => readTurn(message)),
    system: joinSystem(body['system'] ?? null, messages.filter(isSystem)),
    tools: listItems(body['tools']).flatMap((tool) => readText(tool, 'name') ?? []),
    toolDefinitions: body['tools'] ?? null,
    output: joinOutput({
      format: readRecord(body, 'output_config')?.['format'] ?? body['output_format'],
      tool_choice: body['tool_choice'],
    }),
  }
}

/** System messages in the conversation are a part of the prompt, as in the conditions of a scenario. */
function isSystem(message: unknown): boolean {
  return readText(message, 'role') === 'system'
}

function joinSystem(system: unknown, messages: readonly unknown[]): unknown {
  return messages.length === 0 ? system : [system, ...messages]
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
      return { results: [{ id: readText(block, 'tool_use_id') ?? '', ...readResult(block['content']) }] }
    case 'image':
    case 'document':
      return { media: [block['source'] ?? null] }
    default:
      return { media: [block] }
  }
}

function readResult(content: unknown): Omit<ToolResult, 'id'> {
  if (typeof content === 'string') return { text: content, media: [] }
  const { texts, media } = joinTurns('user', listItems(content).map(readBlock))
  return { text: texts.join('\n'), media }
}
