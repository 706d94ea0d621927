import { expect, test } from 'vitest'

import { createAccount } from '../../src/upstreams/create-account.ts'
import { defaultLimits } from '../../src/limits.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { callBody, errorBody, message } from '../samples.ts'

const body = JSON.parse(callBody)
const header = { 'anthropic-user-profile-id': 'uprof_1' }

test.each<[string, Record<string, string>, object]>([
  ['header', header, {}],
  ['member', {}, { user_profile_id: 'uprof_1' }],
])(
  'a call that is billed to a user profile (%s) moves to no upstream that bills the operator',
  async (_where, headers, members) => {
    const { gateway, claude, cloud } = await start()
    const asking = { headers }

    const failed = await gateway.post(JSON.stringify({ ...body, ...members }), asking)
    const explained = await gateway.post(JSON.stringify({ ...body, ...members }), {
      path: '/admin/v1/explain',
      headers: { ...headers, 'x-api-key': adminKey },
    })

    expect(failed.status).toBe(529)
    expect(cloud.requests).toEqual([])
    expect(claude.requests[0]?.headers).toMatchObject(headers)
    expect(JSON.parse(explained.text).excluded).toEqual([
      expect.objectContaining({ upstream: 'foundry', because: 'user_profile_elsewhere' }),
    ])
  },
)

test.each<[string, Record<string, string>, object]>([
  ['nothing', {}, {}],
  ['null', {}, { user_profile_id: null }],
  ['an empty header', { 'anthropic-user-profile-id': '' }, {}],
])('a call that names no user profile moves as usual: %s', async (_what, headers, members) => {
  const { gateway, cloud } = await start()

  const answer = await gateway.post(JSON.stringify({ ...body, ...members }), { headers })

  expect([answer.status, cloud.requests.length]).toEqual([200, 1])
})

test('the error says why, if every upstream bills the operator', async () => {
  const cloud = await startUpstream(plain(message))
  const gateway = await startGateway({ accounts: [createFoundry(cloud.url)] })

  const answer = await gateway.post(callBody, { headers: header })

  expect([answer.status, answer.text]).toEqual([
    400,
    expect.stringContaining('anthropic-user-profile-id: only the Claude API bills a user profile'),
  ])
  expect(cloud.requests).toEqual([])
})

const adminKey = 'admin-key-of-the-user-profile-tests'

async function start() {
  const claude = await startUpstream(plain(errorBody('overloaded_error', 'busy'), { status: 529 }))
  const cloud = await startUpstream(plain(message))
  const accounts = [httpAccount(claude.url), createFoundry(cloud.url)]
  return { gateway: await startGateway({ accounts, adminKey }), claude, cloud }
}

function createFoundry(url: string) {
  return createAccount(
    { platform: 'foundry', name: 'foundry', base_url: url, api_key: 'a-key-of-the-user-profile-tests' },
    defaultLimits,
  )
}
