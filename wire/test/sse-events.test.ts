import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSseEvents } from '../src/sse/frames.ts'
import { readByStandard } from './standard-sse.ts'

describe('the events of whole frames', () => {
  test('are views into frames of the usual form', () => {
    const frames = utf8.encode('event: content_block_delta\ndata: {"a":1}\n\nevent: ping\r\ndata: {}\r\n\r\n')

    const events = getEvents(frames)

    expect(events.map(({ name, json }) => [name, text(json)])).toEqual([
      ['other', '{"a":1}'],
      ['ping', '{}'],
    ])
    expect(events.every(({ json }) => json.buffer === frames.buffer)).toBe(true)
  })

  test.each([
    ['event: message_stop\ndata: {}\n\n', 'message_stop'],
    ['event:message_stop\ndata:{}\n\n', 'message_stop'],
    ['event: message_stop\r\ndata: {"type":"x"}\r\n\r\n', 'message_stop'],
    ['event: ping\r\ndata: {"type":"x"}\n\n', 'ping'],
    ['data: {"type":"error"}\n\n', 'error'],
    ['event: message\ndata: {"type":"error"}\n\n', 'error'],
    ['event:\ndata: {"type":"error"}\n\n', 'error'],
    ['event: message_stopped\ndata: {}\n\n', 'other'],
    ['event: pin\ndata: {}\n\n', 'other'],
    ['data: {"type":["ping"]}\n\n', 'other'],
    ['data: not json\n\n', 'other'],
  ])('of %j are named %s', (frames, name) => {
    expect(getEvents(utf8.encode(frames)).map((event) => event.name)).toEqual([name])
  })

  test('have the data that the standard requires, for any lines', () => {
    const line = fc.constantFrom(
      'event: ping',
      'event: content_block_delta',
      'event:',
      'data: {"type":"message_stop"}',
      'data: {"é":"\u{1f44b}"}',
      'data:',
      'data',
      'id: 1',
      ': comment',
      '',
    )
    const frame = fc
      .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom('\n', '\r\n'))
      .map(([lines, end]) => [...lines, '', ''].join(end))
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), (frames) => {
        const stream = frames.join('')

        const read = getEvents(utf8.encode(stream)).map(({ json }) => text(json))

        expect(read).toEqual(readByStandard(stream).map(({ data }) => data))
      }),
      { numRuns: 1_000 },
    )
  })

  test('end, for any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ed:atvn \r\n{'.split('')) }), (chars) => {
        expect(getEvents(utf8.encode(chars)).length).toBeLessThanOrEqual(chars.length)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** The events that the reader finds, in order. */
function getEvents(frames: Uint8Array): { name: string; json: Uint8Array }[] {
  const found: { name: string; json: Uint8Array }[] = []
  const events = readSseEvents(frames)
  while (events.next()) {
    const name = ['ping', 'message_stop', 'error'].find((each) => events.isNamed(each)) ?? 'other'
    found.push({ name, json: events.bytes.subarray(events.start, events.end) })
  }
  return found
}

const utf8 = new TextEncoder()

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
