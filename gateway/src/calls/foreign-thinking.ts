import { applyRanges, cutThinkingBlocks, indexBody, parseError } from '@anthology/wire'

import type { AttemptResult } from './attempt.ts'
import { readMembers } from './call.ts'
import type { Call } from './call.ts'

/**
 * The text with which the service rejects a signature that it did not issue (platform.claude.com,
 * build-with-claude/extended-thinking): ``messages.1.content.0: Invalid `signature` in `thinking` block``.
 */
const invalidSignature = /Invalid `signature` in `(?:redacted_)?thinking` block/

/** Whether a result says that the upstream does not accept the thinking in the conversation. */
export function rejectsThinking({ finish }: AttemptResult): boolean {
  if (finish.kind !== 'complete' || finish.error !== 'client') return false
  return invalidSignature.test(parseError(finish.body).message)
}

/** The call without the thinking of earlier turns; null if it has none that can be left out. */
export function withoutThinking(call: Call): Call | null {
  const messages = call.index.members.find(({ name }) => name === 'messages')
  const ranges = messages === undefined ? null : cutThinkingBlocks(call.body, messages)
  if (ranges === null) return null
  const body = applyRanges(call.body, ranges)
  const index = indexBody(body, readMembers)
  return index.ok ? { ...call, body, index } : null
}
