import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSseDecoder } from '../../src/sse/decoder.ts'
import type { SseDecoder, SseEvent } from '../../src/sse/decoder.ts'
import { cutAt, randomCuts } from '../split-points.ts'

// The examples of the WHATWG HTML standard, "Interpreting an event stream", come first.
describe('interpreting an event stream', () => {
  test.each<[string, string, Partial<SseEvent>[]]>([
    ['joins data lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [{ event: 'message', data: 'YHOO\n+2\n10' }]],
    [
      'skips comments and resets the id',
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
      [
        { data: 'first event', id: '1' },
        { data: 'second event', id: '' },
        { data: ' third event', id: '' },
      ],
    ],
    ['gives an event for empty data', 'data\n\ndata\ndata\n\ndata:', [{ data: '' }, { data: '\n' }]],
    ['drops one space only', 'data:test\n\ndata: test\n\n', [{ data: 'test' }, { data: 'test' }]],
    ['names an event', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['forgets a name without data', 'event: ping\n\ndata: {}\n\n', [{ event: 'message', data: '{}' }]],
    ['keeps an id for later events', 'id: 7\ndata: a\n\ndata: b\n\n', [{ id: '7' }, { id: '7' }]],
    ['ignores an id with a null character', 'id: 7\0\ndata: a\n\n', [{ id: '' }]],
    ['ignores unknown fields', 'datum: x\n data: y\ndata: z\n\n', [{ data: 'z' }]],
    ['ends lines with CR', 'event: a\rdata: 1\r\r', [{ event: 'a', data: '1' }]],
    ['ends lines in all three ways', 'data: 1\rdata: 2\r\ndata: 3\n\r\n', [{ data: '1\n2\n3' }]],
    ['drops one byte order mark in front', '\u{feff}data: 1\n\n', [{ data: '1' }]],
    ['keeps a byte order mark elsewhere', 'data: \u{feff}1\n\n\u{feff}data: 2\n\n', [{ data: '\u{feff}1' }]],
    ['keeps colons in a value', 'data: a: b\n\n', [{ data: 'a: b' }]],
  ])('%s', (_, stream, events) => {
    expect(createDecoder().push(utf8.encode(stream))).toMatchObject(events)
  })

  test('replaces bytes that are not UTF-8', () => {
    const bytes = Uint8Array.from([...utf8.encode('data: a'), 0xff, ...utf8.encode('b\n\n')])

    expect(createDecoder().push(bytes)).toMatchObject([{ data: 'a\u{fffd}b' }])
  })

  test('takes the time to wait from digits only', () => {
    const decoder = createDecoder()
    expect(decoder.retryMs).toBeNull()

    decoder.push(utf8.encode('retry: 2500\nretry: soon\nretry\n'))

    expect(decoder.retryMs).toBe(2500)
  })
})

describe('a stream that comes in pieces', () => {
  test.each(['\n', '\r\n', '\r'])('gives the same events wherever it is cut, with %j', (end) => {
    const lines = [
      '\u{feff}event: a',
      'data: Grüße 🎏',
      'data: 日本',
      '',
      ': ping',
      '',
      'id: 1',
      'data',
      '',
      '',
    ]
    const bytes = utf8.encode(lines.join(end))

    for (let at = 0; at <= bytes.length; at += 1) {
      const decoder = createDecoder()
      const events = [bytes.subarray(0, at), bytes.subarray(at)].flatMap((piece) => decoder.push(piece))

      expect(events).toEqual([
        { event: 'a', data: 'Grüße 🎏\n日本', id: '' },
        { event: 'message', data: '', id: '1' },
      ])
      expect(decoder.pendingBytes).toBe(0)
    }
  })

  test('gives the same events however it is cut', () => {
    fc.assert(
      fc.property(randomStream, randomCuts, (stream, cuts) => {
        const bytes = utf8.encode(stream)
        const inOne = createDecoder()
        const inPieces = createDecoder()

        const events = cutAt(bytes, cuts).flatMap((piece) => inPieces.push(piece))

        expect(events).toEqual(inOne.push(bytes))
        expect(inPieces.pendingBytes).toBe(inOne.pendingBytes)
        expect(inPieces.retryMs).toBe(inOne.retryMs)
      }),
      { numRuns: 1_000 },
    )
  })

  test('does not wait for the feed behind a return', () => {
    const decoder = createDecoder()

    expect(decoder.push(utf8.encode('data: 1\r\n\r'))).toHaveLength(1)
    expect(decoder.push(utf8.encode('\ndata: 2\r\n\r\n'))).toHaveLength(1)
  })
})

describe('a stream that breaks off', () => {
  test.each([
    ['inside a line', 'data: 1\n\ndata: {"a'],
    ['behind a line', 'data: 1\n\ndata: 2\n'],
    ['before its name was of use', 'data: 1\n\nevent: x\n'],
  ])('leaves bytes behind %s', (_, stream) => {
    const decoder = createDecoder()

    expect(decoder.push(utf8.encode(stream))).toHaveLength(1)
    expect(decoder.pendingBytes).toBeGreaterThan(0)
  })
})

describe('limits', () => {
  const limits = { maxLineBytes: 20, maxEventBytes: 30 }

  test('refuses a line that is too long by name, whole or unfinished', () => {
    const line = utf8.encode(`data: ${'x'.repeat(15)}`)

    expect(() => createSseDecoder(limits).push(line)).toThrow(lineTooLong)
    expect(() => createSseDecoder(limits).push(Uint8Array.from([...line, 10]))).toThrow(lineTooLong)
    expect(() => pushEach(createSseDecoder(limits), cutAt(line, 'every byte'))).toThrow(lineTooLong)
  })

  test('refuses an event that is too long by name', () => {
    const lines = utf8.encode('data: 6789\n'.repeat(4))

    expect(() => createSseDecoder(limits).push(lines)).toThrow(
      expect.objectContaining({ name: 'WireError', code: 'sse_event_too_long' }),
    )
  })

  test('lets any number of short events, comments and fields pass', () => {
    const decoder = createSseDecoder(limits)

    const events = decoder.push(utf8.encode(': keep\nevent: x\ndata: 6789\ndata: 6789\n\n'.repeat(1_000)))

    expect(events).toHaveLength(1_000)
    expect(decoder.push(utf8.encode(': keep\n'.repeat(1_000)))).toEqual([])
  })
})

const utf8 = new TextEncoder()
const lineTooLong = expect.objectContaining({ name: 'WireError', code: 'sse_line_too_long' })

function createDecoder(): SseDecoder {
  return createSseDecoder({ maxLineBytes: 10_000, maxEventBytes: 10_000 })
}

function pushEach(decoder: SseDecoder, pieces: readonly Uint8Array[]): SseEvent[] {
  return pieces.flatMap((piece) => decoder.push(piece))
}

const randomStream = fc
  .array(
    fc.oneof(
      fc.constantFrom('\n', '\r', '\r\n', 'data', ':', 'event: ', 'id: 1', 'retry: 5', '\u{feff}', '\0', ' '),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''))
