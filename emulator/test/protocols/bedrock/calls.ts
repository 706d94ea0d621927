import { EventStreamCodec } from '@smithy/eventstream-codec'

import type { Emulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'
import type { Ask, Collected } from '../../collecting-receiver.ts'

export const opus41 = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
export const opus5 = 'us.anthropic.claude-opus-5'

export type Operation =
  | 'invoke'
  | 'invoke-with-response-stream'
  | 'converse'
  | 'converse-stream'
  | 'count-tokens'

/** Calls a runtime operation as AWS clients do, with a percent-encoded id. */
export function callModel(
  emulator: Emulator,
  modelId: string,
  { operation = 'invoke', body, headers = {} }: Omit<Ask, 'path'> & { readonly operation?: Operation },
): Promise<Collected> {
  return collect(emulator, { path: `/model/${encodeURIComponent(modelId)}/${operation}`, body, headers })
}

/** Creates an InvokeModel body. */
export function askInvoke(
  content: unknown,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 1_000,
    messages: [{ role: 'user', content }],
    ...more,
  }
}

export interface AwsMessage {
  readonly type: string
  readonly payload: unknown
}

/** Decodes the messages of a stream with the codec of the AWS clients. */
export function getMessages({ bytes }: Collected): readonly AwsMessage[] {
  const messages: AwsMessage[] = []
  for (let at = 0; at < bytes.length;) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0)
    const { headers, body } = codec.decode(bytes.subarray(at, at + length))
    const type = headers[':event-type'] ?? headers[':exception-type']
    messages.push({ type: String(type?.value), payload: JSON.parse(utf8.decode(body)) })
    at += length
  }
  return messages
}

/** Returns the Messages API events inside an InvokeModel stream. */
export function getEventsInvoke(collected: Collected): readonly Readonly<Record<string, unknown>>[] {
  return getMessages(collected).map(({ payload }) => {
    // The only shape of a chunk.
    const { bytes } = payload as { bytes: string }
    return JSON.parse(Buffer.from(bytes, 'base64').toString('utf8'))
  })
}

/** Returns the parts of an error that AWS clients read: status, type and text. */
export function toError(collected: Collected): readonly [status: number, type: string, message: string] {
  const type = collected.headers['x-amzn-errortype']?.split(':')[0] ?? ''
  const { message } = getJson(collected) as { message: string } // The shape of every error of AWS.
  return [collected.status, type, message]
}

const utf8 = new TextDecoder()
const codec = new EventStreamCodec(
  (input) => (typeof input === 'string' ? input : utf8.decode(input)),
  (text) => new TextEncoder().encode(text),
)
