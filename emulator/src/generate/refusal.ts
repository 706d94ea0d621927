import type { ValidRequest } from '../message/valid-request.ts'
import type { Completion } from './completion.ts'

/** The text with which the service lets a refusal be tested (docs.claude.com, test-and-evaluate/handle-streaming-refusals). */
export const refusalTrigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'

/** Claude 4 and later refuse, and go on refusing while it stands in the conversation. */
export function isRefused({ request, model, prompt }: ValidRequest): boolean {
  // A generation that is no number, such as Mythos Preview's, came later.
  if (Number.parseFloat(model.generation) < 4) return false
  return (
    prompt.system.includes(refusalTrigger) ||
    request.messages.some(({ content }) =>
      typeof content === 'string'
        ? content.includes(refusalTrigger)
        : content.some((block) => block.type === 'text' && block.text.includes(refusalTrigger)),
    )
  )
}

/** Inferred: nothing is said before it, and the test belongs to no category. */
export const refusal: Completion = {
  blocks: [],
  stopReason: 'refusal',
  stopSequence: null,
  stopDetails: { type: 'refusal', category: null, explanation: null },
  outputTokens: 1,
  thinkingTokens: 0,
}
