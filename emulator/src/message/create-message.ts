import { measureCache } from '../cache/measure.ts'
import { chooseAnswer } from './scripted-answer.ts'
import { applyUsage } from './scripted-usage.ts'
import { stopDetailsSince } from './stop-details.ts'
import { validate } from './validate.ts'
import type { ValidRequest } from './valid-request.ts'
import { falsifyEvents, falsifyUsage } from '../faults/wrong-usage.ts'
import { createStreamEvents } from './stream-events.ts'
import { jsonReply, errorReply, streamReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import { createContainer, usesCode } from '../server-tools/container.ts'
import type { Call } from '../call.ts'
import type { Settings } from '../options/settings.ts'
import type { Steps } from '../steps.ts'
import { toBlock } from '../generate/completion.ts'
import type { Completion } from '../generate/completion.ts'
import { computeUsage } from './usage.ts'
import type { MessageResult } from './message-result.ts'

export function* createMessage(call: Call, settings: Settings): Steps<Reply> {
  const validation = yield* validate(call, settings, false)
  if (!validation.ok) return errorReply(validation.error, call.head)
  yield
  const answer = chooseAnswer(validation, call, settings)
  if (!answer.ok) return errorReply(answer.error, call.head)
  yield
  const cached = measureCache(validation, settings)
  const grant = settings.capacity.admit(validation, cached)
  if (!grant.ok) return errorReply(grant.error, { ...call.head, headers: grant.headers })

  const completion = answer.complete()
  cached.commit()
  const usage = applyUsage(computeUsage(validation, completion, { cached, tier: grant.tier }), answer.usage)
  const id = settings.ids.nextMessageId()
  const message = { id, ...describe(validation, completion, settings.now()), usage }
  const { exchange } = call.head
  const head = { ...call.head, notices: validation.notices, headers: grant.settle(usage) }
  return validation.request.stream
    ? streamReply(falsifyEvents(createStreamEvents(message, completion), exchange), head)
    : jsonReply({ ...message, usage: falsifyUsage(usage, exchange) }, head, completion.outputTokens)
}

function describe(
  validation: ValidRequest,
  completion: Completion,
  nowMs: number,
): Omit<MessageResult, 'id' | 'usage'> {
  const { model, day, betas, droppedThinking, prompt } = validation
  const reportsDropped = model.thinking !== null && betas.includes('thinking-binding-controls-2026-08-01')
  return {
    type: 'message',
    role: 'assistant',
    model: model.id,
    content: completion.blocks.map(toBlock),
    stop_reason: completion.stopReason,
    stop_sequence: completion.stopSequence,
    ...(day >= stopDetailsSince && { stop_details: completion.stopDetails }),
    ...(reportsDropped && { input_transformations: droppedThinking }),
    ...(prompt.managed && { context_management: { applied_edits: prompt.managed.applied } }),
    ...(usesCode(completion) && { container: createContainer(validation, nowMs) }),
  }
}
