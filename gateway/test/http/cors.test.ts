import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { profileOpus } from '../protocols/aws-client.ts'
import { askHttp2, connectHttp2 } from '../port/http2-client.ts'
import { plain, startUpstream, stream } from '../recording-upstream.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, eventStream, message, streamBody } from '../samples.ts'

const origin = 'https://app.example'

/** The question that a browser asks before a call of a page. */
const preflight = {
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'anthropic-version,content-type,x-api-key',
}

const publicPaths = [
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/chat/completions',
  '/v1/messages/batches',
  '/v1/messages/batches/msgbatch_1/results',
  '/v1/files',
  '/v1/files/file_1',
  '/v1/models',
  '/v1/models/claude-opus-4-1',
  `/model/${profileOpus}/converse`,
  '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict',
]

test.each(publicPaths)('a page of a configured origin may call %s', async (path) => {
  const { gateway } = await start()

  const answer = await ask(gateway.url + path, { method: 'OPTIONS', headers: preflight })

  expect(answer.status).toBe(204)
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': preflight['access-control-request-headers'],
  })
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  expect(answer.headers.vary).toContain('Origin')
})

test.each([
  ['another origin', { origin: 'https://evil.example' }],
  ['the same host in clear text', { origin: 'http://app.example' }],
  ['the same host on another port', { origin: 'https://app.example:8443' }],
  ['a longer name', { origin: 'https://app.example.evil.example' }],
  ['a page without an origin', { origin: 'null' }],
])('a page of %s may call nothing', async (_, headers) => {
  const { gateway } = await start()

  const asked = await ask(`${gateway.url}/v1/messages`, {
    method: 'OPTIONS',
    headers: { ...preflight, ...headers },
  })
  const called = await gateway.post(callBody, { headers })

  expect(asked.status).toBe(405)
  for (const answer of [asked, called]) {
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
    // A cache must not give this response to a page that may read it, or the reverse.
    expect(answer.headers.vary).toBe('Origin')
  }
})

test.each(['/metrics', '/admin', '/admin/v1/keys'])('no page may read %s', async (path) => {
  const { gateway } = await start()

  const asked = await ask(gateway.url + path, { method: 'OPTIONS', headers: preflight })
  const read = await ask(gateway.url + path, { headers: { origin } })

  for (const { status, headers } of [asked, read]) {
    expect(status).not.toBe(204)
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('without configuration no page may call anything', async () => {
  const gateway = await startGateway()

  const answer = await ask(`${gateway.url}/v1/messages`, { method: 'OPTIONS', headers: preflight })

  expect(answer.status).toBe(405)
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  expect(answer.headers).not.toHaveProperty('vary')
})

test('a page can read an answer, a stream and an error, with the headers that an SDK uses', async () => {
  const { gateway, upstream } = await start({
    rates: { default: { requests_per_minute: 2 } },
  })

  const answer = await gateway.post(callBody, { headers: { origin } })
  upstream.answer(stream([eventStream]))
  const streamed = await gateway.post(streamBody, { headers: { origin } })
  const refused = await gateway.post(callBody, { headers: { origin } })

  expect([answer.status, streamed.status, refused.status]).toEqual([200, 200, 429])
  for (const { headers } of [answer, streamed, refused]) {
    expect(headers['access-control-allow-origin']).toBe(origin)
    const exposed = (headers['access-control-expose-headers'] ?? '').split(', ')
    expect(exposed).toContain('request-id')
    expect(exposed).toContain('anthropic-ratelimit-requests-remaining')
    const own = Object.keys(headers).filter((name) => /^(?:x-anthology-|anthropic-|retry-after)/.test(name))
    expect(own.filter((name) => !exposed.includes(name))).toEqual([])
  }
  expect(refused.headers['access-control-expose-headers']).toContain('retry-after')
})

test('a page may call over HTTP/2', async () => {
  const { gateway } = await start()
  const session = connectHttp2(gateway.url)

  const asked = await askHttp2(session, { ':method': 'OPTIONS', ':path': '/v1/messages', ...preflight })
  const called = await askHttp2(
    session,
    { ':method': 'POST', ':path': '/v1/messages', ...usual, origin },
    callBody,
  )

  expect([asked.status, called.status]).toEqual([204, 200])
  expect(called.headers['access-control-allow-origin']).toBe(origin)
  expect(called.headers['access-control-expose-headers']).toContain('x-anthology-cost-usd')
})

async function start(options: StartOptions = {}): Promise<{
  gateway: RunningGateway
  upstream: Awaited<ReturnType<typeof startUpstream>>
}> {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, corsOrigins: [origin], ...options })
  return { gateway, upstream }
}
