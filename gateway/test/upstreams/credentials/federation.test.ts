import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createFederatedToken } from '../../../src/upstreams/credentials/federation.ts'
import { createLearnedSecrets } from '../../../src/upstreams/credentials/learned-secrets.ts'
import { createClock, startServer } from './credential-server.ts'
import type { Answer } from './credential-server.ts'

const reuse = { forceRefresh: false }
const ids = { ruleId: 'fdrl_1', organizationId: 'org-1' }

test('the identity token of a workload is exchanged for an access token of the Claude API', async () => {
  const server = await startServer(() => issue('sk-ant-oat-first-token', 600))
  const learned = createLearnedSecrets()
  const getToken = createFederatedToken({
    baseUrl: server.url,
    identity: { token: 'eyJ.workload.token' },
    ...ids,
    workspaceId: 'wrkspc_1',
    learned,
  })

  expect(await getToken(reuse)).toBe('sk-ant-oat-first-token')
  expect(server.seen[0]).toMatchObject({
    method: 'POST',
    path: '/v1/oauth/token',
    headers: { 'anthropic-beta': 'oauth-2025-04-20,oidc-federation-2026-04-01' },
  })
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: 'eyJ.workload.token',
    federation_rule_id: 'fdrl_1',
    organization_id: 'org-1',
    workspace_id: 'wrkspc_1',
  })
  expect(learned.list).toEqual(['eyJ.workload.token', 'sk-ant-oat-first-token'])
})

test('two minutes before its end it is exchanged in the background, in the last half minute before the call', async () => {
  const clock = createClock()
  let issued = 0
  const server = await startServer(() => issue(`token-${(issued += 1)}`, 600))
  const file = await writeTemporary('eyJ.first')
  const getToken = createFederatedToken({
    baseUrl: server.url,
    identity: { file },
    ...ids,
    nowMs: clock.nowMs,
  })
  await getToken(reuse)

  clock.advance(470_000)
  expect(await getToken(reuse)).toBe('token-1')
  expect(server.seen.length).toBe(1)
  clock.advance(20_000)
  await writeFile(file, 'eyJ.second\n')
  expect(await getToken(reuse)).toBe('token-1')
  await expect.poll(() => getToken(reuse)).toBe('token-2')
  expect(JSON.parse(server.seen[1]?.body ?? '')).toMatchObject({ assertion: 'eyJ.second' })
  clock.advance(575_000)
  expect(await getToken(reuse)).toBe('token-3')
})

test('a rule that does not match is explained in the words of the service', async () => {
  const server = await startServer(() => ({
    status: 401,
    headers: { 'content-type': 'application/json' },
    body: '{"type":"error","error":{"type":"authentication_error","message":"no rule matches the subject"}}',
  }))

  await expect(
    createFederatedToken({ baseUrl: server.url, identity: { token: 't' }, ...ids })(reuse),
  ).rejects.toThrow(
    /^no credential from the federation rule fdrl_1 at http.*: status 401: no rule matches the subject\. Check that/,
  )
})

test('an identity token never follows a redirect, and never leaves over plain http', async () => {
  const other = await startServer(() => issue('stolen', 600))
  const server = await startServer(() => ({ status: 307, headers: { location: other.url }, body: '' }))

  await expect(
    createFederatedToken({ baseUrl: server.url, identity: { token: 't' }, ...ids })(reuse),
  ).rejects.toThrow(/no credential/)
  await expect(
    createFederatedToken({ baseUrl: 'http://api.example', identity: { token: 't' }, ...ids })(reuse),
  ).rejects.toThrow(/sent over https only/)
  expect(other.seen).toEqual([])
})

test('an identity token that is too long or empty is not sent', async () => {
  const server = await startServer(() => issue('token', 600))
  const exchange = (token: string) =>
    createFederatedToken({ baseUrl: server.url, identity: { token }, ...ids })(reuse)

  await expect(exchange('x'.repeat(16_385))).rejects.toThrow(/longer than 16384 bytes/)
  await expect(exchange('')).rejects.toThrow(/the identity token is empty/)
  expect(server.seen).toEqual([])
})

function issue(token: string, seconds: number): Answer {
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: seconds }),
  }
}

async function writeTemporary(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anthology-federation-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'token')
  await writeFile(file, text)
  return file
}
