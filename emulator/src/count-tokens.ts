import type { TokenCount } from '@anthology/wire'

import { takeIn } from './intake.ts'
import { jsonReply, refusalReply } from './reply.ts'
import type { Reply } from './reply.ts'
import type { Call, Settings } from './routes.ts'

/** Answers what `usage.input_tokens` of the same call would be. */
export function countTokens(call: Call, settings: Settings): Reply {
  const intake = takeIn(call, settings, true)
  if (!intake.ok) return refusalReply(intake.refusal, call.head)
  const count: TokenCount = { input_tokens: intake.prompt.inputTokens }
  return jsonReply(count, { ...call.head, notices: intake.notices })
}
