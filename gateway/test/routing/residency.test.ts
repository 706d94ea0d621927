import { expect, test } from 'vitest'

import { createAccount } from '../../src/upstreams/create-account.ts'
import { defaultLimits } from '../../src/limits.ts'
import { createKeyRing } from '../../src/auth/key-ring.ts'
import { describeReach } from '../../src/routing/reach.ts'
import { limitRegions } from '../../src/routing/residency.ts'
import type { WorkspaceRegions } from '../../src/routing/residency.ts'
import { startUpstream } from '../recording-upstream.ts'
import { localKey, startGateway } from '../running-gateway.ts'

const hello = JSON.stringify({
  model: 'claude-haiku-4-5',
  max_tokens: 5,
  messages: [{ role: 'user', content: 'Hi' }],
})

test('a key uses only upstreams in the regions of its workspace, and the plan says why', async () => {
  const gateway = await startGateway({
    accounts: [createClaude(), createBedrock('us-east-1'), createBedrock('eu-central-1')],
    workspaces: [{ name: 'default', regions: ['eu-central-1', 'eu'] }],
    adminKey: 'admin-key-of-the-residency-tests',
  })

  const answer = await gateway.post(hello, {
    path: '/admin/v1/explain?key=local',
    headers: { 'x-api-key': 'admin-key-of-the-residency-tests' },
  })
  const batch = await gateway.post('{"requests":[]}', { path: '/v1/messages/batches' })

  const { attempts, excluded } = JSON.parse(answer.text)
  expect(attempts.map(({ upstream }: Row) => upstream)).toEqual(['eu-central-1'])
  expect(excluded.map(({ upstream, because, detail }: Row) => [upstream, because, detail])).toEqual([
    ['claude', 'region_not_allowed', 'it has no region; the key may use eu-central-1, eu'],
    ['us-east-1', 'region_not_allowed', 'its region is us-east-1; the key may use eu-central-1, eu'],
  ])
  expect(batch.status).toBeGreaterThanOrEqual(400)
})

test('a call of a workspace whose regions have no upstream is refused, and nothing is sent', async () => {
  const recorder = await startUpstream((response) => void response.end('{}'))
  const gateway = await startGateway({
    upstreamUrl: recorder.url,
    workspaces: [{ name: 'default', regions: ['eu-central-1'] }],
  })

  const answer = await gateway.post(hello)

  expect([answer.status, answer.text]).toEqual([
    expect.any(Number),
    expect.stringContaining('the key may use eu-central-1'),
  ])
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(recorder.requests).toEqual([])
})

test('a call never runs outside the regions of the key, whatever profile the upstream uses', async () => {
  const recorder = await startUpstream((response) => void response.end('{}'))
  const reach = async (regions: readonly string[], profile?: 'global' | 'none') => {
    const gateway = await startGateway({
      accounts: [createBedrock('eu-central-1', { ...(profile && { profile }), base_url: recorder.url })],
      workspaces: [{ name: 'default', regions }],
    })
    return gateway.post(hello)
  }

  const refused = [
    await reach(['eu-central-1']),
    await reach(['eu-central-1', 'eu'], 'global'),
    await reach(['eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-3']),
  ]

  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403])
  expect(refused.map(({ text }) => JSON.parse(text).error.message)).toEqual([
    expect.stringContaining('may run anywhere in eu; the key may use eu-central-1. Allow eu as well'),
    expect.stringContaining('may run in any region, by the global inference profile'),
    expect.stringContaining('Allow eu as well'),
  ])
  expect(recorder.requests).toEqual([])
  await reach(['eu-central-1', 'global'], 'global')
  await reach(['eu-central-1', 'eu'])
  await reach(['eu-central-1'], 'none')
  const names = recorder.requests.map(({ target }) => target.split('/')[2]?.split('anthropic')[0])
  expect([...new Set(names)]).toEqual(['global.', 'eu.', ''])
})

const arn = 'arn:aws:bedrock:ap-northeast-1:123456789012'

test.each<[string, string[], string | undefined, string, boolean]>([
  ['jp', ['ap-northeast-1', 'ap-northeast-3'], undefined, 'jp.anthropic.claude-x', true],
  ['jp', ['ap-northeast-1', 'jp'], undefined, 'jp.anthropic.claude-x', true],
  ['half of jp', ['ap-northeast-1'], undefined, 'jp.anthropic.claude-x', false],
  ['apac', ['ap-northeast-1', 'jp'], undefined, 'apac.anthropic.claude-x', false],
  [
    'a profile by its ARN',
    ['ap-northeast-1'],
    undefined,
    `${arn}:inference-profile/global.anthropic.x`,
    false,
  ],
  ['a profile by its ARN', ['ap-northeast-1'], 'none', `${arn}:inference-profile/jp.anthropic.x`, false],
  ['throughput', ['ap-northeast-1'], undefined, `${arn}:provisioned-model/abc`, true],
  [
    'throughput elsewhere',
    ['ap-northeast-1'],
    undefined,
    'arn:aws:bedrock:us-east-1:1:provisioned-model/a',
    false,
  ],
  ['an opaque profile', ['ap-northeast-1'], undefined, `${arn}:application-inference-profile/abc`, false],
  [
    'an opaque profile of jp',
    ['ap-northeast-1', 'jp'],
    'jp',
    `${arn}:application-inference-profile/abc`,
    true,
  ],
  [
    'an opaque profile of the region',
    ['ap-northeast-1'],
    'none',
    `${arn}:application-inference-profile/abc`,
    true,
  ],
  ['an unknown prefix', ['ap-northeast-1'], undefined, 'moon.anthropic.claude-x', false],
  ['the model itself', ['ap-northeast-1'], undefined, 'anthropic.claude-x', true],
])('the reach of a name on Bedrock: %s', (...[, regions, profile, name, stays]) => {
  const source = { platform: 'bedrock', region: 'ap-northeast-1', profile } as const

  const detail = describeReach(source, name, new Set(regions))

  expect(detail === null).toBe(stays)
  // Clients see it, and the account concerns the operator only.
  expect(detail ?? '').not.toContain('123456789012')
})

test('a key of another workspace may use all regions, one of a restricted workspace only those of both', () => {
  const ring = createKeyRing([{ id: 'a', name: 'a', secret: localKey }], () => 'secret')
  const find = (regions: WorkspaceRegions) => limitRegions(ring, regions).find(localKey)?.regions

  expect(find(new Map())).toBeNull()
  expect(find(new Map([['wrkspc_other', new Set(['eu'])]]))).toBeNull()
  expect(find(new Map([['default', new Set(['eu'])]]))).toEqual(new Set(['eu']))
})

interface Row {
  readonly upstream: string
  readonly because: string
  readonly detail: string
}

function createClaude() {
  return createAccount(
    { platform: 'anthropic', name: 'claude', api_key: 'sk-ant-key-of-the-tests' },
    defaultLimits,
  )
}

function createBedrock(region: string, more: { profile?: 'global' | 'none'; base_url?: string } = {}) {
  return createAccount(
    { platform: 'bedrock', name: region, region, bearer_token: 'a-token-of-the-residency-tests', ...more },
    defaultLimits,
  )
}
