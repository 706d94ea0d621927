import { expect, test } from 'vitest'

import { estimateInputTokens } from '../src/rates/input-estimate.ts'
import { createKey } from '../src/auth/key-ring.ts'
import { openDatabase } from '../src/store/sqlite/database.ts'
import { insertKey, revokeKey } from './stored-keys.ts'
import { until } from './condition.ts'
import { ask, open, readEnvelope } from './http-client.ts'
import { hang, openStream, startUpstream } from './recording-upstream.ts'
import type { Script } from './recording-upstream.ts'
import { startGateway, temporaryFolder, usual } from './running-gateway.ts'
import type { RunningGateway, StartOptions } from './running-gateway.ts'
import { callBody, events, message, streamBody } from './samples.ts'

const bedrockBody = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
})

const model = 'anthropic.claude-opus-4-1-20250805-v1:0'

test.each([
  [
    'an error event',
    '/v1/messages',
    streamBody,
    /event: error\ndata: \{"type":"error","error":\{"type":"authentication_error","message":"this key was revoked"\},"request_id":"req_\w+"\}\n\n$/,
  ],
  [
    'an error chunk',
    '/v1/chat/completions',
    streamBody,
    /data: \{"error":\{.*this key was revoked.*\}\}\n\n/,
  ],
  [
    'an exception message',
    `/model/${model}/invoke-with-response-stream`,
    bedrockBody,
    /exception.*this key was revoked/s,
  ],
  [
    'an error event of Vertex AI',
    '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805:streamRawPredict',
    JSON.stringify({
      ...(JSON.parse(bedrockBody) as object),
      anthropic_version: 'vertex-2023-10-16',
      stream: true,
    }),
    /this key was revoked/,
  ],
])('a running stream of a revoked key ends with %s', async (_, path, body, ending) => {
  const { gateway, upstream, headers, revoke } = await startWithKey(openStream(events.slice(0, 5)))
  const { response } = await open(gateway.url + path, { method: 'POST', headers, body })
  let text = ''
  response.setEncoding('latin1').on('data', (part: string) => (text += part))
  await until('the stream runs', () => text !== '')

  revoke()
  await until('the response is complete', () => response.complete)

  expect(text).toMatch(ending)
  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  expect(gateway.rows()).toMatchObject([
    { outcome: 'key_revoked', status: 200, error_type: 'authentication_error', input_quantity: 25 },
  ])
})

test.each<[string, string, Script]>([
  ['before its answer', callBody, hang],
  [
    'in the middle of a plain response',
    callBody,
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"id":')
    },
  ],
  ['before the first event of a stream', streamBody, openStream(['event: message_st'])],
])('a running call of a revoked key ends with 401 %s, and is not repeated', async (_, body, script) => {
  const { gateway, upstream, headers, revoke } = await startWithKey(script)
  const answering = ask(`${gateway.url}/v1/messages`, { method: 'POST', headers, body })
  await until('the upstream was called', () => upstream.requests.length === 1)

  revoke()
  const answer = await answering

  expect([answer.status, readEnvelope(answer.text).error]).toEqual([
    401,
    { type: 'authentication_error', message: 'this key was revoked' },
  ])
  expect(answer.headers['x-should-retry']).toBe('false')
  // The upstream has the prompt and may bill it, as for a client that disconnects.
  const [row] = gateway.rows()
  expect(row).toMatchObject({ outcome: 'key_revoked', status: 401, usage_source: 'estimated' })
  expect(row).toMatchObject({ input_quantity: estimateInputTokens(Buffer.from(body), 'standard') })
  expect(row?.['cost_nano_usd']).toBeGreaterThan(0)
  expect(upstream.requests).toHaveLength(1)
})

test('the calls of other keys go on', async () => {
  const { gateway, upstream, headers, revoke } = await startWithKey(hang)
  const answering = gateway.post(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)

  revoke()
  await until('the key is refused', () => isRefused(gateway, headers))
  upstream.requests[0]?.response.end(message)

  expect((await answering).text).toBe(message)
})

test('a running stream of a revoked key may end if the configuration allows it', async () => {
  const { gateway, upstream, headers, revoke } = await startWithKey(openStream(events.slice(0, 5)), {
    cutRevokedCalls: false,
  })
  const { response } = await open(`${gateway.url}/v1/messages`, { method: 'POST', headers, body: streamBody })
  let text = ''
  response.setEncoding('utf8').on('data', (part: string) => (text += part))
  await until('the stream runs', () => text !== '')

  revoke()
  await until('the key is refused', () => isRefused(gateway, headers))
  upstream.requests[0]?.response.end(events.slice(5).join(''))
  await until('the response is complete', () => response.complete)

  expect(text).toBe(events.join(''))
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

async function startWithKey(script: Script, options: StartOptions = {}) {
  const upstream = await startUpstream(script)
  const dataFolder = temporaryFolder()
  const { secret, record } = createKey('team', null, 1)
  const database = openDatabase(dataFolder)
  insertKey(database, record)
  const gateway = await startGateway({ upstreamUrl: upstream.url, dataFolder, ...options })
  return {
    gateway,
    upstream,
    headers: { ...usual, 'x-api-key': secret },
    revoke: () => {
      revokeKey(database, record.id, 2)
      database.close()
    },
  }
}

async function isRefused(
  gateway: RunningGateway,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  return (await ask(`${gateway.url}/v1/models`, { headers })).status === 401
}
