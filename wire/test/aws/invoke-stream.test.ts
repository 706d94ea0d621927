import { crc32 as zlibCrc32 } from 'node:zlib'
import { EventStreamCodec } from '@smithy/eventstream-codec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameDecoder, stringHeader } from '../../src/aws/event-stream.ts'
import { createInvokeStreamDecoder, encodeSseOfInvoke } from '../../src/aws/invoke-stream-decoder.ts'
import type { InvokeStreamEvent } from '../../src/aws/invoke-stream-decoder.ts'
import { createInvokeStreamEncoder } from '../../src/aws/invoke-stream.ts'
import type { InvokeStreamOptions } from '../../src/aws/invoke-stream.ts'
import { WireError } from '../../src/error.ts'
import { createFrameScanner } from '../../src/sse-frames.ts'
import { cutAt, joinBytes, randomCuts } from '../cuts.ts'
import { randomJsonText } from '../json-text.ts'
import { hexOf } from './hex.ts'

const metrics = { inputTokenCount: 12, outputTokenCount: 3, invocationLatency: 410, firstByteLatency: 120 }

const events = [
  '{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"usage":{"input_tokens":12,"output_tokens":1}}}',
  '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Gr\\u00fc\u00dfe \\"2\\"\u{1f44b}"} }',
  '{"type":"content_block_stop","index":0}',
  '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}',
  '{"type":"message_stop" }',
]

describe('from SSE to the event stream', () => {
  test('is the captured message for an empty event', () => {
    const frame = createInvokeStreamEncoder().event(utf8.encode('{}'))

    expect(frame).toHaveLength(107)
    expect(hexOf(frame).endsWith('7b226279746573223a226533303d227d3651dbfe')).toBe(true)
  })

  test('wraps the bytes of each event and leaves out the pings', () => {
    const stream = utf8.encode(sse([events[0], '{"type":"ping"}', ...events.slice(1, 3)]))

    const payloads = payloadsOf(createInvokeStreamEncoder().encode(stream))

    expect(payloads.map(({ bytes }) => jsonOf(bytes))).toEqual(events.slice(0, 3))
    expect(payloads.every(({ p }) => p === undefined)).toBe(true)
  })

  test('gives nothing for nothing, for pings and for comments', () => {
    const encoder = createInvokeStreamEncoder()

    expect(encoder.encode(new Uint8Array(0))).toHaveLength(0)
    expect(
      encoder.encode(utf8.encode('event: ping\ndata: {"type": "ping"}\n\n: open\n\nevent: x\n\n')),
    ).toHaveLength(0)
  })

  test('puts the metrics behind the last member of message_stop and touches nothing else', () => {
    const [last] = payloadsOf(createInvokeStreamEncoder().encode(utf8.encode(sse([events[5]])), metrics))

    expect(jsonOf(last?.bytes)).toBe(
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":12,"outputTokenCount":3,"invocationLatency":410,"firstByteLatency":120} }',
    )
  })

  test('adds no metrics to other events, and none twice', () => {
    const encoder = createInvokeStreamEncoder()
    const counted = '{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}'

    const [start] = payloadsOf(encoder.encode(utf8.encode(sse([events[0]])), metrics))
    const [stop] = payloadsOf(encoder.encode(utf8.encode(sse([counted])), metrics))

    expect(jsonOf(start?.bytes)).toBe(events[0])
    expect(jsonOf(stop?.bytes)).toBe(counted)
  })

  test.each([
    ['overloaded_error', 'serviceUnavailableException'],
    ['rate_limit_error', 'throttlingException'],
    ['api_error', 'internalServerException'],
    ['timeout_error', 'modelTimeoutException'],
    ['invalid_request_error', 'validationException'],
    // What an invoke stream has no exception for.
    ['billing_error', 'validationException'],
    ['permission_error', 'validationException'],
    ['an_error_of_tomorrow', 'internalServerException'],
  ])('ends the stream at an error: %s is a %s', (type, exception) => {
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

  test('hides lengths behind as many letters as it is told', () => {
    const lengths = [0, 1, 62, 99, -4]
    const encoder = createInvokeStreamEncoder({ paddingLength: () => lengths.shift() ?? 0 })

    const payloads = payloadsOf(encoder.encode(utf8.encode(sse(events.slice(0, 5)))))

    const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    expect(payloads.map(({ p }) => p)).toEqual([undefined, 'a', letters, letters, undefined])
    expect(payloads.map(({ bytes }) => jsonOf(bytes))).toEqual(events.slice(0, 5))
  })

  test('reads the rarer forms of SSE as the standard has them', () => {
    const stream = [
      'event: content_block_stop\r\ndata: {"type":"content_block_stop",\r\ndata: "index":0}\r\n\r\n',
      'data: {"type":"ping"}\n\n',
      'data:{"type":"message_stop"}\n\n',
      ': a comment\nid: 7\nevent:x\ndata:{}\n\n',
      'data: {"type":"content_block_stop","index":1}\nevent: content_block_stop\n\n',
    ].join('')

    const payloads = payloadsOf(createInvokeStreamEncoder().encode(utf8.encode(stream)))

    expect(payloads.map(({ bytes }) => jsonOf(bytes))).toEqual([
      '{"type":"content_block_stop",\n"index":0}',
      '{"type":"message_stop"}',
      '{}',
      '{"type":"content_block_stop","index":1}',
    ])
  })

  test('is the same with the functions of Node, for short events and long ones', () => {
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
        const stream = utf8.encode(texts.map((text) => sseOf('x', text)).join(''))
        const paddingLength = () => length

        expect(createInvokeStreamEncoder({ ...native, paddingLength }).encode(stream)).toEqual(
          createInvokeStreamEncoder({ paddingLength }).encode(stream),
        )
      }),
    )
  })

  test("is read by AWS's own codec, whatever the length of an event", () => {
    const encoder = createInvokeStreamEncoder()
    const jsons = Array.from({ length: 1_200 }, (_, length) => JSON.stringify('x'.repeat(length)))

    const frames = jsons.map((json) => encoder.event(utf8.encode(json)))

    // Each twice: a head that was kept has to be as good as a new one.
    expect(jsons.map((json) => encoder.event(utf8.encode(json)))).toEqual(frames)
    expect(frames.map((frame) => new TextDecoder().decode(codec.decode(frame).body))).toEqual(
      jsons.map((json) => `{"bytes":"${Buffer.from(json).toString('base64')}"}`),
    )
  })
})

describe('from the event stream to SSE', () => {
  test('gives back the bytes of every event, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(randomJsonText, { maxLength: 4 }), randomCuts, (texts, cuts) => {
        const encoder = createInvokeStreamEncoder({ paddingLength: () => 5 })
        const decoder = createInvokeStreamDecoder()
        const stream = joinBytes(texts.map((text) => encoder.event(utf8.encode(text))))

        const read = cutAt(stream, cuts).flatMap((piece) => decoder.push(piece))

        decoder.end()
        expect(read.map((event) => (event.kind === 'event' ? jsonText(event.json) : event))).toEqual(texts)
      }),
    )
  })

  test('is the stream that went in, through both and a frame scanner', () => {
    fc.assert(
      fc.property(randomCuts, randomCuts, (first, second) => {
        const original = utf8.encode(sse(events))
        const scanner = createFrameScanner({ maxFrameBytes: 10_000 })
        const encoder = createInvokeStreamEncoder({ paddingLength: () => 9 })
        const decoder = createInvokeStreamDecoder()

        const framed = cutAt(original, first)
          .flatMap((piece) => scanner.push(piece))
          .map(({ bytes }) => encoder.encode(bytes, metrics))
        const read = cutAt(joinBytes(framed), second).flatMap((piece) => decoder.push(piece))

        expect(jsonText(joinBytes(read.map(encodeSseOfInvoke)))).toBe(jsonText(original))
        expect(read.at(-1)).toMatchObject({ kind: 'event', type: 'message_stop', metrics })
      }),
      { numRuns: 50 },
    )
  })

  test('takes the metrics out and gives them beside the event', () => {
    const json =
      '{"type":"message_stop" , "amazon-bedrock-invocationMetrics":{"inputTokenCount":9,"outputTokenCount":2,"invocationLatency":1,"firstByteLatency":1,"cacheReadInputTokenCount":4,"cacheWriteInputTokenCount":0,"more":1}}'

    const [event] = decode(json)

    expect(event).toEqual({
      kind: 'event',
      type: 'message_stop',
      json: utf8.encode('{"type":"message_stop"}'),
      metrics: {
        inputTokenCount: 9,
        outputTokenCount: 2,
        invocationLatency: 1,
        firstByteLatency: 1,
        cacheReadInputTokenCount: 4,
        cacheWriteInputTokenCount: 0,
      },
    })
  })

  test.each([
    [
      'metrics that are none',
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":7}',
      '{"type":"message_stop"}',
    ],
    [
      'counts that are none',
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":{}}',
      '{"type":"message_stop"}',
    ],
  ])('takes %s out as well, and does not believe them', (_, json, rest) => {
    expect(decode(json)).toEqual([
      { kind: 'event', type: 'message_stop', json: utf8.encode(rest), metrics: null },
    ])
  })

  test('finds the type of an event in odd dress', () => {
    const odd = '\n{ "index":0, "type" :"content_block_stop"}'

    expect(jsonText(encodeSseOfInvoke(only(decode(odd))))).toBe(
      'event: content_block_stop\ndata: \ndata: { "index":0, "type" :"content_block_stop"}\n\n',
    )
  })

  test('gives an event without a type no name', () => {
    expect(jsonText(encodeSseOfInvoke(only(decode('{}'))))).toBe('data: {}\n\n')
    expect(jsonText(encodeSseOfInvoke(only(decode('{"type":"a\\nb"}'))))).toBe('data: {"type":"a\\nb"}\n\n')
  })

  test('makes an exception an error of the Messages API', () => {
    const frame = createInvokeStreamEncoder().exception({ type: 'ThrottlingException', message: 'Too fast' })

    const [event] = createInvokeStreamDecoder().push(frame)

    expect(event).toEqual({ kind: 'exception', type: 'ThrottlingException', message: 'Too fast' })
    expect(jsonText(encodeSseOfInvoke(only([event])))).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Too fast"}}\n\n',
    )
  })

  test('reads a frame of the type error, and one of an exception that nobody knows', () => {
    const error = smithy(
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'no' },
      '',
    )
    const unknown = smithy({ ':message-type': 'exception', ':exception-type': 'strangeException' }, 'x')

    const read = createInvokeStreamDecoder().push(joinBytes([error, unknown]))

    expect(read).toEqual([
      { kind: 'exception', type: 'InternalFailure', message: 'no' },
      { kind: 'exception', type: 'StrangeException', message: '' },
    ])
    expect(jsonText(encodeSseOfInvoke(only(read.slice(1))))).toContain('"type":"api_error"')
  })

  test('points out an event type of tomorrow, which becomes nothing', () => {
    const frame = smithy({ ':message-type': 'event', ':event-type': 'news' }, '{}')

    const read = createInvokeStreamDecoder().push(frame)

    expect(read).toEqual([{ kind: 'unknown', type: 'news' }])
    expect(encodeSseOfInvoke(only(read))).toHaveLength(0)
  })

  test.each(['', '{}', '[]', '{"bytes":7}', '{"bytes":"*"}', '{"bytes":"e3"}'])(
    'refuses a chunk by name that carries no base64: %s',
    (payload) => {
      const frame = smithy({ ':message-type': 'event', ':event-type': 'chunk' }, payload)

      expect(() => createInvokeStreamDecoder().push(frame)).toThrow(
        expect.objectContaining({ code: 'frame_payload' }),
      )
    },
  )
})

describe('hostile chunks', () => {
  test('are events or an error with a name, whatever they carry', () => {
    const part = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array().map((bytes) => JSON.stringify({ bytes: Buffer.from(bytes).toString('base64') })),
      fc.json().map((json) => JSON.stringify({ bytes: Buffer.from(json).toString('base64') })),
    )
    const headers = fc.dictionary(
      fc.constantFrom(':message-type', ':event-type', ':exception-type', ':error-code'),
      fc.constantFrom('event', 'exception', 'error', 'chunk', '', '__proto__', 'toString'),
    )
    fc.assert(
      fc.property(headers, part, (names, payload) => {
        try {
          for (const event of createInvokeStreamDecoder().push(smithy(names, payload)))
            encodeSseOfInvoke(event)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const utf8 = new TextEncoder()
const codec = new EventStreamCodec(
  (bytes) => new TextDecoder().decode(bytes as Uint8Array), // The codec only ever gives bytes here.
  (text) => utf8.encode(text),
)

function sseOf(name: string, json: string): string {
  return `event: ${name}\ndata: ${json.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`
}

function sse(jsons: readonly (string | undefined)[]): string {
  return jsons.map((json = '') => sseOf(/"type":"(\w+)"/.exec(json)?.[1] ?? '', json)).join('')
}

/** The payloads, of messages that all have the headers of a chunk. */
function payloadsOf(stream: Uint8Array): { bytes?: string; p?: string }[] {
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

function jsonOf(base64 = ''): string {
  return Buffer.from(base64, 'base64').toString()
}

function jsonText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function decode(json: string): InvokeStreamEvent[] {
  return createInvokeStreamDecoder().push(createInvokeStreamEncoder().event(utf8.encode(json)))
}

function only(read: readonly (InvokeStreamEvent | undefined)[]): InvokeStreamEvent {
  const [event] = read
  if (event === undefined) throw new Error('no event')
  return event
}

function smithy(headers: Readonly<Record<string, string>>, payload: string): Uint8Array {
  return codec.encode({
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]),
    ),
    body: utf8.encode(payload),
  })
}
