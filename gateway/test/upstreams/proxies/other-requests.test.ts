import { Socket } from 'node:net'

import { expect, test } from 'vitest'

import { createOidcProvider } from '../../../src/auth/oidc.ts'
import { deliverWebhook } from '../../../src/budgets/deliver-webhook.ts'
import type { ClientRequest, ClientResponse } from '../../../src/http/client-exchange.ts'
import { createOtlpTracing } from '../../../src/telemetry/otlp-tracing.ts'
import { createProxyChoice } from '../../../src/upstreams/proxies/choose-proxy.ts'
import { plain, startUpstream } from '../../recording-upstream.ts'
import { startCollector } from '../../telemetry/collector.ts'
import { startForwardProxy, startTls } from './forward-proxy.ts'

// Requests of the gateway that belong to no upstream: sign-in, webhooks and traces.

const password = 'password-of-the-proxy-tests'
const authorization = `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`

/** All requests go through the proxy, also those to this machine. */
function chooseAlways(host: string) {
  return createProxyChoice(`http://ann:${password}@${host}`, {}, 'all')
}

test('the provider of sign-ins is asked for its configuration and its tokens through the proxy', async () => {
  const provider = await startUpstream((response, { target }) => {
    const url = `http://${response.req.headers.host}`
    const facts = {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
    const isFound = target === '/.well-known/openid-configuration'
    response.writeHead(isFound ? 200 : 400, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isFound ? facts : { error: 'invalid_grant' }))
  })
  const proxy = await startForwardProxy()
  const oidc = createOidcProvider({ issuer: provider.url, client_id: 'anthology' }, chooseAlways(proxy.host))

  const { url, login } = await oidc.start('http://127.0.0.1:7171/console/oidc/callback')
  const answer = new URL(`http://127.0.0.1:7171/console/oidc/callback?code=a-code&state=${login.state}`)
  await expect(oidc.finish(answer, login)).rejects.toMatchObject({ error: 'invalid_grant' })

  expect(url).toMatch(`${provider.url}/authorize?`)
  expect(proxy.seen).toEqual([
    { request: `GET ${provider.url}/.well-known/openid-configuration`, authorization },
    { request: `POST ${provider.url}/token`, authorization },
  ])
})

test('a webhook whose name only the proxy knows gets its event through a tunnel', async () => {
  const receiver = await startUpstream(plain('', { status: 204 }))
  const tls = await startTls(receiver.url)
  const proxy = await startForwardProxy({ 'other.example:443': tls.host })

  const problem = await deliver('https://other.example/hook', proxy.host)

  expect(problem).toBeNull()
  expect(proxy.seen).toEqual([{ request: 'CONNECT other.example:443', authorization }])
  expect(receiver.requests.map(({ target, body }) => [target, body.toString()])).toEqual([['/hook', '{}']])
})

test('a webhook with a private address is refused although there is a proxy', async () => {
  const proxy = await startForwardProxy()

  expect(await deliver('https://127.0.0.1:9/', proxy.host)).toContain('has a private address')
  expect(proxy.seen).toEqual([])
})

test('a webhook that a proxy refuses names the proxy without its password', async () => {
  const proxy = await startForwardProxy()
  proxy.fail(407)

  const problem = await deliver('https://other.example/hook', proxy.host)

  expect(problem).toContain(`the proxy http://${proxy.host} does not accept the credentials`)
  expect(problem).not.toContain(password)
})

test('traces reach the collector through the proxy', async () => {
  const collector = await startCollector()
  const proxy = await startForwardProxy()
  const { agents } = chooseAlways(proxy.host)
  const tracing = createOtlpTracing({ otlp_endpoint: collector.url }, () => {}, agents)
  const request = { headers: {}, socket: new Socket() } as ClientRequest // Only these members are read.

  tracing.begin({ id: 'req_1', request, response: {} as ClientResponse }, 'messages').fail(new Error('no'))
  await tracing.close()

  expect(collector.spans).toHaveLength(1)
  expect(proxy.seen).toEqual([{ request: `POST ${collector.url}/v1/traces`, authorization }])
})

function deliver(url: string, host: string): Promise<string | null> {
  const { signal } = new AbortController()
  const webhook = { url, secret: 'the-secret-of-the-receiver' }
  const event = { id: 'event_1', body: '{}' }
  return deliverWebhook(webhook, event, { nowMs: 1_700_000_000_000, signal, proxies: chooseAlways(host) })
}
