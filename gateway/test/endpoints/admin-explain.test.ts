import { parseUsdPerMTok } from '@anthology/catalog'
import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createKey } from '../../src/auth/key-ring.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import type { GatewayOptions } from '../../src/gateway.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { insertKey } from '../stored-keys.ts'
import { bedrockAdapter } from '../../src/upstreams/bedrock.ts'
import { ask } from '../http-client.ts'
import type { Answer } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, startGateway, temporaryFolder, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, errorBody, message, opus } from '../samples.ts'

type Account = GatewayOptions['accounts'][number]

const adminKey = createSecret()

interface Explained {
  readonly model: string
  readonly attempts: readonly {
    readonly upstream: string
    readonly platform: string
    readonly model: string
    readonly because: string
    readonly price: { readonly low_usd: string; readonly high_usd: string; readonly rate_card: string }
  }[]
  readonly excluded: readonly {
    readonly upstream: string
    readonly because: string
    readonly detail: string
  }[]
}

test('lists the attempts of the call in their order with their prices, and the reason for every other upstream', async () => {
  const gateway = await startAdmin({
    accounts: [away('claude'), bedrock('bedrock-us', 'us-east-1'), foundry('foundry'), away('spare')],
    routing: { groups: [['bedrock-us'], ['claude'], ['foundry']] },
  })

  const answer = await explain(gateway, { model: 'claude-sonnet-4-0' })

  expect(answer).toEqual({
    model: 'claude-sonnet-4-20250514',
    attempts: [
      {
        upstream: 'bedrock-us',
        platform: 'bedrock',
        model: 'us.anthropic.claude-sonnet-4-20250514-v1:0',
        because: 'first_of_group',
        price: expect.objectContaining({ low_usd: expect.stringMatching(/^0\.0+\d/) }),
      },
      {
        upstream: 'claude',
        platform: 'anthropic',
        model: 'claude-sonnet-4-20250514',
        because: 'next_group',
        price: expect.objectContaining({ high_usd: expect.stringMatching(/^0\.0+\d/) }),
      },
    ],
    excluded: [
      {
        upstream: 'spare',
        model: 'claude-sonnet-4-20250514',
        because: 'not_in_groups',
        detail: expect.any(String),
      },
      {
        upstream: 'foundry',
        model: 'claude-sonnet-4-20250514',
        because: 'model_not_offered',
        detail: expect.any(String),
      },
    ],
  })
})

test('a call goes where its explanation says, for 30 conversations over three weighted upstreams', async () => {
  const gateway = await startAdmin({
    accounts: ['one', 'two', 'three'].map((name) => emulated(name)),
    routing: { groups: [['one', 'two', 'three']], weights: { one: 3 } },
  })
  const used = new Set<string | undefined>()

  for (let turn = 0; turn < 30; turn += 1) {
    const body = createBody({ text: `Conversation ${turn}` })
    const explained = await explain(gateway, { body, query: '?key=local' })
    const answer = await gateway.post(body)
    used.add(explained.attempts[0]?.upstream)
    const cost = Number(answer.headers['x-anthology-cost-usd'])
    expect(cost).toBeGreaterThanOrEqual(Number(explained.attempts[0]?.price.low_usd))
    expect(cost).toBeLessThanOrEqual(Number(explained.attempts[0]?.price.high_usd))
    expect(answer.headers['x-anthology-upstream']).toBe(explained.attempts[0]?.upstream)
    // The next turn stays where the cache is warm, and is explained so.
    const again = await explain(gateway, { body, query: '?key=local' })
    expect(again.attempts[0]).toMatchObject({
      upstream: explained.attempts[0]?.upstream,
      because: 'warm_cache',
    })
  }

  expect(used.size).toBe(3)
})

test('an alias for a share of the conversations is explained as each conversation gets it', async () => {
  const gateway = await startAdmin({
    accounts: [emulated('emulator')],
    routing: { aliases: { 'claude-opus-4-1': { to: 'claude-sonnet-4-0', share: '50%' } } },
  })
  const served = new Set<unknown>()

  for (let turn = 0; turn < 20; turn += 1) {
    // What follows the model in the body identifies the conversation.
    const body = createBody({ model: 'claude-opus-4-1', text: `Conversation ${turn}` })
    const explained = await explain(gateway, { body, query: '?key=local' })
    const answer = await gateway.post(body)
    served.add(explained.model)
    expect(answer.headers['x-anthology-model']).toBe(explained.model)
  }

  expect(served).toEqual(new Set([opus, 'claude-sonnet-4-20250514']))
})

test('sends nothing and records nothing', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startAdmin({ upstreamUrl: upstream.url })

  await explain(gateway, {})

  expect(upstream.requests).toEqual([])
  expect(gateway.rows()).toEqual([])
})

const converse = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] })
const invoke = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'Hello' }],
})
const predict = invoke.replace('bedrock-2023-05-31', 'vertex-2023-10-16')
const chat = JSON.stringify({ model: 'claude-opus-4-1', messages: [{ role: 'user', content: 'Hello' }] })

test.each([
  ['messages', callBody, ''],
  ['openai', chat, '?protocol=openai'],
  ['InvokeModel', invoke, '?protocol=bedrock&model=anthropic.claude-opus-4-1-20250805-v1:0'],
  ['its stream', invoke, '?protocol=bedrock&model=anthropic.claude-opus-4-1-20250805-v1:0&stream=true'],
  ['Converse', converse, '?protocol=bedrock&model=us.anthropic.claude-opus-4-1-20250805-v1%3A0'],
  ['Vertex AI', predict, '?protocol=vertex&model=claude-opus-4-1@20250805&stream=true'],
])('explains a request of %s', async (_, body, query) => {
  const gateway = await startAdmin({ accounts: [away('claude')] })

  const explained = await explain(gateway, { body, query })

  expect(explained).toMatchObject({ model: opus, attempts: [{ upstream: 'claude', model: opus }] })
})

test.each([
  ['a body that is no JSON', '{'],
  ['a missing member', '{"max_tokens":9}'],
  ['an unknown model', createBody({ model: 'claude-opus-9' })],
  ["a violation of the model's rules", createBody({ more: { temperature: 0.5, top_p: 0.9 } })],
])('%s is the error that the client gets', async (_, body) => {
  const gateway = await startAdmin({ accounts: [emulated('emulator')] })

  const explained = await askExplanation(gateway, { body })
  const called = await gateway.post(body)

  expect(called.status).toBeGreaterThanOrEqual(400)
  expect(explained.status).toBe(called.status)
  expect(explained.headers['content-type']).toBe('application/problem+json')
  const { error } = JSON.parse(called.text) as { error: { message: string } } // The envelope of the API.
  expect(JSON.parse(explained.text)).toMatchObject({ detail: error.message })
})

test('if no upstream takes the request, the problem says why for each', async () => {
  const gateway = await startAdmin({ accounts: [away('claude'), bedrock('us', 'us-east-1')] })

  const answer = await askExplanation(gateway, {
    body: createBody({ more: { temperature: 0.5, top_p: 0.9 } }),
  })

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text)).toMatchObject({
    code: 'bad_request',
    model: opus,
    attempts: [],
    excluded: [
      { upstream: 'claude', because: 'rejects_request', detail: expect.stringContaining('temperature') },
      { upstream: 'us', because: 'rejects_request', detail: expect.stringContaining('temperature') },
    ],
  })
})

test.each([
  ['?protocol=soap', 'protocol: must be one of messages, openai, bedrock, vertex'],
  ['?protocol=bedrock', 'model: clients of protocol bedrock name it in the path; give it as model=NAME'],
  ['?protocol=vertex&model=count-tokens&stream=true', "model: 'count-tokens' cannot be part of a path"],
  ['?model=claude-opus-4-1', 'model and stream are in the body of protocol messages, not in the query'],
  ['?protocol=vertex&model=claude-opus-4-1&stream=yes', 'stream: must be boolean'],
  ['?key=nobody', "key: no valid key has the id or name 'nobody'"],
  ['?limit=5', 'limit: unknown; use protocol, key, model, stream'],
])('refuses %s by name', async (query, detail) => {
  const gateway = await startAdmin({ accounts: [away('claude')] })

  const answer = await askExplanation(gateway, { body: invoke, query })

  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.text)).toMatchObject({ detail })
})

test('the price is that of the place: the region, the own prices of an upstream, or nothing', async () => {
  const rates = (usd: string) => (component: string) =>
    component === 'output' ? parseUsdPerMTok(usd) : parseUsdPerMTok('1')
  const gateway = await startAdmin({
    accounts: [
      away('claude'),
      bedrock('us', 'us-east-1'),
      { ...away('own'), rates: rates('10') },
      { ...away('free'), rates: () => 0n },
    ],
    routing: { groups: [['claude'], ['us'], ['own'], ['free']] },
  })

  const { attempts } = await explain(gateway, { model: 'claude-opus-4-5' })

  const [claude, us, own, free] = attempts.map(({ price }) => price)
  // 100 output tokens at $25, 10 % more in a geographic profile, and at $10; the prompt is some tokens.
  expect(Number(claude?.high_usd)).toBeGreaterThan(0.0025)
  expect(Number(us?.high_usd) / Number(claude?.high_usd)).toBeCloseTo(1.1, 6)
  expect(Number(own?.high_usd)).toBeGreaterThan(0.001)
  expect(Number(own?.high_usd)).toBeLessThan(0.0015)
  expect(own?.rate_card).toBe('upstream/own')
  expect(free).toMatchObject({ low_usd: '0.00', high_usd: '0.00' })
})

test('a model that the key may not use is explained as the refusal of that key', async () => {
  const dataFolder = temporaryFolder()
  const { record } = createKey('limited', ['claude-haiku-4-5-20251001'], 0)
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const gateway = await startAdmin({ accounts: [away('claude')], dataFolder })

  const forbidden = await askExplanation(gateway, { query: '?key=limited' })
  const byId = await askExplanation(gateway, { query: `?key=${record.id}`, model: 'claude-haiku-4-5' })

  expect(forbidden.status).toBe(403)
  expect(JSON.parse(forbidden.text)).toMatchObject({
    code: 'model_not_allowed',
    detail: `this key cannot use ${opus}; use one of: claude-haiku-4-5-20251001`,
  })
  expect(byId.status).toBe(200)
})

test('shows an open circuit and a blocked quota, until they end', async () => {
  const [broken, busy, good] = [
    await startUpstream(plain(errorBody('api_error', 'broken'), { status: 500 })),
    await startUpstream(
      plain(errorBody('rate_limit_error', 'busy'), { status: 429, headers: { 'retry-after': '20' } }),
    ),
    await startUpstream(plain(message)),
  ]
  const accounts = [broken, busy, good].map(({ url }, index) =>
    named(['broken', 'busy', 'good'][index] ?? '', url),
  )
  const gateway = await startAdmin({ accounts, routing: { circuit: { failures: 1, probe_ms: 60_000 } } })

  await gateway.post(callBody)
  const { attempts, excluded } = await explain(gateway, {})

  expect(attempts).toMatchObject([{ upstream: 'good', because: 'next_group' }])
  expect(excluded).toMatchObject([
    { upstream: 'broken', because: 'circuit_open', detail: expect.stringMatching(/in (?:59|60) s/) },
    { upstream: 'busy', because: 'quota_blocked', detail: expect.stringMatching(/(?:19|20) s/) },
  ])
})

interface Asked {
  readonly model?: string
  readonly body?: string
  readonly query?: string
}

async function explain(gateway: RunningGateway, asked: Asked): Promise<Explained> {
  const answer = await askExplanation(gateway, asked)
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as Explained // The tests check its members.
}

function askExplanation(gateway: RunningGateway, { model = opus, body, query = '' }: Asked): Promise<Answer> {
  return ask(`${gateway.url}/admin/v1/explain${query}`, {
    method: 'POST',
    body: body ?? createBody({ model }),
    headers: { ...usual, 'x-api-key': adminKey },
  })
}

function createBody({
  model = opus,
  text = 'Hello',
  more = {},
}: {
  model?: string
  text?: string
  more?: object
}): string {
  return JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: text }], ...more })
}

function startAdmin(options: StartOptions): Promise<RunningGateway> {
  return startGateway({ adminKey, ...options })
}

function named(name: string, url: string): Account {
  return { ...httpAccount(url), name }
}

/** An upstream that no test calls. */
function away(name: string): Account {
  return named(name, 'http://127.0.0.1:1')
}

function bedrock(name: string, region: string): Account {
  return { ...away(name), platform: 'bedrock', region, adapter: bedrockAdapter }
}

function foundry(name: string): Account {
  return { ...away(name), platform: 'foundry' }
}

function emulated(name: string): Account {
  const emulator = createEmulator({ seed: 'explain', keepRequests: false, tokensPerSecond: 0 })
  return { name, platform: 'anthropic', upstream: emulator, secrets: [] }
}
