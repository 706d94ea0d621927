import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { createAwsIdentity } from '../../../src/upstreams/credentials/aws-identity.ts'
import { createEntraToken } from '../../../src/upstreams/credentials/entra.ts'
import { createFederatedToken } from '../../../src/upstreams/credentials/federation.ts'
import { createGoogleToken } from '../../../src/upstreams/credentials/google.ts'
import { createProxyChoice } from '../../../src/upstreams/proxies/choose-proxy.ts'
import type { ProxyChoice } from '../../../src/upstreams/proxies/choose-proxy.ts'
import { startForwardProxy } from '../proxies/forward-proxy.ts'
import { startSecureServer, startServer, useEnvironment } from './credential-server.ts'

const reuse = { forceRefresh: false }
const password = 'password-of-the-proxy-tests'
const json = { 'content-type': 'application/json' }
/** The libraries would read this themselves. */
const wrong = 'http://127.0.0.1:1'

type Get = (url: string, proxies: ProxyChoice) => Promise<unknown>

const sources: readonly (readonly [string, Get])[] = [
  [
    'STS of AWS',
    (stsUrl, proxies) =>
      createAwsIdentity({
        region: 'us-east-1',
        keys: { accessKeyId: 'AKIAONE', secretAccessKey: 'secret' },
        role: { arn: 'arn:aws:iam::123456789012:role/claude', stsUrl },
        proxies,
      })(reuse),
  ],
  [
    'the token service of Google',
    (url, proxies) =>
      createGoogleToken({ project: 'my-project', credentialsFile: writeFederation(url), proxies })(reuse),
  ],
  [
    'the token service of Google, by the default credentials',
    async (url, proxies) => {
      useEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: writeFederation(url), HTTPS_PROXY: wrong })
      return await createGoogleToken({ project: 'my-project', proxies })(reuse)
    },
  ],
  [
    'Microsoft Entra',
    (authorityHost, proxies) =>
      createEntraToken({
        application: {
          tenantId: 'my-tenant',
          clientId: crypto.randomUUID(),
          clientSecret: 'secret',
          authorityHost,
        },
        proxies,
      })(reuse),
  ],
  [
    'the federation of the Claude API',
    (baseUrl, proxies) =>
      createFederatedToken({
        baseUrl,
        identity: { token: 'eyJ.identity' },
        ruleId: 'rule',
        organizationId: 'organization',
        proxies,
      })(reuse),
  ],
]

test.each(sources)('%s is asked through the proxy of the upstream', async (_name, get) => {
  useEnvironment({ HTTPS_PROXY: wrong, HTTP_PROXY: wrong })
  const server = await startTokenServer()
  const proxy = await startForwardProxy()
  const choice = createProxyChoice(`http://ann:${password}@${proxy.host}`, {}, 'cloud')

  await get(server.url, choice)

  expect(new Set(proxy.seen.map(({ request }) => request))).toEqual(
    new Set([`CONNECT ${new URL(server.url).host}`]),
  )
  expect(proxy.seen[0]?.authorization).toBe(`Basic ${Buffer.from(`ann:${password}`).toString('base64')}`)
})

test.each(sources)(
  '%s is asked directly with proxy: none, whatever the environment says',
  async (_name, get) => {
    useEnvironment({ HTTPS_PROXY: wrong, HTTP_PROXY: wrong })
    const server = await startTokenServer()

    await get(server.url, createProxyChoice('none', {}, 'cloud'))

    expect(server.seen.length).toBeGreaterThan(0)
  },
)

test.each(sources)('the error of %s names a proxy that fails, without its password', async (_name, get) => {
  useEnvironment({})
  const proxy = await startForwardProxy()
  proxy.fail(407)
  const server = await startTokenServer()

  const failed = get(server.url, createProxyChoice(`http://ann:${password}@${proxy.host}`, {}, 'cloud'))

  await expect(failed).rejects.toThrow(/407/)
  await expect(failed).rejects.not.toThrow(password)
})

test('the default chain of AWS asks STS through the proxy, for web identities of Kubernetes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'web-identity.token')
  writeFileSync(file, 'eyJ.kubernetes')
  useEnvironment({
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/claude',
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
  })
  const proxy = await startForwardProxy()
  proxy.fail(403)
  const proxies = createProxyChoice(undefined, { HTTPS_PROXY: proxy.host, NO_PROXY: 'example.com' }, 'cloud')
  const get = () => createAwsIdentity({ region: 'eu-west-1', proxies })(reuse)

  await expect(get()).rejects.toThrow(
    /tunnel to sts\.eu-west-1\.amazonaws\.com:443 via http:\/\/127\.0\.0\.1.* 403/,
  )
  expect(proxy.seen[0]?.request).toBe('CONNECT sts.eu-west-1.amazonaws.com:443')
})

test.each([
  ['Google Cloud', '/computeMetadata'],
  ['App Service of Azure', '/msi/token'],
])('the metadata service of %s is never asked through a proxy', async (name, path) => {
  const server = await startServer(() => ({
    headers: { ...json, 'metadata-flavor': 'Google' },
    body: JSON.stringify({
      access_token: 'ya29.of-the-machine',
      expires_in: 3_599,
      expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
      resource: 'https://ai.azure.com',
      token_type: 'Bearer',
    }),
  }))
  const env = { HTTPS_PROXY: wrong, HTTP_PROXY: wrong }
  useEnvironment({
    ...env,
    GCE_METADATA_HOST: server.url.replace('http://', ''),
    METADATA_SERVER_DETECTION: 'assume-present',
    IDENTITY_ENDPOINT: `${server.url}/msi/token`,
    IDENTITY_HEADER: 'of-this-machine',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  })
  const proxies = createProxyChoice(undefined, env, 'cloud')

  const token =
    name === 'Google Cloud'
      ? await createGoogleToken({ project: 'my-project', proxies })(reuse)
      : await createEntraToken({ proxies })(reuse)

  expect(token).toBe('ya29.of-the-machine')
  expect(server.seen.some((request) => request.path.startsWith(path))).toBe(true)
})

/** The token services of all clouds, with TLS. */
function startTokenServer() {
  return startSecureServer(({ body, path, headers }) => {
    if (body.includes('Action=AssumeRole'))
      return {
        headers: { 'content-type': 'text/xml' },
        body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      }
    const tenant = `https://${headers.host}/my-tenant`
    const discovery = {
      token_endpoint: `${tenant}/oauth2/v2.0/token`,
      authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
      issuer: `${tenant}/v2.0`,
      jwks_uri: `${tenant}/discovery/v2.0/keys`,
    }
    if (path.includes('openid-configuration')) return { headers: json, body: JSON.stringify(discovery) }
    return {
      headers: json,
      body: JSON.stringify({ access_token: 'the-token', expires_in: 3_599, token_type: 'Bearer' }),
    }
  })
}

function writeFederation(tokenUrl: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [subject, file] = [join(folder, 'subject.token'), join(folder, 'federation.json')]
  writeFileSync(subject, 'eyJ.foreign.token')
  const content = {
    type: 'external_account',
    audience:
      '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: { file: subject },
  }
  writeFileSync(file, JSON.stringify(content))
  return file
}
