import { expect, test } from 'vitest'

import { hang, plain, rawThenDeath, startUpstream } from '../../recording-upstream.ts'
import type { Script } from '../../recording-upstream.ts'
import { errorBody, message, messageCostNanoUsd, opus } from '../../samples.ts'
import {
  askSigned,
  bedrockOpus,
  expectException,
  invoke,
  invokeBody,
  messagesBody,
  profileOpus,
  startAwsGateway,
} from '../aws-client.ts'

const streaming = 'invoke-with-response-stream'

test('forwards an InvokeModel body, with model and version in the places of the Messages API', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  const answer = await invoke(gateway)

  const [request] = upstream.requests
  expect(request).toMatchObject({ method: 'POST', target: '/v1/messages' })
  expect(request?.body.toString()).toBe(messagesBody)
  expect(request?.headers).toMatchObject({
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    accept: 'application/json',
  })
  expect(Object.keys(request?.headers ?? {}).filter((name) => /^x-amz|^authorization$/.test(name))).toEqual(
    [],
  )
  expect([answer.status, answer.text]).toEqual([200, message])
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'x-amzn-requestid': expect.stringMatching(/^req_/),
    'x-amzn-bedrock-invocation-latency': expect.stringMatching(/^\d+$/),
    'x-amzn-bedrock-input-token-count': '25',
    'x-amzn-bedrock-output-token-count': '15',
    'x-anthology-cost-usd': '0.0015',
  })
  expect(Object.keys(answer.headers).filter((name) => /^anthropic-|^request-id$/.test(name))).toEqual([])
  expect(gateway.rows()).toMatchObject([
    {
      id: answer.headers['x-amzn-requestid'],
      protocol: 'bedrock',
      requested_model: profileOpus,
      model: opus,
      outcome: 'answered',
      cost_nano_usd: messageCostNanoUsd,
    },
  ])
})

test.each(['us', 'global'])(
  'prices a call to the profile %s. by where it ran, not by its name',
  async (prefix) => {
    const { gateway } = await startBoth(plain(message))

    const answer = await askSigned(gateway, `/model/${prefix}.anthropic.claude-opus-5/invoke`, {
      body: invokeBody,
    })

    // The upstream is the Claude API: 25 x $5 + 15 x $25 per million, without the premium of a regional endpoint.
    expect(answer.headers['x-anthology-cost-usd']).toBe('0.0005')
  },
)

const version = '"anthropic_version":"bedrock-2023-05-31"'
const spliced: readonly (readonly [string, string, string])[] = [
  [
    'odd whitespace',
    `\r\n\t {  "anthropic_version"\n:\t"bedrock-2023-05-31" , "max_tokens" :\t10,"messages" : [ ] }\n \r\n`,
    `\r\n\t {  "max_tokens" :\t10,"messages" : [ ],"model":"${opus}" }\n \r\n`,
  ],
  [
    'escapes that a printer would resolve',
    `{"system":"\\u00e9\\/\\u0041\\ud83d\\ude00",${version},"x":"\\ud800"}`,
    `{"system":"\\u00e9\\/\\u0041\\ud83d\\ude00","x":"\\ud800","model":"${opus}"}`,
  ],
  [
    'numbers in odd spellings',
    `{"max_tokens":1e2,"temperature":1.0,"x":-0,"y":12345678901234567890,${version}}`,
    `{"max_tokens":1e2,"temperature":1.0,"x":-0,"y":12345678901234567890,"model":"${opus}"}`,
  ],
  [
    'signed thinking',
    `{${version},"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a\\u2028b \\/","signature":"EqQB+/=="}]}] }`,
    `{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a\\u2028b \\/","signature":"EqQB+/=="}]}],"model":"${opus}" }`,
  ],
  [
    'betas',
    `{"max_tokens":5, "anthropic_beta" : ["interleaved-thinking-2025-05-14"] ,${version}, "metadata":{"stream":true}}`,
    `{"max_tokens":5, "metadata":{"stream":true},"model":"${opus}"}`,
  ],
]

test('changes only the bytes of its splices', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, body, sent] of spliced) {
    const whole = await invoke(gateway, body)
    await invoke(gateway, body, streaming)

    expect(whole.status, what).toBe(200)
    const [first, second] = upstream.requests.slice(-2).map((request) => request.body.toString())
    expect(first, what).toBe(sent)
    expect(second, what).toBe(sent.replace('"model":', '"stream":true,"model":'))
  }
})

test('forwards 15 MB of images unchanged', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const image = Buffer.alloc(3_750_000, 'a picture of a "model": ').toString('base64')
  const block = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${image}"}}`
  const rest = `"max_tokens":5,"messages":[{"role":"user","content":[${[block, block, block].join(', ')}]}]`

  const answer = await invoke(gateway, `{${version}, ${rest} }`)

  expect(answer.status).toBe(200)
  expect(upstream.requests[0]?.body.equals(Buffer.from(`{${rest},"model":"${opus}" }`))).toBe(true)
})

test('forwards the betas of the body under their first-party names, and none of the header', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const betas = ['interleaved-thinking-2025-05-14', 'tool-search-tool-2025-10-19']
  const body = invokeBody.replace('{', `{"anthropic_beta":${JSON.stringify(betas)},`)

  await askSigned(gateway, `/model/${profileOpus}/invoke`, {
    body,
    headers: {
      'anthropic-beta': 'claude-code-20250219,effort-2025-11-24',
      'anthropic-version': '2023-06-01',
    },
  })
  await invoke(gateway)

  expect(upstream.requests.map((request) => request.headers['anthropic-beta'])).toEqual([
    'interleaved-thinking-2025-05-14,advanced-tool-use-2025-11-20',
    undefined,
  ])
})

test.each([
  [401, 'authentication_error'],
  [403, 'permission_error'],
])("an upstream's %i for our credential is not told as the client's", async (status, type) => {
  const { gateway } = await startBoth(plain(errorBody(type, 'in its words'), { status }))

  const answer = await invoke(gateway)

  expectException(answer, {
    // AWS clients do not retry it: the next attempt would be rejected in the same way.
    status: 424,
    type: 'ModelErrorException',
    says: /gateway's (?:credential|account): in its words$/,
  })
})

const upstreamErrors: readonly (readonly [number, string, number, string])[] = [
  [400, 'invalid_request_error', 400, 'ValidationException'],
  [404, 'not_found_error', 404, 'ResourceNotFoundException'],
  [413, 'request_too_large', 400, 'ValidationException'],
  [429, 'rate_limit_error', 429, 'ThrottlingException'],
  [500, 'api_error', 500, 'InternalServerException'],
  [504, 'timeout_error', 408, 'ModelTimeoutException'],
  [529, 'overloaded_error', 503, 'ServiceUnavailableException'],
]

test("translates an upstream's errors to exceptions that keep its text", async () => {
  const { gateway, upstream } = await startBoth(hang)

  for (const [status, type, told, exception] of upstreamErrors) {
    const headers = { 'retry-after': '17', 'x-should-retry': 'true', 'anthropic-organization-id': 'theirs' }
    upstream.answer(plain(errorBody(type, 'in its words'), { status, headers }))
    for (const operation of ['invoke', streaming, 'converse', 'converse-stream']) {
      const answer = await invoke(
        gateway,
        operation.startsWith('invoke') ? invokeBody : converseBody,
        operation,
      )

      expectException(answer, { status: told, type: exception, says: 'in its words' }, `${type} ${operation}`)
      expect(answer.headers).toMatchObject({ 'retry-after': '17', 'x-should-retry': 'true' })
      expect(answer.headers['anthropic-organization-id']).toBeUndefined()
    }
  }
  const rows = gateway.rows()
  expect(new Set(rows.map((row) => row['outcome']))).toEqual(new Set(['upstream_error']))
  // The prompt of a call that timed out at the upstream may be billed.
  const billed = rows.filter((row) => row['cost_nano_usd'] !== null)
  expect(new Set(billed.map((row) => row['error_type']))).toEqual(new Set(['timeout_error']))
})

test('translates an error page and an unreachable upstream to exceptions', async () => {
  const { gateway, upstream } = await startBoth(plain('<html>', { status: 503 }))

  const page = await invoke(gateway)
  upstream.answer(rawThenDeath(''))
  const dead = await invoke(gateway)

  expect([page.status, page.headers['x-amzn-errortype']]).toEqual([
    503,
    expect.stringMatching(/^ServiceUnavailableException:/),
  ])
  expectException(dead, {
    status: 500,
    type: 'InternalServerException',
    says: /'recorder' closed the connection without a response/,
  })
  expect(dead.headers['x-should-retry']).toBe('true')
})

test('translates an unusable response to an exception that clients do not retry', async () => {
  const { gateway, upstream } = await startBoth(hang, { plainAnswerBytes: 10_000 })
  const scripts: readonly (readonly [Script, RegExp])[] = [
    [plain(message.replace('"text":"', `"text":"${'x'.repeat(10_000)}`)), /larger than this gateway accepts/],
    [
      plain('', { status: 307, headers: { location: 'http://elsewhere/' } }),
      /sent a redirect, which is not followed/,
    ],
    [plain(message, { headers: { 'content-encoding': 'x-own' } }), /with an unsupported content-encoding/],
  ]

  for (const [script, says] of scripts) {
    upstream.answer(script)
    const answer = await invoke(gateway)
    expectException(answer, { status: 424, type: 'ModelErrorException', says })
    expect(answer.headers['x-should-retry']).toBe('false')
  }
})

test('counts tokens of both kinds of input, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain('{"input_tokens": 14}'))
  const path = `/model/${bedrockOpus}/count-tokens`
  const body = Buffer.from(invokeBody).toString('base64')

  const invoked = await askSigned(gateway, path, {
    body: JSON.stringify({ input: { invokeModel: { body } } }),
  })
  const conversed = await askSigned(gateway, path, { body: `{"input":{"converse":${converseBody}}}` })

  expect([invoked.text, conversed.text]).toEqual(['{"inputTokens":14}', '{"inputTokens":14}'])
  expect(upstream.requests.map(({ target }) => target)).toEqual(Array(2).fill('/v1/messages/count_tokens'))
  expect(upstream.requests[0]?.body.toString()).toBe(
    `{"messages":[{"role":"user","content":"Hello"}],"model":"${opus}"}`,
  )
  expect(gateway.rows()).toEqual([])
})

test('omits members about the output when counting, for both kinds of input', async () => {
  const { gateway, upstream } = await startBoth(plain('{"input_tokens": 14}'))
  const logFields = {
    max_tokens: 9,
    temperature: 1,
    top_k: 5,
    stop_sequences: ['a'],
    metadata: { user_id: 'u' },
  }
  const invoked = Buffer.from(JSON.stringify({ ...JSON.parse(invokeBody), ...logFields })).toString('base64')
  const conversed = { ...JSON.parse(converseBody), additionalModelRequestFields: logFields }

  for (const input of [{ invokeModel: { body: invoked } }, { converse: conversed }])
    await askSigned(gateway, `/model/${bedrockOpus}/count-tokens`, { body: JSON.stringify({ input }) })

  const sent = upstream.requests.map((request) => Object.keys(JSON.parse(request.body.toString())).toSorted())
  expect(sent).toEqual([
    ['messages', 'model'],
    ['messages', 'model'],
  ])
})

const notices: readonly (readonly [string, string, string | null])[] = [
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', 'bedrock-2023-05-31', null],
  ['us.anthropic.claude-opus-4-7', '2026-10-21', null],
  ['us.anthropic.claude-opus-5-5', '2026-10-21', null],
  ['anthropic.claude-3-haiku-20240307-v1:0', 'bedrock-2023-05-31', null],
  [
    'us.anthropic.claude-opus-4-1-20250805-v1:0',
    '2023-06-01',
    'Amazon Bedrock would reject anthropic_version 2023-06-01; use bedrock-2023-05-31 there',
  ],
  [
    'us.anthropic.claude-opus-4-1-20250805-v1:0',
    '2026-10-21',
    'Amazon Bedrock would reject anthropic_version 2026-10-21 for claude-opus-4-1-20250805, which is older than Claude 4.7',
  ],
  [
    'us.anthropic.claude-sonnet-4-6',
    '2026-10-21',
    'Amazon Bedrock would reject anthropic_version 2026-10-21 for claude-sonnet-4-6, which is older than Claude 4.7',
  ],
  [
    'anthropic.claude-opus-4-1-20250805-v1:0',
    'bedrock-2023-05-31',
    "Amazon Bedrock would answer: Invocation of model ID anthropic.claude-opus-4-1-20250805-v1:0 with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
  ],
  [
    'eu.anthropic.claude-opus-4-1-20250805-v1:0',
    'bedrock-2023-05-31',
    'No source lists the inference profile eu. of Claude Opus 4.1; known: us.',
  ],
  [
    'claude-opus-4-1',
    'bedrock-2023-05-31',
    'Amazon Bedrock would not know claude-opus-4-1; Claude Opus 4.1 is anthropic.claude-opus-4-1-20250805-v1:0 there',
  ],
]

test('adds a notice if Amazon Bedrock would reject the request', async () => {
  const { gateway } = await startBoth(plain(message))

  for (const [model, bodyVersion, notice] of notices) {
    const body = invokeBody.replace('bedrock-2023-05-31', bodyVersion)
    const answer = await askSigned(gateway, `/model/${model}/invoke`, { body })
    expect([answer.status, answer.headers['x-anthology-notice'] ?? null], model).toEqual([200, notice])
  }
})

test('rejects a guardrail and an unsupported latency, and lists other options without effect in a notice', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const ask = (headers: Readonly<Record<string, string>>) =>
    askSigned(gateway, `/model/${profileOpus}/invoke`, { body: invokeBody, headers })

  const guarded = await ask({
    'x-amzn-bedrock-guardrailidentifier': 'gr-1',
    'x-amzn-bedrock-guardrailversion': '1',
  })
  const optimized = await ask({ 'x-amzn-bedrock-performanceconfig-latency': 'optimized' })
  const asked = upstream.requests.length
  const plainly = await ask({
    'x-amzn-bedrock-performanceconfig-latency': 'standard',
    'x-amzn-bedrock-service-tier': 'default',
    'x-amzn-bedrock-trace': 'DISABLED',
  })
  const wished = await ask({
    'x-amzn-bedrock-service-tier': 'flex',
    'x-amzn-bedrock-request-metadata': '{"team":"blue"}',
  })

  const says =
    "This model doesn't support the guardrailIdentifier field. Remove guardrailIdentifier and try again."
  expectException(guarded, { status: 400, type: 'ValidationException', says })
  expectException(optimized, {
    status: 400,
    type: 'ValidationException',
    says: /the performanceConfigLatency field/,
  })
  expect(asked).toBe(0)
  expect([plainly, wished].map(({ status, headers }) => [status, headers['x-anthology-notice']])).toEqual([
    [200, undefined],
    [200, 'serviceTier flex has no counterpart; the default tier serves; requestMetadata is not kept'],
  ])
})

test('adds a notice that Amazon Bedrock counts tokens only for plain ids', async () => {
  const { gateway } = await startBoth(plain('{"input_tokens": 14}'))
  const body = `{"input":{"converse":${converseBody}}}`

  const told = await Promise.all(
    [profileOpus, bedrockOpus].map(async (id) => {
      const answer = await askSigned(gateway, `/model/${id}/count-tokens`, { body })
      return answer.headers['x-anthology-notice']
    }),
  )

  expect(told).toEqual(['Amazon Bedrock would count tokens only for the id without its prefix', undefined])
})

const converseBody = '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'

async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url, limits, validateRequests: false })
  return { upstream, gateway }
}
