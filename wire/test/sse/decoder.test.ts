import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SseEvent } from '../../src/sse/decode-frame.ts'
import { createSseDecoder, readData, decodeSse } from '../../src/sse/decoder.ts'
import { cutAt, randomCuts } from '../split-points.ts'
import { readByStandard } from '../standard-sse.ts'

// The first examples are those of the WHATWG HTML standard, "Interpreting an event stream".
describe('interpreting an event stream', () => {
  test.each<[string, string, Partial<SseEvent>[]]>([
    ['joins data lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [{ event: 'message', data: 'YHOO\n+2\n10' }]],
    [
      'skips comments and ids',
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
      [{ data: 'first event' }, { data: 'second event' }, { data: ' third event' }],
    ],
    ['returns an event for empty data', 'data\n\ndata\ndata\n\ndata:', [{ data: '' }, { data: '\n' }]],
    ['drops one space only', 'data:test\n\ndata: test\n\n', [{ data: 'test' }, { data: 'test' }]],
    ['names an event', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['drops a name without data', 'event: ping\n\ndata: {}\n\n', [{ event: 'message', data: '{}' }]],
    ['ignores unknown fields', 'datum: x\n data: y\ndata: z\n\n', [{ data: 'z' }]],
    ['accepts both line ends', 'data: 1\ndata: 2\r\ndata: 3\n\r\n', [{ data: '1\n2\n3' }]],
    ['does not end a line at a lone CR', 'data: {\r}\n\n', [{ data: '{\r}' }]],
    ['drops one byte order mark in front', '\u{feff}data: 1\n\n', [{ data: '1' }]],
    ['keeps a byte order mark elsewhere', 'data: \u{feff}1\n\u{feff}data: 2\n\n', [{ data: '\u{feff}1' }]],
    ['keeps colons in a value', 'data: a: b\n\n', [{ data: 'a: b' }]],
  ])('%s', (_, stream, events) => {
    expect(decode(stream)).toMatchObject(events)
    expect(readByStandard(stream)).toMatchObject(events)
  })

  test('replaces bytes that are not UTF-8', () => {
    const bytes = Uint8Array.from([...utf8.encode('data: a'), 0xff, ...utf8.encode('b\n\n')])

    expect(decodeSse(bytes)).toMatchObject([{ data: 'a\u{fffd}b' }])
  })
})

test.each(['\n', '\r\n'])(
  'gives the same events wherever the stream is cut, with lines that end in %j',
  (end) => {
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
      const decoder = createSseDecoder({ maxEventBytes: 1_000 })

      expect([bytes.subarray(0, at), bytes.subarray(at)].flatMap((piece) => decoder.push(piece))).toEqual([
        { event: 'a', data: 'Grüße 🎏\n日本' },
        { event: 'message', data: '' },
      ])
    }
  },
)

test('returns the events of the standard for any stream, however it is cut', () => {
  fc.assert(
    fc.property(randomStream(), randomCuts, (stream, cuts) => {
      const decoder = createSseDecoder({ maxEventBytes: 10_000 })
      const expected = readByStandard(stream)

      expect(cutAt(utf8.encode(stream), cuts).flatMap((piece) => decoder.push(piece))).toEqual(expected)
      expect(decodeSse(utf8.encode(stream))).toEqual(expected)
      expect(readData(utf8.encode(stream))).toBe(expected[0]?.data ?? '')
    }),
    { numRuns: 5_000 },
  )
})

test('drops a last event without its blank line', () => {
  expect(decode('data: 1\n\ndata: {"a"')).toHaveLength(1)
  expect(decode('data: 1\n\ndata: 2\n')).toHaveLength(1)
})

describe('limits', () => {
  const limits = { maxEventBytes: 45 }

  test('reject an event that is too long, whole or unfinished', () => {
    const lines = utf8.encode('data: 6789\n'.repeat(5))

    for (const pieces of [[lines], cutAt(lines, 'every byte')]) {
      const decoder = createSseDecoder(limits)
      expect(() => pieces.map((piece) => decoder.push(piece))).toThrow(
        expect.objectContaining({ name: 'WireError', code: 'sse_frame_too_long' }),
      )
    }
  })

  test('allow any number of short events and comments', () => {
    const decoder = createSseDecoder(limits)

    const events = decoder.push(utf8.encode(': keep\nevent: x\ndata: 6789\ndata: 6789\n\n'.repeat(1_000)))

    expect(events).toHaveLength(1_000)
    expect(decoder.push(utf8.encode(': keep\n\n'.repeat(1_000)))).toEqual([])
  })
})

const utf8 = new TextEncoder()

function decode(stream: string): SseEvent[] {
  return createSseDecoder({ maxEventBytes: 1_000 }).push(utf8.encode(stream))
}

/** Parts of lines in any order, mixed with frames in the usual form. */
function randomStream(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      'data',
      'data: ',
      ':',
      'event: ',
      'event:',
      'message',
      '\u{feff}',
      ' ',
    ),
    fc.constantFrom('event: x\ndata: {}', 'event: message\ndata: {}\n', 'event:\r\ndata:é\r\n', '\n\n'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  return fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))
}
