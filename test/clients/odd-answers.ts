import type { Upstream } from '@anthology/wire'

/** An answer of an upstream that is none, and what clients see of it. */
export interface OddAnswer {
  readonly title: string
  readonly asked: 'plain' | 'stream'
  readonly contentType: string
  readonly body: string
  readonly becomes: OutcomeName
}

interface Outcome {
  readonly status: number
  readonly type: string
  /** The class of the SDKs for the Messages API and for OpenAI's. */
  readonly errorClass: string
  /** The class of the newest Anthropic SDK, if it has one of its own. */
  readonly newestErrorClass?: string
  readonly aws: { readonly name: string; readonly status: number }
  readonly isRepeated: boolean
}

/** The error of each client, and whether the client repeats the call. */
export const outcomes: Readonly<Record<OutcomeName, Outcome>> = {
  overloaded: {
    status: 529,
    type: 'overloaded_error',
    errorClass: 'InternalServerError',
    newestErrorClass: 'OverloadedError',
    aws: { name: 'ServiceUnavailableException', status: 503 },
    isRepeated: true,
  },
  rate_limited: {
    status: 429,
    type: 'rate_limit_error',
    errorClass: 'RateLimitError',
    aws: { name: 'ThrottlingException', status: 429 },
    isRepeated: true,
  },
  no_answer: {
    status: 502,
    type: 'api_error',
    errorClass: 'InternalServerError',
    aws: { name: 'InternalServerException', status: 500 },
    isRepeated: true,
  },
  /** The upstream may have billed it, and would answer in the same way again. */
  wrong_kind: {
    status: 502,
    type: 'api_error',
    errorClass: 'InternalServerError',
    aws: { name: 'ModelErrorException', status: 424 },
    isRepeated: false,
  },
}

type OutcomeName = 'overloaded' | 'rate_limited' | 'no_answer' | 'wrong_kind'

const json = 'application/json'
const sse = 'text/event-stream'
const html = 'text/html; charset=utf-8'
const page = '<!doctype html>\n<html><body>\n\n<h1>Welcome</h1>\n\n</body></html>\n'
const message =
  '{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-4-5-20251101","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":3}}'
const messageStream = [
  ['message_start', `{"type":"message_start","message":${message}}`],
  [
    'message_delta',
    '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}',
  ],
  ['message_stop', '{"type":"message_stop"}'],
]
  .map(([name, data]) => `event: ${name}\ndata: ${data}\n\n`)
  .join('')
const error = (type: string) => `{"type":"error","error":{"type":"${type}","message":"in its own words"}}`
const errorEvent = (type: string) => `event: error\ndata: ${error(type)}\n\n`

export const oddAnswers: readonly OddAnswer[] = [
  odd('an error inside a 200', 'plain', [json, error('overloaded_error'), 'overloaded']),
  odd('an error inside a 200', 'stream', [json, error('rate_limit_error'), 'rate_limited']),
  odd('an error as the first event', 'stream', [sse, errorEvent('overloaded_error'), 'overloaded']),
  odd('an error as the first event', 'plain', [sse, errorEvent('rate_limit_error'), 'rate_limited']),
  odd('a page', 'plain', [html, page, 'no_answer']),
  odd('a page', 'stream', [html, page, 'no_answer']),
  odd('a page that is called an event stream', 'stream', [sse, page, 'no_answer']),
  odd('a stream', 'plain', [sse, messageStream, 'wrong_kind']),
  odd('a message', 'stream', [json, message, 'wrong_kind']),
]

function odd(
  title: string,
  asked: OddAnswer['asked'],
  [contentType, body, becomes]: readonly [string, string, OddAnswer['becomes']],
): OddAnswer {
  return { title: `${title} where a ${asked} answer was asked for`, asked, contentType, body, becomes }
}

/** The prompt that makes the upstream send an odd answer; `client` keeps the counts of clients apart. */
export function getPrompt(answer: OddAnswer, client: string): string {
  return `Answer ${oddAnswers.indexOf(answer)} for ${client}.`
}

export interface OddUpstream extends Upstream {
  /** The number of requests with a prompt. */
  count(prompt: string): number
}

/** An upstream in this process that sends the answer that the prompt names. */
export function createOddUpstream(): OddUpstream {
  const counts = new Map<string, number>()
  return {
    count: (prompt) => counts.get(prompt) ?? 0,
    send(request, receiver) {
      const [prompt = '', index = ''] =
        /Answer (\d+) for [\w-]+\./.exec(String(Buffer.from(request.body ?? []))) ?? []
      const answer = oddAnswers[Number(index)]
      if (answer === undefined) throw new Error(`no answer is called ${index}`)
      counts.set(prompt, (counts.get(prompt) ?? 0) + 1)
      setImmediate(() => {
        receiver.head(200, { 'content-type': answer.contentType })
        receiver.chunk(Buffer.from(answer.body))
        receiver.end()
      })
      return { resume: () => {}, abort: () => {} }
    },
  }
}
