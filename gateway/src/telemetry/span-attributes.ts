import type { Platform } from '@anthology/catalog'
import type { UsageFields } from '@anthology/wire'

import { ApiError, errors } from '../errors.ts'
import type { CallEnd } from '../ledger/call-row.ts'
import type { AttemptEnd, AttemptStart, CallRecord } from './call-record.ts'
import { readTokens } from './token-counts.ts'

export type Attributes = Partial<Record<AttributeName, string | number | boolean | string[]>>
export type AttributeName = keyof typeof spanAttributes

/**
 * Every attribute of our spans. `gen_ai.*`, `http.*`, `server.*` and `error.type`
 * are names of the OpenTelemetry conventions ("Semantic conventions for Anthropic
 * client operations" and "HTTP spans"); the others are ours. None contains a
 * prompt, a response or a key's secret.
 */
export const spanAttributes = {
  'gen_ai.operation.name': '`chat`, or `count_tokens`',
  'gen_ai.provider.name':
    'The provider of the model: `anthropic`, `aws.bedrock`, `gcp.vertex_ai`, `azure.ai.inference`',
  'gen_ai.request.model': "The client's name for the model; on an attempt, the upstream's name",
  'gen_ai.request.max_tokens': "The request's `max_tokens`",
  'gen_ai.request.stream': 'Whether the response is streamed',
  'gen_ai.conversation.id': "The client's session id",
  'gen_ai.response.model': 'The pinned snapshot that the name resolves to',
  'gen_ai.response.id': "The message's id",
  'gen_ai.response.finish_reasons': 'The stop reason, as a list of one',
  'gen_ai.response.time_to_first_chunk': 'Seconds from the request to the first content of a stream',
  'gen_ai.usage.input_tokens': 'The whole prompt: `input_tokens` plus cache reads and cache writes',
  'gen_ai.usage.output_tokens': 'Output tokens, including thinking',
  'gen_ai.usage.cache_read.input_tokens': 'The part of the prompt that was read from a cache',
  'gen_ai.usage.cache_write.input_tokens': 'The part of the prompt that was written to a cache',
  'http.request.method': 'The method of the request',
  'http.response.status_code': "The status of the response to the client; on an attempt, the upstream's",
  'server.address': 'The host that the client addressed; on an attempt, the upstream',
  'server.port': 'The port of that host',
  'error.type': "The type of the error in the API, or the code of the gateway's own error",
  'anthology.call.id': "The call's id in headers, logs and ledger",
  'anthology.key.id': "The id of the client's key, never its secret",
  'anthology.protocol': "The client's protocol",
  'anthology.upstream': 'The name of the configured upstream',
  'anthology.outcome': 'The outcome of the call or the attempt',
  'anthology.attempts': 'Number of attempts of the call',
  'anthology.attempt.number': 'Number of this attempt, from 1',
  'anthology.cost.nano_usd': 'The cost in nano-dollars; absent if it is unknown',
} as const

/** The facts known when a request arrives. */
export function getStartAttributes(id: string, protocol: string, address: URL | null): Attributes {
  return {
    'gen_ai.provider.name': providers.anthropic,
    'http.request.method': 'POST',
    'anthology.call.id': id,
    'anthology.protocol': protocol,
    ...getHostAttributes(address),
  }
}

export function getEndAttributes(record: CallRecord): Attributes {
  const { operation, row, usage } = record
  const { price } = row
  return omitNulls({
    'gen_ai.operation.name': operation,
    'gen_ai.request.model': record.requestedModel,
    'gen_ai.request.max_tokens': record.maxTokens,
    'gen_ai.request.stream': record.streamed,
    'gen_ai.conversation.id': record.sessionId,
    'gen_ai.response.model': row.outcome === 'answered' ? record.model : null,
    'gen_ai.response.id': row.message_id,
    'gen_ai.response.finish_reasons': row.stop_reason === null ? null : [row.stop_reason],
    'gen_ai.response.time_to_first_chunk': row.first_token_ms === null ? null : row.first_token_ms / 1_000,
    ...(usage === null || operation !== 'chat' ? {} : getUsageAttributes(usage)),
    'http.response.status_code': row.status,
    'error.type': getErrorType(row.error_type, row.outcome),
    'anthology.key.id': record.keyId,
    'anthology.upstream': record.upstream,
    'anthology.outcome': row.outcome,
    'anthology.attempts': row.attempts,
    'anthology.cost.nano_usd': price?.ok === true ? Number(price.totalNanoUsd) : null,
  })
}

/** Convention for both cache counts: "This value MUST be added to the Anthropic `input_tokens` to compute `gen_ai.usage.input_tokens`". */
function getUsageAttributes(usage: UsageFields): Attributes {
  const tokens = readTokens(usage)
  return {
    'gen_ai.usage.input_tokens': tokens.input + tokens.cache_read + tokens.cache_write,
    'gen_ai.usage.output_tokens': tokens.output,
    'gen_ai.usage.cache_read.input_tokens': tokens.cache_read,
    'gen_ai.usage.cache_write.input_tokens': tokens.cache_write,
  }
}

/** The facts about a call that fails before its first attempt. */
export function getApiErrorAttributes(error: unknown): Attributes {
  const [code, { status }] =
    error instanceof ApiError ? [error.code, error.kind] : ['internal', errors.internal]
  return { 'http.response.status_code': status, 'error.type': code }
}

export function getAttemptStartAttributes(start: AttemptStart): Attributes {
  const { callId, operation, upstream, platform, modelName, baseUrl, number } = start
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': providers[platform],
    'gen_ai.request.model': modelName,
    'http.request.method': 'POST',
    'anthology.call.id': callId,
    'anthology.upstream': upstream,
    'anthology.attempt.number': number,
    ...getHostAttributes(baseUrl === null ? null : URL.parse(baseUrl)),
  }
}

export function getAttemptEndAttributes({ outcome, status, ...end }: AttemptEnd): Attributes {
  return omitNulls({
    'http.response.status_code': status,
    'error.type': getErrorType(end.errorType ?? end.errorCode, outcome),
    'anthology.outcome': outcome,
  })
}

/** Names of the conventions; for Foundry the closest one. */
const providers: Readonly<Record<Platform, string>> = {
  anthropic: 'anthropic',
  bedrock: 'aws.bedrock',
  vertex: 'gcp.vertex_ai',
  foundry: 'azure.ai.inference',
}

const ports: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 }

function getHostAttributes(url: URL | null): Attributes {
  if (url === null) return {}
  const port = url.port === '' ? ports[url.protocol] : Number(url.port)
  return omitNulls({ 'server.address': url.hostname, 'server.port': port })
}

/** The error's type, else the outcome of a call that failed without one. */
function getErrorType(named: string | null, outcome: CallEnd['outcome']): string | null {
  return named ?? (outcome === 'answered' ? null : outcome)
}

type MaybeAttributes = { readonly [Name in AttributeName]?: Attributes[Name] | null | undefined }

/** Drops attributes that are unknown. */
function omitNulls(attributes: MaybeAttributes): Attributes {
  const known: Attributes = {}
  for (const [name, value] of Object.entries(attributes)) {
    // An object of this type has no other names.
    if (value !== null && value !== undefined) known[name as AttributeName] = value
  }
  return known
}
