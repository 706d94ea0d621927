import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { wireErrors } from '@anthology/wire'
import type { Receiver, Upstream } from '@anthology/wire'
import * as fc from 'fast-check'

import { errorBody, events, eventStream, message } from '../samples.ts'

/** One answer of an upstream that keeps to few rules. */
export interface OddAnswer {
  readonly status: number
  readonly contentType: string | null
  /** A name of `encodings` or of `shapes`, so that a failed case is readable. */
  readonly encoding: string
  readonly shape: string
  /** Cuts of the body, as fractions of its length. */
  readonly cuts: readonly number[]
  /** Each piece arrives in its own turn of the event loop. */
  readonly isSlow: boolean
  /** The connection breaks after the last byte. */
  readonly breaks: boolean
}

/** A body, and what it is by itself, whatever its head says. */
export interface Shape {
  readonly name: string
  readonly bytes: Uint8Array
  /** It is a whole answer to a plain request or to a streamed one. */
  readonly answers: 'message' | 'stream' | null
  /** The type of its error if it is nothing else: an error body, or a stream whose first event is an error. */
  readonly error: ShapeError | null
}

interface ShapeError {
  /** Empty if the error has none. */
  readonly type: string
  readonly inStream: boolean
  /** A stream has begun before the error. */
  readonly followsPing?: boolean
}

export interface Encoding {
  readonly name: string
  readonly header: string | null
  readonly encode: (bytes: Uint8Array) => Uint8Array
  /** The gateway can restore the bytes. */
  readonly isReadable: boolean
}

/** An upstream in this process. A request names its answer by its session id. */
export function createOddUpstream(answers: ReadonlyMap<string, OddAnswer>): Upstream {
  return {
    send(request, receiver) {
      const answer = answers.get(request.headers['x-claude-code-session-id'] ?? '')
      if (answer === undefined) throw new Error('the request names no answer')
      return play(answer, receiver)
    },
  }
}

function play(answer: OddAnswer, receiver: Receiver): ReturnType<Upstream['send']> {
  const pieces = cut(answer)
  let isPaused = false
  let isDone = false

  function step(): void {
    while (!isPaused && !isDone) {
      const piece = pieces.shift()
      if (piece === undefined) return finish()
      isPaused = !receiver.chunk(piece)
      if (answer.isSlow) return void setImmediate(step)
    }
  }

  function finish(): void {
    isDone = true
    if (answer.breaks) receiver.fail(new Error('the connection broke'))
    else receiver.end()
  }

  setImmediate(() => {
    if (isDone) return
    receiver.head(answer.status, getHeaders(answer))
    step()
  })
  return {
    resume() {
      if (!isPaused) return
      isPaused = false
      if (!answer.isSlow) step()
      else setImmediate(step)
    },
    abort() {
      isDone = true
    },
  }
}

function getHeaders({ contentType, encoding }: OddAnswer): Record<string, string> {
  const { header } = getEncoding(encoding)
  return {
    'request-id': 'req_of_the_upstream',
    ...(contentType !== null && { 'content-type': contentType }),
    ...(header !== null && { 'content-encoding': header }),
  }
}

function cut({ encoding, shape, cuts }: OddAnswer): Uint8Array[] {
  const bytes = getEncoding(encoding).encode(getShape(shape).bytes)
  const places = [0, ...cuts.map((part) => Math.floor(part * bytes.length)), bytes.length]
  const sorted = places.toSorted((one, other) => one - other)
  return sorted
    .slice(1)
    .map((end, index) => bytes.subarray(sorted[index], end))
    .filter(({ length }) => length > 0)
}

const encodings: readonly Encoding[] = [
  { name: 'none', header: null, encode: keep, isReadable: true },
  { name: 'gzip', header: 'gzip', encode: gzipSync, isReadable: true },
  { name: 'GZIP', header: 'GZIP', encode: gzipSync, isReadable: true },
  { name: 'br', header: 'br', encode: brotliCompressSync, isReadable: true },
  { name: 'deflate', header: 'deflate', encode: deflateSync, isReadable: true },
  { name: 'zstd', header: 'zstd', encode: zstdCompressSync, isReadable: true },
  { name: 'identity', header: 'identity', encode: keep, isReadable: true },
  { name: 'unknown', header: 'compress', encode: keep, isReadable: false },
  { name: 'two', header: 'gzip, br', encode: gzipSync, isReadable: false },
  { name: 'header without encoding', header: 'gzip', encode: keep, isReadable: false },
  { name: 'encoding without header', header: null, encode: gzipSync, isReadable: false },
  {
    name: 'truncated',
    header: 'gzip',
    encode: (bytes) => gzipSync(bytes).subarray(0, -9),
    isReadable: false,
  },
  {
    name: 'another encoding than the header',
    header: 'br',
    encode: (bytes) => deflateSync(bytes),
    isReadable: false,
  },
]

function keep(bytes: Uint8Array): Uint8Array {
  return bytes
}

export function getEncoding(name: string): Encoding {
  return find(encodings, name)
}

export function getShape(name: string): Shape {
  return find([...wholeShapes, ...otherShapes, ...errorShapes], name)
}

function find<Item extends { readonly name: string }>(items: readonly Item[], name: string): Item {
  const found = items.find((item) => item.name === name)
  if (found === undefined) throw new Error(`nothing is called ${name}`)
  return found
}

const pingEvent = events[2]
const errorEvent = (type: string) => `event: error\ndata: ${errorBody(type, 'in its own words')}\n\n`
const openAiChunk =
  'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'

const wholeShapes: readonly Shape[] = [
  toShape('a message', message, { answers: 'message' }),
  toShape('a stream', eventStream, { answers: 'stream' }),
  toShape('a stream with CRLF', eventStream.replaceAll('\n', '\r\n'), { answers: 'stream' }),
  toShape('a stream without names', eventStream.replaceAll(/event: \w+\n(?=data)/g, ''), {
    answers: 'stream',
  }),
  toShape('a stream without its last blank line', eventStream.trimEnd(), { answers: 'stream' }),
  toShape('a stream after a comment', `: wait\n\n${eventStream}`, { answers: 'stream' }),
  toShape('a stream after a ping', pingEvent + eventStream, { answers: 'stream' }),
  toShape('two messages', eventStream + eventStream, { answers: 'stream' }),
  toShape('an error after the end', eventStream + errorEvent('api_error'), { answers: 'stream' }),
]

const otherShapes: readonly Shape[] = [
  ['nothing', ''],
  ['blanks', ' \r\n\r\n '],
  ['a page', '<!doctype html>\n<html>\n\n<h1>Welcome</h1>\n\n</html>\n'],
  ['a truncated message', message.slice(0, -1)],
  ['a list', `[${message}]`],
  ['null', 'null'],
  ['text', '"Welcome"'],
  ['a number', '529'],
  ['another object', '{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1}}'],
  ['a token count', '{"input_tokens": 14}'],
  ['an object of type message in a list', '[{"type":"message"}]'],
  ['a deep list', '['.repeat(5_000)],
  ['an error of AWS', '{"message":"Too many requests"}'],
  ['an error of Google', '[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]'],
  ['an event stream of AWS', '\u0000\u0000\u0000\u0020\n\n\u0000\u0001:event-type\n\ndata: \u0000\n\n'],
  ['only comments', ': wait\n\n: wait\n\n'],
  ['only pings', pingEvent.repeat(3)],
  ['only the end', events.at(-1) ?? ''],
  ['a stream without message_start', events.slice(1).join('')],
  ['a stream without blocks and message_start', events.slice(-2).join('')],
  ['a stream of OpenAI', `${openAiChunk.repeat(2)}data: [DONE]\n\n`],
  ['a stream without message_stop', events.slice(0, -1).join('')],
  ['a cut stream', eventStream.slice(0, -60)],
  ['a stream that is cut in its first event', eventStream.slice(0, 40)],
  ['a stream with an error in the middle', [...events.slice(0, 4), errorEvent('overloaded_error')].join('')],
  ['a first event that is no JSON', 'event: message_start\ndata: {"type":"message_st\n\n'],
  [
    'a first event without a message',
    `event: message_start\ndata: {"type":"message_start"}\n\n${events.slice(1).join('')}`,
  ],
].map(([name = '', text = '']) => toShape(name, text, {}))

const errorTypes = [...wireErrors.map(({ type }) => type), 'odd_error']

const errorShapes: readonly Shape[] = [
  ...errorTypes.flatMap((type) => [
    toShape(`the error ${type}`, errorBody(type, 'in its own words'), { error: { type, inStream: false } }),
    toShape(`the error event ${type}`, errorEvent(type), { error: { type, inStream: true } }),
  ]),
  toShape('an error event before a stream', errorEvent('overloaded_error') + eventStream, {
    error: { type: 'overloaded_error', inStream: true },
  }),
  toShape('an error event after a ping', `${pingEvent}${errorEvent('overloaded_error')}${eventStream}`, {
    error: { type: 'overloaded_error', inStream: true, followsPing: true },
  }),
  toShape('an error event without JSON', 'event: error\ndata: <h1>Oops</h1>\n\n', {
    error: { type: '', inStream: true },
  }),
  toShape('an error of OpenAI', '{"error":{"message":"slow down","type":"rate_limit_error","code":"429"}}', {
    error: { type: 'rate_limit_error', inStream: false },
  }),
  toShape('an error without a type', '{"error":{"message":"oops"}}', {
    error: { type: '', inStream: false },
  }),
  toShape('an error without an error', '{"type":"error"}', { error: { type: '', inStream: false } }),
]

function toShape(
  name: string,
  text: string,
  { answers = null, error = null }: Partial<Pick<Shape, 'answers' | 'error'>>,
): Shape {
  return { name, bytes: Buffer.from(text), answers, error }
}

function pick(items: readonly { readonly name: string }[]): fc.Arbitrary<string> {
  return fc.constantFrom(...items.map(({ name }) => name))
}

/** Generates answers; a good part of them is nearly right. */
export const oddAnswer: fc.Arbitrary<OddAnswer> = fc.record({
  status: fc.oneof(
    { weight: 5, arbitrary: fc.constant(200) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(201, 202, 204, 206, 299, 302, 304, 307, 401, 403, 418, 429, 503, 529),
    },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
  ),
  contentType: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('application/json', 'text/event-stream', 'text/event-stream') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        null,
        '',
        'Application/JSON',
        'application/json; charset=utf-8',
        'TEXT/Event-Stream',
        'text/event-stream; charset=utf-8',
        'text/event-stream;charset=UTF-8',
        'text/html; charset=utf-8',
        'text/plain',
        'application/octet-stream',
        'application/vnd.amazon.eventstream',
      ),
    },
  ),
  encoding: fc.oneof(
    { weight: 2, arbitrary: fc.constant('none') },
    { weight: 1, arbitrary: pick(encodings) },
  ),
  shape: fc.oneof(
    { weight: 2, arbitrary: pick(wholeShapes) },
    { weight: 2, arbitrary: pick(otherShapes) },
    { weight: 2, arbitrary: pick(errorShapes) },
  ),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  isSlow: fc.boolean(),
  breaks: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})
