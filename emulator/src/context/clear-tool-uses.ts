import type { ContextEdit, InputBlock, MessageParam, ToolUseBlock } from '@anthology/wire'

import { listBlocks } from '../thinking/turn.ts'
import { readOptionValue } from './option-value.ts'
import type { Clearing } from './clearing.ts'
import type { View } from './clearing.ts'

/**
 * Plans to clear the oldest tool results once the trigger is exceeded, and their inputs if requested (docs.claude.com,
 * build-with-claude/context-editing, Nov 2025, which also has the defaults); null if there is nothing to clear. Inferred:
 * server tools are not affected.
 */
export function planToolClearing(
  edit: ContextEdit,
  { request, thinkingFrom }: View,
  tokens: number,
): Clearing | null {
  const uses = listAnsweredUses(request.messages)
  if (!isTriggered(edit['trigger'], uses.length, tokens)) return null
  const kept = readOptionValue('tool_uses', edit['keep']) ?? defaultKept
  const excluded = listTexts(edit['exclude_tools'])
  const cleared = uses
    .slice(0, Math.max(0, uses.length - kept))
    .filter(({ name }) => !excluded.includes(name))
  if (cleared.length === 0) return null
  const ids = new Set(cleared.map(({ id }) => id))
  const inputs = edit['clear_tool_inputs']
  const clearsInput = ({ name }: ToolUseBlock): boolean => inputs === true || listTexts(inputs).includes(name)
  const messages = request.messages.map((message) => clearMessage(message, ids, clearsInput))
  return {
    view: { request: { ...request, messages }, thinkingFrom },
    applied: { cleared_tool_uses: cleared.length },
    minTokens: readOptionValue('input_tokens', edit['clear_at_least']) ?? 0,
  }
}

const defaultKept = 3
const defaultTriggerTokens = 100_000

function isTriggered(trigger: unknown, uses: number, tokens: number): boolean {
  const maxToolUses = readOptionValue('tool_uses', trigger)
  if (maxToolUses !== null) return uses > maxToolUses
  return tokens > (readOptionValue('input_tokens', trigger) ?? defaultTriggerTokens)
}

/** Lists the tool uses that have a result, oldest first. */
function listAnsweredUses(messages: readonly MessageParam[]): readonly ToolUseBlock[] {
  const blocks = messages.flatMap(listBlocks)
  const answered = new Set(blocks.flatMap((block) => (block.type === 'tool_result' ? block.tool_use_id : [])))
  return blocks.filter((block) => block.type === 'tool_use').filter(({ id }) => answered.has(id))
}

/** Replaces a cleared result; the API's own text is not published. */
const placeholder = '[Old tool result cleared]'

function clearMessage(
  message: MessageParam,
  ids: ReadonlySet<string>,
  clearsInput: (use: ToolUseBlock) => boolean,
): MessageParam {
  if (typeof message.content === 'string') return message
  const content = message.content.map((block): InputBlock => {
    if (block.type === 'tool_result' && ids.has(block.tool_use_id)) return { ...block, content: placeholder }
    return block.type === 'tool_use' && ids.has(block.id) && clearsInput(block)
      ? { ...block, input: {} }
      : block
  })
  return { ...message, content }
}

function listTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
