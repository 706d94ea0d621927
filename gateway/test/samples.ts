/** The pinned model of most tests: $15 and $75 per million input and output tokens ("Models overview"). */
export const opus = 'claude-opus-4-1-20250805'

export const callBody = JSON.stringify({
  model: opus,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
})

export const streamBody = JSON.stringify({
  model: opus,
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'Hello' }],
})

/** 25 input and 15 output tokens: 25 x 15,000 + 15 x 75,000 nano-dollars. */
export const messageCostNanoUsd = 1_500_000

export const messageUsage = '{"input_tokens": 25, "output_tokens": 15}'

/** A message with whitespace that no JSON printer writes. */
export const message = `{"id":"msg_01","type":"message",  "role":"assistant","model":"${opus}",
 "content":[{"type":"text","text":"caf\\u00e9 \\ud83d\\ude00 — ok"}],"stop_reason":"end_turn","stop_sequence":null,
 "usage":${messageUsage}}`

/** The events of the streaming page: 25 input tokens, and 15 output tokens in the last delta. */
export const events = [
  `event: message_start\ndata: {"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","content":[],"model":"${opus}","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":1}}}\n\n`,
  'event: content_block_start\ndata: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße \\ud83d\\ude00"}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"event: error\\n\\n"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
] as const

export const eventStream = events.join('')

/** Deltas of a given total length, for streams that a client reads too slowly. */
export function delta(length: number): string {
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${'x'.repeat(length)}"}}\n\n`
}

/** An error with a platform's text. */
export function errorBody(type: string, text: string): string {
  return `{"type": "error", "error": {"type": "${type}", "message": "${text}"}, "request_id": "req_of_the_upstream"}`
}
