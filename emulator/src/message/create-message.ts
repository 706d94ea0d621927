import type { Message } from '@anthology/wire'

import { generateCompletion } from '../generate/generate.ts'
import { decodeBody } from '../http/body.ts'
import { encodeAround } from '../http/bytes.ts'
import { measureCache } from '../cache/measure.ts'
import type { AppliedEdit } from '../context/management.ts'
import { validateText } from './validate.ts'
import type { ValidRequest } from './validate.ts'
import { createStreamEvents } from './stream-events.ts'
import { createCacheKey } from '../repertoire.ts'
import type { Piece } from '../repertoire.ts'
import { bytesReply, errorReply, streamReply } from '../http/reply.ts'
import type { Reply } from '../http/reply.ts'
import { createContainer, usesCode } from '../server-tools/container.ts'
import type { Container } from '../server-tools/container.ts'
import type { Call, Settings } from '../api/route.ts'
import { toBlock } from '../generate/completion.ts'
import type { Completion } from '../generate/completion.ts'
import { computeUsage } from './usage.ts'

export function createMessage(call: Call, settings: Settings): Reply {
  const { head, request, batch = false } = call
  const body = decodeBody(request.body, request.headers['content-type'])
  if (!body.ok) return errorReply(body.error, head)
  const { repertoire, capacity, ids, servedModels } = settings
  // The items of a batch are not sent one by one.
  const title = batch ? null : createCacheKey(call, body.text, servedModels.asOf())
  const kept = title && repertoire.find(title)
  const validation = kept?.validation ?? validateText(body.text, call, settings, false)
  if (!validation.ok) return errorReply(validation.error, head)
  const cached = measureCache(validation, settings)
  const grant = capacity.authenticate(validation, cached)
  if (!grant.ok) return errorReply(grant.error, { ...head, headers: grant.headers })

  const chunk = kept ?? rehearse(validation, settings)
  if (title && !kept) repertoire.offer(title, chunk)
  cached.keep()
  const { completion, result } = chunk
  const usage = computeUsage(validation, completion, { cached, tier: grant.tier })
  const id = ids.nextMessageId()
  const fullHead = { ...head, notices: validation.notices, headers: grant.settle(usage) }
  if (validation.request.stream)
    return streamReply(createStreamEvents({ id, ...result, usage }, completion), fullHead)
  // As `JSON.stringify` would print the whole of it.
  const [before, behind] = [`{"id":"${id}",`, `,"usage":${JSON.stringify(usage)}}`]
  return bytesReply(encodeAround(before, chunk.bytes, behind), fullHead, completion.outputTokens)
}

/** Makes what is said to a request. */
function rehearse(validation: ValidRequest, settings: Settings): Piece {
  const completion = generateCompletion(validation, settings)
  const result = describe(validation, completion, settings.now())
  return { validation, completion, result, bytes: utf8.encode(JSON.stringify(result).slice(1, -1)) }
}

const utf8 = new TextEncoder()

function describe(validation: ValidRequest, completion: Completion, nowMs: number): Piece['result'] {
  const { model, day, betas, droppedThinking, prompt } = validation
  const tellsDropped = model.thinking !== null && betas.includes('thinking-binding-controls-2026-08-01')
  return {
    type: 'message',
    role: 'assistant',
    model: model.id,
    content: completion.blocks.map(toBlock),
    stop_reason: completion.stopReason,
    stop_sequence: completion.stopSequence,
    ...(day >= stopDetailsSince && { stop_details: completion.stopDetails }),
    ...(tellsDropped && { input_transformations: droppedThinking }),
    ...(prompt.managed && { context_management: { applied_edits: prompt.managed.applied } }),
    ...(usesCode(completion) && { container: createContainer(validation, nowMs) }),
  }
}

/** With what only some requests are answered. */
export interface MessageResult extends Message {
  /** Where code was executed. */
  readonly container?: Container
  readonly context_management?: { readonly applied_edits: readonly AppliedEdit[] }
}

/** Inferred: they are of 2026 (platform.claude.com, api/messages), the day is not stated. */
const stopDetailsSince = '2026-01-01'
