import { isRecord, readRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { joinOutput, joinTurns, listItems } from './conversation.ts'
import type { Conversation, ConversationTurn, ToolResult } from './conversation.ts'

/** Reads a body of Bedrock's Converse; null if it has no messages. */
export function readConverseConversation(body: JsonObject): Conversation | null {
  if (!Array.isArray(body['messages'])) return null
  const config = readRecord(body, 'toolConfig')
  const tools = config?.['tools']
  return {
    turns: body['messages'].flatMap((message: unknown) => readTurn(message)),
    system: body['system'] ?? null,
    tools: listItems(tools).flatMap((tool) => readText(readRecord(tool, 'toolSpec'), 'name') ?? []),
    toolDefinitions: tools ?? null,
    output: joinOutput({
      format: readRecord(body, 'outputConfig')?.['textFormat'],
      tool_choice: config?.['toolChoice'],
    }),
  }
}

function readTurn(message: unknown): readonly ConversationTurn[] {
  if (!isRecord(message)) return []
  const role = message['role'] === 'assistant' ? 'assistant' : 'user'
  return [joinTurns(role, listItems(message['content']).map(readBlock))]
}

function readBlock(block: unknown): Partial<ConversationTurn> {
  const text = readText(block, 'text')
  if (text !== null) return { texts: [text] }
  const use = readRecord(block, 'toolUse')
  if (use !== null)
    return { calls: [{ id: readText(use, 'toolUseId') ?? '', name: readText(use, 'name') ?? '' }] }
  const result = readRecord(block, 'toolResult')
  if (result !== null)
    return { results: [{ id: readText(result, 'toolUseId') ?? '', ...readResult(result['content']) }] }
  const medium = readRecord(block, 'image') ?? readRecord(block, 'document')
  if (medium !== null) return { media: [medium['source'] ?? null] }
  // A mark of the prompt cache is no content.
  return readRecord(block, 'cachePoint') === null ? { media: [block] } : {}
}

function readResult(content: unknown): Omit<ToolResult, 'id'> {
  const { texts, media } = joinTurns('user', listItems(content).map(readResultBlock))
  return { text: texts.join('\n'), media }
}

function readResultBlock(block: unknown): Partial<ConversationTurn> {
  const json = isRecord(block) ? block['json'] : undefined
  return json === undefined ? readBlock(block) : { texts: [JSON.stringify(json)] }
}
