import type { InputBlock } from './content-block.ts'
import type { MessageParam, MessagesRequest } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Checks a conversation of well-shaped messages: turns must not be empty, blocks must have the right role,
 * and the model must be able to continue the last turn. Texts from public issue reports of the SDKs and
 * Claude Code, 2024 to 2026. `findSystemEntryProblem` checks the position of `system` entries, because that
 * only matters for models that support them.
 */
export function findConversationProblem({ system, messages }: MessagesRequest): Problem | null {
  const problem = findSystemProblem(system)
  if (problem) return problem
  if (messages.length === 0) return { path: 'messages', message: 'at least one message is required' }
  const emptyTurns = findEmptyTurns(messages)
  for (const [index, message] of messages.entries()) {
    if (message.role === 'system') continue
    const found = findEmptiness(message, index, emptyTurns.has(index)) ?? findMisplacedBlock(message, index)
    if (found) return found
  }
  return findOpenEnd(messages.at(-1))
}

/** The only role that may contain a block. Blocks that are not listed are allowed in both. */
const rolesOfBlocks: Readonly<Record<string, MessageParam['role']>> = {
  image: 'user',
  search_result: 'user',
  tool_result: 'user',
  container_upload: 'user',
  thinking: 'assistant',
  redacted_thinking: 'assistant',
  tool_use: 'assistant',
  server_tool_use: 'assistant',
  mcp_tool_use: 'assistant',
  tool_addition: 'system',
  tool_removal: 'system',
}

function findSystemProblem(system: MessagesRequest['system']): Problem | null {
  if (system === undefined || typeof system === 'string') return null
  return findBlankText(
    'system',
    system.map(({ text }) => text),
  )
}

function findEmptiness({ role, content }: MessageParam, index: number, isEmptyTurn: boolean): Problem | null {
  if (content.length === 0)
    return isEmptyTurn ? { path: `messages.${index}`, message: emptyTexts[role] } : null
  return findBlankText('messages', typeof content === 'string' ? [content] : content.map(getText))
}

const emptyTexts = {
  user: 'user messages must have non-empty content',
  assistant: 'all messages must have non-empty content except for the optional final assistant message',
  system: 'system content must contain at least one block',
} as const satisfies Record<MessageParam['role'], string>

/**
 * The first message of each empty turn. Consecutive user messages are one turn, so an empty one is allowed
 * beside a non-empty one; the assistant's last message may be empty.
 */
function findEmptyTurns(messages: readonly MessageParam[]): ReadonlySet<number> {
  const empty = new Set<number>()
  let start = 0
  let isEmpty = false
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'user' || messages[index - 1]?.role !== 'user') {
      start = index
      isEmpty = true
    }
    isEmpty = isEmpty && content.length === 0
    if (isEmpty) empty.add(start)
    else empty.delete(start)
  }
  if (messages.at(-1)?.role === 'assistant') empty.delete(messages.length - 1)
  return empty
}

/** The texts of blocks; undefined stands for a block that is not text. */
function findBlankText(path: string, texts: readonly (string | undefined)[]): Problem | null {
  if (texts.includes('')) return { path, message: 'text content blocks must be non-empty' }
  return texts.some((text) => text !== undefined && !/\S/.test(text))
    ? { path, message: 'text content blocks must contain non-whitespace text' }
    : null
}

function findMisplacedBlock({ role, content }: MessageParam, index: number): Problem | null {
  if (typeof content === 'string') return null
  const found = content.find(({ type }) => (rolesOfBlocks[type] ?? role) !== role)
  if (!found) return null
  const message = `\`${found.type}\` blocks can only be in \`${rolesOfBlocks[found.type]}\` messages`
  return { path: `messages.${index}`, message }
}

/** A last assistant turn must not end in whitespace, because the first generated token begins with its own. */
function findOpenEnd(last: MessageParam | undefined): Problem | null {
  if (last?.role !== 'assistant') return null
  const end = typeof last.content === 'string' ? last.content : getLastText(last.content)
  return end.trimEnd().length < end.length
    ? { path: 'messages', message: 'final assistant content cannot end with trailing whitespace' }
    : null
}

function getLastText(blocks: readonly InputBlock[]): string {
  return getText(blocks.at(-1)) ?? ''
}

function getText(block: InputBlock | undefined): string | undefined {
  return block?.type === 'text' ? block.text : undefined
}
