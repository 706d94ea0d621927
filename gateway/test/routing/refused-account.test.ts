import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { classifyUpstreamError } from '../../src/routing/upstream-error.ts'
import { ask } from '../http-client.ts'
import type { Answer } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream } from '../recording-upstream.ts'
import { httpAccount, startGateway, usual } from '../running-gateway.ts'
import { errorBody, message, opus } from '../samples.ts'
import { scrape } from '../telemetry/scrape.ts'

const adminKey = createSecret()
const haiku = 'claude-3-haiku-20240307'
const noAccess = plain(errorBody('not_found_error', `model: ${opus}`), { status: 404 })
const notPermitted = plain(errorBody('permission_error', 'You do not have access to this model.'), {
  status: 403,
})
const noCredit = plain(errorBody('billing_error', 'Your credit balance is too low'), { status: 402 })
const noQuota = plain(errorBody('rate_limit_error', 'This workspace has no tokens left.'), {
  status: 429,
  headers: { 'retry-after': '3600' },
})

/** A model of the gateway's configuration, which no client has named. */
function badName(text: string) {
  return plain(errorBody('invalid_request_error', text), { status: 400 })
}

test.each([
  ['a 404', noAccess],
  ['a 403', notPermitted],
  ["Bedrock's 400 for an invalid name", badName('The provided model identifier is invalid.')],
  [
    "Bedrock's 400 for a name without its profile",
    badName(
      `Invocation of model ID anthropic.${opus}-v1:0 with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
    ),
  ],
  [
    "Vertex AI's 400 for a project without the model",
    badName(
      'Project `[project]` is not allowed to use Publisher Model `projects/[project]/locations/global/publishers/anthropic/models/claude-opus-4-5`',
    ),
  ],
])(
  'an upstream without access to a model, told by %s, is asked once, and again after growing times',
  async (_, script) => {
    const { call, first, pass, list } = await startTwo(script)

    const moved = await call()
    const next = await call()

    expect(first.requests).toHaveLength(1)
    expect(notice(moved)).toBe(`upstream first did not answer, because its account has no access to ${opus}`)
    expect(notice(next)).toBe(`upstream first was not asked, because its account has no access to ${opus}`)
    expect(await list()).toMatchObject([
      {
        model: opus,
        state: 'open',
        last_failure: expect.stringContaining('model'),
        refusal: 'model',
        circuit_openings: 1,
      },
    ])

    pass(60_000)
    await Promise.all([call(), call()])
    expect(first.requests).toHaveLength(2)
    pass(60_000)
    await call()
    expect(first.requests).toHaveLength(2)
    pass(60_000)
    first.answer(plain(message))
    const answers = [await call(), await call()]

    expect(answers.map(({ headers }) => headers['x-anthology-upstream'])).toEqual(['first', 'first'])
    expect(notice(answers[0])).toBeUndefined()
  },
)

test('another model of the upstream is not affected by missing access', async () => {
  const { call, first } = await startTwo(noAccess)
  await call()
  first.answer(plain(message))

  const other = await call(haiku)

  expect(other.headers['x-anthology-upstream']).toBe('first')
  expect(notice(other)).toBeUndefined()
})

test('an exhausted spending limit keeps every model away from the upstream, and metrics show it', async () => {
  const { call, first, gateway, list } = await startTwo(noCredit)

  const moved = await call()
  const other = await call(haiku)

  expect(first.requests).toHaveLength(1)
  expect(notice(moved)).toBe(
    'upstream first did not answer, because its credit or spending limit is exhausted',
  )
  expect(notice(other)).toBe(
    'upstream first was not asked, because its credit or spending limit is exhausted',
  )
  expect(await list()).toMatchObject([{ model: '*', state: 'open', refusal: 'spend' }])
  expect((await scrape(gateway)).get('anthology_circuit_open{upstream="first",model="*"}')).toBe(1)
})

test.each([
  ['This organization has been disabled.', undefined],
  ['Operation not allowed', undefined],
  ['Your account is not authorized to invoke this API operation.', undefined],
  ['The organization is on hold.', { error_code: 'organization_on_hold' }],
])(
  'a disabled account, told by a 400 %j, keeps every model away from the upstream',
  async (text, details) => {
    const error = { type: 'invalid_request_error', message: text, details }
    const { call, first, list } = await startTwo(
      plain(JSON.stringify({ type: 'error', error }), { status: 400 }),
    )

    const moved = await call()
    const other = await call(haiku)

    expect([moved.status, other.status]).toEqual([200, 200])
    expect(first.requests).toHaveLength(1)
    expect(notice(moved)).toBe('upstream first did not answer, because its provider has disabled the account')
    expect(notice(other)).toBe('upstream first was not asked, because its provider has disabled the account')
    expect(await list()).toMatchObject([{ model: '*', state: 'open', refusal: 'account' }])
  },
)

test.each([
  ['a user profile', noCredit, { 'anthropic-user-profile-id': 'uprof_1' }],
  ['a workspace', noCredit, { 'anthropic-workspace-id': 'wrkspc_1' }],
  ['a workspace', notPermitted, { 'anthropic-workspace-id': 'wrkspc_1' }],
  ['a workspace', noQuota, { 'anthropic-workspace-id': 'wrkspc_1' }],
  ['a user profile', noQuota, { 'anthropic-user-profile-id': 'uprof_1' }],
])('the refusal of %s that a client names keeps no other call away', async (_, script, named) => {
  const { gateway, call, first, list } = await startTwo(script)

  const refused = await gateway.post(bodyFor(opus), { headers: { ...usual, ...named } })
  first.answer(plain(message))
  const answered = await call()

  expect(first.requests).toHaveLength(2)
  expect(refused.headers['x-anthology-upstream']).toBe('second')
  expect(answered.headers['x-anthology-upstream']).toBe('first')
  expect(await list()).toEqual([])
})

test('the only upstream is asked however often its account was refused', async () => {
  const upstream = await startUpstream(noCredit)
  const gateway = await startGateway({ accounts: [httpAccount(upstream.url)] })

  const refused = [await gateway.post(bodyFor(opus)), await gateway.post(bodyFor(opus))]
  upstream.answer(plain(message))
  const answered = await gateway.post(bodyFor(opus))

  expect(refused.map(({ status }) => status)).toEqual([402, 402])
  expect(answered.status).toBe(200)
})

test('words of the request in an error make no account unhealthy', () => {
  const words = (status: number, text: string) =>
    classifyUpstreamError({ status, type: 'invalid_request_error', message: text })

  expect(words(400, "tools.0: unexpected value 'spend limit'")).toBe('client')
  expect(words(400, 'You have reached your specified API usage limits.')).toBe('spend')
  expect(words(400, "tools.0: unexpected value 'The provided model identifier is invalid.'")).toBe('client')
  expect(words(400, "tools.0: unexpected value 'This organization has been disabled'")).toBe('client')
  expect(words(400, 'Operation not allowed for tools.0')).toBe('client')
  expect(words(404, 'File not found: file_model')).toBe('client')
  expect(words(400, 'messages.0: prompt is too long')).toBe('client')
  expect(words(400, 'Input is too long for requested model.')).toBe('context_size')
  expect(words(400, "The provided model doesn't support counting tokens.")).toBe('model_access')
  expect(words(404, 'The inference profile was not found')).toBe('model_access')
})

async function startTwo(script: Parameters<RecordingUpstream['answer']>[0]) {
  let now = 1_000_000_000_000
  const first = await startUpstream(script)
  const second = await startUpstream(plain(message))
  const gateway = await startGateway({
    adminKey,
    nowMs: () => now,
    accounts: [
      { ...httpAccount(first.url), name: 'first' },
      { ...httpAccount(second.url), name: 'second' },
    ],
  })
  const list = async () => {
    const { text } = await ask(`${gateway.url}/admin/v1/upstreams`, {
      headers: { ...usual, 'x-api-key': adminKey },
    })
    return JSON.parse(text).data[0].health
  }
  return {
    first,
    gateway,
    list,
    call: (model = opus) => gateway.post(bodyFor(model)),
    pass: (ms: number) => (now += ms),
  }
}

function bodyFor(model: string): string {
  return JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] })
}

/** The part about a refused account; the models of the tests have other notices too. */
function notice(answer: Answer | undefined): string | undefined {
  const notices = answer?.headers['x-anthology-notice']
  return (typeof notices === 'string' ? notices.split('; ') : []).find((each) => each.includes('because its'))
}
