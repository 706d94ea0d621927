import type { InputBlock, MessageParam, RedactedThinkingBlock, ThinkingBlock } from '@anthology/wire'

/** A thinking block, redacted or not. */
export type Thought = ThinkingBlock | RedactedThinkingBlock

export function isThought(block: InputBlock): block is Thought {
  return block.type === 'thinking' || block.type === 'redacted_thinking'
}

/** Lists the blocks of a message; a string is shorthand for one text block (docs.claude.com, api/messages). */
export function listBlocks({ content }: MessageParam): readonly InputBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/**
 * Returns the index of the message that starts the current turn: the last user message with more than tool results,
 * because a tool loop is one turn (docs.claude.com, build-with-claude/extended-thinking, Nov 2025). -1 if there is none.
 */
export function findTurnStart(messages: readonly MessageParam[]): number {
  return messages.findLastIndex(startsTurn)
}

/** Whether a message starts a turn: a user message with more than tool results. */
export function startsTurn(message: MessageParam): boolean {
  return message.role === 'user' && listBlocks(message).some(({ type }) => type !== 'tool_result')
}

/** Returns the index of the first assistant message of the current turn, or -1. */
export function findFirstAnswer(messages: readonly MessageParam[]): number {
  const start = findTurnStart(messages)
  return messages.findIndex(({ role }, index) => index > start && role === 'assistant')
}

/** Returns the start of the last run of assistant messages, which the API merges, whatever follows it. */
export function findLastAnswerStart(messages: readonly MessageParam[]): number {
  const end = messages.findLastIndex(({ role }) => role === 'assistant')
  return messages.slice(0, end + 1).findLastIndex(({ role }) => role !== 'assistant') + 1
}

/** Returns the number of blocks before the new answer in its run of assistant messages, not counting thinking. */
export function countPrecedingBlocks(messages: readonly MessageParam[]): number {
  const start = messages.findLastIndex(({ role }) => role !== 'assistant') + 1
  return messages
    .slice(start)
    .flatMap(listBlocks)
    .filter((block) => !isThought(block)).length
}
