import { expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import type { AnthropicConfig } from '../../src/config/parse-config.ts'
import { GatewayError } from '../../src/errors.ts'
import { defaultLimits } from '../../src/limits.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { insertKey } from '../stored-keys.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { ask, readEnvelope } from '../http-client.ts'
import type { Answer } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, localKey, startGateway, temporaryFolder } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { errorBody, message } from '../samples.ts'
import { foreignName, startRenamingUpstream } from './renaming-upstream.ts'

const hello = { max_tokens: 64, messages: [{ role: 'user', content: 'Hello' }] }
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
const weather = { name: 'get_weather', input_schema: { type: 'object', properties: {} } }

test('answers a call for any Claude model with the local one, at no cost, and says so', async () => {
  const { gateway, upstream } = await start()

  const answer = await gateway.post(JSON.stringify({ model: 'claude-opus-4-1', ...hello }))

  expect(answer.status).toBe(200)
  expect(answer.text).toContain(`"model":"${foreignName}"`)
  expect(answer.headers).toMatchObject({
    'x-anthology-upstream': 'local',
    'x-anthology-model': foreignName,
    'x-anthology-cost-usd': '0.00',
  })
  expect(answer.headers['x-anthology-notice']).toContain(
    `${foreignName} of upstream local was asked in place of claude-opus-4-1-20250805`,
  )
  expect(upstream.requests.map(({ body }) => JSON.parse(body.toString()).model)).toEqual([foreignName])
  expect(gateway.rows()).toMatchObject([
    { requested_model: 'claude-opus-4-1', model: foreignName, upstream: 'local', cost_nano_usd: 0 },
  ])
})

test('prices the local model by the prices of its upstream, exactly', async () => {
  const { gateway } = await start({ price: { input: '0.25', output: '1.5' } })

  const answer = await gateway.post(JSON.stringify({ model: foreignName, ...hello }))

  const { usage } = JSON.parse(answer.text) as { usage: { input_tokens: number; output_tokens: number } }
  // $0.25 and $1.50 per million tokens are 250 and 1,500 nano-dollars a token.
  const cost = usage.input_tokens * 250 + usage.output_tokens * 1_500
  expect(gateway.rows()).toMatchObject([{ model: foreignName, cost_nano_usd: cost }])
})

test('knows no price for a local model without one, and does not call it free', async () => {
  const { gateway } = await start({}, {}, ['price'])

  const answer = await gateway.post(JSON.stringify({ model: foreignName, ...hello }))

  expect(answer.headers['x-anthology-cost-usd']).toBeUndefined()
  expect(gateway.rows()).toMatchObject([{ model: foreignName, cost_nano_usd: null }])
})

test.each([
  ['the Messages API', '/v1/messages', { model: foreignName, ...hello }],
  ['a stream', '/v1/messages', { model: foreignName, stream: true, ...hello }],
  ['Claude Code with a long window', '/v1/messages?beta=true', { model: `${foreignName}[1m]`, ...hello }],
  ['OpenAI', '/v1/chat/completions', { model: foreignName, messages: hello.messages }],
  ['Amazon Bedrock', `/model/${foreignName}/invoke`, { anthropic_version: 'bedrock-2023-05-31', ...hello }],
  [
    'Vertex AI',
    `/v1/projects/p/locations/global/publishers/anthropic/models/${foreignName}:rawPredict`,
    { anthropic_version: 'vertex-2023-10-16', ...hello },
  ],
])('serves the local model under its own name through %s', async (_, path, body) => {
  const { gateway } = await start()

  const answer = await send(gateway, path, body)

  expect(answer.status, answer.text).toBe(200)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', model: foreignName }])
})

test('lists the local model with the facts of its upstream, and describes it', async () => {
  const { gateway } = await start({ context_tokens: 32_768, max_output_tokens: 8_192 })
  const headers = { 'x-api-key': localKey, 'anthropic-version': '2023-06-01' }

  const list = await ask(`${gateway.url}/v1/models?limit=1000`, { headers })
  const one = await ask(`${gateway.url}/v1/models/${foreignName}`, { headers })

  const { data } = JSON.parse(list.text) as { data: { id: string }[] }
  const listed = data.find(({ id }) => id === foreignName)
  expect(listed).toMatchObject({
    type: 'model',
    display_name: foreignName,
    line: null,
    max_input_tokens: 32_768,
    max_tokens: 8_192,
  })
  expect(JSON.parse(one.text)).toEqual(listed)
})

test('counts tokens at an upstream that can, and otherwise estimates them with a notice', async () => {
  const counting = await start()
  const estimating = await start({ count_tokens: false })
  const body = { model: foreignName, messages: hello.messages }

  const counted = await send(counting.gateway, '/v1/messages/count_tokens', body)
  const estimated = await send(estimating.gateway, '/v1/messages/count_tokens', body)

  expect(counted.headers['x-anthology-notice']).toBeUndefined()
  expect(counting.upstream.requests).toHaveLength(1)
  expect(estimated.status).toBe(200)
  expect(JSON.parse(estimated.text)).toEqual({ input_tokens: expect.any(Number) })
  expect(estimated.headers['x-anthology-notice']).toContain('an estimate of the gateway')
  expect(estimating.upstream.requests).toHaveLength(0)
})

test('estimates the tokens of a long prompt too, which is sent in pieces', async () => {
  const { gateway } = await start({ count_tokens: false })
  const content = 'word '.repeat(40_000)

  const answer = await send(gateway, '/v1/messages/count_tokens', {
    model: 'claude-haiku-4-5',
    messages: [{ role: 'user', content }],
  })

  const { input_tokens: tokens } = JSON.parse(answer.text) as { input_tokens: number }
  expect(tokens).toBeGreaterThan(40_000)
  expect(tokens).toBeLessThan(100_000)
})

test.each([
  ['output', { max_output_tokens: 63 }, {}, 'max_tokens: 64 > 63, which is the maximum allowed number'],
  ['window', { context_tokens: 10 }, {}, /^prompt is too long: \d+ tokens > 10 maximum$/],
  ['images', { vision: false }, { messages: [{ role: 'user', content: [image] }] }, 'does not take images'],
  ['tools', { tools: false }, { tools: [weather] }, 'does not take tools'],
])(
  'rejects a request that exceeds the %s of the local model, in the words of the API',
  async (_, facts, more, text) => {
    const { gateway, upstream } = await start(facts)

    const answer = await gateway.post(JSON.stringify({ model: foreignName, ...hello, ...more }))

    expect(answer.status).toBe(400)
    expect(readEnvelope(answer.text).error).toMatchObject({
      type: 'invalid_request_error',
      message: typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text),
    })
    expect(upstream.requests).toHaveLength(0)
  },
)

test('a prompt that is too long for the local model goes to a model with a larger window, and to no other', async () => {
  const text = 'request (70001 tokens) exceeds the available context size (65536 tokens), try increasing it'
  const engine = await startUpstream(plain(errorBody('invalid_request_error', text), { status: 400 }))
  const tooLong = errorBody('invalid_request_error', 'prompt is too long: 200001 tokens > 200000 maximum')
  const [first, second] = [await startUpstream(plain(message)), await startUpstream(plain(message))]
  const config = { platform: 'anthropic', base_url: engine.url, models: { '*': foreignName } } as const
  const gateway = await startGateway({
    accounts: [
      createAccount({ ...config, name: 'local', price: 'free' }, defaultLimits),
      { ...httpAccount(first.url), name: 'first' },
      { ...httpAccount(second.url), name: 'second' },
    ],
  })
  const call = () => gateway.post(JSON.stringify({ model: 'claude-opus-4-1', ...hello }))

  const moved = await call()
  first.answer(plain(tooLong, { status: 400 }))
  const rejected = await call()

  expect([moved.status, moved.headers['x-anthology-upstream']]).toEqual([200, 'first'])
  expect(moved.headers['x-anthology-notice']).toContain(
    `upstream local did not answer, because the prompt is too long for ${foreignName}`,
  )
  // The same model elsewhere has the same window, and Claude Code compacts the conversation after this error.
  expect([rejected.status, rejected.text]).toEqual([400, tooLong])
  expect([engine, first, second].map(({ requests }) => requests.length)).toEqual([2, 2, 0])
})

test.each([
  [
    '{"error":{"code":400,"message":"unknown template","type":"exceed_context_size_error"}}',
    'unknown template',
  ],
  ['{"error":"unknown template"}', 'unknown template'],
  ['{"detail":"unknown template"}', 'unknown template'],
  ['<html>Bad Request</html>', 'The upstream answered with status 400 and no readable error.'],
])("an error of a local engine has the form of the client's API: %s", async (body, text) => {
  const engine = await startUpstream(plain(body, { status: 400 }))
  const config = { platform: 'anthropic', base_url: engine.url, models: { '*': foreignName } } as const
  const gateway = await startGateway({ accounts: [createAccount(config, defaultLimits)] })

  const answer = await gateway.post(JSON.stringify({ model: 'claude-opus-4-1', ...hello }))

  expect(answer.status).toBe(400)
  expect(answer.headers['content-type']).toBe('application/json')
  expect(readEnvelope(answer.text)).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', message: text },
  })
})

test('sends text that mentions image blocks to a local model without vision', async () => {
  const { gateway } = await start({ vision: false })
  const messages = [{ role: 'user', content: 'What is {"type":"image"}?' }]

  const answer = await gateway.post(JSON.stringify({ model: foreignName, max_tokens: 64, messages }))

  expect(answer.status).toBe(200)
})

test('leaves thinking out for a local model that does not think, with a notice', async () => {
  const { gateway, upstream } = await start({ thinking: false })
  const thinking = { type: 'adaptive', display: 'omitted' }
  const context = { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] }

  const answer = await gateway.post(
    JSON.stringify({ model: foreignName, ...hello, thinking, context_management: context }),
  )

  expect(answer.status, answer.text).toBe(200)
  expect(upstream.requests.map(({ body }) => JSON.parse(body.toString()))).toEqual([
    { model: foreignName, ...hello },
  ])
  expect(answer.headers['x-anthology-notice']).toContain(
    `${foreignName} has no thinking, so thinking was left out`,
  )
})

test('a key limited to the local model may use it by its name only', async () => {
  const dataFolder = temporaryFolder()
  const { secret, record } = createKey('team', [foreignName], 1)
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const { gateway } = await start({}, { dataFolder })
  const headers = { 'x-api-key': secret }
  const post = (model: string) => gateway.post(JSON.stringify({ model, ...hello }), { headers })

  expect((await post(foreignName)).status).toBe(200)
  expect((await post('claude-opus-4-1')).status).toBe(403)
  const list = await ask(`${gateway.url}/v1/models`, {
    headers: { ...headers, 'anthropic-version': '2023-06-01' },
  })
  expect(JSON.parse(list.text)).toMatchObject({ data: [{ id: foreignName }], has_more: false })
})

test('falls back to the local model only as configured, and offers no other model there', async () => {
  const models = { 'claude-haiku-4-5': foreignName }
  const routing = { fallbacks: { 'claude-opus-4-1': [foreignName] }, aliases: { ours: foreignName } }
  const { gateway } = await start({ models, tools: true }, { routing })

  const statuses = ['claude-haiku-4-5', 'claude-opus-4-1', 'ours', 'claude-sonnet-4-5'].map(
    async (model) => (await gateway.post(JSON.stringify({ model, ...hello }))).status,
  )

  expect(await Promise.all(statuses)).toEqual([200, 200, 200, 404])
})

test('rejects facts of models that the configuration does not name', () => {
  const create = () => createAccount({ platform: 'anthropic', context_tokens: 8_192 }, defaultLimits)

  expect(create).toThrow(GatewayError)
  expect(create).toThrow("upstream 'anthropic': context_tokens needs models")
})

/** A gateway whose only upstream serves a model outside the catalog. */
async function start(
  facts: Partial<AnthropicConfig> = {},
  options: StartOptions = {},
  without: readonly (keyof AnthropicConfig)[] = [],
) {
  const upstream = await startRenamingUpstream()
  const config = {
    name: 'local',
    platform: 'anthropic',
    base_url: upstream.url,
    models: { '*': foreignName },
    price: 'free',
    ...facts,
  } as const
  const kept = Object.fromEntries(
    Object.entries(config).filter(([member]) => !without.some((each) => each === member)),
  )
  // Leaving out an optional member keeps the type.
  const account = createAccount(kept as unknown as AnthropicConfig, defaultLimits)
  const gateway = await startGateway({ ...options, accounts: [account] })
  return { gateway, upstream }
}

/** Sends a body as the clients of each protocol do. */
function send(gateway: RunningGateway, path: string, body: object): Promise<Answer> {
  const headers = { authorization: `Bearer ${localKey}`, 'x-api-key': undefined }
  return gateway.post(JSON.stringify(body), { path, headers })
}
