import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createSecret } from '../src/auth/secret-file.ts'
import type { GatewayOptions } from '../src/gateway.ts'
import { bedrockAdapter } from '../src/upstreams/bedrock.ts'
import { until } from './condition.ts'
import { ask } from './http-client.ts'
import type { Answer, Asking } from './http-client.ts'
import { startUpstream } from './recording-upstream.ts'
import { httpAccount, startGateway, usual } from './running-gateway.ts'
import type { RunningGateway, StartOptions } from './running-gateway.ts'
import { callBody } from './samples.ts'

const adminKey = createSecret()

const sonnetAnswer = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content: [{ type: 'text', text: 'Hello' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 1 },
})

interface MadeKey {
  readonly id: string
  readonly key: string
}

test('a key is limited to its protocols', async () => {
  const gateway = await start()
  const { key } = await createKey(gateway, { protocols: ['openai'] })

  const messages = await call(gateway, key)
  const batches = await call(gateway, key, { method: 'GET' }, '/v1/messages/batches')
  const openai = await call(gateway, key, {}, '/v1/chat/completions')

  expect(messages).toMatchObject({ status: 403 })
  expect(messages.text).toContain('this key cannot use the protocol messages; use one of: openai')
  expect(batches.status).toBe(403)
  expect(openai.status).toBe(200)
})

test('a key is limited to upstreams in its regions, and an explanation gives the reason', async () => {
  const accounts = [emulated('claude'), emulated('eu', 'eu'), bedrock('us', 'us-east-1')]
  const gateway = await start({ accounts, routing: { groups: [['claude', 'us'], ['eu']] } })
  const { key, id } = await createKey(gateway, { regions: ['eu'] })
  const nowhere = await createKey(gateway, { regions: ['moon'] })

  const answer = await call(gateway, key)
  const refused = await call(gateway, nowhere.key)
  const upload = await call(gateway, nowhere.key, {}, '/v1/files')
  const explained = await askAdmin(gateway, `/admin/v1/explain?key=${id}`, { method: 'POST', body: callBody })

  expect(answer.headers['x-anthology-upstream']).toBe('eu')
  expect(refused).toMatchObject({ status: 403 })
  expect(refused.text).toContain('is in a region that this key may use')
  expect(upload.text).toContain('no upstream with batches and files is in a region that this key may use')
  const { attempts, excluded } = JSON.parse(explained.text)
  expect(attempts.map(({ upstream }: { readonly upstream: string }) => upstream)).toEqual(['eu'])
  // Upstreams of one group are in the order of the conversation's hash.
  expect(excluded).toHaveLength(2)
  expect(excluded).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        upstream: 'claude',
        because: 'region_not_allowed',
        detail: 'it has no region; the key may use eu',
      }),
      expect.objectContaining({
        upstream: 'us',
        because: 'region_not_allowed',
        detail: 'its region is us-east-1; the key may use eu',
      }),
    ]),
  )
})

test('a key never gets a fallback that it may not ask for, in any protocol, and an explanation says so', async () => {
  const recorder = await startUpstream((response, { body }) => {
    const isOpus = String(body).includes('claude-opus-4-5')
    response.writeHead(isOpus ? 529 : 200, { 'content-type': 'application/json' })
    response.end(
      isOpus ? '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}' : sonnetAnswer,
    )
  })
  const gateway = await start({
    accounts: [{ ...httpAccount(recorder.url), name: 'claude' }],
    routing: {
      fallbacks: { 'claude-opus-4-5': ['claude-sonnet-4-5'] },
      aliases: { ours: { to: 'claude-opus-4-5' } },
    },
  })
  const [limited, free] = [
    await createKey(gateway, { models: ['claude-opus-4-5'] }),
    await createKey(gateway, {}),
  ]
  const messages = [{ role: 'user', content: 'Hi' }]
  const post = async (key: string, path: string, body: object) =>
    (await call(gateway, key, { body: JSON.stringify(body) }, path)).status
  const asOpus = { model: 'claude-opus-4-5', max_tokens: 5, messages }
  const converse = { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }

  expect(await post(free.key, '/v1/messages', asOpus)).toBe(200)
  expect(await post(limited.key, '/v1/messages', asOpus)).toBe(529)
  expect(await post(limited.key, '/v1/messages', { ...asOpus, model: 'ours' })).toBe(529)
  expect(await post(limited.key, '/v1/chat/completions', asOpus)).toBeGreaterThanOrEqual(500)
  expect(
    await post(limited.key, '/model/anthropic.claude-opus-4-5-20251101-v1:0/converse', converse),
  ).toBeGreaterThanOrEqual(500)
  const sonnets = recorder.requests.filter(({ body }) => String(body).includes('claude-sonnet-4-5'))
  expect(sonnets).toHaveLength(1)
  const explained = await askAdmin(gateway, `/admin/v1/explain?key=${limited.id}`, {
    method: 'POST',
    body: JSON.stringify(asOpus),
  })
  expect(JSON.parse(explained.text).excluded).toEqual([
    expect.objectContaining({ upstream: 'claude', because: 'model_not_permitted' }),
  ])
})

test('a key can be used from its addresses only, as a trusted proxy reports them', async () => {
  const direct = await start()
  const behind = await start({ trustedProxies: ['127.0.0.1', '10.1.0.0/16'] })
  const ranges = { ip_ranges: ['192.0.2.0/24', '2001:db8::/32'] }
  const [one, other] = [await createKey(direct, ranges), await createKey(behind, ranges)]
  const from = (gateway: RunningGateway, key: string, address: string) =>
    call(gateway, key, { headers: { 'x-forwarded-for': address } })

  const refused = await from(direct, one.key, '192.0.2.7')

  expect(refused).toMatchObject({ status: 403 })
  expect(refused.text).toContain('this key cannot be used from 127.0.0.1')
  expect((await from(behind, other.key, '192.0.2.7')).status).toBe(200)
  expect((await from(behind, other.key, '::ffff:192.0.2.7')).status).toBe(200)
  expect((await from(behind, other.key, '2001:db8:1::1')).status).toBe(200)
  expect((await from(behind, other.key, '192.0.2.7, 10.1.2.3')).status).toBe(200)
  // The client can write what stands before the address that the proxy saw.
  expect((await from(behind, other.key, '192.0.2.7, 198.51.100.1')).status).toBe(403)
  expect((await from(behind, other.key, 'nonsense')).status).toBe(403)
})

test('a key ends at its time, and the error says so', async () => {
  let nowMs = Date.parse('2027-01-01T00:00:00Z')
  const gateway = await start({ nowMs: () => nowMs })
  const { key } = await createKey(gateway, { expires_at: '2027-01-01T01:00:00+01:00' }).catch(() => ({
    key: '',
  }))
  const later = await createKey(gateway, { expires_at: '2027-01-01T00:00:10Z' })

  const before = await call(gateway, later.key)
  nowMs += 10_000
  const after = await call(gateway, later.key)

  expect(key).toBe('')
  expect(before.status).toBe(200)
  expect(after).toMatchObject({ status: 401 })
  expect(after.text).toContain('this key expired at 2027-01-01T00:00:10.000Z')
})

test('a stored rate precedes that of the configuration, per figure', async () => {
  const gateway = await start({ rates: { default: { requests_per_minute: 1 } } })
  const { key } = await createKey(gateway, { rates: { requests_per_minute: 2 } })

  const statuses = []
  for (let time = 0; time < 3; time += 1) statuses.push((await call(gateway, key)).status)

  expect(statuses).toEqual([200, 200, 429])
})

test('a changed permission applies within a second', async () => {
  const gateway = await start()
  const { key, id } = await createKey(gateway, {})
  expect((await call(gateway, key)).status).toBe(200)

  const changed = await askAdmin(gateway, `/admin/v1/keys/${id}`, {
    method: 'PATCH',
    body: JSON.stringify({ models: ['claude-haiku-4-5'] }),
  })

  expect(JSON.parse(changed.text)).toMatchObject({ models: ['claude-haiku-4-5-20251001'] })
  await until('the change applies', async () => (await call(gateway, key)).status === 403)
})

test('after a rotation both secrets work until the overlap ends, then only the new one', async () => {
  let nowMs = Date.now()
  const gateway = await start({ nowMs: () => nowMs })
  const old = await createKey(gateway, {})
  const rotated = await askAdmin(gateway, `/admin/v1/keys/${old.id}/rotate`, {
    method: 'POST',
    body: JSON.stringify({ overlap_seconds: 60 }),
  })
  const fresh = JSON.parse(rotated.text) as MadeKey
  await until('the new secret works', async () => (await call(gateway, fresh.key)).status === 200)

  const during = await call(gateway, old.key)
  nowMs += 60_000
  const [afterOld, afterFresh] = [await call(gateway, old.key), await call(gateway, fresh.key)]

  expect(fresh.id).toBe(old.id)
  expect(during.status).toBe(200)
  expect(afterOld.status).toBe(401)
  expect(afterFresh.status).toBe(200)
})

test('archiving a workspace or a member revokes their keys', async () => {
  const gateway = await start()
  const post = (path: string, body: object) =>
    askAdmin(gateway, `/admin/v1/${path}`, { method: 'POST', body: JSON.stringify(body) })
  await post('workspaces', { name: 'research' })
  await post('members', { name: 'Ann' })
  const [one, other] = [
    await createKey(gateway, { workspace_id: 'research' }),
    await createKey(gateway, { member_id: 'Ann' }),
  ]

  const archived = await askAdmin(gateway, '/admin/v1/workspaces/research', { method: 'DELETE' })
  await askAdmin(gateway, '/admin/v1/members/Ann', { method: 'DELETE' })

  expect(archived.status).toBe(200)
  for (const { key } of [one, other])
    await until('the key is revoked', async () => (await call(gateway, key)).status === 401)
})

async function start(options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, accounts: [emulated('claude')], ...options })
}

async function createKey(gateway: RunningGateway, input: object): Promise<MadeKey> {
  const answer = await askAdmin(gateway, '/admin/v1/keys', { method: 'POST', body: JSON.stringify(input) })
  if (answer.status !== 201) throw new Error(answer.text)
  const made = JSON.parse(answer.text) as MadeKey // The schema of the answer has these members.
  // The key ring reads the store four times a second.
  await until('the key is known', async () => {
    const { text } = await call(gateway, made.key, { method: 'GET' }, '/v1/models')
    return !text.includes('invalid x-api-key')
  })
  return made
}

function call(
  gateway: RunningGateway,
  key: string,
  asking: Asking = {},
  path = '/v1/messages',
): Promise<Answer> {
  const headers = { ...usual, 'x-api-key': key, ...asking.headers }
  const body = asking.method === 'GET' ? {} : { body: callBody }
  return ask(gateway.url + path, { method: 'POST', ...body, ...asking, headers })
}

function askAdmin(gateway: RunningGateway, path: string, asking: Asking): Promise<Answer> {
  return ask(gateway.url + path, { ...asking, headers: { ...usual, 'x-api-key': adminKey } })
}

type Account = GatewayOptions['accounts'][number]

function emulated(name: string, region?: string): Account {
  const emulator = createEmulator({ seed: 'permissions', keepRequests: false, tokensPerSecond: 0 })
  return {
    name,
    platform: 'anthropic',
    upstream: emulator,
    secrets: [],
    ...(region !== undefined && { region }),
  }
}

function bedrock(name: string, region: string): Account {
  return { ...emulated(name, region), platform: 'bedrock', adapter: bedrockAdapter }
}
