import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrameScanner } from '../../src/sse/frames.ts'
import type { Frame } from '../../src/sse/frame.ts'
import { joinBytes } from '../../src/body/join-bytes.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import { readByStandard } from '../standard-sse.ts'

const stream = [
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":25}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"Grüße"}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"text":"\\n\\n"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":15}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
]

describe('a stream in one chunk', () => {
  test('becomes few frames, with plain ones together', () => {
    const chunk = utf8.encode(stream.join(''))

    const frames = scan([chunk])

    expect(frames.map(({ kind }) => kind)).toEqual([
      'message_start',
      'plain',
      'first_content',
      'plain',
      'message_delta',
      'message_stop',
    ])
    expect(text(frames[1])).toBe(`${stream[1]}${stream[2]}`)
    expect(text(frames[3])).toBe(`${stream[4]}${stream[5]}`)
  })

  test('is not copied', () => {
    const chunk = utf8.encode(stream.join(''))

    const frames = scan([chunk])

    expect(frames.every(({ bytes }) => bytes.buffer === chunk.buffer)).toBe(true)
  })

  test('returns two hundred deltas as one frame after the first content', () => {
    const scanner = createFrameScanner({ maxFrameBytes: 1_000 })
    scanner.push(utf8.encode(stream.slice(0, 4).join('')))
    const chunk = utf8.encode(stream[4]?.repeat(200))

    const frames = scanner.push(chunk)

    expect(frames).toEqual([{ bytes: chunk, kind: 'plain' }])
  })
})

describe('the name of a frame', () => {
  test.each([
    ['its event line', 'event: error\ndata: {"type":"error"}\n\n', 'error'],
    ['an event line without a space', 'event:error\ndata:{}\n\n', 'error'],
    ['an event line after the data', 'data: {}\nevent: error\n\n', 'error'],
    ['the last of two event lines', 'event: ping\nevent: message_stop\ndata: {}\n\n', 'message_stop'],
    ['lines that end with CRLF', 'event: message_stop\r\ndata: {}\r\n\r\n', 'message_stop'],
    ['lines of both kinds', 'event: message_stop\r\ndata: {}\n\r\n', 'message_stop'],
    ['the type of data that comes alone', 'data: {"type":"message_delta"}\n\n', 'message_delta'],
    ['the type of data in several lines', 'data: {"type":\ndata: "message_delta"}\n\n', 'message_delta'],
    ['the type of data that is called message', 'event: message\ndata: {"type":"error"}\n\n', 'error'],
    ['a byte order mark and an event line', '\u{feff}event: error\ndata: {}\n\n', 'error'],
    ['an id before the event line', 'id: 7\nevent: error\ndata: {}\n\n', 'error'],
    ['nothing where data is missing', 'event: message_stop\nid: 7\n\n', 'plain'],
    ['nothing where data only looks like it', 'event: message_stop\ndatax: {}\n\n', 'plain'],
    ['nothing in a comment', ': event: error\n\n', 'plain'],
    ['nothing in data that is not JSON', 'data: [DONE]\n\n', 'plain'],
    ['nothing in data that is not an object', 'data: null\n\n', 'plain'],
    ['nothing for an unknown event', 'event: constructor\ndata: {}\n\n', 'plain'],
    ['nothing in an empty line', '\n', 'plain'],
  ])('comes from %s', (_, frame, kind) => {
    expect(scan([utf8.encode(frame)])).toEqual([{ bytes: utf8.encode(frame), kind }])
  })
})

test('returns the same frames wherever the stream is cut', () => {
  const bytes = utf8.encode(stream.join(''))

  for (let at = 0; at <= bytes.length; at += 1) {
    const frames = scan([bytes.subarray(0, at), bytes.subarray(at)])

    expect(joinBytes(frames.map((frame) => frame.bytes))).toEqual(bytes)
    expect(frames.map(({ kind }) => kind).filter((kind) => kind !== 'plain')).toEqual([
      'message_start',
      'first_content',
      'message_delta',
      'message_stop',
    ])
  }
})

test('an event of a client whose data is cut is broken, wherever it stands and wherever the stream is cut', () => {
  for (const at of [0, 1, 3, 4, 5, 6, 7]) {
    const cut = `${stream[at]?.slice(0, -8)}\n\n`
    const bytes = utf8.encode([...stream.slice(0, at), cut, ...stream.slice(at + 1)].join(''))

    for (let split = 0; split <= bytes.length; split += 1) {
      const frames = scan([bytes.subarray(0, split), bytes.subarray(split)])

      const broken = frames.filter(({ kind }) => kind === 'broken')
      expect(broken.map((frame) => decode.decode(frame.bytes))).toEqual([cut])
    }
  }
})

test('an event that clients skip, and an error, may have any data', () => {
  const frames = ['event: ping\ndata: alive\n\n', 'data: [DONE]\n\n', 'event: error\ndata: overloaded\n\n']

  expect(scan([utf8.encode(frames.join(''))]).map(({ kind }) => kind)).toEqual(['plain', 'error'])
})

test('returns all bytes of any stream, however cut, with the event names of the standard', () => {
  fc.assert(
    fc.property(randomStream(), randomCuts, (streamText, cuts) => {
      const bytes = utf8.encode(streamText)
      const scanner = createFrameScanner({ maxFrameBytes: 100_000 })

      const frames = cutAt(bytes, cuts).flatMap((chunk) => scanner.push(chunk))

      expect(joinBytes([...frames.map((frame) => frame.bytes), scanner.rest()])).toEqual(bytes)
      expect(scanner.rest().length).toBe(bytes.length - getEndLastFrame(streamText))
      expect(frames.map(({ kind }) => kind).filter((kind) => kind !== 'plain')).toEqual(
        kindsByStandard(streamText),
      )
    }),
    { numRuns: 1_000 },
  )
})

test('returns the offsets of the JSON of plain events, or none', () => {
  fc.assert(
    fc.property(randomStream(), randomCuts, (streamText, cuts) => {
      const bytes = utf8.encode(`${stream.slice(0, 4).join('')}${streamText}${stream.slice(3, 6).join('')}`)
      const scanner = createFrameScanner({ maxFrameBytes: 100_000, offsets: true })

      const frames = cutAt(bytes, cuts).flatMap((chunk) => scanner.push(chunk))

      for (const frame of frames.filter(({ offsets }) => offsets !== undefined)) {
        const { offsets = [] } = frame
        const told = offsets.flatMap((start, at) =>
          at % 2 === 0 ? [decode.decode(frame.bytes.subarray(start, offsets[at + 1]))] : [],
        )
        expect(frame.kind).toBe('plain')
        expect(told).toEqual(readByStandard(text(frame)).map(({ data }) => data))
      }
    }),
    { numRuns: 1_000 },
  )
  const scanner = createFrameScanner({ maxFrameBytes: 1_000, offsets: true })
  const [, , , run] = scanner.push(utf8.encode(stream.slice(0, 6).join('')))
  expect(run?.offsets).toHaveLength(4)
})

test('does not change returned frames when more bytes arrive', () => {
  const scanner = createFrameScanner({ maxFrameBytes: 1_000 })
  scanner.push(utf8.encode('event: ping\ndata: {'))
  const [first] = scanner.push(utf8.encode('}\n\ndata: 1'))

  scanner.push(utf8.encode('\n\ndata: 2222222222222222222222222222'))

  expect(text(first)).toBe('event: ping\ndata: {}\n\n')
  expect(decode.decode(scanner.rest())).toBe('data: 2222222222222222222222222222')
})

describe('a frame that is too long', () => {
  const limits = { maxFrameBytes: 30 }

  test('is a WireError in one chunk', () => {
    const frame = utf8.encode(`data: ${'x'.repeat(30)}\n\n`)

    expect(() => createFrameScanner(limits).push(frame)).toThrow(
      expect.objectContaining({ name: 'WireError', code: 'sse_frame_too_long' }),
    )
  })

  test('is a WireError before its end has arrived', () => {
    const scanner = createFrameScanner(limits)
    scanner.push(utf8.encode(`data: ${'x'.repeat(24)}`))

    expect(() => scanner.push(utf8.encode('x'))).toThrow('longer than 30 bytes')
  })

  test('is not one of exactly the maximum length', () => {
    const frame = utf8.encode(`data: ${'x'.repeat(22)}\n\n`)

    const scanner = createFrameScanner(limits)

    expect([...cutAt(frame, [7, 29]), frame].flatMap((chunk) => scanner.push(chunk))).toHaveLength(2)
  })
})

const utf8 = new TextEncoder()
const decode = new TextDecoder()

function text(frame: Frame | undefined): string {
  return decode.decode(frame?.bytes)
}

function scan(chunks: readonly Uint8Array[]): Frame[] {
  const scanner = createFrameScanner({ maxFrameBytes: 10_000 })
  return chunks.flatMap((chunk) => scanner.push(chunk))
}

function randomStream(): fc.Arbitrary<string> {
  const names = [
    'message_start',
    'message_delta',
    'message_stop',
    'content_block_delta',
    'content_block_stop',
  ]
  const name = fc.constantFrom(...names, 'ping', 'error', 'message', 'cats', '', 'é')
  const lineEnd = fc.constantFrom('\n', '\n', '\r\n')
  const line = fc.oneof(
    { weight: 3, arbitrary: name.map((event) => `event: ${event}`) },
    { weight: 3, arbitrary: name.map((type) => `data: {"type":"${type}"}`) },
    fc.constantFrom(
      'data',
      'data:',
      'event',
      'event:error',
      ': event: error',
      'id: 1',
      'eventx: error',
      'é',
      ' ',
      'data: {"type":"content_block_delta","del',
      'data: \t{} ',
    ),
  )
  const ended = fc.tuple(line, lineEnd).map((parts) => parts.join(''))
  const usual = fc
    .tuple(name, lineEnd, name)
    .map(([event, end, type]) => `event: ${event}${end}data: {"type":"${type}"}${end}${end}`)
  const odd = fc.tuple(fc.array(ended, { maxLength: 4 }), lineEnd).map(([lines, end]) => lines.join('') + end)
  return fc
    .tuple(
      fc.constantFrom('', '\u{feff}'),
      fc.array(fc.oneof(usual, odd), { maxLength: 12 }),
      fc.option(ended),
    )
    .map(([mark, frames, tail]) => mark + frames.join('') + (tail ?? ''))
}

/** The kinds that the scanner should find, determined by decoding the whole stream. */
function kindsByStandard(streamText: string): string[] {
  const kinds = readByStandard(streamText)
    .map(({ event, data }) => {
      const name = event === 'message' ? getType(data) : event
      const isParsed = /^(?:message_|content_block_)/.test(name)
      return isParsed && !/^\s*\{[^]*\}\s*$/.test(data) ? 'broken' : name
    })
    .filter((kind) => /^(message_(start|delta|stop)|content_block_delta|error|broken)$/.test(kind))
  const first = kinds.indexOf('content_block_delta')
  return kinds
    .map((kind, i) => (i === first ? 'first_content' : kind))
    .filter((kind) => kind !== 'content_block_delta')
}

function getType(data: string): string {
  return /^\n*{"type":"([^"\n]*)"}\n*$/.exec(data)?.[1] ?? ''
}

function getEndLastFrame(streamText: string): number {
  let end = 0
  for (const match of streamText.matchAll(/(?:^|(?<=\n))\r?\n/g)) end = match.index + match[0].length
  return utf8.encode(streamText.slice(0, end)).length
}

test('a frame of very many lines ends the stream, and one of many lines is read', () => {
  const createFrame = (lines: number) => Buffer.from(`${'data: 1\n'.repeat(lines)}\n`)

  const scanner = createFrameScanner({ maxFrameBytes: 16_000_000 })
  expect(scanner.push(createFrame(90_000))).toHaveLength(1)
  expect(scanner.push(createFrame(90_000))).toHaveLength(1)

  expect(() => scanner.push(createFrame(110_000))).toThrow('more than 100000 lines')
})
