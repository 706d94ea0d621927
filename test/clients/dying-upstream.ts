import type { Upstream } from '@anthology/wire'

/** An upstream whose connection breaks after the first events of a stream. */
export const dieInTheMiddle: Upstream['send'] = (_, receiver) => {
  const bytes = new TextEncoder().encode(
    begun.map((event) => `event: ${event[0]}\ndata: ${event[1]}\n\n`).join(''),
  )
  setImmediate(() => {
    receiver.head(200, { 'content-type': 'text/event-stream' })
    receiver.chunk(bytes)
    receiver.fail(new Error('the connection broke'))
  })
  return { resume: () => {}, abort: () => {} }
}

const begun = [
  [
    'message_start',
    '{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","content":[],"model":"claude-opus-4-5-20251101","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":1}}}',
  ],
  [
    'content_block_start',
    '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
  ],
  [
    'content_block_delta',
    '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The sky"}}',
  ],
] as const
