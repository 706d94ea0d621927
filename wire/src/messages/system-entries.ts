import type { MessageParam } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Checks the position of `system` entries in a conversation: after a user message, or an assistant message
 * that ends in the result of a server tool, and before an assistant message or at the end
 * (platform.claude.com, build-with-claude/mid-conversation-system-messages, 2026; order and texts as public
 * test suites measured them on the API in August and October 2026). Consecutive entries count as one, which
 * is checked at its start and its end. For models that support such entries.
 */
export function findSystemEntryProblem(messages: readonly MessageParam[]): Problem | null {
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'system' || isDirective(message)) continue
    const text = findContentText(message) ?? findPlaceText(messages, index) ?? findBlankText(message)
    if (text !== null) return { path: `messages.${index}`, message: text }
  }
  return null
}

/** An entry that only sets options for the rest of the conversation is allowed anywhere. */
function isDirective({ content, output_config: config }: MessageParam): boolean {
  return content.length === 0 && config !== undefined && config !== null && Object.keys(config).length > 0
}

function findContentText({ content }: MessageParam): string | null {
  if (content.length === 0) return 'system content must contain at least one block'
  if (typeof content === 'string' || content.every(({ type }) => systemBlocks.has(type))) return null
  return "role 'system' supports text, tool_addition, and tool_removal blocks only"
}

const systemBlocks: ReadonlySet<string> = new Set(['text', 'tool_addition', 'tool_removal'])

const orDirective = '; the directive-only form (content: [] with output_config) is accepted at any position'

function findPlaceText(messages: readonly MessageParam[], index: number): string | null {
  const [before, after] = [messages[index - 1], messages[index + 1]]
  if (!before) return `use the top-level 'system' parameter for the initial system prompt${orDirective}`
  if (before.role === 'assistant' && !endsInServerResult(before))
    return `role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result${orDirective}`
  return after?.role === 'user'
    ? `role 'system' must precede an 'assistant' message or end the array${orDirective}`
    : null
}

function endsInServerResult({ content }: MessageParam): boolean {
  return typeof content !== 'string' && content.at(-1)?.type.endsWith('_tool_result') === true
}

function findBlankText({ content }: MessageParam): string | null {
  const texts =
    typeof content === 'string'
      ? [content]
      : content.flatMap((block) => (block.type === 'text' ? block.text : []))
  return texts.some((text) => !/\S/.test(text)) ? 'system text blocks must contain non-whitespace text' : null
}
