import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createInvokeStreamDecoder, encodeInvokeSse } from '../../src/aws/invoke-stream-decoder.ts'
import { createInvokeStreamEncoder } from '../../src/aws/invoke-stream.ts'
import { WireError } from '../../src/error.ts'
import { createFrameScanner } from '../../src/sse/frames.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import { randomJsonText } from '../body/json-text.ts'
import { decode, events, jsonText, metrics, only, smithy, sse, utf8 } from './invoke-events.ts'

describe('from the event stream to SSE', () => {
  test('returns the bytes of every event, wherever the stream is cut', () => {
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

  test('restores the original stream after encoding, decoding and a frame scanner', () => {
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

        expect(jsonText(joinBytes(read.map((event) => encodeInvokeSse(event))))).toBe(jsonText(original))
        expect(read.at(-1)).toMatchObject({ kind: 'event', type: 'message_stop', metrics })
      }),
      { numRuns: 50 },
    )
  })

  test('removes the metrics and returns them beside the event', () => {
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
      'invalid metrics',
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":7}',
      '{"type":"message_stop"}',
    ],
    [
      'invalid counts',
      '{"type":"message_stop","amazon-bedrock-invocationMetrics":{}}',
      '{"type":"message_stop"}',
    ],
  ])('also removes %s, but does not use them', (_, json, rest) => {
    expect(decode(json)).toEqual([
      { kind: 'event', type: 'message_stop', json: utf8.encode(rest), metrics: null },
    ])
  })

  test('finds the type of an event in unusual JSON', () => {
    const odd = '\n{ "index":0, "type" :"content_block_stop"}'

    expect(jsonText(encodeInvokeSse(only(decode(odd))))).toBe(
      'event: content_block_stop\ndata: \ndata: { "index":0, "type" :"content_block_stop"}\n\n',
    )
  })

  test('leaves an event without a type unnamed', () => {
    expect(jsonText(encodeInvokeSse(only(decode('{}'))))).toBe('data: {}\n\n')
    expect(jsonText(encodeInvokeSse(only(decode('{"type":"a\\nb"}'))))).toBe('data: {"type":"a\\nb"}\n\n')
  })

  test('turns an exception into an error of the Messages API', () => {
    const frame = createInvokeStreamEncoder().exception({ type: 'ThrottlingException', message: 'Too fast' })

    const [event] = createInvokeStreamDecoder().push(frame)

    expect(event).toEqual({ kind: 'exception', type: 'ThrottlingException', message: 'Too fast' })
    expect(jsonText(encodeInvokeSse(only([event])))).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error","message":"Too fast"}}\n\n',
    )
  })

  test('reads a frame of type error, and an unknown exception', () => {
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
    expect(jsonText(encodeInvokeSse(only(read.slice(1))))).toContain('"type":"api_error"')
  })

  test('reports an unknown event type and encodes it as nothing', () => {
    const frame = smithy({ ':message-type': 'event', ':event-type': 'news' }, '{}')

    const read = createInvokeStreamDecoder().push(frame)

    expect(read).toEqual([{ kind: 'unknown', type: 'news' }])
    expect(encodeInvokeSse(only(read))).toHaveLength(0)
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
  test('become events or a WireError, whatever they contain', () => {
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
          for (const event of createInvokeStreamDecoder().push(smithy(names, payload))) encodeInvokeSse(event)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 500 },
    )
  })
})
