import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { setAlias } from '../../src/organization/routing-changes.ts'
import { openStore } from '../../src/store/open-store.ts'
import { ensureWorkspaces } from '../../src/organization/workspaces.ts'
import { createForeignModel } from '../../src/upstreams/foreign-model.ts'
import { ask } from '../http-client.ts'
import { startGateway, temporaryFolder, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'

const adminKey = createSecret()
const [opus, sonnet] = ['claude-opus-4-1-20250805', 'claude-sonnet-4-20250514']

test('a changed alias applies to the next call, precedes the configuration, and ends when it is removed', async () => {
  const gateway = await start({
    routing: { aliases: { 'claude-opus-4-1': { to: 'claude-sonnet-4-0', share: '0%' } } },
  })
  const path = '/admin/v1/routing/aliases/claude-opus-4-1'

  const before = await call(gateway, 'claude-opus-4-1')
  const changed = await send(gateway, 'PUT', path, { to: 'claude-sonnet-4-0', share: '100%' })
  const during = await call(gateway, 'claude-opus-4-1')
  const shown = await send(gateway, 'GET', '/admin/v1/routing')
  const removed = await send(gateway, 'DELETE', path)
  const after = await call(gateway, 'claude-opus-4-1')

  expect([before.model, during.model, after.model]).toEqual([opus, sonnet, opus])
  const alias = {
    name: 'claude-opus-4-1',
    to: 'claude-sonnet-4-0',
    share: '100%',
    from: null,
    source: 'api',
    changed_at: expect.any(String),
    config: { to: 'claude-sonnet-4-0', share: '0%', from: null },
    problem: null,
  }
  expect(changed).toEqual({ status: 200, body: alias })
  expect(shown.body['aliases']).toEqual([alias])
  expect(removed.status).toBe(204)
  expect((await send(gateway, 'GET', '/admin/v1/routing')).body['aliases']).toMatchObject([
    { share: '0%', source: 'config', changed_at: null },
  ])
  expect((await send(gateway, 'DELETE', path)).status).toBe(404)
})

test('changed weights move all new conversations to another upstream of the group', async () => {
  const gateway = await start({
    accounts: ['one', 'two'].map(emulated),
    routing: { groups: [['one', 'two']], weights: { two: 0 } },
  })
  const listUpstreams = async (round: string) => {
    const used = new Set<unknown>()
    for (let at = 0; at < 12; at += 1)
      used.add((await call(gateway, 'claude-opus-4-1', `${round} ${at}`)).upstream)
    return used
  }

  const before = await listUpstreams('before')
  const changed = await send(gateway, 'PUT', '/admin/v1/routing/weights', { weights: { one: 0, two: 2 } })
  const during = await listUpstreams('during')
  const upstreams = await send(gateway, 'GET', '/admin/v1/upstreams')
  await send(gateway, 'DELETE', '/admin/v1/routing/weights')
  const after = await listUpstreams('after')

  expect([before, during, after]).toEqual([new Set(['one']), new Set(['two']), new Set(['one'])])
  expect(changed.body).toMatchObject({
    source: 'api',
    values: { one: 0, two: 2 },
    config: { one: 1, two: 0 },
  })
  expect(upstreams.body['data']).toMatchObject([
    { name: 'one', weight: 0 },
    { name: 'two', weight: 2 },
  ])
})

test.each([
  ['aliases/ours', { to: 'claude-opus-41' }, 'to', 'which is not a model. Did you mean claude-opus-4-1'],
  ['aliases/ours', { to: 'claude-opus-4-1', share: '10%' }, 'share', 'the other conversations have no model'],
  ['aliases/claude-opus-4-1', { to: 'claude-sonnet-4-0', share: '101%' }, 'share', 'must match pattern'],
  ['aliases/claude-opus-4-1', { to: 'claude-sonnet-4-0', from: '2026-02-30' }, 'from', 'is not a day'],
  ['aliases/claude-opus-4-1', { share: '10%' }, 'to', 'is required'],
  [
    'aliases/claude-opus-4-1',
    { to: 'claude-sonnet-4-0', weight: 1 },
    'weight',
    'unknown; use to, share, from',
  ],
  [`aliases/${'x'.repeat(257)}`, { to: 'claude-sonnet-4-0' }, 'name', 'at most 256 characters'],
  ['weights', { weights: { three: 1 } }, 'weights', "there is no upstream 'three'; there are one, two"],
  ['weights', { weights: { one: 0, two: 0 } }, 'weights', 'none of them would be asked'],
  ['weights', { weights: { one: -1 } }, 'weights.one', 'must be >= 0'],
])('%s with %j is refused, and the problem names the member', async (path, body, member, detail) => {
  const gateway = await start({
    accounts: ['one', 'two'].map(emulated),
    routing: { groups: [['one', 'two']] },
  })

  const refused = await send(gateway, 'PUT', `/admin/v1/routing/${path}`, body)

  expect(refused).toMatchObject({ status: 400, body: { member, detail: expect.stringContaining(detail) } })
  expect((await send(gateway, 'GET', '/admin/v1/audit')).body['data']).toEqual([])
})

test('a name with slashes and colons is an alias like others, and a change has its value before and after', async () => {
  const gateway = await start({})
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
  const path = `/admin/v1/routing/aliases/${encodeURIComponent(arn)}`

  await send(gateway, 'PUT', path, { to: 'claude-opus-4-1' })
  const { model } = await call(gateway, arn)
  await send(gateway, 'PUT', path, { to: 'claude-sonnet-4-0', from: '2020-01-01' })
  const audit = await send(gateway, 'GET', '/admin/v1/audit')

  expect(model).toBe(opus)
  expect(audit.body['data']).toMatchObject([
    {
      action: 'setAlias',
      target: { kind: 'alias', id: arn },
      before: { name: arn, to: 'claude-opus-4-1' },
      after: { name: arn, to: 'claude-sonnet-4-0', from: '2020-01-01' },
    },
    { action: 'setAlias', before: null },
  ])
})

test('a stored alias whose model no upstream serves any more is ignored, and shown with the reason', async () => {
  const dataFolder = temporaryFolder()
  const store = await openStore({ dataFolder })
  const model = createForeignModel('qwen3-coder', facts, true)
  const foreign = new Map([['qwen3-coder', model]])
  await ensureWorkspaces(store, [], 1)
  await setAlias(store, 'claude-opus-4-1', { target: { to: 'qwen3-coder' }, foreign, nowMs: 1 })
  await store.close()

  const gateway = await start({ dataFolder })

  expect((await call(gateway, 'claude-opus-4-1')).model).toBe(opus)
  expect((await send(gateway, 'GET', '/admin/v1/routing')).body['aliases']).toMatchObject([
    { to: 'qwen3-coder', source: 'api', config: null, problem: expect.stringContaining('not a model') },
  ])
  expect(gateway.log).toContainEqual(expect.objectContaining({ event: 'routing_change_ignored' }))
})

const facts = {
  contextTokens: null,
  maxOutputTokens: null,
  vision: true,
  thinking: true,
  tools: true,
  countTokens: true,
}

function start(options: StartOptions): Promise<RunningGateway> {
  return startGateway({ adminKey, accounts: [emulated('emulator')], ...options })
}

function emulated(name: string) {
  const upstream = createEmulator({ seed: 'routing', keepRequests: false, tokensPerSecond: 0 })
  return { name, platform: 'anthropic' as const, upstream, secrets: [] }
}

async function call(gateway: RunningGateway, model: string, text = 'Hello') {
  const { headers } = await gateway.post(
    JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: text }] }),
  )
  return { model: headers['x-anthology-model'], upstream: headers['x-anthology-upstream'] }
}

async function send(gateway: RunningGateway, method: string, path: string, body?: unknown) {
  const { status, text } = await ask(gateway.url + path, {
    method,
    headers: { ...usual, 'x-api-key': adminKey },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status, body: JSON.parse(text || '{}') as Readonly<Record<string, unknown>> } // Every answer is an object.
}
