import { decodeSse } from '@anthology/wire'
import { expect, test } from 'vitest'

import { opus, callBody, errorBody, eventStream, events, message, messageCostNanoUsd } from '../samples.ts'
import { plain, startUpstream, stream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'

const chat = { model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hello' }] }
const asking = { path: '/v1/chat/completions', headers: { 'anthropic-version': undefined } }

test('translates a chat request to the Messages API, and its response to a completion', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, max_tokens: 100 }), asking)

  expect(answer.status).toBe(200)
  expect(JSON.parse(answer.text)).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: 'café 😀 — ok' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 25, completion_tokens: 15, total_tokens: 40 },
  })
  const [sent] = upstream.requests
  expect([sent?.target, sent?.headers['anthropic-version']]).toEqual(['/v1/messages', '2023-06-01'])
  expect(JSON.parse(String(sent?.body))).toEqual(JSON.parse(callBody))
})

test('keeps all digits of numbers in tool inputs', async () => {
  const call = '{"type":"tool_use","id":"toolu_1","name":"f","input":{"id":12345678901234567890}}'
  const upstream = await startUpstream(
    plain(message.replace(/"content":\s*\[[^\]]*\]/, `"content":[${call}]`)),
  )
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify(chat), asking)

  expect(JSON.parse(answer.text).choices[0].message.tool_calls[0].function.arguments).toBe(
    '{"id":12345678901234567890}',
  )
})

test('bills a chat like any call, under the name of its protocol', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify(chat), asking)

  const [row, ...more] = gateway.rows()
  expect(more).toEqual([])
  expect(row).toMatchObject({
    id: answer.headers['x-request-id'],
    protocol: 'openai',
    requested_model: 'claude-opus-4-1',
    model: opus,
    outcome: 'answered',
    cost_nano_usd: messageCostNanoUsd,
  })
  expect(answer.headers['x-anthology-cost-usd']).toBe('0.0015')
})

test('bills a long prompt at the price of the beta in its header, as the Messages API does', async () => {
  const long = message.replace('"input_tokens": 25', '"input_tokens": 250000')
  const upstream = await startUpstream(plain(long))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const body = JSON.stringify({ ...chat, model: 'claude-sonnet-4-20250514', max_tokens: 100 })
  const beta = { 'anthropic-beta': 'context-1m-2025-08-07' }

  await gateway.post(body, { headers: beta })
  await gateway.post(body, { ...asking, headers: { ...asking.headers, ...beta } })
  await gateway.post(body, asking)

  const [messages, chatted, plainly] = gateway.rows().map((row) => row['cost_nano_usd'])
  expect(upstream.requests.map((request) => request.headers['anthropic-beta'])).toEqual([
    'context-1m-2025-08-07',
    'context-1m-2025-08-07',
    undefined,
  ])
  expect(chatted).toBe(messages)
  expect(Number(chatted)).toBeGreaterThan(Number(plainly))
})

test('streams a chat that ends with [DONE]', async () => {
  const upstream = await startUpstream(stream([eventStream.slice(0, 777), eventStream.slice(777)]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(
    JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } }),
    asking,
  )

  const told = readData(answer.text)
  const chunks = told.slice(0, -1).map((data) => JSON.parse(data))
  expect(told.at(-1)).toBe('[DONE]')
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
    'Grüße 😀event: error\n\n',
  )
  expect(chunks.at(-1).usage).toEqual({ prompt_tokens: 25, completion_tokens: 15, total_tokens: 40 })
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', cost_nano_usd: messageCostNanoUsd }])
})

test('sends the digits and the order of members of tools and calls as the client wrote them', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const schema = '{"properties":{"9":{"const":12345678901234567890},"1":{"multipleOf":1.50}},"type":"object"}'
  const input = '{"9":0.10,"1":12345678901234567890}'
  const call = `{"id":"a","type":"function","function":{"name":"f","arguments":${JSON.stringify(input)}}}`

  await gateway.post(
    `{"model":"claude-opus-4-1","tools":[{"type":"function","function":{"name":"f","parameters":${schema}}}],"messages":[
      {"role":"user","content":"Go"},{"role":"assistant","content":null,"tool_calls":[${call}]},
      {"role":"tool","tool_call_id":"a","content":"done"}]}`,
    asking,
  )

  const sent = String(upstream.requests[0]?.body)
  expect(sent).toContain(`"input_schema":${schema}`)
  expect(sent).toContain(`"input":${input}`)
})

test('reports the tokens that a cached prompt saved, plainly and in a stream', async () => {
  const cached = '"input_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":20'
  const upstream = await startUpstream(plain(message.replace('"input_tokens": 25', cached)))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const streamed = { ...chat, stream: true, stream_options: { include_usage: true } }

  const whole = await gateway.post(JSON.stringify(chat), asking)
  upstream.answer(stream([eventStream.replace('"input_tokens":25', cached)]))
  const chunks = readData((await gateway.post(JSON.stringify(streamed), asking)).text)

  const usage = {
    prompt_tokens: 125,
    completion_tokens: 15,
    total_tokens: 140,
    prompt_tokens_details: { cached_tokens: 100 },
  }
  expect(JSON.parse(whole.text).usage).toEqual(usage)
  expect(JSON.parse(chunks.at(-2) ?? '').usage).toEqual(usage)
})

test.each([
  ['text/html; charset=utf-8', '<html><body>502 Bad Gateway</body></html>'],
  ['text/html', errorBody('api_error', 'The upstream answered with status 502 and no readable error.')],
  ['text/plain', ''],
])('sends an error of type %s as JSON with a sentence', async (type, body) => {
  const upstream = await startUpstream(plain(body, { status: 502, headers: { 'content-type': type } }))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify(chat), asking)

  expect([answer.status, answer.headers['content-type']]).toEqual([502, 'application/json'])
  expect(JSON.parse(answer.text).error).toMatchObject({
    type: 'api_error',
    message: 'The upstream answered with status 502 and no readable error.',
  })
})

test('asks for effort and format where the model can, and leaves out what it cannot', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
  const asked = {
    ...chat,
    reasoning_effort: 'minimal',
    temperature: 0.2,
    response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
  }

  const newer = await gateway.post(JSON.stringify({ ...asked, model: 'claude-opus-5-5' }), asking)
  const older = await gateway.post(JSON.stringify(asked), asking)

  const [first, second] = upstream.requests.map(({ body }) => JSON.parse(String(body)))
  expect(first).toMatchObject({ output_config: { effort: 'low', format: { type: 'json_schema', schema } } })
  expect(first).not.toHaveProperty('temperature')
  expect(newer.headers['x-anthology-notice']).toContain('without effect on this endpoint: temperature')
  expect(second).toMatchObject({ temperature: 0.2 })
  expect(second).not.toHaveProperty('output_config.effort')
  expect(older.headers['x-anthology-notice']).toContain('reasoning_effort')
})

test("translates an upstream's error to OpenAI's format", async () => {
  const upstream = await startUpstream(
    plain(errorBody('rate_limit_error', 'slow down'), { status: 429, headers: { 'retry-after': '7' } }),
  )
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify(chat), asking)

  expect([answer.status, answer.headers['retry-after']]).toEqual([429, '7'])
  expect(JSON.parse(answer.text)).toEqual({
    error: { code: 'rate_limit_error', type: 'rate_limit_error', message: 'slow down', param: null },
  })
})

test('ends an aborted stream with an error and without [DONE]', async () => {
  const upstream = await startUpstream(stream([eventStream.slice(0, 777)]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, stream: true }), asking)

  expect(JSON.parse(readData(answer.text).at(-1) ?? '')).toMatchObject({ error: { type: 'api_error' } })
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('ends a stream with an error and without [DONE] if its last event cannot be parsed', async () => {
  const upstream = await startUpstream(stream([events[0], 'event: message_stop\ndata: {\n\n']))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, stream: true }), asking)

  expect(JSON.parse(readData(answer.text).at(-1) ?? '')).toMatchObject({ error: { type: 'api_error' } })
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', error_type: 'api_error' }])
})

test.each([
  ['a body that is no JSON', '{"model":', 400, 'invalid_request_error'],
  ['an unknown model', JSON.stringify({ ...chat, model: 'gpt-4o' }), 404, 'not_found_error'],
  ['two answers at once', JSON.stringify({ ...chat, n: 2 }), 400, 'invalid_request_error'],
  ['no messages', JSON.stringify({ model: opus }), 400, 'invalid_request_error'],
  [
    'tools that are nested too deep',
    `{"model":"${opus}","messages":[],"tools":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    400,
    'invalid_request_error',
  ],
])('rejects %s, and bills nothing', async (_, body, status, type) => {
  const gateway = await startGateway()

  const answer = await gateway.post(body, asking)

  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.text)).toMatchObject({ error: { type, message: expect.any(String) } })
  expect(gateway.rows()).toEqual([])
})

test('lists ignored fields in the notice', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, seed: 7, logprobs: true }), asking)

  expect(answer.headers['x-anthology-notice']).toContain('without effect on this endpoint: seed, logprobs')
})

test("reports a response that is not a message in OpenAI's error format", async () => {
  const upstream = await startUpstream(plain('<html>'))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify(chat), asking)

  expect(answer.status).toBe(502)
  expect(JSON.parse(answer.text)).toMatchObject({ error: { type: 'api_error' } })
})

test.each([
  [
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    'overloaded_error',
    'Overloaded',
  ],
  ['{"error":{"code":500,"message":"out of memory","type":"server_error"}}', 'server_error', 'out of memory'],
  ['{"code":500,"message":"out of memory"}', 'api_error', 'out of memory'],
  ['{"error":"out of memory"}', 'api_error', 'out of memory'],
  ['out of memory', 'api_error', 'out of memory'],
])('an error event in the middle of a stream ends it with its words: %s', async (data, type, words) => {
  const upstream = await startUpstream(stream([...events.slice(0, 4), `event: error\ndata: ${data}\n\n`]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, stream: true }), asking)

  expect(JSON.parse(readData(answer.text).at(-1) ?? '')).toMatchObject({ error: { type, message: words } })
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('reads over events without data', async () => {
  const upstream = await startUpstream(stream(events.flatMap((event) => ['data:\n\n', event])))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, stream: true }), asking)

  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

test('completes a stream although unreadable bytes follow its last event', async () => {
  const upstream = await startUpstream(stream([`${eventStream}event: ping\ndata: {"type":\n\n`]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const answer = await gateway.post(JSON.stringify({ ...chat, stream: true }), asking)

  expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

function readData(text: string): readonly string[] {
  return decodeSse(Buffer.from(text)).map(({ data }) => data)
}
