import type { Message } from '@anthology/wire'

import { composeScript } from '../generate/generate.ts'
import { decodeBody } from '../http/body.ts'
import { encodeAround } from '../http/bytes.ts'
import { measureCache } from '../cache/measure.ts'
import type { AppliedEdit } from '../context/management.ts'
import { takeInText } from './validate.ts'
import type { Accepted } from './validate.ts'
import { narrate } from './stream-events.ts'
import { titleOf } from '../repertoire.ts'
import type { Piece } from '../repertoire.ts'
import { bytesReply, refusalReply, streamReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import { containerOf, usesCode } from '../server-tools/container.ts'
import type { Container } from '../server-tools/container.ts'
import type { Call, Settings } from '../api/route.ts'
import { blockOf } from '../generate/completion.ts'
import type { Script } from '../generate/completion.ts'
import { usageOf } from './usage.ts'

export function createMessage(call: Call, settings: Settings): Reply {
  const { head, request, batch = false } = call
  const body = decodeBody(request.body, request.headers['content-type'])
  if (!body.ok) return refusalReply(body.refusal, head)
  const { repertoire, capacity, identity, family } = settings
  // The items of a batch are not sent one by one.
  const title = batch ? null : titleOf(call, body.text, family.asOf())
  const kept = title && repertoire.find(title)
  const intake = kept?.intake ?? takeInText(body.text, call, settings, false)
  if (!intake.ok) return refusalReply(intake.refusal, head)
  const cached = measureCache(intake, settings)
  const grant = capacity.admit(intake, cached)
  if (!grant.ok) return refusalReply(grant.refusal, { ...head, headers: grant.headers })

  const piece = kept ?? rehearse(intake, settings)
  if (title && !kept) repertoire.offer(title, piece)
  cached.keep()
  const { script, told } = piece
  const usage = usageOf(intake, script, { cached, tier: grant.tier })
  const id = identity.nextMessageId()
  const fullHead = { ...head, notices: intake.notices, headers: grant.settle(usage) }
  if (intake.request.stream) return streamReply(narrate({ id, ...told, usage }, script), fullHead)
  // As `JSON.stringify` would print the whole of it.
  const [before, behind] = [`{"id":"${id}",`, `,"usage":${JSON.stringify(usage)}}`]
  return bytesReply(encodeAround(before, piece.bytes, behind), fullHead, script.outputTokens)
}

/** Makes what is said to a request. */
function rehearse(intake: Accepted, settings: Settings): Piece {
  const script = composeScript(intake, settings)
  const told = describe(intake, script, settings.now())
  return { intake, script, told, bytes: utf8.encode(JSON.stringify(told).slice(1, -1)) }
}

const utf8 = new TextEncoder()

function describe(intake: Accepted, script: Script, nowMs: number): Piece['told'] {
  const { model, day, betas, droppedThinking, prompt } = intake
  const tellsDropped = model.thinking !== null && betas.includes('thinking-binding-controls-2026-08-01')
  return {
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
