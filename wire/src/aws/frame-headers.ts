import { encodeHex } from '../body/hex.ts'
import { WireError } from '../error.ts'
import { joinBytes } from '../body/join-bytes.ts'

/** A header of an event-stream message, in one of the ten types of the format. */
export type FrameHeader =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte' | 'short' | 'integer'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  | { readonly type: 'string'; readonly value: string }
  /** Unix time in milliseconds. */
  | { readonly type: 'timestamp'; readonly value: bigint }
  | { readonly type: 'uuid'; readonly value: string }

/**
 * Encodes headers as strings, the only type that Bedrock uses. Names are limited to 255 bytes and values to
 * 65,535; longer ones throw a RangeError.
 */
export function encodeFrameHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  return joinBytes(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
}

/** The headers of an event whose payload is JSON. */
export function eventFrameHeaders(eventType: string): Uint8Array {
  return encodeFrameHeaders({
    ':event-type': eventType,
    ':content-type': 'application/json',
    ':message-type': 'event',
  })
}

/** The headers of an exception inside a stream; the type starts in lower case: `throttlingException`. */
export function exceptionFrameHeaders(exceptionType: string): Uint8Array {
  return encodeFrameHeaders({
    ':exception-type': exceptionType,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  })
}

/** Parses headers of any type. A repeated name is an error, because two readers could each use a different one. */
export function parseFrameHeaders(bytes: Uint8Array): ReadonlyMap<string, FrameHeader> {
  const headers = new Map<string, FrameHeader>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + view.getUint8(at)
    checkRoom(bytes, nameEnd + 1)
    const name = utf8.decode(bytes.subarray(at + 1, nameEnd))
    if (headers.has(name))
      throw new WireError('frame_header_repeated', 'a message of the event stream has a header twice')
    const type = view.getUint8(nameEnd)
    const lengthBytes = type === binaryType || type === stringType ? 2 : 0
    const start = nameEnd + 1 + lengthBytes
    checkRoom(bytes, start)
    const end = start + (lengthBytes > 0 ? view.getUint16(start - 2) : fixedBytes(type))
    checkRoom(bytes, end)
    headers.set(name, readValue(type, view, bytes.subarray(start, end)))
    at = end
  }
  return headers
}

const binaryType = 6
const stringType = 7

/** The value length of the types with a fixed length: 0 to 5, 8 and 9. */
const fixedLengths: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }

function fixedBytes(type: number): number {
  const length = fixedLengths[type]
  if (length === undefined)
    throw new WireError('frame_header_type', 'a header of the event stream has an unknown type')
  return length
}

function checkRoom(bytes: Uint8Array, end: number): void {
  if (end > bytes.length)
    throw new WireError('frame_header_overrun', 'a header of the event stream is longer than its place')
}

function readValue(type: number, view: DataView, value: Uint8Array): FrameHeader {
  const at = value.byteOffset - view.byteOffset
  switch (type) {
    case 0:
      return { type: 'boolean', value: true }
    case 1:
      return { type: 'boolean', value: false }
    case 2:
      return { type: 'byte', value: view.getInt8(at) }
    case 3:
      return { type: 'short', value: view.getInt16(at) }
    case 4:
      return { type: 'integer', value: view.getInt32(at) }
    case 5:
      return { type: 'long', value: view.getBigInt64(at) }
    case binaryType:
      return { type: 'binary', value }
    case stringType:
      return { type: 'string', value: utf8.decode(value) }
    case 8:
      return { type: 'timestamp', value: view.getBigInt64(at) }
    default:
      return { type: 'uuid', value: createUuid(value) }
  }
}

function createUuid(bytes: Uint8Array): string {
  return encodeHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function encodeHeader(name: string, value: string): Uint8Array {
  const nameBytes = encoder.encode(name)
  const valueBytes = encoder.encode(value)
  if (nameBytes.length > 255 || valueBytes.length > 65_535)
    throw new RangeError(`the header ${name} is too long for an event stream`)
  const length = Uint8Array.of(valueBytes.length >>> 8, valueBytes.length & 0xff)
  return Uint8Array.of(nameBytes.length, ...nameBytes, stringType, ...length, ...valueBytes)
}

const encoder = new TextEncoder()
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
