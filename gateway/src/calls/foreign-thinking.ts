import { applyRanges, cutThinkingBlocks, hasThinkingBlocks, indexBody, isRecord } from '@anthology/wire'
import { parseError, planSplices } from '@anthology/wire'
import type { Patch } from '@anthology/wire'

import type { AttemptResult } from './attempt.ts'
import { readMembers, readSmallMember } from './call.ts'
import type { Call } from './call.ts'

/**
 * The text with which the service rejects a block that it did not issue (platform.claude.com,
 * build-with-claude/extended-thinking): ``messages.1.content.0: Invalid `signature` in `thinking` block``. Only this
 * clause is the same in all of its texts.
 */
const invalidBlock = /Invalid `(?:signature|data)` in `(?:redacted_)?thinking` block/

/** Whether a result says that the upstream does not accept the thinking in the conversation. */
export function rejectsThinking({ finish }: AttemptResult): boolean {
  if (finish.kind !== 'complete' || finish.error !== 'client') return false
  return invalidBlock.test(parseError(finish.body).message)
}

/** Whether the call returns thinking that a service has issued. */
export function hasThinking({ body, index }: Pick<Call, 'body' | 'index'>): boolean {
  const messages = index.members.find(({ name }) => name === 'messages')
  if (messages === undefined) return false
  // Most calls have none, and a search is much faster than finding the blocks.
  const bytes = Buffer.from(body.buffer, body.byteOffset + messages.start, messages.end - messages.start)
  return bytes.includes('thinking"') && hasThinkingBlocks(body, messages)
}

/** The call without the thinking of its first `count` messages; null if they have none that can be left out. */
export function withoutThinking(call: Call, count?: number): Call | null {
  const messages = call.index.members.find(({ name }) => name === 'messages')
  const cut = messages === undefined ? null : cutThinkingBlocks(call.body, messages, count)
  if (cut === null) return null
  const off = cut.opensWithoutThinking ? planSplices(call.index, switchOff(call)) : []
  const ranges = [...cut.ranges, ...off].toSorted((one, other) => one.start - other.start)
  const body = applyRanges(call.body, ranges)
  const index = indexBody(body, readMembers)
  return index.ok
    ? { ...call, body, index, foreignMessages: cut.messages, isThinkingOff: off.length > 0 }
    : null
}

/**
 * With a budget, a turn that continues must have begun with thinking: "Expected `thinking` or `redacted_thinking`, but
 * found `tool_use`". Without thinking there is none to clear, and the API rejects the edit.
 */
function switchOff(call: Call): readonly Patch[] {
  const thinking = readSmallMember(call, 'thinking')
  if (!isRecord(thinking) || thinking['type'] !== 'enabled') return []
  const splice = 'foreign_thinking'
  const off: Patch = { splice, kind: 'replace', member: 'thinking', value: { type: 'disabled' } }
  const management = readSmallMember(call, 'context_management')
  const edits = isRecord(management) ? management['edits'] : undefined
  if (!isRecord(management) || !Array.isArray(edits)) return [off]
  const kept = edits.filter((edit) => !isRecord(edit) || edit['type'] !== clearThinking)
  const member = 'context_management'
  if (kept.length === edits.length) return [off]
  if (kept.length === 0) return [off, { splice, kind: 'remove', member }]
  return [off, { splice, kind: 'replace', member, value: { ...management, edits: kept } }]
}

const clearThinking = 'clear_thinking_20251015'
