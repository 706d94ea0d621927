import { observedTexts } from './problem.ts'
import type { ConverseTurn } from './request.ts'
import { fail } from './translation.ts'
import type { Translation } from './translation.ts'

/**
 * Bedrock rejects a conversation unless every call has its result in the very next turn, and no turn has more results than
 * the one before has calls. Unlike the Messages API, it does not merge turns of one role first. System turns in between are
 * skipped.
 */
export function checkToolTurns(translation: Translation, messages: readonly ConverseTurn[]): void {
  let previousCalls = 0
  for (const [index, { role, content }] of messages.entries()) {
    if (role === 'system') continue
    if (content.filter(({ toolResult }) => toolResult).length > previousCalls) {
      fail(translation, observedTexts.tooManyResults(['messages', index, 'content']))
      return
    }
    const calls = content.flatMap(({ toolUse }) => (toolUse ? [toolUse.toolUseId] : []))
    previousCalls = calls.length
    if (role !== 'assistant' || calls.length === 0) continue
    let next = index + 1
    while (messages[next]?.role === 'system') next += 1
    const answered = new Set(messages[next]?.content.map(({ toolResult }) => toolResult?.toolUseId))
    const missing = calls.filter((id) => !answered.has(id))
    if (missing.length === 0) continue
    fail(translation, observedTexts.unanswered(['messages', next, 'content'], missing.slice(0, maxNamed)))
    return
  }
}

/** The maximum number of ids in the error message. */
const maxNamed = 20
