import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { AwsCredentials, Emulator } from '@anthology/emulator'
import { describe, expect, onTestFinished, test } from 'vitest'

import {
  startSecureServer,
  startServer,
  useEnvironment,
} from '../../gateway/test/upstreams/credentials/credential-server.ts'
import type { CredentialServer } from '../../gateway/test/upstreams/credentials/credential-server.ts'
import { ask } from '../../gateway/test/http-client.ts'
import { startCanned } from './cloud-errors.ts'
import { awsKeys, describeCloud, startBefore } from './clouds.ts'
import type { CloudConfig } from './clouds.ts'
import { call } from './protocols.ts'

const hello = { text: 'Hello', stream: false }
const roleArn = 'arn:aws:iam::123456789012:role/claude'

describe('a session of a role', () => {
  test.each(['invoke', 'messages', 'mantle'] as const)(
    'that has ended is renewed once, and the call is answered (%s)',
    async (surface) => {
      const { sts, sessions, emulator, url } = await startBedrock()
      const gateway = await startBefore([describeRole(surface, url, sts)])
      expect((await call(gateway.url, 'messages', hello)).status).toBe(200)

      expire(sessions)
      const answer = await call(gateway.url, 'messages', { ...hello, stream: true })

      expect(answer.status, answer.raw.text).toBe(200)
      expect(sts.seen.length).toBe(2)
      expect(emulator.requests.length).toBe(3)
      expect(gateway.rows().map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
        ['answered', 1],
        ['answered', 1],
      ])
    },
  )

  test('has the id of the workspace whose key calls', async () => {
    const { sts, url } = await startBedrock()
    const gateway = await startBefore([describeRole('invoke', url, sts)])

    await call(gateway.url, 'converse', hello)

    expect(new URLSearchParams(sts.seen[0]?.body).get('RoleSessionName')).toBe('default')
  })

  test('is signed with its token, which stays out of logs and answers', async () => {
    const { sts } = await startBedrock()
    const echo = await startServer(({ headers }) => ({
      status: 400,
      headers: { 'x-amzn-errortype': 'ValidationException' },
      body: JSON.stringify({ message: `seen ${String(headers['x-amz-security-token'])}` }),
    }))
    const gateway = await startBefore([describeRole('invoke', echo.url, sts)])

    const answer = await call(gateway.url, 'messages', hello)

    expect(echo.seen[0]?.headers['x-amz-security-token']).toBe('token-of-the-session-number-1')
    expect(answer.error?.message).toBe('seen [redacted]')
    expect(JSON.stringify(gateway.log)).not.toContain('token-of-the-session')
  })
})

describe('a token of Google Cloud', () => {
  test('that is rejected is renewed once, and the call is answered', async () => {
    const { emulator, url, config, tokens } = await startVertex('ya29.token-number-2')
    const gateway = await startBefore([{ ...config, base_url: url }])

    const answer = await call(gateway.url, 'vertex', hello)

    expect(answer.status, answer.raw.text).toBe(200)
    expect(tokens.seen.length).toBe(2)
    expect(emulator.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer ya29.token-number-1',
      'Bearer ya29.token-number-2',
    ])
  })

  test("that is rejected twice is the operator's matter, and the next upstream answers", async () => {
    const { emulator, url, config } = await startVertex('ya29.another-token')
    const { credentials_file: _file, ...second } = { ...config, name: 'second', base_url: url }
    const gateway = await startBefore([
      { ...config, base_url: url },
      { ...second, access_token: 'ya29.another-token' },
    ])
    const alone = await startBefore([{ ...config, base_url: url }])

    const moved = await call(gateway.url, 'messages', hello)
    const before = emulator.requests.length
    const answer = await call(alone.url, 'messages', hello)

    expect([moved.status, moved.headers['x-anthology-upstream'], before]).toEqual([200, 'second', 3])
    expect([answer.status, answer.error?.message]).toEqual([
      502,
      expect.stringContaining("does not accept this gateway's credential"),
    ])
    expect(emulator.requests.length - before).toBe(2)
  })
})

describe('an application of Microsoft Entra', () => {
  test('gets a token for its secret, and another one if Foundry rejects the first', async () => {
    const { entra, emulator, config } = await startFoundry('eyJ.entra-token-2')
    const gateway = await startBefore([config])

    const answer = await call(gateway.url, 'messages', hello)

    expect(answer.status, answer.raw.text).toBe(200)
    expect(emulator.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer eyJ.entra-token-1',
      'Bearer eyJ.entra-token-2',
    ])
    const asked = entra.seen.filter(({ method }) => method === 'POST')
    expect(asked.map(({ path }) => path.split('?')[0])).toEqual(Array(2).fill('/my-tenant/oauth2/v2.0/token'))
    for (const { body } of asked)
      expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
        grant_type: 'client_credentials',
        client_id: 'my-application',
        client_secret: entraSecret,
        scope: expect.stringContaining('https://ai.azure.com/.default'),
      })
    expect(JSON.stringify([gateway.log, gateway.rows()])).not.toContain(entraSecret)
  })

  test('whose secret is wrong has no credential, and only the log says why', async () => {
    const { emulator, config } = await startFoundry('eyJ.entra-token-1', 'another-secret')
    const gateway = await startBefore([config])

    const answer = await call(gateway.url, 'messages', hello)

    expect([answer.status, answer.error?.message]).toEqual([
      502,
      "upstream 'foundry' has no credential now (CREDENTIAL_UNAVAILABLE)",
    ])
    expect(emulator.requests).toEqual([])
    const [entry] = gateway.log.filter(({ event }) => event === 'credential_unavailable')
    expect(entry?.['message']).toMatch(/application my-application of Microsoft Entra.*AADSTS7000215/s)
    expect(JSON.stringify(gateway.log)).not.toContain(entraSecret)
  })
})

describe('a source of credentials that fails', () => {
  test('moves the call to the next upstream, and says why in the log only', async () => {
    useEnvironment({})
    const { url } = await startBedrock()
    const broken = { platform: 'bedrock', name: 'broken', region: 'us-east-1', base_url: url } as const
    const gateway = await startBefore([broken, describeCloud('invoke', url)])

    const answer = await call(gateway.url, 'openai', hello)
    await call(gateway.url, 'openai', hello)

    expect([answer.status, answer.headers['x-anthology-upstream']]).toEqual([200, 'invoke'])
    const entries = gateway.log.filter(({ event }) => event === 'credential_unavailable')
    expect(entries).toEqual([
      expect.objectContaining({
        level: 'error',
        upstream: 'broken',
        message: expect.stringMatching(
          /^no credential from the AWS default chain .* Give the upstream profile_name/,
        ),
      }),
    ])
  })

  test('fails the call if there is no other upstream, without details, and the gateway is not ready', async () => {
    useEnvironment({})
    const server = await startCanned(() => ({ status: 200, body: '{}' }))
    const config = { platform: 'bedrock', name: 'broken', region: 'us-east-1', base_url: server.url } as const
    const gateway = await startBefore([config])

    const answer = await call(gateway.url, 'messages', hello)
    const ready = await ask(`${gateway.url}/readyz`)

    expect([answer.status, answer.error]).toEqual([
      502,
      { type: 'api_error', message: "upstream 'broken' has no credential now (CREDENTIAL_UNAVAILABLE)" },
    ])
    expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('upstream_credential')])
    expect(server.seen).toEqual([])
    expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_error', status: 502, cost_nano_usd: null }])
  })
})

test('workload identity federation of the Claude API: a short token, its beta, and one renewal after a 401', async () => {
  let issued = 0
  const api = await startServer(({ path, headers }) => {
    const json = { 'content-type': 'application/json' }
    if (path === '/v1/oauth/token') {
      issued += 1
      const token = { access_token: `sk-ant-oat-token-${issued}`, token_type: 'Bearer', expires_in: 600 }
      return { headers: json, body: JSON.stringify(token) }
    }
    if (headers.authorization === 'Bearer sk-ant-oat-token-1')
      return {
        status: 401,
        headers: json,
        body: '{"type":"error","error":{"type":"authentication_error","message":"expired"}}',
      }
    return { headers: json, body: message }
  })
  const federation = {
    rule_id: 'fdrl_1',
    organization_id: 'org-1',
    identity_token: 'eyJ.identity.token.of.the.pod',
  }
  const gateway = await startBefore([{ platform: 'anthropic', base_url: api.url, federation }])

  const answer = await call(gateway.url, 'messages', hello)

  expect(answer.status, answer.raw.text).toBe(200)
  expect(api.seen.map(({ path }) => path)).toEqual([
    '/v1/oauth/token',
    '/v1/messages',
    '/v1/oauth/token',
    '/v1/messages',
  ])
  expect(api.seen[3]?.headers).toMatchObject({
    authorization: 'Bearer sk-ant-oat-token-2',
    'anthropic-beta': 'oauth-2025-04-20',
  })
})

const message = JSON.stringify({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Hello.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
})

function describeRole(
  surface: 'invoke' | 'messages' | 'mantle',
  url: string,
  sts: CredentialServer,
): CloudConfig {
  const config = describeCloud(surface, url)
  return config.platform === 'bedrock' ? { ...config, role_arn: roleArn, sts_url: sts.url } : config
}

/** The emulator as Bedrock, with an STS whose sessions it accepts. */
async function startBedrock() {
  const sessions: AwsCredentials[] = [awsKeys]
  const sts = await startServer(() => {
    const number = sessions.length
    const session = {
      accessKeyId: `ASIASESSIONNUMBER00${number}`,
      secretAccessKey: `secret-of-the-session-number-${number}`,
      sessionToken: `token-of-the-session-number-${number}`,
    }
    sessions.push(session)
    return { headers: { 'content-type': 'text/xml' }, body: writeSession(session) }
  })
  const emulator = createEmulator({ awsCredentials: sessions })
  return { sts, sessions, emulator, url: await listen(emulator) }
}

/** Ends all sessions, though they said that they last an hour. */
function expire(sessions: AwsCredentials[]): void {
  for (const [index, session] of sessions.entries()) sessions[index] = { ...session, expiresAtMs: 0 }
}

function writeSession({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): string {
  const expiration = new Date(Date.now() + 3_600_000).toISOString()
  return `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
<SessionToken>${sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>`
}

/** The emulator as Vertex AI with one valid token, and a token service that counts. */
async function startVertex(validToken: string) {
  let issued = 0
  const tokens = await startServer(() => {
    issued += 1
    const token = { access_token: `ya29.token-number-${issued}`, token_type: 'Bearer', expires_in: 3_600 }
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(token) }
  })
  const folder = await mkdtemp(join(tmpdir(), 'anthology-vertex-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = (name: string, text: string) => writeFile(join(folder, name), text)
  await file('subject', 'eyJ.foreign.token')
  const account = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokens.url,
    credential_source: { file: join(folder, 'subject') },
  }
  await file('account.json', JSON.stringify(account))
  const emulator = createEmulator({ keys: [validToken] })
  const config: CloudConfig = {
    platform: 'vertex',
    name: 'first',
    project: 'my-project',
    location: 'global',
    credentials_file: join(folder, 'account.json'),
  }
  return { tokens, emulator, url: await listen(emulator), config }
}

const entraSecret = 'secret~of.the-application-0001'

/** The emulator as Foundry with one valid token, and an Entra that gives tokens for one secret. */
async function startFoundry(validToken: string, validSecret = entraSecret) {
  let issued = 0
  const entra = await startSecureServer(({ path, body }) => {
    const headers = { 'content-type': 'application/json' }
    if (path.startsWith('/my-tenant/v2.0/.well-known/')) return { headers, body: describeTenant(entra.url) }
    if (new URLSearchParams(body).get('client_secret') !== validSecret)
      return { status: 401, headers, body: JSON.stringify(wrongSecret) }
    issued += 1
    const token = { token_type: 'Bearer', expires_in: 3_600, access_token: `eyJ.entra-token-${issued}` }
    return { headers, body: JSON.stringify(token) }
  })
  const emulator = createEmulator({ foundry: { keys: [validToken] } })
  const config: CloudConfig = {
    platform: 'foundry',
    base_url: `${await listen(emulator)}/anthropic`,
    entra: {
      tenant_id: 'my-tenant',
      client_id: 'my-application',
      client_secret: entraSecret,
      authority_host: entra.url,
    },
  }
  return { entra, emulator, config }
}

const wrongSecret = {
  error: 'invalid_client',
  error_description: 'AADSTS7000215: Invalid client secret provided.',
  error_codes: [7_000_215],
}

function describeTenant(url: string): string {
  return JSON.stringify({
    issuer: `${url}/my-tenant/v2.0`,
    authorization_endpoint: `${url}/my-tenant/oauth2/v2.0/authorize`,
    token_endpoint: `${url}/my-tenant/oauth2/v2.0/token`,
    jwks_uri: `${url}/my-tenant/discovery/v2.0/keys`,
  })
}

async function listen(emulator: Emulator): Promise<string> {
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return server.url
}
