import type { IncomingHttpHeaders } from 'node:http'

import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { BodyIndex } from '@anthology/wire'

import type { Protocol, InboundRequest } from '../protocols/protocol.ts'
import { ApiError } from '../errors.ts'
import { readClientIds } from '../http/headers.ts'
import type { Key } from '../auth/key-ring.ts'
import type { CallTrace } from '../telemetry/tracing.ts'

/** One client request inside the gateway, in any protocol. */
export interface Call extends InboundRequest {
  readonly id: string
  readonly protocol: Protocol
  readonly key: Key
  readonly model: Model
  readonly clientIds: ReturnType<typeof readClientIds>
  readonly startedAtMs: number
  /** Null unless traces are exported. */
  readonly trace: CallTrace | null
  /** Adjusted or dropped parts of the call, with the reason; sent as `x-anthology-notice`. */
  readonly notices: string[]
}

export interface CallSource {
  readonly id: string
  readonly protocol: Protocol
  readonly headers: IncomingHttpHeaders
  readonly key: Key
  readonly startedAtMs: number
  readonly trace: CallTrace | null
}

/** The body members that the gateway reads. A repeated one is rejected, because parsers disagree on its value. */
export const readMembers: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'tools',
  'tool_choice',
  'output_config',
  'context_management',
  'container',
  'inference_geo',
  'speed',
])

/** Turns a protocol's request into a call; throws if the catalog does not know its model. */
export function openCall(inbound: InboundRequest, source: CallSource): Call {
  const { id, protocol, headers, key, startedAtMs, trace } = source
  const found = resolve(inbound.requestedModel)
  if (!found.ok) {
    throw new ApiError('unknown_model', unknownModel(inbound.requestedModel, found.suggestions))
  }
  return {
    ...inbound,
    id,
    protocol,
    key,
    model: found.model,
    clientIds: readClientIds(headers),
    startedAtMs,
    trace,
    notices: [...inbound.notices],
  }
}

/** Parses a member; returns undefined if it is absent, invalid or longer than `maxBytes`. */
export function readSmallMember(
  call: { body: Uint8Array; index: BodyIndex },
  name: string,
  maxBytes = 4_096,
): unknown {
  const member = call.index.get(name)
  if (member === undefined || member.end - member.start > maxBytes) return undefined
  try {
    return JSON.parse(decoder.decode(call.body.subarray(member.start, member.end)))
  } catch {
    return undefined
  }
}

/** Reads `max_tokens`; returns null if it is absent or not a positive integer. */
export function readMaxTokens({ body, index }: Pick<Call, 'body' | 'index'>): number | null {
  const member = index.get('max_tokens')
  if (member === undefined) return null
  const text = Buffer.from(
    body.buffer,
    body.byteOffset + member.start,
    Math.min(20, member.end - member.start),
  )
  const value = Number(text.toString('latin1'))
  return Number.isSafeInteger(value) && value > 0 ? value : null
}

export function unknownModel(name: string, suggestions: readonly string[]): string {
  const hint = suggestions.length > 0 ? `. Did you mean ${suggestions.join(' or ')}?` : ''
  return `model: ${name.slice(0, 256)}${hint}`
}

const decoder = new TextDecoder()

/** Reads the model's name. `where` is the request's place in a batch. */
export function readModelName(body: Uint8Array, index: BodyIndex, where = ''): string {
  if (index.get('model') === undefined) throw new ApiError('bad_request', `${where}model: Field required`)
  const name = readSmallMember({ body, index }, 'model')
  if (typeof name !== 'string')
    throw new ApiError('bad_request', `${where}model: Input should be a valid string`)
  if (name === '') throw new ApiError('bad_request', `${where}model: String should have at least 1 character`)
  return name
}

export function readStream(body: Uint8Array, index: BodyIndex): boolean {
  if (index.get('stream') === undefined) return false
  const stream = readSmallMember({ body, index }, 'stream')
  if (stream === null) return false
  if (typeof stream !== 'boolean')
    throw new ApiError('bad_request', 'stream: Input should be a valid boolean')
  return stream
}
