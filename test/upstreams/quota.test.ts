import { createAccount, defaultLimits } from '@anthology/gateway'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { ask } from '../../gateway/test/http-client.ts'
import { startGateway } from '../../gateway/test/running-gateway.ts'
import { scrape } from '../../gateway/test/telemetry/scrape.ts'
import { describeCloud, emulatorCredentials, model } from './clouds.ts'
import type { CloudConfig } from './clouds.ts'
import { call } from './protocols.ts'

const adminKey = 'sk-anthology-admin-key-of-the-quota-test'
const id = 'claude-haiku-4-5-20251001'
const limit = 4_000

test('a call takes only what it has used of the quota once it has ended, which metrics and the admin API show', async () => {
  const { gateway, emulator } = await startPair()
  const body = JSON.stringify({ model, max_tokens: 3_000, messages: [{ role: 'user', content: 'Hello' }] })
  const post = () => gateway.post(body)

  const first = await post()
  const usage = JSON.parse(first.text).usage
  const taken = usage.input_tokens + 5 * usage.output_tokens
  const samples = await scrape(gateway)
  const [aws] = await listUpstreams(gateway.url)
  const second = await post()

  // Both reservations together exceed the limit; the second one fits because the first was settled.
  expect(taken).toBeLessThan(limit - 3_100)
  expect([first.headers['x-anthology-upstream'], second.headers['x-anthology-upstream']]).toEqual([
    'invoke',
    'invoke',
  ])
  expect(samples.get(`anthology_quota_used_tokens{upstream="invoke",model="${id}"}`)).toBe(taken)
  expect(samples.get(`anthology_quota_limit_tokens{upstream="invoke",model="${id}"}`)).toBe(limit)
  expect(aws?.health).toMatchObject([
    { model: id, state: 'healthy', quota: { used_tokens: taken, tokens_per_minute: limit } },
  ])
  expect(emulator.requests.length).toBe(2)
})

test('an explanation names the quota that has no room, and the call is made where it fits', async () => {
  const { gateway } = await startPair()
  const body = JSON.stringify({ model, max_tokens: limit, messages: [{ role: 'user', content: 'Hello' }] })
  // Larger than the whole quota: the first one is sent, because the window is empty.
  expect((await gateway.post(body)).headers['x-anthology-upstream']).toBe('invoke')

  const explained = await ask(`${gateway.url}/admin/v1/explain`, {
    method: 'POST',
    body,
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
  })
  const second = await gateway.post(body)

  expect(JSON.parse(explained.text)).toMatchObject({
    attempts: [{ upstream: 'anthropic' }],
    excluded: [{ upstream: 'invoke', because: 'quota_blocked' }],
  })
  expect(second.headers['x-anthology-upstream']).toBe('anthropic')
})

test('counts the calls of every protocol that Bedrock answers, streams included', async () => {
  const { gateway } = await startPair()

  await call(gateway.url, 'converse', { text: 'Hello', stream: true })

  const samples = await scrape(gateway)
  const [row] = gateway.rows()
  const usage = JSON.parse(String(row?.['usage']))
  expect(samples.get(`anthology_quota_used_tokens{upstream="invoke",model="${id}"}`)).toBe(
    usage.input_tokens + 5 * usage.output_tokens,
  )
})

/** Bedrock with a small quota, then the Claude API. */
async function startPair() {
  const emulator = createEmulator(emulatorCredentials)
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  const bedrock = describeCloud('invoke', server.url)
  const configs: readonly CloudConfig[] = [
    bedrock.platform === 'bedrock' ? { ...bedrock, tokens_per_minute: { [model]: limit } } : bedrock,
    describeCloud('anthropic', server.url),
  ]
  const accounts = configs.map((config) => createAccount(config, defaultLimits))
  return { gateway: await startGateway({ accounts, adminKey }), emulator }
}

interface ListedUpstream {
  readonly health: readonly { readonly quota: object | null }[]
}

async function listUpstreams(url: string): Promise<readonly ListedUpstream[]> {
  const answer = await ask(`${url}/admin/v1/upstreams`, { headers: { 'x-api-key': adminKey } })
  return JSON.parse(answer.text).data
}
