import { expect, test } from 'vitest'
import { decodeSse } from '../../src/sse/decoder.ts'
import { encodeSse, encodeSseBytes } from '../../src/sse/encoder.ts'

test('writes an event line, a data line and a blank line, from text and from bytes', () => {
  const frame = 'event: ping\ndata: {"type":"ping"}\n\n'

  expect(new TextDecoder().decode(encodeSse('ping', '{"type":"ping"}'))).toBe(frame)
  expect(new TextDecoder().decode(encodeSseBytes('ping', utf8.encode('{"type":"ping"}')))).toBe(frame)
})

test('writes no event line for an event without a name', () => {
  expect(new TextDecoder().decode(encodeSse('', '{}'))).toBe('data: {}\n\n')
})

test('keeps bytes that are not UTF-8', () => {
  expect([...encodeSseBytes('', Uint8Array.of(0xff))].slice(-3)).toEqual([0xff, 10, 10])
})

test.each(['\n', '\r\n', '\r'])('keeps JSON with %j between its tokens intact', (end) => {
  const json = ['{', '"a": "Grüße"', '}'].join(end)

  const events = [encodeSse('x', json), encodeSseBytes('x', utf8.encode(json))].flatMap(decodeSse)

  expect(events.map(({ data }) => data)).toEqual(Array(2).fill('{\n"a": "Grüße"\n}'))
})

test('rejects an event name that would start another line', () => {
  expect(() => encodeSse('ping\ndata: 1', '{}')).toThrow(
    expect.objectContaining({ code: 'sse_bad_event_name' }),
  )
})

const utf8 = new TextEncoder()
