import { EventStreamCodec } from '@smithy/eventstream-codec'
import { expect } from 'vitest'
import { createFrameDecoder } from '../../src/aws/event-stream.ts'
import { createInvokeStreamDecoder } from '../../src/aws/invoke-stream-decoder.ts'
import type { InvokeStreamEvent } from '../../src/aws/invoke-stream-decoder.ts'
import { createInvokeStreamEncoder } from '../../src/aws/invoke-stream.ts'

export const metrics = {
  inputTokenCount: 12,
  outputTokenCount: 3,
  invocationLatency: 410,
  firstByteLatency: 120,
}

export const events = [
  '{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"usage":{"input_tokens":12,"output_tokens":1}}}',
  '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Gr\\u00fc\u00dfe \\"2\\"\u{1f44b}"} }',
  '{"type":"content_block_stop","index":0}',
  '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}',
  '{"type":"message_stop" }',
]

export const utf8 = new TextEncoder()
export const codec = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes as Uint8Array), // The codec only passes bytes here.
  (text) => utf8.encode(text),
)

export function getSse(name: string, json: string): string {
  return `event: ${name}\ndata: ${json.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`
}

export function sse(jsons: readonly (string | undefined)[]): string {
  return jsons.map((json = '') => getSse(/"type":"(\w+)"/.exec(json)?.[1] ?? '', json)).join('')
}

/** The payloads; checks that every message has the headers of a chunk. */
export function listPayloads(stream: Uint8Array): { bytes?: string; p?: string }[] {
  const decoder = createFrameDecoder()
  return decoder.push(stream).map(({ headers, payload }) => {
    expect([...headers].map(([name, { value }]) => `${name}=${String(value)}`)).toEqual([
      ':event-type=chunk',
      ':content-type=application/json',
      ':message-type=event',
    ])
    return JSON.parse(new TextDecoder().decode(payload))
  })
}

export function getJson(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString()
}

export function jsonText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

export function decode(json: string): InvokeStreamEvent[] {
  return createInvokeStreamDecoder().push(createInvokeStreamEncoder().event(utf8.encode(json)))
}

export function only(read: readonly (InvokeStreamEvent | undefined)[]): InvokeStreamEvent {
  const [event] = read
  if (event === undefined) throw new Error('no event')
  return event
}

export function smithy(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
    ),
    body: utf8.encode(payload),
  })
}
