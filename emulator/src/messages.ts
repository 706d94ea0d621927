import type { Message, MessageUsage } from '@anthology/wire'

import { composeScript } from './answer/composition.ts'
import { measureCache } from './cache/measure.ts'
import type { AppliedEdit } from './context/management.ts'
import { takeIn } from './intake.ts'
import type { Accepted } from './intake.ts'
import { narrate } from './narration.ts'
import { jsonReply, refusalReply, streamReply } from './reply.ts'
import type { Reply } from './reply.ts'
import { containerOf, usesCode } from './server-tools/container.ts'
import type { Container } from './server-tools/container.ts'
import type { Call, Settings } from './routes.ts'
import { blockOf } from './script.ts'
import type { Script } from './script.ts'
import { usageOf } from './usage.ts'

export function createMessage(call: Call, settings: Settings): Reply {
  const intake = takeIn(call, settings, false)
  if (!intake.ok) return refusalReply(intake.refusal, call.head)
  const cached = measureCache(intake, settings)
  const grant = settings.capacity.admit(intake, cached)
  if (!grant.ok) return refusalReply(grant.refusal, { ...call.head, headers: grant.headers })

  const script = composeScript(intake, settings)
  cached.keep()
  const usage = usageOf(intake, script, { cached, tier: grant.tier })
  const message = describe(settings.identity.nextMessageId(), intake, {
    script,
    usage,
    nowMs: settings.now(),
  })
  const head = { ...call.head, notices: intake.notices, headers: grant.settle(usage) }
  return intake.request.stream
    ? streamReply(narrate(message, script), head)
    : jsonReply(message, head, script.outputTokens)
}

interface Answer {
  readonly script: Script
  readonly usage: MessageUsage
  readonly nowMs: number
}

function describe(id: string, intake: Accepted, { script, usage, nowMs }: Answer): ToldMessage {
  const { model, day, betas, droppedThinking, prompt } = intake
  const tellsDropped = model.thinking !== null && betas.includes('thinking-binding-controls-2026-08-01')
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: model.id,
    content: script.blocks.map(blockOf),
    stop_reason: script.stopReason,
    stop_sequence: script.stopSequence,
    ...(day >= stopDetailsSince && { stop_details: script.stopDetails }),
    ...(tellsDropped && { input_transformations: droppedThinking }),
    ...(prompt.managed && { context_management: { applied_edits: prompt.managed.applied } }),
    ...(usesCode(script) && { container: containerOf(intake, nowMs) }),
    usage,
  }
}

/** With what only some requests are answered. */
export interface ToldMessage extends Message {
  /** Where code was executed. */
  readonly container?: Container
  readonly context_management?: { readonly applied_edits: readonly AppliedEdit[] }
}

/** Inferred: they are of 2026 (platform.claude.com, api/messages), the day is not stated. */
const stopDetailsSince = '2026-01-01'
