import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ask } from './http-client.ts'
import type { Answer } from './http-client.ts'
import { plain, startUpstream, stream } from './recording-upstream.ts'
import type { RecordedRequest, Script } from './recording-upstream.ts'
import { localKey, startGateway, upstreamKey, usual } from './running-gateway.ts'
import type { RunningGateway } from './running-gateway.ts'
import { callBody, eventStream, events, message, streamBody } from './samples.ts'

/** One secret for each place in which a client may put a credential. None of them has a credential's format. */
const canaries = {
  'x-api-key': 'canary-in-x-api-key',
  authorization: 'canary-in-authorization',
  'api-key': 'canary-in-api-key',
  cookie: 'canary-in-cookie',
  'proxy-authorization': 'canary-in-proxy-authorization',
  'x-goog-api-key': 'canary-in-x-goog-api-key',
  'x-amz-security-token': 'canary-in-x-amz-security-token',
  query: 'canary-in-query',
}

const scripts: readonly (readonly [string, Script])[] = [
  ['answers', plain(message)],
  ['echoes its request', (response, request) => plain(echo(request))(response, request)],
  ['echoes it in an error', (response, request) => plain(echo(request), { status: 401 })(response, request)],
  [
    'echoes it in a stream',
    (response, request) =>
      stream([events[0], `event: ping\ndata: ${echo(request)}\n\n`, ...events.slice(-1)])(response, request),
  ],
  [
    'echoes it in an error event',
    (response, request) => stream([events[0], `event: error\ndata: ${echo(request)}\n\n`])(response, request),
  ],
  ['streams', stream([eventStream])],
  ['aborts', (_, { socket }) => void socket.destroy()],
]

test.each(scripts)('no secret leaks while the upstream %s', async (_, script) => {
  const { gateway, upstream } = await startBoth(script)

  const answers = await callInEveryWay(gateway)

  const out = { log: gateway.log, answers: answers.map(getEverything) }
  for (const secret of [...Object.values(canaries), localKey, upstreamKey]) {
    expect(JSON.stringify(out)).not.toContain(secret)
    expect(readFolder(gateway.dataFolder)).not.toContain(secret)
  }
  for (const request of upstream.requests) expectOwnCredentialOnly(request)
  expect(upstream.requests.length).toBeGreaterThan(0)
})

test('no secret leaks when the upstream is unreachable', async () => {
  const gateway = await startGateway({ upstreamUrl: `http://user:${upstreamKey}@127.0.0.1:1/${upstreamKey}` })

  const answers = await callInEveryWay(gateway)

  expect(JSON.stringify([gateway.log, answers.map(getEverything)])).not.toContain(upstreamKey)
  expect(gateway.log.length).toBeGreaterThan(0)
})

/** Valid and rejected calls, each with a secret in every possible place. */
async function callInEveryWay(gateway: RunningGateway): Promise<readonly Answer[]> {
  const headers = {
    ...usual,
    authorization: `Bearer ${canaries.authorization}`,
    'api-key': canaries['api-key'],
    cookie: `session=${canaries.cookie}`,
    'proxy-authorization': `Basic ${canaries['proxy-authorization']}`,
    'x-goog-api-key': canaries['x-goog-api-key'],
    'x-amz-security-token': canaries['x-amz-security-token'],
  }
  const wrongKey = { ...headers, 'x-api-key': canaries['x-api-key'] }
  const query = `?beta=true&key=${canaries.query}`
  const url = `${gateway.url}/v1/messages`
  return Promise.all([
    ask(url, { method: 'POST', headers, query, body: callBody }),
    ask(url, { method: 'POST', headers, query, body: streamBody }),
    ask(url, { method: 'POST', headers: wrongKey, query, body: callBody }),
    ask(url, { method: 'POST', headers, query, body: '{"model":"nobody"}' }),
    ask(url, { method: 'POST', headers, query, body: '{' }),
    ask(url, { method: 'PUT', headers, query, body: callBody }),
    ask(`${gateway.url}/nowhere`, { method: 'POST', headers, query, body: callBody }),
    ask(`${gateway.url}/v1/models`, { headers, query }),
    ask(`${gateway.url}/v1/models/nobody`, { headers: wrongKey, query }),
  ])
}

function expectOwnCredentialOnly(request: RecordedRequest): void {
  const { 'x-api-key': credential, ...headers } = request.headers
  const rest = JSON.stringify([request.target, headers, request.body.toString()])
  expect(credential).toBe(upstreamKey)
  for (const secret of [...Object.values(canaries), localKey, upstreamKey]) expect(rest).not.toContain(secret)
}

/** The response of a debugging proxy: an echo of the whole request. */
function echo({ target, headers }: RecordedRequest): string {
  return JSON.stringify({ error: { type: 'authentication_error', message: 'you sent' }, target, headers })
}

function getEverything({ status, headers, text }: Answer): unknown {
  return { status, headers, text }
}

function readFolder(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('\n')
}

async function startBoth(script: Script) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
