import type { Finding, Model } from '@anthology/catalog'
import type { BodyIndex } from '@anthology/wire'

import { readMaxTokens } from '../calls/call.ts'
import { estimateInputTokens } from '../rates/input-estimate.ts'
import type { ForeignFacts } from '../upstreams/foreign-model.ts'

/** The parts of a request that an upstream with foreign models may be unable to take. */
export interface Demand {
  /** A low estimate: a prompt that may fit is left to the upstream. */
  readonly inputTokens: number
  /** Null: not stated. */
  readonly maxTokens: number | null
  readonly hasMedia: boolean
  readonly hasTools: boolean
}

/** Reads the demand of a request from its bytes. `hasTools`: see `RequestFacts.has_tools`. */
export function readDemand(
  { body, index }: { readonly body: Uint8Array; readonly index: BodyIndex },
  hasTools: boolean,
): Demand {
  const messages = index.members.find(({ name }) => name === 'messages')
  const text =
    messages === undefined
      ? ''
      : Buffer.from(body.buffer, body.byteOffset + messages.start, messages.end - messages.start).toString(
          'latin1',
        )
  return {
    inputTokens: Math.floor(estimateInputTokens(body, 'standard') * lowEstimate),
    maxTokens: readMaxTokens({ body, index }),
    hasMedia: mediaBlock.test(text),
    hasTools,
  }
}

/** The estimate has three bytes per token; English prose has about four. */
const lowEstimate = 0.75

/** Inside a JSON string the quotes are escaped, so text about blocks does not match. */
const mediaBlock = /"type"\s*:\s*"(?:image|document)"/

/** The first reason why an upstream with foreign models cannot take a request; null: it may. The texts are the API's own. */
export function checkForeign(demand: Demand, { id }: Model, facts: ForeignFacts): Finding | null {
  const { contextTokens, maxOutputTokens, vision, tools } = facts
  const { inputTokens, maxTokens, hasMedia, hasTools } = demand
  if (maxTokens !== null && maxOutputTokens !== null && maxTokens > maxOutputTokens)
    return reject(
      'max_tokens',
      `max_tokens: ${maxTokens} > ${maxOutputTokens}, which is the maximum allowed number of output tokens for ${id}`,
    )
  if (contextTokens !== null && inputTokens > contextTokens)
    return reject('messages', `prompt is too long: ${inputTokens} tokens > ${contextTokens} maximum`)
  if (hasMedia && !vision) return reject('messages', `messages: ${id} does not take images or documents`)
  if (hasTools && !tools) return reject('tools', `tools: ${id} does not take tools`)
  return null
}

function reject(path: string, message: string): Finding {
  return {
    code: 'foreign_model',
    severity: 'error',
    status: 400,
    type: 'invalid_request_error',
    message,
    hint: 'The facts of the model are those of its upstream in anthology.yaml.',
    path,
  }
}
