// Answers of an upstream of a given size in shapes that are expensive for a translator, for every protocol.

export interface Answer {
  readonly status: number
  readonly type: 'application/json' | 'text/event-stream'
  readonly body: (bytes: number) => string
}

const model = 'claude-sonnet-4-5-20250929'
const usage = '"usage":{"input_tokens":1,"output_tokens":1}'

function message(content: string, more = usage): string {
  return `{"id":"msg_1","type":"message","role":"assistant","model":"${model}","content":[${content}],"stop_reason":"end_turn","stop_sequence":null,${more}}`
}

/** The answer to every request whose cell has none. */
export const shortAnswer = message('{"type":"text","text":"ok"}')

function repeat(part: string, bytes: number): string {
  return Array.from({ length: Math.max(1, Math.floor(bytes / (part.length + 1))) }, () => part).join(',')
}

const escaped = (bytes: number): string => String.raw`\n\u00e9\"`.repeat(bytes / 10)
const numbers = (bytes: number): string => `[${repeat('12345678901234567890.5', bytes)}]`
const nested = (bytes: number): string => `${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}`
const plainText = (bytes: number): string => 'plain text '.repeat(bytes / 11)

const plainAnswers = {
  text: (bytes) => message(`{"type":"text","text":"${plainText(bytes)}"}`),
  escapes: (bytes) => message(`{"type":"text","text":"${escaped(bytes)}"}`),
  backslashes: (bytes) => message(`{"type":"text","text":"${'\\\\'.repeat(bytes / 2)}"}`),
  blocks: (bytes) => message(repeat('{"type":"text","text":"a"}', bytes)),
  tool_numbers: (bytes) => message(`{"type":"tool_use","id":"t","name":"a","input":{"b":${numbers(bytes)}}}`),
  tool_nesting: (bytes) => message(`{"type":"tool_use","id":"t","name":"a","input":{"b":${nested(bytes)}}}`),
  usage: (bytes) => message('{"type":"text","text":"a"}', `"usage":{"input_tokens":1,"b":${numbers(bytes)}}`),
  no_message: (bytes) => numbers(bytes),
} as const satisfies Record<string, (bytes: number) => string>

function event(type: string, data: string): string {
  return `event: ${type}\ndata: ${data}\n\n`
}

const start = event(
  'message_start',
  `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"${model}","content":[],"stop_reason":null,"stop_sequence":null,${usage}}}`,
)
const blockStart = event(
  'content_block_start',
  '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
)
const end = [
  event('content_block_stop', '{"type":"content_block_stop","index":0}'),
  event(
    'message_delta',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}',
  ),
  event('message_stop', '{"type":"message_stop"}'),
].join('')

function stream(middle: string): string {
  return `${start}${blockStart}${middle}${end}`
}

function delta(text: string): string {
  return `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}`
}

function repeatWhole(part: string, bytes: number): string {
  return part.repeat(Math.max(1, Math.floor(bytes / part.length)))
}

/** An event of a stream is at most 8 MB long (`frame_bytes`), so events longer than that end the stream. */
const streamAnswers = {
  one_text: (bytes) => stream(event('content_block_delta', delta(plainText(bytes)))),
  one_escaped_text: (bytes) => stream(event('content_block_delta', delta(escaped(bytes)))),
  one_unnamed_text: (bytes) => stream(`data: ${delta(escaped(bytes))}\n\n`),
  one_input: (bytes) =>
    stream(
      event(
        'content_block_delta',
        `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"${escaped(bytes)}"}}`,
      ),
    ),
  one_start: (bytes) =>
    event(
      'message_start',
      `{"type":"message_start","message":{"id":"msg_1","model":"${model}","content":[],"usage":{"input_tokens":1,"b":${numbers(bytes)}}}}`,
    ) + end,
  one_of_many_lines: (bytes) => stream(`event: content_block_delta\n${repeatWhole('data: 1\n', bytes)}\n`),
  one_unnamed_of_many_lines: (bytes) => stream(`${repeatWhole('data: 1\n', bytes)}\n`),
  unknown_numbers: (bytes) => stream(`data: {"type":"other","b":${numbers(bytes)}}\n\n`),
  no_line_end: (bytes) => start + plainText(bytes),
  deltas: (bytes) => stream(repeatWhole(event('content_block_delta', delta('a')), bytes)),
  unnamed_deltas: (bytes) => stream(repeatWhole(`data: ${delta('a')}\n\n`, bytes)),
  pings: (bytes) => stream(repeatWhole(event('ping', '{"type":"ping"}'), bytes)),
  comments: (bytes) => stream(repeatWhole(':\n', bytes)),
  blank_lines: (bytes) => stream('\n'.repeat(bytes)),
  message_deltas: (bytes) =>
    start +
    repeatWhole(
      event('message_delta', '{"type":"message_delta","delta":{},"usage":{"output_tokens":1}}'),
      bytes,
    ) +
    end,
  growing_usage: (bytes) =>
    start +
    Array.from({ length: Math.floor(Math.sqrt(bytes / 10)) }, (_, index) =>
      event(
        'message_delta',
        `{"type":"message_delta","delta":{},"usage":{"output_tokens":1,"b":[${'1,'.repeat(index)}1]}}`,
      ),
    ).join('') +
    end,
} as const satisfies Record<string, (bytes: number) => string>

function describe(
  bodies: Readonly<Record<string, (bytes: number) => string>>,
  type: Answer['type'],
): Record<string, Answer> {
  return Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, { status: 200, type, body }]))
}

const plain = {
  ...describe(plainAnswers, 'application/json'),
  error: {
    status: 400,
    type: 'application/json',
    body: (bytes: number) =>
      `{"type":"error","error":{"type":"invalid_request_error","message":"${escaped(bytes)}"}}`,
  },
  unasked_stream: { status: 200, type: 'text/event-stream', body: streamAnswers.deltas },
} as const satisfies Record<string, Answer>

const streamed = describe(streamAnswers, 'text/event-stream')

const hi = '"messages":[{"role":"user","content":"hi"}]'
const converseHi = '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}'
const invokeHi = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":8,${hi}}`
const bedrock = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929'
const vertexHi = `"anthropic_version":"vertex-2023-10-16","max_tokens":8,${hi}`
const messagesHi = `"model":"${model}","max_tokens":8,${hi}`

/** A request of each protocol, and the answers that its upstream gives. */
export const answered: Readonly<
  Record<
    string,
    { readonly path: string; readonly request: string; readonly answers: Readonly<Record<string, Answer>> }
  >
> = {
  messages_answer: { path: '/v1/messages', request: `{${messagesHi}}`, answers: plain },
  messages_stream: { path: '/v1/messages', request: `{${messagesHi},"stream":true}`, answers: streamed },
  openai_answer: { path: '/v1/chat/completions', request: `{${messagesHi}}`, answers: plain },
  openai_stream: {
    path: '/v1/chat/completions',
    request: `{${messagesHi},"stream":true}`,
    answers: streamed,
  },
  invoke_answer: { path: `${bedrock}/invoke`, request: invokeHi, answers: plain },
  invoke_stream: { path: `${bedrock}/invoke-with-response-stream`, request: invokeHi, answers: streamed },
  converse_answer: { path: `${bedrock}/converse`, request: converseHi, answers: plain },
  converse_stream: { path: `${bedrock}/converse-stream`, request: converseHi, answers: streamed },
  vertex_answer: { path: `${vertex}:rawPredict`, request: `{${vertexHi}}`, answers: plain },
  vertex_stream: {
    path: `${vertex}:streamRawPredict`,
    request: `{${vertexHi},"stream":true}`,
    answers: streamed,
  },
}
