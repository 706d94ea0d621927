import { crc32 } from 'node:zlib'

import { createInvokeStreamEncoder, encodeFrame, exceptionFrameHeaders } from '@anthology/wire'

/** The platforms that an upstream may be, each with its own requests and frames. */
export const upstreamPlatforms = ['anthropic', 'bedrock', 'vertex', 'foundry'] as const
export type UpstreamPlatform = (typeof upstreamPlatforms)[number]

export const messageUsage = { input_tokens: 25, output_tokens: 15 }

/** A message of the Messages API that names the upstream that wrote it. */
export function printMessage(upstream: string): string {
  return JSON.stringify({
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-1-20250805',
    content: [{ type: 'text', text: `by ${upstream}` }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: messageUsage,
  })
}

/** The events of the same message. The first content is in the third. */
export function listEvents(upstream: string): readonly string[] {
  const message = {
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-1-20250805',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1 },
  }
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `by ${upstream}` } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 15 },
    },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
}

export function getStreamType(platform: UpstreamPlatform): string {
  return platform === 'bedrock' ? 'application/vnd.amazon.eventstream' : 'text/event-stream; charset=utf-8'
}

/** Encodes events of the Messages API in the frames of a platform. */
export function encodeEvents(platform: UpstreamPlatform, events: readonly string[]): Buffer {
  const bytes = Buffer.from(events.join(''))
  return platform === 'bedrock' ? Buffer.from(createInvokeStreamEncoder({ crc32 }).encode(bytes)) : bytes
}

/** An error inside a stream. */
export function encodeErrorEvent(platform: UpstreamPlatform): Buffer {
  const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
  if (platform !== 'bedrock') return Buffer.from(`event: error\ndata: ${body}\n\n`)
  const headers = exceptionFrameHeaders('serviceUnavailableException')
  return Buffer.from(encodeFrame(headers, Buffer.from('{"message":"Overloaded"}'), crc32))
}

/** An error answer as the platform writes it. */
export function describeError(platform: UpstreamPlatform, status: number, text: string) {
  if (platform === 'bedrock') {
    const type = exceptions[status] ?? 'InternalServerException'
    return { headers: { 'x-amzn-errortype': type }, body: JSON.stringify({ message: text }) }
  }
  if (platform === 'vertex' && status !== 400)
    return { headers: {}, body: JSON.stringify({ error: { code: status, message: text } }) }
  const type = types[status] ?? 'api_error'
  return { headers: {}, body: JSON.stringify({ type: 'error', error: { type, message: text } }) }
}

const exceptions: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  413: 'ValidationException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
  529: 'ServiceUnavailableException',
}

const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  424: 'api_error',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}
