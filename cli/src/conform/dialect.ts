import { isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { CheckFailure, ensure } from './check.ts'
import type { ConformProtocol, Target } from './check.ts'
import type { Exchange } from './exchange.ts'
import { readAws, readSse } from './stream.ts'
import type { StreamEvent } from './stream.ts'

/** Differences from an ordinary request. */
export interface Asking {
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
  /** Another model than the target's. */
  readonly model?: string
  /** Another key than the target's; null: no credential. */
  readonly key?: string | null
  readonly http2?: boolean
}

export type Body = Readonly<Record<string, unknown>>

/** How a protocol carries a request of the Messages API, and what its answers look like. */
export interface Dialect {
  readonly protocol: ConformProtocol
  /** Sends the members of a message request, without its model. */
  readonly ask: (target: Target, body: Body, asking?: Asking) => Promise<Exchange>
  /** Asks for the tokens of a prompt. */
  readonly count: (target: Target, body: Body, asking?: Asking) => Promise<Exchange>
  /** The member of a token count's answer. */
  readonly countMember: 'input_tokens' | 'inputTokens'
  readonly readEvents: (exchange: Exchange) => readonly StreamEvent[]
  /** Requires an error in the protocol's shape, and returns its message. */
  readonly readError: (exchange: Exchange) => string
  /** The statuses for a wrong credential, and for an unknown model. */
  readonly statuses: { readonly credential: readonly number[]; readonly model: readonly number[] }
}

/** Headers that Claude Code sends with every call in every protocol. */
export const usualHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'anthropic-version': '2023-06-01',
  'x-app': 'cli',
}

export const messagesDialect: Dialect = {
  protocol: 'messages',
  ask: (target, body, { stream = false, model = target.model, ...asking } = {}) =>
    target.send({
      path: '/v1/messages?beta=true',
      headers: { ...usualHeaders, ...credential('x-api-key', asking.key, target), ...asking.headers },
      body: JSON.stringify({ model, ...body, ...(stream && { stream }) }),
      ...(asking.http2 === true && { http2: true }),
    }),
  count: (target, { messages, tools, system }, asking = {}) =>
    target.send({
      path: '/v1/messages/count_tokens?beta=true',
      headers: { ...usualHeaders, ...credential('x-api-key', asking.key, target), ...asking.headers },
      body: JSON.stringify({ model: target.model, messages, tools, system }),
    }),
  countMember: 'input_tokens',
  readEvents: readSse,
  readError: (exchange) => readEnvelope(exchange),
  statuses: { credential: [401], model: [404, 400] },
}

export const bedrockDialect: Dialect = {
  protocol: 'bedrock',
  ask: (target, body, { stream = false, model = target.model, ...asking } = {}) =>
    target.send({
      path: `/model/${encodeURIComponent(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
      headers: { ...usualHeaders, ...credential('authorization', asking.key, target), ...asking.headers },
      body: JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', ...body }),
      ...(asking.http2 === true && { http2: true }),
    }),
  count: (target, body, asking = {}) => {
    const invoke = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 1, ...body })
    const bytes = Buffer.from(invoke).toString('base64')
    return target.send({
      path: `/model/${encodeURIComponent(getFoundationModel(target.model))}/count-tokens`,
      headers: { ...usualHeaders, ...credential('authorization', asking.key, target), ...asking.headers },
      body: JSON.stringify({ input: { invokeModel: { body: bytes } } }),
    })
  },
  countMember: 'inputTokens',
  readEvents: readAws,
  readError: ({ headers, text }) => {
    const type = headers['x-amzn-errortype'] ?? ''
    ensure(type !== '', 'the error has no header x-amzn-errortype, so AWS clients cannot tell its kind')
    const message = readText(parseJson(text), 'message') ?? readText(parseJson(text), 'Message')
    ensure(message !== null, `the error's body has no message: ${text.slice(0, 100)}`)
    return message
  },
  statuses: { credential: [403, 401], model: [400, 404, 403] },
}

/** CountTokens takes ids of foundation models, not of inference profiles. */
export function getFoundationModel(model: string): string {
  return model.replace(/^(?:us|eu|apac|jp|au|ca|global|us-gov)\./, '')
}

const vertexPrefix = '/projects/conformance/locations/global/publishers/anthropic/models'

export const vertexDialect: Dialect = createVertexDialect(`/v1${vertexPrefix}`)
/** The base URL in the documentation of Claude Code ends before `/projects`, without `/v1`. */
export const vertexDialectWithoutVersion: Dialect = createVertexDialect(vertexPrefix)

function createVertexDialect(prefix: string): Dialect {
  return {
    protocol: 'vertex',
    ask: (target, body, { stream = false, model = target.model, ...asking } = {}) =>
      target.send({
        path: `${prefix}/${model}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
        headers: { ...usualHeaders, ...credential('authorization', asking.key, target), ...asking.headers },
        body: JSON.stringify({ anthropic_version: 'vertex-2023-10-16', ...body, ...(stream && { stream }) }),
      }),
    count: (target, { messages, tools, system }, asking = {}) => {
      const body = { anthropic_version: 'vertex-2023-10-16', model: target.model, messages, tools, system }
      return target.send({
        path: `${prefix}/count-tokens:rawPredict`,
        headers: { ...usualHeaders, ...credential('authorization', asking.key, target), ...asking.headers },
        body: JSON.stringify(body),
      })
    },
    countMember: 'input_tokens',
    readEvents: readSse,
    readError: (exchange) => {
      const parsed = parseJson(exchange.text)
      const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
      const error = readRecord(first, 'error')
      if (readText(first, 'type') === 'error') return readEnvelope(exchange)
      ensure(
        error !== null && readText(error, 'status') !== null && error['code'] === exchange.status,
        `the error has neither Google's shape nor that of the Messages API: ${exchange.text.slice(0, 100)}`,
      )
      return readText(error, 'message') ?? ''
    },
    statuses: { credential: [401, 403], model: [404, 400] },
  }
}

/** Requires the envelope of the Messages API, and returns the error's message. */
export function readEnvelope({ text }: Exchange, wanted?: string): string {
  const parsed = parseJson(text)
  const error = readRecord(parsed, 'error')
  ensure(
    readText(parsed, 'type') === 'error' && error !== null,
    `the body is not {"type":"error","error":{...}}: ${text.slice(0, 100)}`,
  )
  const [type, message] = [readText(error, 'type'), readText(error, 'message')]
  ensure(type !== null && message !== null, 'the error has no type or no message')
  ensure(wanted === undefined || type === wanted, `the error's type is ${type}, not ${wanted}`)
  ensure(readText(parsed, 'request_id') !== null, 'the error has no request_id')
  return message
}

/** Requires a status, with the beginning of the answer otherwise. */
export function ensureStatus({ status, text }: Exchange, wanted: readonly number[]): void {
  ensure(
    wanted.includes(status),
    `the status is ${status}, not ${wanted.join(' or ')}: ${text.slice(0, 200)}`,
  )
}

/** Requires a whole message, and returns it. */
export function readMessage(exchange: Exchange): Readonly<Record<string, unknown>> {
  ensureStatus(exchange, [200])
  const type = exchange.headers['content-type'] ?? 'none'
  ensure(/^application\/json\b/i.test(type), `the content type is ${type}, not application/json`)
  const message = parseJson(exchange.text)
  if (!isRecord(message)) throw new CheckFailure('the answer is not a JSON object')
  ensure(message['type'] === 'message', `the answer's type is ${String(message['type'])}, not message`)
  return message
}

function credential(
  header: 'x-api-key' | 'authorization',
  key: string | null | undefined,
  target: Target,
): Readonly<Record<string, string>> {
  if (key === null) return {}
  const value = key ?? target.key
  return header === 'authorization' ? { authorization: `Bearer ${value}` } : { 'x-api-key': value }
}
