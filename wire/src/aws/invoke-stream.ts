import { getErrorType, parseError, wireErrors } from '../messages/error-envelope.ts'
import { joinBytes } from '../body/join-bytes.ts'
import { readSseEvents } from '../sse/frames.ts'
import { base64Length, writeBase64 } from './base64.ts'
import type { ToBase64 } from './base64.ts'
import { toBedrockError, exceptionMember, inStream } from './bedrock-error.ts'
import type { BedrockError } from './bedrock-error.ts'
import { crc32 as pureCrc32 } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { beginAlike, chunkBytes, createHeads, plainHeads, sharedBytes } from './chunk-head.ts'
import type { ChunkHeads } from './chunk-head.ts'
import { encodeFrame, writeUint32 } from './event-stream.ts'
import { exceptionFrameHeaders } from './frame-headers.ts'
import { addMetrics } from './invocation-metrics.ts'
import type { InvocationMetrics } from './invocation-metrics.ts'
import { writeBase64WithCrc } from './base64-with-crc.ts'
import type { Base64WithCrc } from './base64-with-crc.ts'

export interface InvokeStreamOptions {
  /** This and `toBase64` are asked for long events only: for short ones the calls cost more than they save. */
  readonly crc32?: Crc32
  readonly toBase64?: ToBase64
  /** Bytes of any content, all of which are written. A fresh array is zeroed first, and costs more than what goes into it. */
  readonly allocate?: (bytes: number) => Uint8Array
  /**
   * The number of padding characters of the next frame, 0 to 62: against those who read texts off the lengths of
   * packets. Without it frames have no padding, which clients accept as well.
   */
  readonly paddingLength?: () => number
}

export interface InvokeStreamEncoder {
  /**
   * Re-frames whole SSE frames: the JSON bytes of each event become one message, `ping` is dropped as Bedrock sends
   * none, and `error` becomes an exception. `metrics` go into `message_stop` if it is among them. `offsets` holds the
   * start and end of each plain event's JSON, as the frame scanner found them.
   */
  encode(frames: Uint8Array, metrics?: InvocationMetrics | null, places?: readonly number[]): Uint8Array
  /** One bare event as a message of the stream. */
  event(json: Uint8Array): Uint8Array
  /** A failure inside the stream, after which nothing may follow. */
  exception(error: BedrockError): Uint8Array
}

/**
 * Encodes the stream of InvokeModelWithResponseStream: messages of AWS's event stream that carry the events of the
 * Messages API, byte for byte, in base64 ("PayloadPart" of the Amazon Bedrock API reference).
 */
export function createInvokeStreamEncoder(options: InvokeStreamOptions = {}): InvokeStreamEncoder {
  return new Encoder(options)
}

class Encoder implements InvokeStreamEncoder {
  #crc32: Crc32
  #toBase64: ToBase64 | undefined
  #allocate: (bytes: number) => Uint8Array
  #paddingLength: (() => number) | undefined
  #heads = plainHeads

  constructor({ crc32 = pureCrc32, toBase64, allocate = newArray, paddingLength }: InvokeStreamOptions) {
    this.#crc32 = crc32
    this.#toBase64 = toBase64
    this.#allocate = allocate
    this.#paddingLength = paddingLength
  }

  encode(
    frames: Uint8Array,
    metrics: InvocationMetrics | null = null,
    places?: readonly number[],
  ): Uint8Array {
    if (places !== undefined) return this.#encodeSpans(frames, places)
    const pieces: Uint8Array[] = []
    let spans: number[] = []
    const events = readSseEvents(frames)
    while (events.next()) {
      const { bytes, start, end } = events
      if (start === end || events.isNamed('ping')) continue
      const isError = events.isNamed('error')
      const counts = events.isNamed('message_stop') ? metrics : null
      if (bytes === frames && !isError && counts === null) {
        spans.push(start, end)
        continue
      }
      if (spans.length > 0) pieces.push(this.#encodeSpans(frames, spans))
      spans = []
      const json = bytes.subarray(start, end)
      if (isError) {
        pieces.push(this.exception(toError(json)))
        break
      }
      pieces.push(this.event(counts === null ? json : addMetrics(json, counts)))
    }
    if (spans.length > 0) pieces.push(this.#encodeSpans(frames, spans))
    return joinBytes(pieces)
  }

  event(json: Uint8Array): Uint8Array {
    return this.#encodeSpans(json, [0, json.length])
  }

  exception(error: BedrockError): Uint8Array {
    const { type, message } = inStream(error)
    const headers = exceptionFrameHeaders(exceptionMember(type))
    const { originalStatusCode } = error
    const more = type === 'ModelStreamErrorException' && {
      originalMessage: message,
      ...(originalStatusCode !== undefined && { originalStatusCode }),
    }
    return encodeFrame(headers, utf8.encode(JSON.stringify({ message, ...more })), this.#crc32)
  }

  /** Makes one message of each pair of places in `bytes`, where the JSON of an event begins and ends. */
  #encodeSpans(bytes: Uint8Array, spans: readonly number[]): Uint8Array {
    const pads: number[] = []
    let length = 0
    for (let i = 0; i < spans.length; i += 2) {
      const pad = this.#paddingLength === undefined ? 0 : clampPadding(this.#paddingLength())
      pads.push(pad)
      length += chunkLength((spans[i + 1] ?? 0) - (spans[i] ?? 0), pad)
    }
    const stream = this.#allocate(length)
    const copy = { source: createView(bytes), target: createView(stream), crc: 0 }
    let at = 0
    for (let i = 0; i < spans.length; i += 2) {
      const start = spans[i] ?? 0
      const end = spans[i + 1] ?? 0
      const pad = pads[i / 2] ?? 0
      const place = { start: at, end: at + chunkLength(end - start, pad), pad }
      if (end - start >= longJsonBytes || start === end) {
        this.#writeLong(stream, bytes.subarray(start, end), place)
      } else {
        const heads = this.#createHeads(copy.source, [start, end], spans[i + 2] ?? bytes.length)
        writeShort(copy, heads, [start, end], place)
      }
      at = place.end
    }
    return stream
  }

  /** Nearly all events of a stream begin alike: once two in a row do so, what they share is not encoded again. */
  #createHeads(source: DataView, [start, end]: Span, next: number): ChunkHeads {
    if (end - start <= sharedBytes) return plainHeads
    if (this.#heads !== plainHeads && this.#heads.begin(source, start)) return this.#heads
    const isRepeated = next + sharedBytes <= source.byteLength && beginAlike(source, start, next)
    this.#heads = isRepeated ? createHeads(toBytes(source, start)) : plainHeads
    return this.#heads
  }

  /** Native functions, where there are any, are the faster the more they get. */
  #writeLong(stream: Uint8Array, json: Uint8Array, { start, end, pad }: ChunkPlace): void {
    const head = plainHeads.of(end - start)
    const base64At = start + head.bytes.length
    stream.set(head.bytes, start)
    if (this.#toBase64 !== undefined) utf8.encodeInto(this.#toBase64(json), stream.subarray(base64At))
    else writeBase64(json, stream, base64At)
    stream.set(padding[pad] ?? noPadding, base64At + base64Length(json.length))
    writeUint32(stream, end - 4, this.#crc32(stream.subarray(base64At, end - 4), head.crc))
  }
}

/** The exception for the data of an `error` event, whose status stands in no header any more. */
function toError(json: Uint8Array): BedrockError {
  const { type, message } = parseError(json)
  const status = wireErrors.find((error) => error.type === type)?.status ?? 500
  return toBedrockError({ status, type: type ?? getErrorType(status), message })
}

/** Start and end of an event's JSON. */
type Span = readonly [from: number, to: number]

/** The position of a message in the stream, and the length of its padding. */
interface ChunkPlace {
  readonly start: number
  readonly end: number
  readonly pad: number
}

/** Without a view or a text: the head as it was made before, the rest of the JSON in one pass. */
function writeShort(copy: Base64WithCrc, heads: ChunkHeads, [from, to]: Span, place: ChunkPlace): void {
  const { target } = copy
  const { start, end, pad } = place
  const { bytes, words, crc } = heads.of(end - start)
  // Surplus bytes of the last word are overwritten by the next part.
  for (let i = 0; i < words.length; i += 1) target.setBigInt64(start + 8 * i, words[i] ?? 0n, true)
  copy.crc = crc
  writeBase64WithCrc(copy, from + heads.jsonBytes, to, start + bytes.length)
  const tail = padding[pad] ?? noPadding
  const tailAt = end - 4 - tail.length
  for (let i = 0; i < tail.length; i += 1) target.setUint8(tailAt + i, tail[i] ?? 0)
  target.setUint32(end - 4, pureCrc32(tail, copy.crc))
}

function chunkLength(jsonBytes: number, pad: number): number {
  return chunkBytes(jsonBytes, (padding[pad] ?? noPadding).length)
}

function clampPadding(length: number): number {
  return Math.min(Math.max(Math.trunc(length), 0), paddingLetters.length)
}

const utf8 = new TextEncoder()
const noPadding = utf8.encode('"}')

/** Measured on V8: below it loops over the bytes are cheaper than native functions with their views and texts. */
const longJsonBytes = 256

function newArray(bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}

function toBytes({ buffer, byteOffset, byteLength }: DataView, start: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + start, byteLength - start)
}

function createView({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** The bytes after the base64, by the length of the padding. */
const paddingLetters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const padding = Array.from({ length: paddingLetters.length + 1 }, (_, length) =>
  length === 0 ? noPadding : utf8.encode(`","p":"${paddingLetters.slice(0, length)}"}`),
)
