import { crc32 as zlibCrc32 } from 'node:zlib'
import { EventStreamCodec, Int64 } from '@smithy/eventstream-codec'
import type { MessageHeaderValue } from '@smithy/eventstream-codec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameDecoder, encodeFrame, frameLimits, stringHeader } from '../../src/aws/event-stream.ts'
import type { DecodedFrame, FrameLimits } from '../../src/aws/event-stream.ts'
import { encodeFrameHeaders, eventFrameHeaders, exceptionFrameHeaders } from '../../src/aws/frame-headers.ts'
import type { FrameHeader } from '../../src/aws/frame-headers.ts'
import { WireError } from '../../src/error.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import { encodeHex } from '../../src/body/hex.ts'
import { parseHex } from './hex.ts'

/** A captured chunk of InvokeModelWithResponseStream. */
const captured =
  '0000006b0000004b6ace012d' +
  '0b3a6576656e742d747970650700056368756e6b' +
  '0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e' +
  '0d3a6d6573736167652d747970650700056576656e74' +
  '7b226279746573223a226533303d227d3651dbfe'

describe('the captured message', () => {
  test('is reproduced by our encoder', () => {
    const frame = encodeFrame(eventFrameHeaders('chunk'), utf8.encode('{"bytes":"e30="}'))

    expect(frame).toHaveLength(107)
    expect(encodeHex(frame)).toBe(captured)
  })

  test('is the same with the checksum of zlib', () => {
    const frame = encodeFrame(eventFrameHeaders('chunk'), utf8.encode('{"bytes":"e30="}'), zlibCrc32)

    expect(encodeHex(frame)).toBe(captured)
  })

  test('is decoded, wherever it is cut', () => {
    const bytes = parseHex(captured)
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const decoder = createFrameDecoder()

      const frames = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) => decoder.push(piece))

      decoder.end()
      expect(frames).toHaveLength(1)
      expectChunk(frames[0])
    }
  })

  test('is decoded byte by byte, and several times from one chunk', () => {
    const three = joinBytes([captured, captured, captured].map(parseHex))
    const slow = createFrameDecoder()

    const bytewise = cutAt(three, 'every byte').flatMap((byte) => slow.push(byte))
    const atOnce = createFrameDecoder().push(three)

    expect(bytewise).toHaveLength(3)
    expect(atOnce).toEqual(bytewise)
    for (const frame of atOnce) expectChunk(frame)
  })

  test('is counted while incomplete, and a stream that ends inside it is an error', () => {
    const decoder = createFrameDecoder()

    decoder.push(parseHex(captured).subarray(0, 100))

    expect(decoder.pendingBytes).toBe(100)
    expect(() => decoder.end()).toThrow(expect.objectContaining({ code: 'frame_truncated' }))
  })

  test('is rejected with any bit flipped', () => {
    const bytes = parseHex(captured)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const broken = bytes.slice()
      broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7))

      const code = getCode(() => createFrameDecoder().push(broken))

      expect(code).toBe(bit < 96 ? 'frame_prelude_crc' : 'frame_message_crc')
    }
  })
})

describe('compared with the codec of the AWS SDK', () => {
  const codec = new EventStreamCodec(
    (bytes) => new TextDecoder().decode(bytes as Uint8Array), // The codec only passes bytes here.
    (text) => new TextEncoder().encode(text),
  )

  test('it decodes our messages', () => {
    fc.assert(
      fc.property(fc.dictionary(name(), fc.string({ maxLength: 40 })), payload(), (headers, bytes) => {
        const message = codec.decode(encodeFrame(encodeFrameHeaders(headers), bytes))

        const read = Object.entries(message.headers).map(([key, { type, value }]) => [key, type, value])
        expect(new Set(read)).toEqual(
          new Set(Object.entries(headers).map(([key, value]) => [key, 'string', value])),
        )
        expect(message.body).toEqual(bytes)
      }),
    )
  })

  test('we decode its messages, with headers of every type, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.dictionary(name(), header()), payload(), randomCuts, (headers, bytes, cuts) => {
        const decoder = createFrameDecoder()
        const theirs = codec.encode({
          headers: Object.fromEntries(Object.entries(headers).map(([key, [value]]) => [key, value])),
          body: bytes,
        })

        const frames = cutAt(theirs, cuts).flatMap((piece) => decoder.push(piece))

        decoder.end()
        expect(frames).toHaveLength(1)
        expect(frames[0]?.payload).toEqual(bytes)
        expect(frames[0]?.headers).toEqual(
          new Map(Object.entries(headers).map(([key, [, ours]]) => [key, ours])),
        )
      }),
    )
  })
})

describe('a WireError with a code', () => {
  const small: FrameLimits = { maxMessageBytes: 200, maxHeadersBytes: 50 }

  test('the limits are those of AWS', () => {
    expect(frameLimits).toEqual({ maxMessageBytes: 16 * 1024 * 1024, maxHeadersBytes: 128 * 1024 })
  })

  test.each([
    ['a message that is too long, before it has come', prelude(201, 0), 'frame_too_long'],
    ['headers that are too long', prelude(200, 51), 'frame_headers_too_long'],
    ['headers longer than their message', prelude(60, 45), 'frame_lengths'],
    ['a message shorter than its own head', prelude(15, 0), 'frame_lengths'],
    ['a message without any length', prelude(0, 0), 'frame_lengths'],
  ])('%s', (_, bytes, code) => {
    expect(getCode(() => createFrameDecoder({ limits: small }).push(bytes))).toBe(code)
  })

  test('a message of exactly the maximum length is accepted', () => {
    const frame = encodeFrame(new Uint8Array(0), new Uint8Array(184))

    expect(createFrameDecoder({ limits: small }).push(frame)).toHaveLength(1)
  })

  test.each([
    ['a header name that exceeds the headers', [9, 0x61], 'frame_header_overrun'],
    ['a header without a type', [1, 0x61], 'frame_header_overrun'],
    ['a string without its length', [1, 0x61, 7, 0], 'frame_header_overrun'],
    ['a string longer than the headers', [1, 0x61, 7, 0, 2, 0x62], 'frame_header_overrun'],
    ['an integer that is cut off', [1, 0x61, 4, 0, 0, 0], 'frame_header_overrun'],
    ['a header of an unknown type', [1, 0x61, 10, 0], 'frame_header_type'],
    ['a repeated header', [1, 0x61, 0, 1, 0x61, 1], 'frame_header_repeated'],
  ])('%s', (_, headers, code) => {
    const frame = encodeFrame(Uint8Array.from(headers), new Uint8Array(0))

    expect(getCode(() => createFrameDecoder().push(frame))).toBe(code)
  })

  test('encoding a header that is too long for the format throws', () => {
    expect(() => encodeFrameHeaders({ ['n'.repeat(256)]: '' })).toThrow(RangeError)
    expect(() => encodeFrameHeaders({ name: 'v'.repeat(65_536) })).toThrow(RangeError)
  })
})

describe('hostile bytes', () => {
  test('only ever cause messages or a WireError', () => {
    const seed = parseHex(captured)
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .array(fc.tuple(fc.nat({ max: 106 }), fc.nat({ max: 255 })), { maxLength: 4 })
        .map((changes) => withChanges(seed, changes)),
      // With correct checksums the test also reaches lengths and headers.
      fc
        .tuple(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }))
        .map(([headers, body]) => encodeFrame(headers, body)),
      fc.tuple(fc.nat(), fc.nat()).map(([length, headers]) => prelude(length, headers)),
    )
    fc.assert(
      fc.property(bytes, randomCuts, (hostile, cuts) => {
        const decoder = createFrameDecoder()
        try {
          for (const piece of cutAt(hostile, cuts)) decoder.push(piece)
          decoder.end()
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('cause the same error wherever they are cut', () => {
    fc.assert(
      fc.property(fc.nat({ max: 106 }), fc.integer({ min: 1, max: 255 }), randomCuts, (at, change, cuts) => {
        const broken = parseHex(captured + captured)
        broken[107 + at] = (broken[107 + at] ?? 0) ^ change
        const decoder = createFrameDecoder()
        const frames: DecodedFrame[] = []

        const code = getCode(() => {
          for (const piece of cutAt(broken, cuts)) frames.push(...decoder.push(piece))
        })

        expect(code).toBe(at < 12 ? 'frame_prelude_crc' : 'frame_message_crc')
        for (const frame of frames) expectChunk(frame)
      }),
    )
  })
})

test('an exception has the headers that identify it to clients', () => {
  const frame = encodeFrame(exceptionFrameHeaders('throttlingException'), utf8.encode('{"message":"x"}'))

  const [read] = createFrameDecoder().push(frame)

  expect(read?.headers).toEqual(
    new Map<string, FrameHeader>([
      [':exception-type', { type: 'string', value: 'throttlingException' }],
      [':content-type', { type: 'string', value: 'application/json' }],
      [':message-type', { type: 'string', value: 'exception' }],
    ]),
  )
})

const utf8 = new TextEncoder()

function expectChunk(frame: DecodedFrame | undefined): void {
  if (frame === undefined) throw new Error('no frame')
  expect(stringHeader(frame, ':event-type')).toBe('chunk')
  expect(stringHeader(frame, ':content-type')).toBe('application/json')
  expect(stringHeader(frame, ':message-type')).toBe('event')
  expect(new TextDecoder().decode(frame.payload)).toBe('{"bytes":"e30="}')
}

function getCode(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
}

function prelude(length: number, headersLength: number): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length)
  view.setUint32(4, headersLength)
  view.setUint32(8, zlibCrc32(bytes.subarray(0, 8)))
  return bytes
}

function withChanges(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const changed = bytes.slice()
  for (const [at, value] of changes) changed[at] = value
  return changed
}

function payload(): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength: 200 })
}

function name(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...':abcXYZ-019é'.split('')), minLength: 1, maxLength: 20 })
}

/** A header in the form of the SDK's codec, and in ours. */
function header(): fc.Arbitrary<readonly [MessageHeaderValue, FrameHeader]> {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  return fc.oneof(
    fc.boolean().map(
      (value) =>
        [
          { type: 'boolean', value },
          { type: 'boolean', value },
        ] as const,
    ),
    fc.integer({ min: -128, max: 127 }).map(
      (value) =>
        [
          { type: 'byte', value },
          { type: 'byte', value },
        ] as const,
    ),
    fc.integer({ min: -32_768, max: 32_767 }).map(
      (value) =>
        [
          { type: 'short', value },
          { type: 'short', value },
        ] as const,
    ),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(
      (value) =>
        [
          { type: 'integer', value },
          { type: 'integer', value },
        ] as const,
    ),
    int64.map(
      (value) =>
        [
          { type: 'long', value: toInt64(value) },
          { type: 'long', value },
        ] as const,
    ),
    payload().map(
      (value) =>
        [
          { type: 'binary', value },
          { type: 'binary', value },
        ] as const,
    ),
    fc.string().map(
      (value) =>
        [
          { type: 'string', value },
          { type: 'string', value },
        ] as const,
    ),
    fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }).map(
      (ms) =>
        [
          { type: 'timestamp', value: new Date(ms) },
          { type: 'timestamp', value: BigInt(ms) },
        ] as const,
    ),
    fc.uuid().map(
      (value) =>
        [
          { type: 'uuid', value },
          { type: 'uuid', value },
        ] as const,
    ),
  )
}

function toInt64(value: bigint): Int64 {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return new Int64(bytes)
}
