import { errorTypeOf, parseError, wireErrors } from '../error-envelope.ts'
import { base64Length, writeBase64 } from './base64.ts'
import type { ToBase64 } from './base64.ts'
import { bedrockErrorOf, exceptionMember, inStream } from './bedrock-error.ts'
import type { BedrockRefusal } from './bedrock-error.ts'
import { crc32Between, crc32 as pureCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { encodeFrame, frameOverheadBytes, preludeBytes, writePrelude, writeUint32 } from './event-stream.ts'
import { eventFrameHeaders, exceptionFrameHeaders } from './frame-headers.ts'
import { addMetrics } from './invocation-metrics.ts'
import type { InvocationMetrics } from './invocation-metrics.ts'
import { payloadsOf } from './sse-payload.ts'

export interface InvokeStreamOptions {
  /** This and `toBase64` are asked for long events only: for short ones the calls cost more than they save. */
  readonly crc32?: Crc32
  readonly toBase64?: ToBase64
  /** Bytes of any content, all of which are written. A fresh array is zeroed first, and costs more than what goes into it. */
  readonly allocate?: (bytes: number) => Uint8Array
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
  const { crc32 = pureCrc32, toBase64, allocate = newArray, paddingLength } = options

  /** Gives the place behind it. */
  function writeChunk(stream: Uint8Array, start: number, json: Uint8Array, pad: number): number {
    const length = chunkLength(json, pad)
    const head = headOf(length)
    const base64At = start + head.bytes.length
    stream.set(head.bytes, start)
    const isLong = json.length >= longJsonBytes
    if (isLong && toBase64 !== undefined) utf8.encodeInto(toBase64(json), stream.subarray(base64At))
    else writeBase64(json, stream, base64At)
    stream.set(padding[pad] ?? noPadding, base64At + base64Length(json.length))
    const crcAt = start + length - 4
    const crc = isLong
      ? crc32(stream.subarray(base64At, crcAt), head.crc)
      : crc32Between(stream, base64At, crcAt, head.crc)
    writeUint32(stream, crcAt, crc)
    return start + length
  }

  function encodeAll(events: readonly Uint8Array[], exception: Uint8Array | null): Uint8Array {
    const pads = events.map(() => (paddingLength === undefined ? 0 : clampPadding(paddingLength())))
    let length = exception?.length ?? 0
    for (let i = 0; i < events.length; i += 1) length += chunkLength(events[i] ?? noBytes, pads[i] ?? 0)
    const stream = allocate(length)
    let at = 0
    for (let i = 0; i < events.length; i += 1) at = writeChunk(stream, at, events[i] ?? noBytes, pads[i] ?? 0)
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

const noBytes = new Uint8Array(0)
/** Measured on V8: below it loops over the bytes are cheaper than native functions with their views and texts. */
const longJsonBytes = 256

function newArray(bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}

/** The bytes of a message up to its base64, and their checksum without the first eight. */
interface ChunkHead {
  readonly bytes: Uint8Array
  readonly crc: number
}

/** Only its length tells one head from another, so those of usual lengths are made once. */
function headOf(frameBytes: number): ChunkHead {
  const known = heads[frameBytes]
  if (known !== undefined) return known
  const bytes = new Uint8Array(preludeBytes + chunkHeaders.length + payloadHead.length)
  bytes.set(chunkHeaders, preludeBytes)
  bytes.set(payloadHead, preludeBytes + chunkHeaders.length)
  const preludeCrc = writePrelude(bytes, { frameBytes, headersBytes: chunkHeaders.length }, pureCrc32)
  const head = { bytes, crc: pureCrc32(bytes.subarray(8), preludeCrc) }
  if (frameBytes < heads.length) heads[frameBytes] = head
  return head
}

const heads: (ChunkHead | undefined)[] = Array.from({ length: 1_024 }, () => undefined)

/** What stands behind the base64, by the length of the padding. */
const paddingLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const padding = Array.from({ length: paddingLetters.length + 1 }, (_, length) =>
  length === 0 ? noPadding : utf8.encode(`","p":"${paddingLetters.slice(0, length)}"}`),
)
