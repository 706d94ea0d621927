import { expect, test } from 'vitest'

import { ask, readEnvelope } from '../http-client.ts'
import { bedrockOpus, invoke, startAwsGateway } from '../protocols/aws-client.ts'
import { plain, startUpstream, stream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import {
  callBody,
  errorBody,
  events,
  eventStream,
  message,
  messageCostNanoUsd,
  streamBody,
} from '../samples.ts'

const errorEvent = (type: string) => `event: error\ndata: ${errorBody(type, 'in its own words')}\n\n`
const openAiStream = 'data: {"object":"chat.completion.chunk","choices":[]}\n\ndata: [DONE]\n\n'

test.each<[string, string, Script]>([
  ['a body', callBody, plain(errorBody('overloaded_error', 'in its own words'))],
  [
    'a body where a stream was asked for',
    streamBody,
    plain(errorBody('overloaded_error', 'in its own words')),
  ],
  ['the first event of a stream', streamBody, stream([errorEvent('overloaded_error')])],
  ['the first event of a stream that was not asked for', callBody, stream([errorEvent('overloaded_error')])],
])('an error inside a 200, as %s, has the status of its type and its own words', async (_, body, script) => {
  const { gateway } = await startBoth(script)

  const answer = await gateway.post(body)

  expect(answer.status).toBe(529)
  expect(answer.headers['content-type']).toBe('application/json')
  expect(answer.text).toBe(errorBody('overloaded_error', 'in its own words'))
  expect(gateway.rows()).toMatchObject([
    { outcome: 'upstream_error', status: 529, error_type: 'overloaded_error', usage: null },
  ])
})

test.each([
  ['a timeout of the provider', 504, 'timeout_error', 1],
  ['a timeout with another status', 408, 'invalid_request_error', 1],
  ['a failure of the model', 424, 'api_error', 2],
])('%s may be billed, so its row has the estimated prompt as its usage', async (_, status, type, rows) => {
  const { gateway } = await startBoth(plain(errorBody(type, 'in its own words'), { status }))

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.text]).toEqual([status, errorBody(type, 'in its own words')])
  expect(gateway.rows()).toMatchObject(
    Array.from({ length: rows }, () => ({ outcome: 'upstream_error', status, usage_source: 'estimated' })),
  )
  const [row] = gateway.rows()
  expect(JSON.parse(String(row?.['usage']))).toEqual({
    input_tokens: expect.any(Number),
    output_tokens: 0,
  })
  expect(Number(row?.['cost_nano_usd'])).toBeGreaterThan(0)
})

test.each([[429], [500], [503], [529], [400]])('an error with status %d is not billed', async (status) => {
  const { gateway } = await startBoth(plain(errorBody('api_error', 'no'), { status }))

  await gateway.post(callBody)

  expect(gateway.rows()).toMatchObject([{ status, usage: null, cost_nano_usd: null }])
})

test.each([
  ['OpenAI', '{"error":{"message":"slow down","type":"rate_limit_error","code":"429"}}', 429],
  ['an unknown API', '{"error":{"message":"slow down"}}', 500],
])('an error of %s inside a 200 is wrapped for clients of the Messages API', async (_, body, status) => {
  const { gateway } = await startBoth(
    plain(body, { headers: { 'content-type': 'text/html', 'retry-after': '7' } }),
  )

  const answer = await gateway.post(callBody)

  expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([
    status,
    'application/json',
    '7',
  ])
  expect(readEnvelope(answer.text)).toEqual({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message: 'slow down' },
    request_id: answer.headers['request-id'],
  })
})

test('an error event with an error status becomes a JSON error', async () => {
  const { gateway } = await startBoth(
    plain(errorEvent('rate_limit_error'), { status: 429, headers: { 'content-type': 'text/event-stream' } }),
  )

  const answer = await gateway.post(streamBody)

  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
    429,
    'application/json',
    errorBody('rate_limit_error', 'in its own words'),
  ])
})

test.each<[string, string, Script]>([
  ['the first event of a stream', streamBody, stream([errorEvent('authentication_error')])],
  ['an error with another status', callBody, plain(errorBody('authentication_error', 'no'), { status: 400 })],
])("a rejected credential in %s is the operator's fault, and not the client's", async (_, body, script) => {
  const { gateway } = await startBoth(script)

  const answer = await gateway.post(body)

  expect(answer.status).toBe(502)
  expect(readEnvelope(answer.text).error.message).toContain("does not accept this gateway's credential")
  const readiness = await ask(`${gateway.url}/readyz`)
  expect(JSON.parse(readiness.text)).toEqual({ status: 'not_ready', because: ['upstream_credential'] })
})

test.each([
  ['a message without its start', events.slice(1).join('')],
  ['only the end of a message', events.slice(-2).join('')],
  ['a first event without a message', `event: message_start\ndata: {}\n\n${events.slice(1).join('')}`],
  ["another API's events", openAiStream],
  ['a page', '<html>\n\n<h1>Welcome</h1>\n\n</html>'],
])('a stream of %s is no answer: the client gets a 502 that it can retry', async (_, text) => {
  const { gateway } = await startBoth(stream([text]))

  const answer = await gateway.post(streamBody)

  expect([answer.status, answer.headers['x-should-retry']]).toEqual([502, 'true'])
  expect(readEnvelope(answer.text).error.message).toBe(
    "upstream 'recorder' sent a success status without an answer of the Messages API",
  )
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 502 }])
})

test('a stream that turns out to be no message after a comment ends with an error event', async () => {
  const { gateway } = await startBoth(stream([': wait\n\n', openAiStream]))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toMatch(/^: wait\n\nevent: error\ndata: .*without an answer of the Messages API.*\n\n$/)
})

test.each([
  ['a second message', eventStream],
  ['an error', errorEvent('api_error')],
])(
  '%s after the end of a message is left out: clients would fail in a call that is answered',
  async (_, rest) => {
    const { gateway } = await startBoth(stream([eventStream, rest, ': the end\n\n']))

    const answer = await gateway.post(streamBody)

    expect(answer.text).toBe(`${eventStream}: the end\n\n`)
    expect(gateway.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: messageCostNanoUsd }])
  },
)

test.each([['text/html'], ['Application/JSON'], ['application/jsonl']])(
  'a message that the upstream calls %s is called application/json, as clients expect',
  async (type) => {
    const { gateway } = await startBoth(plain(message, { headers: { 'content-type': type } }))

    const answer = await gateway.post(callBody)

    expect([answer.text, answer.headers['content-type']]).toEqual([message, 'application/json'])
  },
)

test('a stream whose type is in capitals is called text/event-stream', async () => {
  const { gateway } = await startBoth(stream([eventStream], { 'content-type': 'TEXT/Event-Stream' }))

  const answer = await gateway.post(streamBody)

  expect([answer.text, answer.headers['content-type']]).toEqual([eventStream, 'text/event-stream'])
})

test('a message where a stream was asked for is priced, but its row has no stop reason', async () => {
  const { gateway } = await startBoth(plain(message))

  const answer = await gateway.post(streamBody)

  expect(answer.status).toBe(502)
  expect(gateway.rows()).toMatchObject([
    {
      outcome: 'upstream_aborted',
      stop_reason: null,
      message_id: 'msg_01',
      cost_nano_usd: messageCostNanoUsd,
    },
  ])
})

test('a stream with an event that cannot be translated ends with an error that says so', async () => {
  const broken = 'event: content_block_start\ndata: {"type":"content_block_start"}\n\n'
  const { gateway } = await startBoth(stream([events[0], broken, ...events.slice(1)]))

  const answer = await gateway.post(streamBody, { path: '/v1/chat/completions' })

  expect(answer.text).toMatch(/data: \{"error":\{.*cannot be translated to this API.*\}\}\n\n$/)
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 200 }])
})

test('a client of AWS repeats an overload inside a 200, and not a stream that it did not ask for', async () => {
  const upstream = await startUpstream(plain(errorBody('overloaded_error', 'in its own words')))
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url })

  const overloaded = await invoke(gateway)
  upstream.answer(stream([eventStream]))
  const streamed = await invoke(gateway)

  expect([overloaded.status, streamed.status]).toEqual([503, 424])
})

test.each<[string, Script, number]>([
  ['an error', plain(errorBody('overloaded_error', 'in its own words')), 529],
  ['an error event', stream([errorEvent('overloaded_error')]), 529],
  ['a message', plain(message), 502],
  ['a page', plain('<html>', { headers: { 'content-type': 'text/html' } }), 502],
])('%s in place of counted tokens is no answer, on every API that counts', async (_, script, status) => {
  const { gateway } = await startBoth(script)

  const counted = await gateway.post(callBody, { path: '/v1/messages/count_tokens' })
  const onBedrock = await gateway.post(bedrockCount, { path: `/model/${bedrockOpus}/count-tokens` })

  expect(counted.status).toBe(status)
  expect(readEnvelope(counted.text).type).toBe('error')
  expect([onBedrock.status, onBedrock.headers['x-amzn-errortype']]).toEqual([
    status === 529 ? 503 : 500,
    expect.stringMatching(/^(?:ServiceUnavailable|InternalServer)Exception:/),
  ])
  const logged = gateway.log.filter(({ event }) => event === 'count_tokens')
  expect(logged.map((entry) => entry['status'])).toEqual([counted.status, onBedrock.status])
})

const bedrockCount = '{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}}}'

async function startBoth(script: Script) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
