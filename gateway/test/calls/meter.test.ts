import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createStreamMeter, parseUsage, readPlainAnswer, readStreamedAnswer } from '../../src/calls/meter.ts'

test('merges the usage of message_start and every message_delta: the last non-null value wins', () => {
  const meter = createStreamMeter()

  meter.take(
    '{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":9,"output_tokens":1,"cache_read_input_tokens":4}}}',
  )
  meter.take('{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":7}}')
  meter.take(
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":12,"input_tokens":null}}',
  )

  const { usage, ...rest } = meter.read()
  expect(JSON.parse(usage ?? '')).toEqual({ input_tokens: 9, output_tokens: 12, cache_read_input_tokens: 4 })
  expect(rest).toEqual({
    usageSource: 'final',
    stopReason: 'end_turn',
    messageId: 'msg_1',
    errorType: null,
    errorMessage: null,
  })
})

test('keeps the usage that was counted before an error', () => {
  const meter = createStreamMeter()

  meter.take('{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":9}}}')
  meter.take('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')

  expect(meter.read()).toEqual({
    usage: '{"input_tokens":9}',
    usageSource: 'final',
    stopReason: null,
    messageId: 'msg_1',
    errorType: 'overloaded_error',
    errorMessage: 'Overloaded',
  })
})

test('never throws, for any event', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), messageLike()), (data) => {
      const meter = createStreamMeter()

      meter.take(data)
      const reading = meter.read()

      expect(() => parseUsage(reading)).not.toThrow()
    }),
  )
})

test('keeps the usage of a plain response unchanged', () => {
  const body =
    '{"id":"msg_1","content":[{"usage":0}],"stop_reason":"end_turn", "usage": { "input_tokens" : 3.0 }}'

  const reading = readPlainAnswer(Buffer.from(body))

  expect(reading).toEqual({
    kind: 'other',
    usage: '{ "input_tokens" : 3.0 }',
    usageSource: 'final',
    stopReason: 'end_turn',
    messageId: 'msg_1',
    errorType: null,
    errorMessage: null,
  })
  expect(parseUsage(reading)).toEqual({ input_tokens: 3 })
})

test('reads the type of an error', () => {
  const body = '{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}'

  expect(readPlainAnswer(Buffer.from(body))).toMatchObject({ errorType: 'rate_limit_error', usage: null })
})

test.each([
  ['nothing', ''],
  ['a page', '<html>'],
  ['an array', '[{"usage":{}}]'],
  ['a usage that is no object', '{"usage":[1]}'],
  ['a usage that is broken', '{"usage":{"input_tokens":}}'],
  ['two usages', '{"usage":{"input_tokens":1},"usage":{"input_tokens":2}}'],
])('reads no usage from %s', (_, body) => {
  const reading = readPlainAnswer(Buffer.from(body))

  expect(reading.usage).toBeNull()
  expect(parseUsage(reading)).toBeNull()
})

test.each([
  ['nested 18 levels deep', nested(18)],
  ['nested 100,000 levels deep, which could not be printed', nested(100_000)],
  ['larger than any number', '9e999'],
])('reads no usage if a value in it is %s', (_, value) => {
  const usage = `{"input_tokens":1,"x":${value}}`
  const meter = createStreamMeter()

  meter.take('{"type":"message_start","message":{"usage":{"input_tokens":9}}}')
  meter.take(`{"type":"message_delta","usage":${usage}}`)

  expect(meter.read().usage).toBeNull()
  expect(readPlainAnswer(Buffer.from(`{"usage":${usage}}`)).usage).toBeNull()
})

test("reads a usage with as many levels as the API's", () => {
  const usage = '{"iterations":[{"type":"message","cache_creation":{"ephemeral_5m_input_tokens":1}}]}'
  const meter = createStreamMeter()

  meter.take(`{"type":"message_delta","usage":${usage}}`)

  expect(meter.read().usage).toBe(usage)
  expect(readPlainAnswer(Buffer.from(`{"usage":${usage}}`)).usage).toBe(usage)
})

/** Events in which the values that are read can be anything. */
function messageLike(): fc.Arbitrary<string> {
  const any = fc.jsonValue()
  return fc
    .record({
      message: fc.oneof(any, fc.record({ id: any, usage: any })),
      usage: any,
      delta: any,
      error: any,
    })
    .map((event) => JSON.stringify(event))
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

test('a stream that is cut has the larger of the reported and the delivered tokens, and its source', () => {
  const meter = createStreamMeter()
  expect(meter.readCut(7)).toMatchObject({ usage: null, usageSource: null })

  meter.take('{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":4}}}')
  expect(readCut(meter, 0)).toEqual([{ input_tokens: 9, output_tokens: 4 }, 'estimated'])
  expect(readCut(meter, 20)).toEqual([{ input_tokens: 9, output_tokens: 20 }, 'estimated'])

  meter.take('{"type":"message_delta","usage":{"output_tokens":30}}')
  expect(readCut(meter, 20)).toEqual([{ input_tokens: 9, output_tokens: 30 }, 'cumulative'])
  expect(readCut(meter, 40)).toEqual([{ input_tokens: 9, output_tokens: 40 }, 'estimated'])

  meter.take('{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":31}}')
  expect(readCut(meter, 40)).toEqual([{ input_tokens: 9, output_tokens: 31 }, 'cumulative'])
  expect(meter.read().usageSource).toBe('final')
})

test('the output of a stream is missing until a message_delta has a count, but not that of an unreadable usage', () => {
  const meter = createStreamMeter()
  expect(meter.lacksOutput).toBe(false)
  meter.take('{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":4}}}')
  meter.take('{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":null}}')
  expect(meter.lacksOutput).toBe(true)
  meter.take('{"type":"message_delta","usage":{"output_tokens":0}}')
  expect(meter.lacksOutput).toBe(false)

  const hostile = createStreamMeter()
  hostile.take('{"type":"message_start","message":{"usage":{"input_tokens":9e999}}}')
  expect(hostile.lacksOutput).toBe(false)
})

test('reads a whole stream that arrived where a message was expected', () => {
  const stream =
    'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":9}}}\n\n' +
    'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":3}}\n\n'
  expect(readStreamedAnswer(Buffer.from(stream), 1_000)).toMatchObject({
    usage: '{"input_tokens":9,"output_tokens":3}',
    messageId: 'msg_1',
  })
  expect(readStreamedAnswer(Buffer.from('x'.repeat(2_000)), 1_000).usage).toBeNull()
})

test.each([
  ['{"type":"message","id":"msg_1"}', 'message'],
  ['{"type":"error","error":{"type":"api_error"}}', 'error'],
  ['{"error":{"message":"of a relay"}}', 'error'],
  ['{"input_tokens":3}', 'token_count'],
  ['{"type":"list","input_tokens":3}', 'other'],
  ['{}', 'other'],
  ['', 'other'],
])('finds the kind of %s', (body, kind) => {
  expect(readPlainAnswer(Buffer.from(body)).kind).toBe(kind)
})

function readCut(meter: ReturnType<typeof createStreamMeter>, tokens: number) {
  const { usage, usageSource } = meter.readCut(tokens)
  return [JSON.parse(usage ?? 'null'), usageSource]
}
