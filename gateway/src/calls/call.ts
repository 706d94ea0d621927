import type { IncomingHttpHeaders } from 'node:http'

import { describeUnresolved, getEffectiveDay, requestWideWindow } from '@anthology/catalog'
import type { Model, Unresolved, WideWindow } from '@anthology/catalog'
import { parseJson } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { getDay } from '../clock.ts'
import type { Protocol, InboundRequest } from '../protocols/protocol.ts'
import { ApiError } from '../errors.ts'
import { readClientIds } from '../http/headers.ts'
import type { Key } from '../auth/key-ring.ts'
import { pickClientHeaders } from '../ledger/stored-headers.ts'
import type { HeaderPairs } from '../ledger/stored-headers.ts'
import type { ResolveName } from '../routing/name-resolver.ts'
import type { CallTrace } from '../telemetry/tracing.ts'

/** One request inside the gateway, independent of its protocol. */
export interface Call extends InboundRequest {
  readonly id: string
  readonly protocol: Protocol
  readonly key: Key
  readonly model: Model
  readonly clientIds: ReturnType<typeof readClientIds>
  /** The client's headers that the call's row keeps. */
  readonly clientHeaders: HeaderPairs
  readonly startedAtMs: number
  /** The labels of the request as a JSON object with sorted names; null without any. */
  readonly labels: string | null
  /** Null if tracing is off. */
  readonly trace: CallTrace | null
  /** Adjusted or dropped parts of the request, with the reason: sent as `x-anthology-notice`. */
  readonly notices: string[]
  /** Set if thinking was left out because an upstream rejected it: from this many messages, from the first one on. */
  readonly foreignMessages?: number
  /** Set if the call does not think because of that. */
  readonly isThinkingOff?: boolean
}

export interface CallSource {
  readonly id: string
  readonly protocol: Protocol
  readonly headers: IncomingHttpHeaders
  readonly key: Key
  readonly startedAtMs: number
  readonly labels: string | null
  readonly trace: CallTrace | null
  readonly resolveModel: ResolveName
}

/** Members with the options of a request. Messages, tools and the system prompt can be long and are not parsed. */
export const smallMembers = [
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'tool_choice',
  'output_config',
  'context_management',
  'container',
  'inference_geo',
  'speed',
] as const

/** The body members that the gateway reads. A duplicate of one is rejected, because it is ambiguous. */
export const readMembers: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'tools',
  // Removed for platforms that reject them.
  'cache_control',
  'tags',
  // Members of the clouds' forms of the same request.
  'anthropic_version',
  'anthropic_beta',
  ...smallMembers,
])

/** Creates a call from a parsed request. Throws if the catalog does not know its model. */
export function openCall(inbound: InboundRequest, source: CallSource): Call {
  const { id, protocol, headers, key, startedAtMs, labels, trace, resolveModel } = source
  const found = resolveModel(inbound.requestedModel, protocol.platform)
  if (!found.ok) {
    const code = found.because === 'retired' ? 'retired_model' : 'unknown_model'
    throw new ApiError(code, unknownModel(inbound.requestedModel, found))
  }
  const wide = found.window === undefined ? null : widenWindow(found.model, inbound.betas, startedAtMs)
  return {
    ...inbound,
    id,
    protocol,
    key,
    model: found.model,
    clientIds: readClientIds(headers),
    clientHeaders: pickClientHeaders(headers),
    startedAtMs,
    labels,
    trace,
    ...(wide !== null &&
      wide.betas !== inbound.betas && {
        betas: wide.betas,
        headers: { ...inbound.headers, 'anthropic-beta': wide.betas.join(',') },
      }),
    notices: [...inbound.notices, ...(wide?.notice ? [wide.notice] : [])],
  }
}

/** `[1m]` in a model's name adds the beta of the long window, if the facts of the model require one. */
export function widenWindow(model: Model, betas: readonly string[], startedAtMs: number): WideWindow {
  return requestWideWindow(model, getEffectiveDay(model, 'ignore', getDay(startedAtMs)), betas)
}

/** The JSON value of a member; undefined if it is absent, malformed or longer than `maxBytes`. */
export function readSmallMember(
  call: { body: Uint8Array; index: BodyIndex },
  name: string,
  maxBytes = 4_096,
): unknown {
  const member = call.index.get(name)
  if (member === undefined || member.end - member.start > maxBytes) return undefined
  return parseJson(decoder.decode(call.body.subarray(member.start, member.end)))
}

/** The request's `max_tokens`; null if it is absent or not a positive integer. */
export function readMaxTokens({ body, index }: Pick<Call, 'body' | 'index'>): number | null {
  const member = index.get('max_tokens')
  if (member === undefined || member.end - member.start > maxNumberBytes) return null
  // All of it: `1.9999999999999999999e4` begins like 2, and is 20,000.
  const text = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start)
  const value = Number(text.toString('latin1'))
  return Number.isSafeInteger(value) && value > 0 ? value : null
}

const maxNumberBytes = 4_096

export function unknownModel(name: string, resolution: Unresolved): string {
  const hint = describeUnresolved(resolution)
  const howToMap =
    resolution.because === 'opaque' ? ' routing.aliases in anthology.yaml maps such a name to a model.' : ''
  return `model: ${name.slice(0, 256)}${hint === '' ? '' : `. ${hint}${howToMap}`}`
}

const decoder = new TextDecoder()

/** `where` is the path of a batch's request, for error messages. */
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
