import type { Model } from '@anthology/catalog'

import type { ValidRequest } from '../message/valid-request.ts'
import type { Completion } from './completion.ts'

/** The API's test string for refusals (docs.claude.com, test-and-evaluate/handle-streaming-refusals). */
export const refusalTrigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'

/** Whether a model has the stop reason `refusal`: Claude 4 and later (docs.claude.com, handling-stop-reasons). */
export function hasRefusalStop({ generation }: Model): boolean {
  // A generation that is not a number, such as Mythos Preview's, is later than 4.
  return !(Number.parseFloat(generation) < 4)
}

/** Claude 4 and later refuse as long as the conversation contains the test string. */
export function isRefused({ request, model, prompt }: ValidRequest): boolean {
  if (!hasRefusalStop(model)) return false
  return (
    prompt.system.includes(refusalTrigger) ||
    request.messages.some(({ content }) =>
      typeof content === 'string'
        ? content.includes(refusalTrigger)
        : content.some((block) => block.type === 'text' && block.text.includes(refusalTrigger)),
    )
  )
}

/** Inferred: no text precedes the refusal, and the test string has no category. */
export const refusal: Completion = {
  blocks: [],
  stopReason: 'refusal',
  stopSequence: null,
  stopDetails: { type: 'refusal', category: null, explanation: null },
  outputTokens: 1,
  thinkingTokens: 0,
}
