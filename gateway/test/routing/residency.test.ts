import { expect, test } from 'vitest'

import { createAccount } from '../../src/upstreams/create-account.ts'
import { defaultLimits } from '../../src/limits.ts'
import { createKeyRing } from '../../src/auth/key-ring.ts'
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
    workspaces: [{ name: 'default', regions: ['eu-central-1'] }],
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
    ['claude', 'region_not_allowed', 'it has no region; the key may use eu-central-1'],
    ['us-east-1', 'region_not_allowed', 'its region is us-east-1; the key may use eu-central-1'],
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

function createBedrock(region: string) {
  return createAccount(
    { platform: 'bedrock', name: region, region, bearer_token: 'a-token-of-the-residency-tests' },
    defaultLimits,
  )
}
