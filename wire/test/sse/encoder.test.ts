import { expect, test } from 'vitest'
import { createSseDecoder } from '../../src/sse/decoder.ts'
import { encodeSse } from '../../src/sse/encoder.ts'

test('writes an event line, a data line and a blank line', () => {
  const bytes = encodeSse('ping', '{"type":"ping"}')

  expect(new TextDecoder().decode(bytes)).toBe('event: ping\ndata: {"type":"ping"}\n\n')
})

test.each(['\n', '\r\n', '\r'])('keeps JSON whole that has %j between its tokens', (end) => {
  const bytes = encodeSse('x', ['{', '"a": "Grüße"', '}'].join(end))

  const [event] = createSseDecoder({ maxLineBytes: 100, maxEventBytes: 100 }).push(bytes)

  expect(event?.data).toBe('{\n"a": "Grüße"\n}')
})

test('refuses an event name that would start another line', () => {
  expect(() => encodeSse('ping\ndata: 1', '{}')).toThrow(
    expect.objectContaining({ code: 'sse_bad_event_name' }),
  )
})
