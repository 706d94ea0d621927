import { expect, test } from 'vitest'

import { createKey } from '../src/auth/key-ring.ts'
import { insertKey } from './stored-keys.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import type { Answer } from './http-client.ts'
import { plain, startUpstream } from './recording-upstream.ts'
import type { RecordingUpstream } from './recording-upstream.ts'
import { startGateway, temporaryFolder } from './running-gateway.ts'
import type { RunningGateway, StartOptions } from './running-gateway.ts'
import { message, opus } from './samples.ts'

const beta = 'context-1m-2025-08-07'
const sonnet = 'claude-sonnet-4-20250514'
const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'

const hello = { max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }
const converse = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }

/** A call of each protocol with a model's name. */
const protocols: Readonly<Record<string, (name: string) => readonly [path: string, body: object]>> = {
  messages: (model) => ['/v1/messages', { model, ...hello }],
  'token counting': (model) => ['/v1/messages/count_tokens', { model, messages: hello.messages }],
  openai: (model) => ['/v1/chat/completions', { model, ...hello }],
  invoke: (name) => [
    `/model/${encodeURIComponent(name)}/invoke`,
    { ...hello, anthropic_version: 'bedrock-2023-05-31' },
  ],
  converse: (name) => [`/model/${encodeURIComponent(name)}/converse`, converse],
  vertex: (name) => [
    `/v1/projects/p/locations/global/publishers/anthropic/models/${encodeURIComponent(name)}:rawPredict`,
    { ...hello, anthropic_version: 'vertex-2023-10-16' },
  ],
}

test.each(Object.keys(protocols))(
  '%s finds a model by any spelling, and sends its pinned id',
  async (protocol) => {
    const { gateway, upstream } = await startBoth()
    const names = [
      ['claude-opus-4.1', opus],
      ['CLAUDE-OPUS-4-1', opus],
      ['claude-opus-4-1-latest', opus],
      ['claude-sonnet-4', sonnet],
      ['claude-3-7-sonnet', 'claude-3-7-sonnet-20250219'],
    ] as const

    for (const [name, id] of names) {
      const answer = await call(gateway, protocol, name)

      expect([name, answer.status, sentModel(upstream)]).toEqual([name, 200, id])
      // The spelling changes nothing for the client; only Bedrock would reject it.
      if (answer.headers['x-amzn-requestid'] === undefined)
        expect(answer.headers['x-anthology-notice'] ?? '').not.toContain('would not know')
    }
  },
)

test.each([
  'anthropic/claude-opus-4.1',
  'openrouter/anthropic/claude-opus-4.1',
  'anthropic:claude-opus-4-1',
  'amazon-bedrock/us.anthropic.claude-opus-4-1-20250805-v1:0',
  'google-vertex-anthropic/claude-opus-4-1@20250805',
  'claude-opus-4-1@default',
])('finds %s behind its prefix', async (name) => {
  const { gateway, upstream } = await startBoth()

  for (const protocol of ['messages', 'openai'])
    expect([(await call(gateway, protocol, name)).status, sentModel(upstream)]).toEqual([200, opus])
})

test('finds @default in a path of Vertex AI', async () => {
  const { gateway, upstream } = await startBoth()

  expect([(await call(gateway, 'vertex', 'claude-opus-4-6@default')).status, sentModel(upstream)]).toEqual([
    200,
    'claude-opus-4-6',
  ])
})

test.each(Object.keys(protocols))('%s sends the beta that [1m] asks for, with a notice', async (protocol) => {
  const { gateway, upstream } = await startBoth()

  const answer = await call(gateway, protocol, `${sonnet}[1m]`)

  expect([answer.status, sentModel(upstream)]).toEqual([200, sonnet])
  expect(upstream.requests.at(-1)?.headers['anthropic-beta']).toBe(beta)
  expect(answer.headers['x-anthology-notice']).toContain(`[1m] adds the beta ${beta}`)
})

test('adds the beta of [1m] to those of the client, once', async () => {
  const { gateway, upstream } = await startBoth()
  const [path, body] = protocols['messages']?.(`anthropic/${sonnet}[1m]`) ?? ['', {}]
  const post = (betas: string) =>
    gateway.post(JSON.stringify(body), { path, headers: { 'anthropic-beta': betas } })

  await post('output-128k-2025-02-19')
  const again = await post(`${beta}, output-128k-2025-02-19`)

  expect(upstream.requests.map(({ headers }) => headers['anthropic-beta'])).toEqual([
    `output-128k-2025-02-19,${beta}`,
    `${beta}, output-128k-2025-02-19`,
  ])
  expect(again.headers['x-anthology-notice'] ?? '').not.toContain('[1m]')
})

test('bills a long prompt of [1m] at the price of its beta', async () => {
  const long = message.replace('"input_tokens": 25', '"input_tokens": 260000')
  const { gateway } = await startBoth({}, long)

  await call(gateway, 'messages', `${sonnet}[1m]`)
  await call(gateway, 'messages', sonnet)

  const [wide, usual] = gateway.rows().map((row) => Number(row['cost_nano_usd']))
  expect(wide).toBeGreaterThan(usual ?? 0)
})

test('says that [1m] has no effect where the model has no such window', async () => {
  const { gateway, upstream } = await startBoth()

  const haiku = await call(gateway, 'messages', 'claude-haiku-4-5[1m]')
  const native = await call(gateway, 'messages', 'claude-sonnet-5-5[1m]')

  expect(haiku.headers['x-anthology-notice']).toBe(
    '[1m] has no effect: claude-haiku-4-5-20251001 has a context window of 200000 tokens',
  )
  expect(native.headers['x-anthology-notice']).toBeUndefined()
  expect(upstream.requests.map(({ headers }) => headers['anthropic-beta'])).toEqual([undefined, undefined])
})

test('rejects [1m] in a batch that does not send its beta', async () => {
  const { gateway, upstream } = await startBoth({}, '{"id":"msgbatch_1","type":"message_batch"}')
  const params = { model: `${sonnet}[1m]`, ...hello }
  const body = JSON.stringify({ requests: [{ custom_id: 'a', params }] })
  const path = '/v1/messages/batches'

  const without = await gateway.post(body, { path })
  const withBeta = await gateway.post(body, { path, headers: { 'anthropic-beta': beta } })

  expect([without.status, JSON.parse(without.text).error.message]).toEqual([
    400,
    `requests.0.params.model: [1m] needs the beta ${beta}, which a batch sends for all of its requests: add it to the header anthropic-beta`,
  ])
  expect(withBeta.status).toBe(200)
  expect(upstream.requests).toHaveLength(1)
})

test.each(Object.keys(protocols))('%s maps an ARN by routing.aliases', async (protocol) => {
  const { gateway, upstream } = await startBoth({ routing: { aliases: { [arn]: 'Opus 4.8' } } })

  const answer = await call(gateway, protocol, arn)

  expect([answer.status, sentModel(upstream)]).toEqual([200, 'claude-opus-4-8'])
  expect(answer.headers['x-anthology-notice']).toBeUndefined()
})

test.each(Object.keys(protocols))('%s explains how to map an ARN that has no alias', async (protocol) => {
  const { gateway, upstream } = await startBoth()

  const answer = await call(gateway, protocol, arn)

  expect(answer.status).toBe(protocol === 'invoke' || protocol === 'converse' ? 400 : 404)
  expect(answer.text + (answer.headers['x-anthology-notice'] ?? '')).toContain(
    'GetInferenceProfile on Bedrock returns it. routing.aliases in anthology.yaml maps such a name to a model.',
  )
  expect(upstream.requests).toEqual([])
})

test.each([
  ['messages', 404, 'model: claude-v2:1. claude-2.1 was retired'],
  ['openai', 404, 'model: claude-v2:1. claude-2.1 was retired'],
  ['invoke', 404, 'This model version has reached the end of its life.'],
  ['converse', 404, 'This model version has reached the end of its life.'],
  ['vertex', 404, 'was not found or your project does not have access to it'],
])(
  '%s rejects a model from before the catalog, and names its replacement',
  async (protocol, status, text) => {
    const { gateway, upstream } = await startBoth()

    const answer = await call(gateway, protocol, 'claude-v2:1')

    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)])
    expect(answer.text + (answer.headers['x-anthology-notice'] ?? '')).toContain(
      'claude-2.1 was retired on 2025-07-21; its replacement is claude-opus-4-8.',
    )
    expect(upstream.requests).toEqual([])
  },
)

test("an alias is checked against the key's models, and finds its model's description", async () => {
  const dataFolder = temporaryFolder()
  const { secret, record } = createKey('team', ['claude-haiku-4-5-20251001'], 1)
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  database.close()
  const routing = { aliases: { best: opus, small: 'haiku 4.5' } }
  const { gateway } = await startBoth({ routing, dataFolder })
  const headers = { 'x-api-key': secret }
  const ask = (model: string) => gateway.post(JSON.stringify({ model, ...hello }), { headers })

  expect([(await ask('best')).status, (await ask('small')).status]).toEqual([403, 200])
  const described = await gateway.post('', { path: '/v1/models/small', method: 'GET', headers })
  expect(JSON.parse(described.text)).toMatchObject({ id: 'claude-haiku-4-5-20251001' })
})

async function startBoth(
  options: StartOptions = {},
  answer = message,
): Promise<{ readonly gateway: RunningGateway; readonly upstream: RecordingUpstream }> {
  const upstream = await startUpstream((response, request) => {
    const body = request.target.includes('count_tokens') ? '{"input_tokens":3}' : answer
    return plain(body)(response, request)
  })
  return { upstream, gateway: await startGateway({ upstreamUrl: upstream.url, ...options }) }
}

async function call(gateway: RunningGateway, protocol: string, name: string): Promise<Answer> {
  const [path, body] = protocols[protocol]?.(name) ?? ['', {}]
  return gateway.post(JSON.stringify(body), { path })
}

function sentModel({ requests }: RecordingUpstream): unknown {
  return JSON.parse(String(requests.at(-1)?.body)).model
}
