import { readText } from '@anthology/wire'
import type { ContextEdit, MessageParam } from '@anthology/wire'

import { listBlocks, isThought, opensTurn } from '../thinking/turn.ts'
import { countedBy } from './counted.ts'
import type { Clearing } from './clearing.ts'
import type { View } from './clearing.ts'

/**
 * Takes the thinking of all but the latest turns that have any, by default of all but one, out of the context
 * (docs.claude.com, build-with-claude/context-editing, Nov 2025); null where there is none to take.
 */
export function planThinkingClearing(edit: ContextEdit, { request }: View): Clearing | null {
  const kept = keptTurns(edit['keep'])
  const turns = thinkingTurns(request.messages)
  const cleared = turns.length - kept
  const from = turns[cleared]
  if (cleared <= 0 || from === undefined) return null
  return {
    view: { request, thinkingFrom: from },
    applied: { cleared_thinking_turns: cleared },
    minTokens: 0,
  }
}

function keptTurns(keep: unknown): number {
  const isAll = keep === 'all' || readText(keep, 'type') === 'all'
  return isAll ? Infinity : (countedBy('thinking_turns', keep) ?? defaultTurns)
}

const defaultTurns = 1

/** Where the thinking of each turn that has any begins; a loop of tools is one turn. */
function thinkingTurns(messages: readonly MessageParam[]): readonly number[] {
  const starts: number[] = []
  let isNew = true
  for (const [index, message] of messages.entries()) {
    if (opensTurn(message)) isNew = true
    else if (isNew && listBlocks(message).some(isThought)) {
      starts.push(index)
      isNew = false
    }
  }
  return starts
}
