import { crc32 } from 'node:zlib'

import {
  toBedrockError,
  createInvokeStreamEncoder,
  encodeBedrockError,
  encodeCountTokens,
  eventStreamType,
  readError,
} from '@anthology/wire'
import type { InvocationMetrics, UsageFields } from '@anthology/wire'

import type { ResponseTranslator, ProtocolRequest } from '../protocol.ts'
import type { BufferedResponse } from '../../http/client-exchange.ts'

type Clock = Pick<ProtocolRequest, 'startedAtMs' | 'nowMs'>

/** InvokeModel returns the message unchanged; its stream wraps each event's bytes in an AWS event-stream message. */
export function createInvokeTranslator(clock: Clock, isStream: boolean): ResponseTranslator {
  const encoder = createInvokeStreamEncoder({
    crc32,
    toBase64,
    allocate: (bytes) => Buffer.allocUnsafe(bytes),
  })
  let firstByteMs = 0

  return {
    wantsOffsets: true,
    translateBody(answer, usage) {
      if (answer.status !== 200) return tellError(answer)
      if (isStream) throw new Error('a message came where a stream was asked for')
      return {
        ...answer,
        headers: { ...bedrockHeaders(answer.headers), ...countHeaders(usage, clock) },
      }
    },
    translateHead: (headers) => ({
      ...bedrockHeaders(headers),
      'content-type': eventStreamType,
      'x-amzn-bedrock-content-type': 'application/json',
    }),
    translateEvent({ kind, bytes, offsets }, readUsage) {
      if (kind === 'message_start') firstByteMs = clock.nowMs() - clock.startedAtMs
      if (kind !== 'message_stop') return encoder.encode(bytes, null, offsets)
      const latencyMs = clock.nowMs() - clock.startedAtMs
      return encoder.encode(bytes, getMetrics(readUsage(), { latencyMs, firstByteMs }))
    },
  }
}

/** Translates a token count to `{"inputTokens": n}`. */
export function createTokenCountTranslator(): ResponseTranslator {
  return {
    translateBody(answer) {
      if (answer.status !== 200) return tellError(answer)
      // Anything but an object with this number throws, and the call fails as `answer_unreadable`.
      const { input_tokens: tokens } = JSON.parse(utf8.decode(answer.body)) as { input_tokens: unknown }
      if (typeof tokens !== 'number') throw new Error('the answer has no input_tokens')
      return { status: 200, headers: bedrockHeaders(answer.headers), body: encodeCountTokens(tokens) }
    },
    translateHead: bedrockHeaders,
    translateEvent: ({ bytes }) => bytes,
  }
}

/** Converts a Messages API error to an exception; the message stays, because clients match its text. */
export function tellError({ status, headers, body }: BufferedResponse): BufferedResponse {
  const { type, message } = readError(status, body)
  const encoded = encodeBedrockError(toBedrockError({ status, type, message }), headers['request-id'] ?? '')
  return { ...encoded, headers: { ...bedrockHeaders(headers), ...encoded.headers } }
}

/** Renames the request id to AWS's header, and drops headers specific to the Messages API. */
export function bedrockHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const own: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('anthropic-') && name !== 'request-id') own[name] = value
  }
  own['x-amzn-requestid'] = headers['request-id'] ?? ''
  return own
}

function countHeaders(usage: UsageFields | null, { startedAtMs, nowMs }: Clock): Record<string, string> {
  const headers: Record<string, string> = {
    'x-amzn-bedrock-invocation-latency': String(nowMs() - startedAtMs),
  }
  for (const [name, header] of countHeaderNames) {
    const count = usage?.[name]
    if (typeof count === 'number') headers[header] = String(count)
  }
  return headers
}

const countHeaderNames = [
  ['input_tokens', 'x-amzn-bedrock-input-token-count'],
  ['output_tokens', 'x-amzn-bedrock-output-token-count'],
  ['cache_read_input_tokens', 'x-amzn-bedrock-cache-read-input-token-count'],
  ['cache_creation_input_tokens', 'x-amzn-bedrock-cache-write-input-token-count'],
] as const

function getMetrics(
  usage: UsageFields | null,
  { latencyMs, firstByteMs }: { readonly latencyMs: number; readonly firstByteMs: number },
): InvocationMetrics {
  const count = (name: string): number => (typeof usage?.[name] === 'number' ? usage[name] : 0)
  const [read, written] = [count('cache_read_input_tokens'), count('cache_creation_input_tokens')]
  return {
    inputTokenCount: count('input_tokens'),
    outputTokenCount: count('output_tokens'),
    invocationLatency: latencyMs,
    firstByteLatency: firstByteMs,
    ...((read > 0 || written > 0) && { cacheReadInputTokenCount: read, cacheWriteInputTokenCount: written }),
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

const utf8 = new TextDecoder()
