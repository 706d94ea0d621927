import type { TokenCount } from '@anthology/wire'

import { validate } from '../message/validate.ts'
import { jsonReply, errorReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import type { Call } from '../call.ts'
import type { Settings } from '../options/settings.ts'
import type { Steps } from '../steps.ts'

/** Returns the sum of the input counts that `usage` of the same call would have. */
export function* countTokens(call: Call, settings: Settings): Steps<Reply> {
  const validation = yield* validate(call, settings, true)
  if (!validation.ok) return errorReply(validation.error, call.head)
  const { model, prompt, day, notices } = validation
  const grant = settings.capacity.admitCount(model, day)
  if (!grant.ok) return errorReply(grant.error, { ...call.head, headers: grant.headers })

  const { inputTokens, managed } = prompt
  const count: TokenCount & ManagedCount = {
    input_tokens: inputTokens,
    ...(managed && { context_management: { original_input_tokens: managed.originalTokens } }),
  }
  return jsonReply(count, { ...call.head, notices, headers: grant.settle() })
}

/** The size of the prompt before context edits (platform.claude.com, build-with-claude/context-editing). */
interface ManagedCount {
  readonly context_management?: { readonly original_input_tokens: number }
}
