import { findExceededBound } from '@anthology/wire'

/**
 * Throws for a message or an event that is too complex to translate quickly; the call then fails as `answer_unreadable`.
 * No model writes one: an answer has at most 128,000 tokens, and a value and its comma take two or more.
 */
export function checkAnswerBounds(bytes: Uint8Array): void {
  if (bytes.length < answerBounds.maxValues) return
  const exceeded = findExceededBound(bytes, answerBounds)
  if (exceeded !== null) throw new Error(exceeded)
}

const answerBounds = { maxDepth: 500, maxValues: 100_000 }
