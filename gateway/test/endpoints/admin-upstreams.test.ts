import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import type { GatewayOptions } from '../../src/gateway.ts'
import { until } from '../condition.ts'
import { ask } from '../http-client.ts'
import { hang, plain, startUpstream, stream } from '../recording-upstream.ts'
import { httpAccount, startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, errorBody, events, message, opus, streamBody } from '../samples.ts'
import { scrape } from '../telemetry/scrape.ts'

type Account = GatewayOptions['accounts'][number]

const adminKey = createSecret()

test('describes the configuration of every upstream, without secrets', async () => {
  const gateway = await startAdmin({
    accounts: [
      { ...named('claude', 'http://user:secret@127.0.0.1:1/prefix/?key=secret'), region: 'eu' },
      { ...named('local', 'http://127.0.0.1:2'), models: new Map([['*', 'qwen3-coder']]), rates: () => 0n },
      { ...named('spare', 'http://127.0.0.1:3'), platform: 'foundry', hosting: 'azure' },
    ],
    routing: {
      groups: [['claude'], ['local']],
      weights: { local: 3 },
      models: { 'claude-opus-4-1': [['spare'], ['claude']] },
    },
  })

  const list = await listUpstreams(gateway)

  const idle = {
    credential: { rejected: null },
    open_calls: 0,
    queued_calls: 0,
    connections: { open: 0, full_times: 0 },
    health: [],
  }
  expect(list).toEqual([
    {
      name: 'claude',
      platform: 'anthropic',
      region: 'eu',
      hosting: null,
      base_url: 'http://127.0.0.1:1/prefix',
      proxy: null,
      models: null,
      price: 'catalog',
      group: 1,
      model_groups: { [opus]: 2 },
      weight: 1,
      ...idle,
    },
    {
      name: 'local',
      platform: 'anthropic',
      region: null,
      hosting: null,
      base_url: 'http://127.0.0.1:2',
      proxy: null,
      models: { '*': 'qwen3-coder' },
      price: 'own',
      group: 2,
      model_groups: { [opus]: null },
      weight: 3,
      ...idle,
    },
    expect.objectContaining({ name: 'spare', hosting: 'azure', group: null, model_groups: { [opus]: 1 } }),
  ])
  expect(JSON.stringify(list)).not.toContain('secret')
})

test('shows circuits, quotas, rejected credentials and open calls, as the metrics do', async () => {
  const accounts = [
    named('broken', (await startUpstream(plain(errorBody('api_error', 'broken'), { status: 500 }))).url),
    named(
      'busy',
      (
        await startUpstream(
          plain(errorBody('rate_limit_error', 'x'), { status: 429, headers: { 'retry-after': '60' } }),
        )
      ).url,
    ),
    named(
      'locked',
      (await startUpstream(plain(errorBody('authentication_error', 'x'), { status: 401 }))).url,
    ),
    named('slow', (await startUpstream(hang)).url),
  ]
  const gateway = await startAdmin({ accounts, routing: { circuit: { failures: 1, probe_ms: 60_000 } } })

  void gateway.post(callBody).catch(() => {})
  await until(
    'the call is at the last upstream',
    async () => (await listUpstreams(gateway)).at(-1)?.open_calls === 1,
  )
  const [broken, busy, locked, last] = await listUpstreams(gateway)
  const samples = await scrape(gateway)

  const now = Date.now()
  expect(broken?.health).toEqual([
    {
      model: opus,
      state: 'open',
      failures: 1,
      last_failure_at: expect.any(String),
      last_failure: 'it answered 500: broken',
      refusal: null,
      open_since: expect.any(String),
      circuit_openings: 1,
      next_try_at: expect.any(String),
      exhausted_quotas: [],
      first_token_ms: null,
      first_token_answers: 0,
      quota: null,
    },
  ])
  expect(Math.abs(Date.parse(broken?.health[0]?.open_since ?? '') - now)).toBeLessThan(30_000)
  expect(Date.parse(broken?.health[0]?.next_try_at ?? '')).toBeGreaterThan(now)
  expect(busy?.health).toMatchObject([{ model: opus, state: 'blocked', open_since: null }])
  expect(busy?.health[0]?.exhausted_quotas).toEqual([
    { quota: 'messages', next_try_at: busy?.health[0]?.next_try_at },
  ])
  expect(Date.parse(busy?.health[0]?.next_try_at ?? '')).toBeGreaterThan(now)
  expect(locked).toMatchObject({ credential: { rejected: expect.stringContaining('locked') }, health: [] })
  expect(last).toMatchObject({ open_calls: 1, connections: { open: 1 } })
  expect(Object.fromEntries([...samples].filter(([name]) => upstreamMetrics.test(name)))).toEqual({
    'anthology_upstream_calls{upstream="broken"}': 0,
    'anthology_upstream_calls{upstream="busy"}': 0,
    'anthology_upstream_calls{upstream="locked"}': 0,
    'anthology_upstream_calls{upstream="slow"}': 1,
    [`anthology_circuit_open{upstream="broken",model="${opus}"}`]: 1,
    [`anthology_circuit_open{upstream="busy",model="${opus}"}`]: 0,
    [`anthology_circuit_openings_total{upstream="broken",model="${opus}"}`]: 1,
    [`anthology_circuit_openings_total{upstream="busy",model="${opus}"}`]: 0,
    ...countBlocked('broken', { messages: 0, fast: 0, token_count: 0 }),
    ...countBlocked('busy', { messages: 1, fast: 0, token_count: 0 }),
    'anthology_credential_rejected{upstream="broken"}': 0,
    'anthology_credential_rejected{upstream="busy"}': 0,
    'anthology_credential_rejected{upstream="locked"}': 1,
    'anthology_credential_rejected{upstream="slow"}': 0,
    'anthology_moves_total{upstream="broken",to="busy"}': 1,
    'anthology_moves_total{upstream="busy",to="locked"}': 1,
    'anthology_moves_total{upstream="locked",to="slow"}': 1,
  })
})

function countBlocked(upstream: string, quotas: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(quotas).map(([quota, value]) => [
      `anthology_quota_blocked{upstream="${upstream}",model="${opus}",quota="${quota}"}`,
      value,
    ]),
  )
}

const upstreamMetrics = /^anthology_(?:upstream_calls|circuit|quota|credential|moves)/

test('a failure that is repeated at the same upstream is a retry and no move', async () => {
  const upstream = await startUpstream(plain(errorBody('overloaded_error', 'x'), { status: 529 }))
  const gateway = await startAdmin({ accounts: [named('only', upstream.url)] })

  await gateway.post(callBody)
  const samples = await scrape(gateway)

  expect(upstream.requests).toHaveLength(2)
  expect(samples.get('anthology_retries_total{upstream="only"}')).toBe(1)
  expect([...samples.keys()].filter((name) => name.startsWith('anthology_moves_total'))).toEqual([])
})

test('measures the time to first token at the upstream that answered, without the attempts before it', async () => {
  const waitMs = 300
  const fail = plain(errorBody('overloaded_error', 'x'), { status: 529 })
  const slowToFail = await startUpstream((response, request) => {
    setTimeout(() => void fail(response, request), waitMs)
  })
  const good = await startUpstream(stream(events))
  const gateway = await startAdmin({
    accounts: [named('slow to fail', slowToFail.url), named('good', good.url)],
  })

  await gateway.post(streamBody)
  const list = await listUpstreams(gateway)
  const samples = await scrape(gateway)

  expect(list.map(({ name, health }) => [name, health.map((each) => each.first_token_answers)])).toEqual([
    ['slow to fail', [0]],
    ['good', [1]],
  ])
  const [row] = gateway.rows()
  expect(Number(row?.['first_token_ms'])).toBeGreaterThanOrEqual(waitMs - 20)
  expect(list[1]?.health[0]?.first_token_ms).toBeLessThan(Number(row?.['first_token_ms']) - waitMs / 2)
  const count = `anthology_upstream_first_token_seconds_count{upstream="good",model="${opus}"}`
  expect(samples.get(count)).toBe(1)
})

test('an answer makes an upstream healthy again', async () => {
  const upstream = await startUpstream(plain(errorBody('api_error', 'broken'), { status: 500 }))
  const gateway = await startAdmin({ accounts: [named('only', upstream.url)] })

  await gateway.post(callBody)
  const before = await listUpstreams(gateway)
  upstream.answer(plain(message))
  await gateway.post(callBody)

  expect(before[0]?.health).toMatchObject([{ state: 'healthy', failures: 2 }])
  expect((await listUpstreams(gateway))[0]?.health).toEqual([])
})

interface ListedUpstream {
  readonly name: string
  readonly open_calls: number
  readonly health: readonly {
    readonly open_since: string | null
    readonly next_try_at: string | null
    readonly exhausted_quotas: readonly { readonly quota: string; readonly next_try_at: string }[]
    readonly first_token_ms: number | null
    readonly first_token_answers: number
  }[]
}

async function listUpstreams(gateway: RunningGateway): Promise<readonly ListedUpstream[]> {
  const answer = await ask(`${gateway.url}/admin/v1/upstreams`, {
    headers: { ...usual, 'x-api-key': adminKey },
  })
  expect(answer.status, answer.text).toBe(200)
  const { data, next } = JSON.parse(answer.text) as { data: readonly ListedUpstream[]; next: unknown } // The tests check its members.
  expect(next).toBeNull()
  return data
}

function startAdmin(options: StartOptions): Promise<RunningGateway> {
  return startGateway({ adminKey, ...options })
}

function named(name: string, url: string): Account {
  return { ...httpAccount(url), name }
}
