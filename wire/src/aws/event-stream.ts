import { createByteBuffer } from '../body/byte-buffer.ts'
import { WireError } from '../error.ts'
import { crc32 as pureCrc32, crc32OfEight } from './crc32.ts'
import type { Crc32 } from './crc32.ts'
import { parseFrameHeaders } from './frame-headers.ts'
import type { FrameHeader } from './frame-headers.ts'

/** The media type of AWS's binary event streams. */
export const eventStreamType = 'application/vnd.amazon.eventstream'

export interface FrameLimits {
  readonly maxMessageBytes: number
  readonly maxHeadersBytes: number
}

/**
 * The limits of AWS: "Event stream encoding" of the Amazon Transcribe guide, and the Smithy specification of
 * the format.
 */
export const frameLimits: FrameLimits = { maxMessageBytes: 16_777_216, maxHeadersBytes: 131_072 }

export interface DecodedFrame {
  readonly headers: ReadonlyMap<string, FrameHeader>
  /** A view into the chunk, unless the frame was split across chunks. */
  readonly payload: Uint8Array
}

export interface FrameDecoder {
  /**
   * Accepts the next bytes, cut anywhere, and returns the messages they complete. Throws a WireError for
   * invalid bytes; the decoder cannot be used after that.
   */
  push(bytes: Uint8Array): DecodedFrame[]
  /** The same for callers that can read some messages without having them decoded. */
  pushTo(bytes: Uint8Array, target: FrameTarget): void
  /** Must be called at the end of the stream; throws `frame_truncated` if it ended inside a message. */
  end(): void
  readonly pendingBytes: number
}

export interface FrameTarget {
  /** Reads the message at an offset of the pushed bytes; returns the offset after it, or -1 to get it decoded. */
  readonly readAt: (at: number) => number
  readonly take: (frame: DecodedFrame) => void
}

/** The bytes of a message besides headers and payload: two lengths, their checksum, and the message checksum. */
export const frameOverheadBytes = 16

/**
 * Encodes one message of an event stream. `headers` are already encoded, because they are the same for every
 * message of one event type.
 *
 * Format: "Amazon Event Stream Specification" of Smithy.
 */
export function encodeFrame(headers: Uint8Array, payload: Uint8Array, crc32: Crc32 = pureCrc32): Uint8Array {
  const frame = new Uint8Array(frameOverheadBytes + headers.length + payload.length)
  frame.set(headers, preludeBytes)
  frame.set(payload, preludeBytes + headers.length)
  sealFrame(frame, headers.length, crc32)
  return frame
}

/** Writes the lengths and both checksums around headers and payload that are already in place. */
function sealFrame(frame: Uint8Array, headersBytes: number, crc32: Crc32): void {
  const preludeCrc = writePrelude(frame, { frameBytes: frame.length, headersBytes }, crc32)
  const crcAt = frame.length - 4
  writeUint32(frame, crcAt, crc32(frame.subarray(8, crcAt), preludeCrc))
}

/** Writes the lengths and their checksum; returns the checksum, which the message checksum continues. */
export function writePrelude(
  target: Uint8Array,
  { frameBytes, headersBytes }: { readonly frameBytes: number; readonly headersBytes: number },
  crc32: Crc32,
): number {
  writeUint32(target, 0, frameBytes)
  writeUint32(target, 4, headersBytes)
  const preludeCrc = crc32(target.subarray(0, 8))
  writeUint32(target, 8, preludeCrc)
  return preludeCrc
}

/** Decodes an event stream that may be cut anywhere. */
export function createFrameDecoder(
  options: { readonly crc32?: Crc32; readonly limits?: FrameLimits } = {},
): FrameDecoder {
  const { crc32 = pureCrc32, limits = frameLimits } = options
  const buffer = createByteBuffer()

  /** Completes the buffered message. Returns the offset after it, or -1 if the chunk is too short. */
  function fillBuffer(chunk: Uint8Array, { take }: FrameTarget): number {
    let from = 0
    if (buffer.length < preludeBytes) {
      from = Math.min(preludeBytes - buffer.length, chunk.length)
      buffer.append(chunk.subarray(0, from))
      if (buffer.length < preludeBytes) return -1
    }
    const length = readPrelude(buffer.peek(), 0, limits)
    const end = from + length - buffer.length
    buffer.append(chunk.subarray(from, end))
    if (end > chunk.length) return -1
    const message = buffer.take()
    take(readFrame(message, { start: 0, end: message.length }, crc32))
    return end
  }

  function pushTo(chunk: Uint8Array, target: FrameTarget): void {
    let at = buffer.length > 0 ? fillBuffer(chunk, target) : 0
    if (at < 0) return
    for (;;) {
      const end = target.readAt(at)
      if (end >= 0) {
        at = end
        continue
      }
      const left = chunk.length - at
      const length = left < preludeBytes ? Infinity : readPrelude(chunk, at, limits)
      if (length > left) {
        buffer.append(chunk.subarray(at))
        return
      }
      target.take(readFrame(chunk, { start: at, end: at + length }, crc32))
      at += length
    }
  }

  return {
    push(chunk) {
      const frames: DecodedFrame[] = []
      pushTo(chunk, { readAt: () => -1, take: (frame) => void frames.push(frame) })
      return frames
    },
    pushTo,
    end() {
      if (buffer.length > 0) throw new WireError('frame_truncated', 'the event stream ended inside a message')
    },
    get pendingBytes() {
      return buffer.length
    },
  }
}

/** The value of a string header. */
export function stringHeader(frame: DecodedFrame, name: string): string | undefined {
  const header = frame.headers.get(name)
  return header?.type === 'string' ? header.value : undefined
}

/** Two lengths and their checksum. */
export const preludeBytes = 12

/** Returns the length of the message at an offset after validating both lengths. */
function readPrelude(bytes: Uint8Array, at: number, limits: FrameLimits): number {
  if (readUint32(bytes, at + 8) !== crc32OfEight(bytes, at))
    throw new WireError('frame_prelude_crc', 'the checksum of a message head is wrong')
  const length = readUint32(bytes, at)
  const headersLength = readUint32(bytes, at + 4)
  if (length > limits.maxMessageBytes)
    throw new WireError(
      'frame_too_long',
      `a message of the event stream is longer than ${limits.maxMessageBytes} bytes`,
    )
  if (headersLength > limits.maxHeadersBytes)
    throw new WireError(
      'frame_headers_too_long',
      `the headers of a message are longer than ${limits.maxHeadersBytes} bytes`,
    )
  if (headersLength + frameOverheadBytes > length)
    throw new WireError('frame_lengths', 'the headers of a message are longer than the message')
  return length
}

/** A view costs as much as reading some fifty bytes, so parts of a chunk are given by their offsets. */
interface ByteSpan {
  readonly start: number
  readonly end: number
}

function readFrame(bytes: Uint8Array, { start, end }: ByteSpan, crc32: Crc32): DecodedFrame {
  const crcAt = end - 4
  if (readUint32(bytes, crcAt) !== crc32(bytes.subarray(start, crcAt)))
    throw new WireError('frame_message_crc', 'the checksum of a message is wrong')
  const headersAt = start + preludeBytes
  const payloadAt = headersAt + readUint32(bytes, start + 4)
  return {
    headers: readHeaders(bytes, { start: headersAt, end: payloadAt }),
    payload: bytes.subarray(payloadAt, crcAt),
  }
}

/** The headers of nearly all messages are the same, in all streams, so the last ones are kept. */
let lastHeaders: { readonly bytes: Uint8Array; readonly headers: DecodedFrame['headers'] } | null = null

function readHeaders(bytes: Uint8Array, span: ByteSpan): DecodedFrame['headers'] {
  if (lastHeaders !== null && isEqual(bytes, span, lastHeaders.bytes)) return lastHeaders.headers
  const own = Uint8Array.from(bytes.subarray(span.start, span.end))
  const headers = parseFrameHeaders(own)
  lastHeaders = { bytes: own, headers }
  return headers
}

function isEqual(bytes: Uint8Array, { start, end }: ByteSpan, other: Uint8Array): boolean {
  if (end - start !== other.length) return false
  for (let at = 0; at < other.length; at += 1) if (bytes[start + at] !== other[at]) return false
  return true
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  )
}

/** Writes in network byte order (big-endian), as the format requires. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = (value >>> 16) & 0xff
  bytes[at + 2] = (value >>> 8) & 0xff
  bytes[at + 3] = value & 0xff
}
