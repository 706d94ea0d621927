import { expect, test } from 'vitest'

import { isPrelude } from '../../src/calls/stream-prelude.ts'

test.each([
  ['a comment', ': wait\n\n'],
  ['a ping', 'event: ping\ndata: {"type": "ping"}\n\n'],
  ['a ping with other data', 'event: ping\r\ndata: {}\r\n\r\n'],
  ['an event of a later API version', 'event: queued\ndata: {"type":"queued","position":3}\n\n'],
  ['an event without data', 'data:\n\n'],
  ['a time for reconnects', 'retry: 3000\n\n'],
  ['a comment and a ping', ':\n\ndata: {"type":"ping"}\n\n'],
])('%s may stand before a message', (_, frames) => {
  expect(isPrelude(Buffer.from(frames))).toBe(true)
})

test.each([
  ['content', 'event: content_block_start\ndata: {"type":"content_block_start","index":0}\n\n'],
  ["another API's event", 'data: {"choices":[]}\n\n'],
  ["another API's last event", 'data: [DONE]\n\n'],
  ['a page', '<html>\n\n'],
  ['compressed bytes', '\u001f\u008b\u0008\n\n'],
  ['content after a comment', ': wait\n\ndata: {"type":"content_block_stop"}\n\n'],
])('%s may not', (_, frames) => {
  expect(isPrelude(Buffer.from(frames, 'latin1'))).toBe(false)
})
