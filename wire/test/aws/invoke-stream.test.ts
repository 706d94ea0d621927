import { crc32 as zlibCrc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameDecoder, stringHeader } from '../../src/aws/event-stream.ts'
import { createInvokeStreamEncoder } from '../../src/aws/invoke-stream.ts'
import type { InvokeStreamOptions } from '../../src/aws/invoke-stream.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'

import { randomJsonText } from '../body/json-text.ts'
import { encodeHex } from '../../src/body/hex.ts'
import { codec, events, getJson, metrics, listPayloads, sse, getSse, utf8 } from './invoke-events.ts'

describe('from SSE to the event stream', () => {
  test('encodes an empty event as the captured message', () => {
    const frame = createInvokeStreamEncoder().event(utf8.encode('{}'))

    expect(frame).toHaveLength(107)
    expect(encodeHex(frame).endsWith('7b226279746573223a226533303d227d3651dbfe')).toBe(true)
  })

  test('wraps the bytes of each event and drops pings', () => {
    const stream = utf8.encode(sse([events[0], '{"type":"ping"}', ...events.slice(1, 3)]))

    const payloads = listPayloads(createInvokeStreamEncoder().encode(stream))

    expect(payloads.map(({ bytes }) => getJson(bytes))).toEqual(events.slice(0, 3))
    expect(payloads.every(({ p }) => p === undefined)).toBe(true)
  })

  test('encodes no bytes, pings and comments as nothing', () => {
    const encoder = createInvokeStreamEncoder()

    expect(encoder.encode(new Uint8Array(0))).toHaveLength(0)
    expect(
      encoder.encode(utf8.encode('event: ping\ndata: {"type": "ping"}\n\n: open\n\nevent: x\n\n')),
    ).toHaveLength(0)
  })

  test('adds the metrics after the last member of message_stop and changes nothing else', () => {
    const [last] = listPayloads(createInvokeStreamEncoder().encode(utf8.encode(sse([events[5]])), metrics))

    expect(getJson(last?.bytes)).toBe(
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":12,"outputTokenCount":3,"invocationLatency":410,"firstByteLatency":120} }',
    )
  })

  test('adds metrics to no other event, and never twice', () => {
    const encoder = createInvokeStreamEncoder()
    const counted = '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}'

    const [start] = listPayloads(encoder.encode(utf8.encode(sse([events[0]])), metrics))
    const [stop] = listPayloads(encoder.encode(utf8.encode(sse([counted])), metrics))

    expect(getJson(start?.bytes)).toBe(events[0])
    expect(getJson(stop?.bytes)).toBe(counted)
  })

  test.each([
    ['overloaded_error', 'serviceUnavailableException'],
    ['rate_limit_error', 'throttlingException'],
    ['api_error', 'internalServerException'],
    ['timeout_error', 'modelTimeoutException'],
    ['invalid_request_error', 'validationException'],
    // Types without an exception in an invoke stream.
    ['billing_error', 'validationException'],
    ['permission_error', 'validationException'],
    ['an_error_of_tomorrow', 'internalServerException'],
  ])('ends the stream at an error: %s becomes a %s', (type, exception) => {
    const error = JSON.stringify({ type: 'error', error: { type, message: 'Overloaded' } })

    const frames = createFrameDecoder().push(
      createInvokeStreamEncoder().encode(utf8.encode(sse([events[1], error, events[2]]))),
    )

    expect(frames).toHaveLength(2)
    const last = frames[1]
    if (last === undefined) throw new Error('no exception')
    expect(stringHeader(last, ':message-type')).toBe('exception')
    expect(stringHeader(last, ':exception-type')).toBe(exception)
    expect(stringHeader(last, ':content-type')).toBe('application/json')
    expect(new TextDecoder().decode(last.payload)).toBe('{"message":"Overloaded"}')
  })

  test('pads each frame by the requested number of letters', () => {
    const lengths = [0, 1, 62, 99, -4]
    const encoder = createInvokeStreamEncoder({ paddingLength: () => lengths.shift() ?? 0 })

    const payloads = listPayloads(encoder.encode(utf8.encode(sse(events.slice(0, 5)))))

    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    expect(payloads.map(({ p }) => p)).toEqual([undefined, 'a', letters, letters, undefined])
    expect(payloads.map(({ bytes }) => getJson(bytes))).toEqual(events.slice(0, 5))
  })

  test('reads the rarer forms of SSE according to the standard', () => {
    const stream = [
      'event: content_block_stop\r\ndata: {"type":"content_block_stop",\r\ndata: "index":0}\r\n\r\n',
      'data: {"type":"ping"}\n\n',
      'data:{"type":"message_stop"}\n\n',
      ': a comment\nid: 7\nevent:x\ndata:{}\n\n',
      'data: {"type":"content_block_stop","index":1}\nevent: content_block_stop\n\n',
    ].join('')

    const payloads = listPayloads(createInvokeStreamEncoder().encode(utf8.encode(stream)))

    expect(payloads.map(({ bytes }) => getJson(bytes))).toEqual([
      '{"type":"content_block_stop",\n"index":0}',
      '{"type":"message_stop"}',
      '{}',
      '{"type":"content_block_stop","index":1}',
    ])
  })

  test('gives the same bytes with the functions of Node, for short and long events', () => {
    const native: InvokeStreamOptions = {
      crc32: zlibCrc32,
      toBase64: (bytes) => Buffer.from(bytes).toString('base64'),
      allocate: (bytes) => new Uint8Array(bytes).fill(0xa5),
    }
    const anyText = fc.oneof(
      randomJsonText,
      fc.nat({ max: 1_200 }).map((length) => JSON.stringify('x'.repeat(length))),
    )
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), fc.nat({ max: 70 }), (texts, length) => {
        const stream = utf8.encode(texts.map((text) => getSse('x', text)).join(''))
        const paddingLength = () => length

        expect(createInvokeStreamEncoder({ ...native, paddingLength }).encode(stream)).toEqual(
          createInvokeStreamEncoder({ paddingLength }).encode(stream),
        )
      }),
    )
  })

  test('gives the same bytes for events with a shared start as for each event alone', () => {
    const delta = (index: number, kind: string) =>
      `{"type":"content_block_delta","index":${index},"delta":{"type":"${kind}","text":"`
    const beginning = fc.constantFrom(
      delta(0, 'text_delta'),
      delta(0, 'thinking_delta'),
      delta(10, 'text_delta'),
      '{"a":"',
    )
    const ending = fc
      .string({ unit: 'grapheme', maxLength: 120 })
      .map((text) => `${JSON.stringify(text).slice(1)}}}`)
    const runs = fc.array(fc.tuple(beginning, fc.array(ending, { maxLength: 4 })), { maxLength: 6 })
    fc.assert(
      fc.property(runs, fc.nat({ max: 3 }), (all, pad) => {
        const paddingLength = () => pad
        const texts = all.flatMap(([start, ends]) => ends.map((end) => start + end))
        const encoder = createInvokeStreamEncoder({ paddingLength })

        const together = encoder.encode(utf8.encode(texts.map((text) => getSse('x', text)).join('')))

        // A single event shares its start with no other.
        const alone = createInvokeStreamEncoder({ paddingLength })
        expect(together).toEqual(joinBytes(texts.map((text) => alone.event(utf8.encode(text)))))
        expect(
          listPayloads(together).map(({ bytes = '' }) => Buffer.from(bytes, 'base64').toString()),
        ).toEqual(texts)
      }),
      { numRuns: 500 },
    )
  })

  test("is readable for AWS's own codec, whatever the length of an event", () => {
    const encoder = createInvokeStreamEncoder()
    const jsons = Array.from({ length: 1_200 }, (_, length) => JSON.stringify('x'.repeat(length)))

    const frames = jsons.map((json) => encoder.event(utf8.encode(json)))

    // Each event twice: a cached head must be as good as a new one.
    expect(jsons.map((json) => encoder.event(utf8.encode(json)))).toEqual(frames)
    expect(frames.map((frame) => new TextDecoder().decode(codec.decode(frame).body))).toEqual(
      jsons.map((json) => `{"bytes":"${Buffer.from(json).toString('base64')}"}`),
    )
  })
})
