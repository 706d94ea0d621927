import { expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { expectEnvelope } from '../api-errors.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import type { StartOptions } from '../running-gateway.ts'
import { errorBody, message, opus } from '../samples.ts'

const haiku35 = 'claude-3-5-haiku-20241022'
const sonnet37 = 'claude-3-7-sonnet-20250219'
const thinking = { type: 'enabled', budget_tokens: 2_000 }

const findings: readonly (readonly [string, Record<string, unknown>, Record<string, string>, RegExp])[] = [
  [
    'max_tokens above the model',
    { max_tokens: 40_000 },
    {},
    /^max_tokens: 40000 > 32000, which is the maximum allowed number of output tokens for claude-opus-4-1-20250805$/,
  ],
  [
    'temperature beside top_p',
    { temperature: 1, top_p: 0.9 },
    {},
    /^`temperature` and `top_p` cannot both be specified for this model\. Please use only one\.$/,
  ],
  ['thinking on a model without it', { model: haiku35, thinking }, {}, /does not support thinking/],
  [
    'adaptive thinking',
    { thinking: { type: 'adaptive' } },
    {},
    /adaptive thinking is not supported on this model/,
  ],
  [
    'a small budget',
    { thinking: { type: 'enabled', budget_tokens: 500 } },
    {},
    /budget_tokens: Input should be greater than or equal to 1024/,
  ],
  [
    'a budget above max_tokens',
    { thinking: { type: 'enabled', budget_tokens: 9_000 } },
    {},
    /`max_tokens` must be greater than `thinking\.budget_tokens`/,
  ],
  [
    'a temperature beside thinking',
    { thinking, temperature: 0.5 },
    {},
    /`temperature` may only be set to 1 when thinking is enabled/,
  ],
  [
    'a low top_p beside thinking',
    { thinking, top_p: 0.5 },
    {},
    /`top_p` must be greater than or equal to 0\.95/,
  ],
  ['top_k beside thinking', { thinking, top_k: 5 }, {}, /`top_k` must be unset when thinking is enabled/],
  [
    'a forced tool beside thinking',
    { thinking, tools: [{ name: 'x' }], tool_choice: { type: 'any' } },
    {},
    /Thinking may not be enabled when tool_choice forces tool use/,
  ],
  [
    'temperature in the version without it',
    { temperature: 0.5 },
    { 'anthropic-version': '2026-10-21' },
    /^temperature: Extra inputs are not permitted$/,
  ],
  [
    'an effort on a model without it',
    { output_config: { effort: 'low' } },
    {},
    /^This model does not support the effort parameter\.$/,
  ],
  [
    'context management without its beta',
    { context_management: { edits: [] } },
    {},
    /^context_management: Extra inputs are not permitted$/,
  ],
  [
    'a long answer without its beta',
    { model: sonnet37, max_tokens: 100_000 },
    {},
    /^max_tokens: 100000 > 64000/,
  ],
]

test("rejects violations of a model's rules before an upstream is called", async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, members, headers, says] of findings) {
    const answer = await gateway.post(bodyWith(members), { headers })
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says }, what)
    expect(answer.headers['x-should-retry'], what).toBe('false')
  }
  expect(upstream.requests).toEqual([])
  expect(gateway.rows()).toEqual([])
})

test('errors have the code on which clients of the API act', async () => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(bodyWith({}), { headers: { 'content-encoding': 'gzip' } })

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text)).toMatchObject({
    error: { details: { error_code: 'request_body_encoding_unsupported' } },
  })
  expect(upstream.requests).toEqual([])
})

test('leaves validation to the upstream when it is switched off', async () => {
  const { gateway, upstream } = await startBoth({ validateRequests: false })
  const apiError = errorBody('invalid_request_error', 'in the words of the platform')
  upstream.answer(plain(apiError, { status: 400 }))

  for (const [, members, headers] of findings) {
    const answer = await gateway.post(bodyWith(members), { headers })
    expect(answer.text).toBe(apiError)
  }

  expect(upstream.requests).toHaveLength(findings.length)
})

const servable: readonly (readonly [string, Record<string, unknown>, Record<string, string>])[] = [
  ['temperature alone', { temperature: 0.5 }, {}],
  ['top_p alone', { top_p: 0.5 }, {}],
  ['both on Opus 4, which accepts them', { model: 'claude-opus-4-20250514', temperature: 1, top_p: 0.9 }, {}],
  ['thinking within its rules', { thinking, temperature: 1, tools: [{ name: 'x' }] }, {}],
  ['thinking that is off', { model: haiku35, thinking: { type: 'disabled' } }, {}],
  [
    'a long answer with its beta',
    { model: sonnet37, max_tokens: 100_000 },
    { 'anthropic-beta': 'a, output-128k-2025-02-19' },
  ],
  [
    'a budget over a whole turn of tools',
    { thinking: { type: 'enabled', budget_tokens: 9_000 }, tools: [{ name: 'x' }] },
    { 'anthropic-beta': 'interleaved-thinking-2025-05-14' },
  ],
  ['a beta that the catalog does not know', {}, { 'anthropic-beta': 'tomorrow-2099-01-01' }],
  ['a member that is null', { context_management: null }, {}],
  [
    'values that only the upstream can judge',
    { max_tokens: '40000', temperature: null, thinking: 'yes', top_p: [] },
    {},
  ],
]

test('forwards requests that the rules allow, and values that only the upstream can judge', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, members, headers] of servable) {
    const answer = await gateway.post(bodyWith(members), { headers })
    expect(answer.text, what).toBe(message)
  }
  expect(upstream.requests).toHaveLength(servable.length)
})

const words = 'word '.repeat(900_000)
const say = (content: unknown) => [{ role: 'user', content }]

test('rejects a prompt that is too long for the model by any estimate, and lets its fallback take it', async () => {
  const { gateway, upstream } = await startBoth()
  const routing = { fallbacks: { [opus]: ['claude-opus-5'] } }
  const other = await startBoth({ routing })

  const refused = await gateway.post(bodyWith({ messages: say(words) }))
  const taken = await other.gateway.post(bodyWith({ messages: say(words) }))

  expectEnvelope(refused, {
    status: 400,
    type: 'invalid_request_error',
    says: /^prompt is too long: 562\d{3} tokens > 200000 maximum$/,
  })
  expect(upstream.requests).toEqual([])
  expect(taken.status).toBe(200)
  expect(other.upstream.requests.map(({ body }) => String(body.subarray(0, 40)))).toEqual([
    expect.stringContaining('claude-opus-5'),
  ])
})

const picture = { type: 'base64', media_type: 'image/png', data: 'iVBORw0K'.repeat(300_000) }

test.each<[string, Record<string, unknown>]>([
  ['of 200,000 words', { messages: say('word '.repeat(150_000)) }],
  ['with a large picture', { messages: say([{ type: 'image', source: picture }]) }],
  ['with thinking', { messages: say([{ type: 'thinking', thinking: words, signature: 'x' }]) }],
  [
    'with the beta of a long window',
    { model: 'claude-sonnet-4-5', messages: say(words.slice(0, 4_000_000)) },
  ],
])('leaves a prompt that may fit to the upstream: %s', async (_what, members) => {
  const { gateway, upstream } = await startBoth()

  const answer = await gateway.post(bodyWith(members), {
    headers: { 'anthropic-beta': 'context-1m-2025-08-07' },
  })

  expect(answer.status).toBe(200)
  expect(upstream.requests).toHaveLength(1)
})

test('a cache entry of an hour goes to a platform that has them', async () => {
  const upstream = await startUpstream(plain(message))
  const bedrock = createAccount(
    {
      platform: 'bedrock',
      name: 'bedrock',
      region: 'us-east-1',
      base_url: upstream.url,
      bearer_token: 'a-token-of-the-validation-tests',
    },
    defaultLimits,
  )
  const gateway = await startGateway({ accounts: [bedrock, httpAccount(upstream.url)] })
  const mark = { type: 'ephemeral', ttl: '1h' }
  const text = (more: object) => say([{ type: 'text', text: 'Hi', ...more }])
  const place = async (members: Record<string, unknown>) =>
    (await gateway.post(bodyWith(members))).headers['x-anthology-upstream']

  expect(await place({ messages: text({ cache_control: mark }) })).toBe('recorder')
  expect(await place({ system: [{ type: 'text', text: 'Hi', cache_control: mark }] })).toBe('recorder')
  expect(await place({ tools: [{ name: 'x', input_schema: {}, cache_control: mark }] })).toBe('recorder')
  expect(await place({ messages: text({ cache_control: { type: 'ephemeral', ttl: '5m' } }) })).toBe('bedrock')
  expect(await place({ messages: say('"cache_control":{"ttl":"1h"}') })).toBe('bedrock')
  expect(await place({ messages: text({ input: { ttl: '1h' } }) })).toBe('bedrock')
  // The mark of the whole request is left out for Bedrock.
  expect(await place({ cache_control: mark })).toBe('bedrock')
  expect(await place({ model: 'claude-opus-4-5', messages: text({ cache_control: mark }) })).toBe('bedrock')
  // A retired model has the cache of the cloud as it is today.
  expect(await place({ model: 'claude-sonnet-4-5', messages: text({ cache_control: mark }) })).toBe('bedrock')
})

test('adds a notice about problems that do not prevent the call', async () => {
  const { gateway } = await startBoth()

  const answer = await gateway.post(bodyWith({}))

  expect(answer.headers['x-anthology-notice']).toMatch(/^claude-opus-4-1-20250805 was retired on 2026-08-05/)
})

test('does not validate a request that only counts tokens', async () => {
  const { gateway, upstream } = await startBoth()

  await gateway.post(bodyWith({ max_tokens: 40_000 }), { path: '/v1/messages/count_tokens' })

  expect(upstream.requests).toHaveLength(1)
})

function bodyWith(members: Record<string, unknown>): string {
  return JSON.stringify({
    model: opus,
    max_tokens: 8_000,
    messages: [{ role: 'user', content: 'Hello' }],
    ...members,
  })
}

async function startBoth(options: StartOptions = {}) {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, ...options })
  return { upstream, gateway }
}
