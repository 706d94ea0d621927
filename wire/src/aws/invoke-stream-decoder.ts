import type { Allocate } from '../body/join-bytes.ts'
import { WireError } from '../error.ts'
import { errorEnvelope } from '../messages/error-envelope.ts'
import { parseJson, readText } from '../body/json-value.ts'
import { encodeSse, encodeSseBytes } from '../sse/encoder.ts'
import { decodeBase64 } from './base64.ts'
import { bedrockErrors, getMemberException, isBedrockErrorType } from './bedrock-error.ts'
import type { Crc32 } from './crc32.ts'
import { createFrameDecoder, stringHeader } from './event-stream.ts'
import type { DecodedFrame, FrameLimits } from './event-stream.ts'
import { takeMetrics } from './invocation-metrics.ts'
import type { InvocationMetrics } from './invocation-metrics.ts'

export type InvokeStreamEvent =
  | {
      readonly kind: 'event'
      /** The `type` of the event; empty if it has none. */
      readonly type: string
      /** The bytes of the event as the model sent them, without Bedrock's metrics. */
      readonly json: Uint8Array
      /** Bedrock's own counts, which arrive with `message_stop`. */
      readonly metrics: InvocationMetrics | null
    }
  | {
      readonly kind: 'exception'
      /** The exception's name, such as `ThrottlingException`. */
      readonly type: string
      readonly message: string
    }
  /** An unknown event type; clients skip it. */
  | { readonly kind: 'unknown'; readonly type: string }

export interface InvokeStreamDecoder {
  /** Returns the events that the bytes, cut anywhere, complete. Throws a WireError if the stream is invalid. */
  push(bytes: Uint8Array): InvokeStreamEvent[]
  /** Must be called at the end of the stream; throws `frame_truncated` if it ended inside a message. */
  end(): void
  readonly pendingBytes: number
}

export interface InvokeDecoderOptions {
  readonly crc32?: Crc32
  readonly limits?: FrameLimits
  /** Decodes base64 faster than this package's own function; null for a text that is none. */
  readonly decodeBase64?: ReadBase64
}

/** Decodes the base64 in ASCII bytes. */
export type ReadBase64 = (ascii: Uint8Array) => Uint8Array | null

/** Decodes the stream of InvokeModelWithResponseStream. */
export function createInvokeStreamDecoder(options: InvokeDecoderOptions = {}): InvokeStreamDecoder {
  const frames = createFrameDecoder(options)
  const { decodeBase64: readBase64 = readOwnBase64 } = options
  return {
    push: (bytes) => frames.push(bytes).map((frame) => readInvokeEvent(frame, readBase64)),
    end: () => frames.end(),
    get pendingBytes() {
      return frames.pendingBytes
    },
  }
}

/**
 * Encodes an event as one SSE frame of the Messages API. An exception becomes `error`; an unknown event
 * becomes nothing.
 */
export function encodeInvokeSse(event: InvokeStreamEvent, allocate?: Allocate): Uint8Array {
  switch (event.kind) {
    case 'event':
      // A name that could break the line is omitted.
      return encodeSseBytes(/^[a-z_]*$/.test(event.type) ? event.type : '', event.json, allocate)
    case 'exception':
      return encodeSse('error', JSON.stringify(readEnvelope(event.type, event.message)))
    case 'unknown':
      return new Uint8Array(0)
  }
}

/** Reads one message of the stream. */
export function readInvokeEvent(frame: DecodedFrame, readBase64: ReadBase64): InvokeStreamEvent {
  const messageType = stringHeader(frame, ':message-type')
  if (messageType === 'exception') {
    const type = getMemberException(stringHeader(frame, ':exception-type') ?? '')
    return { kind: 'exception', type, message: getMessage(frame.payload) }
  }
  if (messageType === 'error') {
    const type = stringHeader(frame, ':error-code') ?? ''
    return { kind: 'exception', type, message: stringHeader(frame, ':error-message') ?? '' }
  }
  const eventType = stringHeader(frame, ':event-type') ?? ''
  if (eventType !== 'chunk') return { kind: 'unknown', type: eventType }
  const json = toBytes(frame.payload, readBase64)
  const type = getType(json)
  return type === 'message_stop'
    ? { kind: 'event', type, ...takeMetrics(json) }
    : { kind: 'event', type, json, metrics: null }
}

function toBytes(payload: Uint8Array, readBase64: ReadBase64): Uint8Array {
  const bytes = readFirstMember(payload, readBase64) ?? parseBytes(payload)
  if (bytes === null) throw new WireError('frame_payload', 'a chunk of the event stream carries no base64')
  return bytes
}

/** The member as AWS writes it, first and without spaces: parsing the whole payload costs several times as much. */
function readFirstMember(payload: Uint8Array, readBase64: ReadBase64): Uint8Array | null {
  if (!startsWith(payload, bytesMember)) return null
  const end = payload.indexOf(quote, bytesMember.length)
  return end === -1 ? null : readBase64(payload.subarray(bytesMember.length, end))
}

function parseBytes(payload: Uint8Array): Uint8Array | null {
  const base64 = readText(parseJson(text.decode(payload)), 'bytes')
  return base64 === null ? null : decodeBase64(base64)
}

function readOwnBase64(ascii: Uint8Array): Uint8Array | null {
  return decodeBase64(text.decode(ascii))
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (bytes.length < start.length) return false
  for (let at = 0; at < start.length; at += 1) if (bytes[at] !== start[at]) return false
  return true
}

function getMessage(payload: Uint8Array): string {
  const parsed = parseJson(text.decode(payload))
  return readText(parsed, 'message') ?? readText(parsed, 'Message') ?? ''
}

/** Claude's events start with their type; any other event is parsed. */
function getType(json: Uint8Array): string {
  for (const { type, start } of usualEvents) if (startsWith(json, start)) return type
  return readText(parseJson(text.decode(json)), 'type') ?? ''
}

function readEnvelope(type: string, message: string): unknown {
  const wireType = isBedrockErrorType(type) ? bedrockErrors[type].wireType : 'api_error'
  return errorEnvelope({ type: wireType, message, requestId: null })
}

const quote = 0x22
const bytesMember = new TextEncoder().encode('{"bytes":"')
const usualEvents = [
  'content_block_delta',
  'content_block_start',
  'content_block_stop',
  'message_delta',
  'message_start',
  'message_stop',
].map((type) => ({ type, start: new TextEncoder().encode(`{"type":"${type}"`) }))
const text = new TextDecoder('utf-8', { ignoreBOM: true })
