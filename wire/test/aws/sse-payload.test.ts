import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPayloads } from '../../src/aws/sse-payload.ts'
import type { PayloadKind } from '../../src/aws/sse-payload.ts'
import { createSseDecoder } from '../../src/sse/decoder.ts'

describe('the payloads of whole frames', () => {
  test('are views into the frames in the form that every service writes', () => {
    const frames = utf8.encode('event: content_block_delta\ndata: {"a":1}\n\nevent: ping\ndata: {}\n\n')

    const payloads = listPayloads(frames)

    expect(payloads.map(({ kind, json }) => [kind, text(json)])).toEqual([
      ['plain', '{"a":1}'],
      ['ping', '{}'],
    ])
    expect(payloads.every(({ json }) => json.buffer === frames.buffer)).toBe(true)
  })

  test.each([
    ['event: message_stop\ndata: {}\n\n', 'message_stop'],
    ['event:message_stop\ndata:{}\n\n', 'message_stop'],
    ['event: message_stop\r\ndata: {"type":"message_stop"}\r\n\r\n', 'message_stop'],
    ['event: ping\r\ndata: {"type":"ping"}\n\n', 'ping'],
    ['data: {"type":"error"}\n\n', 'error'],
    ['event: message_stopped\ndata: {}\n\n', 'plain'],
    ['event: pin\ndata: {}\n\n', 'plain'],
    ['data: {"type":["ping"]}\n\n', 'plain'],
    ['data: not json\n\n', 'plain'],
  ])('of %j are %s', (frames, kind) => {
    expect(listPayloads(utf8.encode(frames)).map((payload) => payload.kind)).toEqual([kind])
  })

  test('are what a decoder by the standard reads, for any lines', () => {
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
        const bytes = utf8.encode(frames.join(''))
        const decoder = createSseDecoder({ maxLineBytes: 10_000, maxEventBytes: 10_000 })

        const expected = decoder.push(bytes).filter(({ data }) => data !== '')

        const read = listPayloads(bytes).map(({ json }) => text(json))
        expect(read.filter((json) => json !== '')).toEqual(expected.map(({ data }) => data))
      }),
      { numRuns: 1_000 },
    )
  })

  test('of any bytes come to an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ed:atvn \r\n{'.split('')) }), (chars) => {
        expect(listPayloads(utf8.encode(chars)).length).toBeLessThanOrEqual(chars.length)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** What the reader finds, one after the other. */
function listPayloads(frames: Uint8Array): { kind: PayloadKind; json: Uint8Array }[] {
  const found: { kind: PayloadKind; json: Uint8Array }[] = []
  const payloads = readPayloads(frames)
  while (payloads.next())
    found.push({ kind: payloads.kind, json: payloads.bytes.subarray(payloads.start, payloads.end) })
  return found
}

const utf8 = new TextEncoder()

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
