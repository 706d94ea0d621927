import { readText } from '@anthology/wire'
import type { ContextEdit, MessageParam } from '@anthology/wire'

import { listBlocks, isThought, startsTurn } from '../thinking/turn.ts'
import { readOptionValue } from './option-value.ts'
import type { Clearing } from './clearing.ts'
import type { View } from './clearing.ts'

/**
 * Plans to clear the thinking of all but the latest turns that have any, by default all but one (docs.claude.com,
 * build-with-claude/context-editing, Nov 2025); null if there is nothing to clear.
 */
export function planThinkingClearing(edit: ContextEdit, { request }: View): Clearing | null {
  const kept = readKeptTurns(edit['keep'])
  const turns = findThinkingTurns(request.messages)
  const cleared = turns.length - kept
  const from = turns[cleared]
  if (cleared <= 0 || from === undefined) return null
  return {
    view: { request, thinkingFrom: from },
    applied: { cleared_thinking_turns: cleared },
    minTokens: 0,
  }
}

function readKeptTurns(keep: unknown): number {
  const isAll = keep === 'all' || readText(keep, 'type') === 'all'
  return isAll ? Infinity : (readOptionValue('thinking_turns', keep) ?? defaultTurns)
}

const defaultTurns = 1

/** Lists the index of the first message with thinking of each turn; a tool loop is one turn. */
function findThinkingTurns(messages: readonly MessageParam[]): readonly number[] {
  const starts: number[] = []
  let isNew = true
  for (const [index, message] of messages.entries()) {
    if (startsTurn(message)) isNew = true
    else if (isNew && listBlocks(message).some(isThought)) {
      starts.push(index)
      isNew = false
    }
  }
  return starts
}
