import type { InputBlock, MessageParam, RedactedThinkingBlock, ThinkingBlock } from '@anthology/wire'

/** A block of thinking, readable or not. */
export type Thought = ThinkingBlock | RedactedThinkingBlock

export function isThought(block: InputBlock): block is Thought {
  return block.type === 'thinking' || block.type === 'redacted_thinking'
}

/** A string is short for one text block (docs.claude.com, api/messages). */
export function listBlocks({ content }: MessageParam): readonly InputBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/**
 * Where the turn begins that the answer is part of: at the last user message that is more than the
 * results of tools, for a loop of tools is one turn (docs.claude.com,
 * build-with-claude/extended-thinking, Nov 2025). -1 where there is none.
 */
export function turnStart(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(opensTurn)
}

/** Whether a turn begins with a message: with one of the user's that is more than the results of tools. */
export function opensTurn(message: MessageParam): boolean {
  return message.role === 'user' && listBlocks(message).some(({ type }) => type !== 'tool_result')
}

/** The first assistant message of the current turn, or -1. */
export function firstAnswerIndex(messages: readonly MessageParam[]): number {
  const start = turnStart(messages)
  return messages.findIndex(({ role }, index) => index > start && role === 'assistant')
}

/** Where the last run of assistant messages begins, whatever follows it; the service merges them. */
export function lastAnswerStart(messages: readonly MessageParam[]): number {
  const end = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.slice(0, end + 1).findLastIndex(({ role }) => role !== 'assistant') + 1
}

/** How many blocks of the same run an answer that is now made stands behind, thinking not counted. */
export function findPlace(messages: readonly MessageParam[]): number {
  const start = messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  return messages
    .slice(start)
    .flatMap(listBlocks)
    .filter((block) => !isThought(block)).length
}
