import { expect, test } from 'vitest'

import { connectRaw, rawCall } from './raw-client.ts'
import { plain, startUpstream, stream } from './recording-upstream.ts'
import { localKey, startGateway, upstreamKey } from './running-gateway.ts'
import { callBody, errorBody, eventStream, message, streamBody } from './samples.ts'

test("forwards only the protocol's headers and the client ids", async () => {
  const { gateway, upstream } = await startBoth()

  await gateway.post(callBody, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'anthropic-beta': 'one-2025-01-01,two-2025-01-01',
      'anthropic-dangerous-direct-browser-access': 'true',
      'user-agent': 'claude-cli/2.0.0',
      'x-app': 'cli',
      'x-claude-code-session-id': 'session-1',
      'x-claude-code-agent-id': 'agent-1',
      'x-claude-code-parent-agent-id': 'agent-0',
      accept: 'application/json',
      'accept-encoding': 'gzip, br, zstd',
      authorization: 'Bearer client-token',
      'api-key': 'client-api-key',
      cookie: 'session=client-cookie',
      'proxy-authorization': 'Basic client-proxy',
      'x-forwarded-for': '10.0.0.1',
      'x-stainless-lang': 'js',
      'x-amz-security-token': 'client-aws',
      'x-goog-api-key': 'client-google',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      via: '1.1 proxy',
      referer: 'http://intranet/',
    },
  })

  const { host, ...sent } = upstream.requests[0]?.headers ?? {}
  expect(host).toBe(new URL(upstream.url).host)
  expect(sent).toEqual({
    'content-type': 'application/json; charset=utf-8',
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'one-2025-01-01,two-2025-01-01',
    'anthropic-dangerous-direct-browser-access': 'true',
    'user-agent': 'claude-cli/2.0.0',
    'x-app': 'cli',
    'x-claude-code-session-id': 'session-1',
    'x-claude-code-agent-id': 'agent-1',
    'x-claude-code-parent-agent-id': 'agent-0',
    accept: 'application/json',
    'accept-encoding': 'identity',
    'x-api-key': upstreamKey,
    'content-length': String(callBody.length),
    connection: 'keep-alive',
  })
})

test('joins a repeated beta header', async () => {
  const { gateway, upstream } = await startBoth()

  await gateway.post(callBody, { headers: { 'anthropic-beta': ['one-2025-01-01', 'two-2025-01-01'] } })

  expect(upstream.requests[0]?.headers['anthropic-beta']).toBe('one-2025-01-01, two-2025-01-01')
})

test('forwards non-ASCII header bytes unchanged, and keeps them in the ledger', async () => {
  const { gateway, upstream } = await startBoth()

  const client = await connectRaw(gateway.port)

  client.write(
    Buffer.from(rawCall(callBody, { headers: 'x-claude-code-session-id: s\u00e9\u00ff\r\n' }), 'latin1'),
  )
  const [answer] = await client.answers(1)

  expect(answer?.status).toBe(200)
  expect(upstream.requests[0]?.headers['x-claude-code-session-id']).toBe('s\u00e9\u00ff')
  expect(gateway.rows()).toMatchObject([{ session_id: 's\u00e9\u00ff' }])
})

test('forwards only beta=true of the query', async () => {
  const { gateway, upstream } = await startBoth()

  await gateway.post(callBody)
  await askWithQuery(gateway, `?beta=true&key=${localKey}`)
  await askWithQuery(gateway, '?beta=false&x=1')

  expect(upstream.requests.map(({ target }) => target)).toEqual([
    '/v1/messages',
    '/v1/messages?beta=true',
    '/v1/messages',
  ])
})

test.each([
  ['a plain answer', callBody, plain(message, { headers: upstreamHeaders() })],
  [
    'an error',
    callBody,
    plain(errorBody('rate_limit_error', 'slow'), { status: 429, headers: upstreamHeaders() }),
  ],
  ['a stream', streamBody, stream([eventStream], upstreamHeaders())],
])(
  'sends the client our own headers with %s, and of the account only its limits',
  async (_, body, script) => {
    const { gateway, upstream } = await startBoth()
    upstream.answer(script)

    const answer = await gateway.post(body)

    const names = Object.keys(answer.headers).filter((name) => !mayCome.has(name))
    expect(names).toEqual([])
    expect(answer.headers['request-id']).toMatch(/^req_011[1-9A-HJ-NP-Za-km-z]{21}$/)
    expect(answer.headers['x-anthology-upstream']).toBe('recorder')
    expect(answer.headers['x-anthology-model']).toBe('claude-opus-4-1-20250805')
    expect(answer.headers['x-anthology-attempts']).toBe('1')
    expect(answer.headers['retry-after']).toBe('7')
    expect(answer.headers['x-should-retry']).toBe('true')
    expect(gateway.rows()[0]?.['upstream_request_id']).toBe('req_upstream')
  },
)

test("logs the upstream's headers about the account", async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain(message, { headers: upstreamHeaders() }))

  await gateway.post(callBody)

  const logged = gateway.log.find(({ event }) => event === 'call')?.['upstream_headers']
  expect(logged).toContain('request-id=req_upstream')
  expect(logged).toContain('anthropic-organization-id=org-of-the-account')
  expect(logged).toContain('anthropic-ratelimit-requests-limit=50')
  expect(logged).not.toContain('__cf_bm')
})

test('sends the cost of a plain response', async () => {
  const { gateway } = await startBoth()

  const answer = await gateway.post(callBody)

  expect(answer.headers['x-anthology-cost-usd']).toBe('0.0015')
  expect(answer.headers['content-type']).toBe('application/json')
})

test('joins the notice of an Anthology upstream with its own', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain(message, { headers: { 'x-anthology-notice': 'the emulator answered' } }))

  const answer = await gateway.post(callBody)

  expect(answer.headers['x-anthology-notice']).toContain('the emulator answered')
  expect(answer.headers['x-anthology-notice']).toContain('was retired on 2026-08-05')
  const logged = gateway.log.find(({ event }) => event === 'call')?.['notice']
  expect(logged).toBe(answer.headers['x-anthology-notice'])
})

const mayCome = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'cache-control',
  'x-accel-buffering',
  'connection',
  'date',
  'keep-alive',
  'retry-after',
  'x-should-retry',
  'request-id',
  'anthropic-ratelimit-requests-limit',
  'anthropic-ratelimit-tokens-remaining',
  'x-anthology-upstream',
  'x-anthology-model',
  'x-anthology-attempts',
  'x-anthology-notice',
  'x-anthology-cost-usd',
])

function upstreamHeaders(): Record<string, string> {
  return {
    'request-id': 'req_upstream',
    'x-request-id': 'req_upstream',
    'anthropic-organization-id': 'org-of-the-account',
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-tokens-remaining': '1',
    'x-ratelimit-limit': '3',
    'set-cookie': '__cf_bm=upstream',
    server: 'cloudflare',
    'cf-ray': 'ray',
    via: '1.1 google',
    location: 'http://elsewhere/',
    'www-authenticate': 'Bearer',
    'strict-transport-security': 'max-age=1',
    'retry-after': '7',
    'x-should-retry': 'true',
  }
}

async function startBoth() {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}

async function askWithQuery(gateway: Awaited<ReturnType<typeof startGateway>>, query: string) {
  const answer = await gateway.post(callBody, { query })
  expect(answer.status).toBe(200)
}
