import { errorTypeOf, parseError, wireErrors } from '../error-envelope.ts'
import { base64Length, writeBase64 } from './base64.ts'
import type { ToBase64 } from './base64.ts'
import { bedrockErrorOf, exceptionMember, inStream } from './bedrock-error.ts'
import type { BedrockRefusal } from './bedrock-error.ts'
import { crc32 as pureCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { encodeFrame, frameOverheadBytes, sealFrame } from './event-stream.ts'
import { eventFrameHeaders, exceptionFrameHeaders } from './frame-headers.ts'
import { addMetrics } from './invocation-metrics.ts'
import type { InvocationMetrics } from './invocation-metrics.ts'
import { payloadsOf } from './sse-payload.ts'

export interface InvokeStreamOptions {
  readonly crc32?: Crc32
  readonly toBase64?: ToBase64
  /**
   * How many characters of padding the next frame gets, 0 to 62: against those who read texts off the lengths of
   * packets. Without it frames have no padding, which clients accept as well.
   */
  readonly paddingLength?: () => number
}

export interface InvokeStreamEncoder {
  /**
   * Re-frames whole SSE frames: the JSON bytes of each event become one message, `ping` is dropped as Bedrock sends
   * none, and `error` becomes an exception. `metrics` go into `message_stop` if it is among them.
   */
  encode(frames: Uint8Array, metrics?: InvocationMetrics): Uint8Array
  /** One bare event as a message of the stream. */
  event(json: Uint8Array): Uint8Array
  /** A failure inside the stream, after which nothing may follow. */
  exception(refusal: BedrockRefusal): Uint8Array
}

/**
 * Encodes the stream of InvokeModelWithResponseStream: messages of AWS's event stream that carry the events of the
 * Messages API, byte for byte, in base64 ("PayloadPart" of the Amazon Bedrock API reference).
 */
export function createInvokeStreamEncoder(options: InvokeStreamOptions = {}): InvokeStreamEncoder {
  const { crc32 = pureCrc32, toBase64, paddingLength } = options

  function writeChunk(json: Uint8Array, pad: number, frame: Uint8Array): void {
    frame.set(chunkHead, 0)
    const base64At = chunkHead.length
    if (toBase64 === undefined) writeBase64(json, frame, base64At)
    else utf8.encodeInto(toBase64(json), frame.subarray(base64At))
    frame.set(padding[pad] ?? noPadding, base64At + base64Length(json.length))
    sealFrame(frame, chunkHeaders.length, crc32)
  }

  function encodeAll(events: readonly Uint8Array[], exception: Uint8Array | null): Uint8Array {
    const pads = events.map(() => (paddingLength === undefined ? 0 : clampPadding(paddingLength())))
    const lengths = events.map((json, i) => chunkLength(json, pads[i] ?? 0))
    const stream = new Uint8Array(lengths.reduce((sum, length) => sum + length, exception?.length ?? 0))
    let at = 0
    for (const [i, json] of events.entries()) {
      const end = at + (lengths[i] ?? 0)
      writeChunk(json, pads[i] ?? 0, stream.subarray(at, end))
      at = end
    }
    if (exception !== null) stream.set(exception, at)
    return stream
  }

  function encodeException(refusal: BedrockRefusal): Uint8Array {
    const { type, message } = inStream(refusal)
    const headers = exceptionFrameHeaders(exceptionMember(type))
    return encodeFrame(headers, utf8.encode(JSON.stringify({ message })), crc32)
  }

  return {
    encode(frames, metrics) {
      const events: Uint8Array[] = []
      for (const { kind, json } of payloadsOf(frames)) {
        if (kind === 'error') return encodeAll(events, encodeException(refusalOf(json)))
        if (kind === 'message_stop' && metrics !== undefined) events.push(addMetrics(json, metrics))
        else if (kind !== 'ping') events.push(json)
      }
      return encodeAll(events, null)
    },
    event: (json) => encodeAll([json], null),
    exception: encodeException,
  }
}

/** The exception for the data of an `error` event, whose status stands in no header any more. */
function refusalOf(json: Uint8Array): BedrockRefusal {
  const { type, message } = parseError(json)
  const status = wireErrors.find((error) => error.type === type)?.status ?? 500
  return bedrockErrorOf({ status, type: type ?? errorTypeOf(status), message })
}

function chunkLength(json: Uint8Array, pad: number): number {
  const payload = payloadHead.length + base64Length(json.length) + (padding[pad] ?? noPadding).length
  return frameOverheadBytes + chunkHeaders.length + payload
}

function clampPadding(length: number): number {
  return Math.min(Math.max(Math.trunc(length), 0), paddingLetters.length)
}

const utf8 = new TextEncoder()
const chunkHeaders = eventFrameHeaders('chunk')
const payloadHead = utf8.encode('{"bytes":"')
const noPadding = utf8.encode('"}')

/** The bytes of every message up to its base64, with room for the lengths and their checksum. */
const chunkHead = new Uint8Array(12 + chunkHeaders.length + payloadHead.length)
chunkHead.set(chunkHeaders, 12)
chunkHead.set(payloadHead, 12 + chunkHeaders.length)

/** What stands behind the base64, by the length of the padding. */
const paddingLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const padding = Array.from({ length: paddingLetters.length + 1 }, (_, length) =>
  length === 0 ? noPadding : utf8.encode(`","p":"${paddingLetters.slice(0, length)}"}`),
)
