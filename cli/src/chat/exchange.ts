import { createRequest, getMessageText, withAnswer, withQuestion } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { computeCost } from './cost.ts'
import type { TurnCost } from './cost.ts'
import type { Server } from './server.ts'
import { sendTurn } from './turn.ts'
import type { Answer, TurnOptions } from './turn.ts'

/** A question, its answer, and the resulting conversation. */
export interface Exchange {
  readonly conversation: Conversation
  readonly answer: Answer
  /** Null: the server sent no usage before the answer ended. */
  readonly cost: TurnCost | null
}

/**
 * Sends a question and adds the answer to the conversation. If the answer has no text, the conversation and
 * its images stay as they were, so that the question can be sent again. An API error is thrown, with the
 * same effect.
 */
export async function exchange(
  server: Server,
  before: Conversation,
  question: string,
  options: TurnOptions,
): Promise<Exchange> {
  const pending = withQuestion(before, question)
  const answer = await sendTurn(server, createRequest(pending), options)
  const { message, ending } = answer
  if (message === null) return { conversation: before, answer, cost: null }
  const hasText = getMessageText(message) !== ''
  return {
    conversation: hasText ? withAnswer(pending, message, ending) : before,
    answer,
    cost: computeCost(message),
  }
}

/** Describes an unusual end of an answer; null for a normal one. */
export function describeEnding(
  { message, ending, problem }: Answer,
  { maxTokens }: { maxTokens: number },
): string | null {
  if (ending === 'stopped') return 'stopped'
  if (ending === 'broken') return `interrupted: ${problem ?? 'no reason given'}`
  switch (message?.['stop_reason']) {
    case 'max_tokens':
      return `cut off at ${maxTokens} tokens; --max-tokens N allows more`
    case 'refusal':
      return 'the model declined to continue; /clear starts over'
    case 'model_context_window_exceeded':
      return 'the context window is full; /clear starts over'
    default:
      return null
  }
}
