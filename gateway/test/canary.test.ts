import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ask } from './http-client.ts'
import type { Answer } from './http-client.ts'
import { plain, startUpstream, stream } from './recording-upstream.ts'
import type { RecordedRequest, Script } from './recording-upstream.ts'
import { httpAccount, localKey, startGateway, upstreamKey, usual } from './running-gateway.ts'
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
  [
    'echoes it in its headers and in what the ledger stores',
    (response, request) =>
      plain(infect(message, request), { headers: echoInHeaders(request) })(response, request),
  ],
  [
    'echoes it in the headers and members of a stream, cut before every letter',
    (response, request) =>
      stream(infect(eventStream, request).split(/(?=[a-z])/), echoInHeaders(request))(response, request),
  ],
  [
    'echoes it as the type of an error',
    (response, request) =>
      plain(infect('{"type":"error","error":{"type":"msg_01","message":"no"}}', request), {
        status: 400,
        headers: echoInHeaders(request),
      })(response, request),
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

test.each(['n', 'none', 'EMPTY', 'ollama', 'lm-studio', 'no-key-required'])(
  'the credential %j is a word: answers keep it, and the log warns at the start',
  async (word) => {
    const text = `There are ${word} left, ${word}theless ${word}`
    const upstream = await startUpstream(plain(message.replace('caf', `${text} caf`)))
    const account = { ...httpAccount(upstream.url), secrets: [word] }
    const gateway = await startGateway({ accounts: [account] })

    const answer = await gateway.post(callBody)
    upstream.answer(stream([eventStream.replace('event: error', text)]))
    const streamed = await gateway.post(streamBody)

    expect(answer.text).toBe(message.replace('caf', `${text} caf`))
    expect(streamed.text).toBe(eventStream.replace('event: error', text))
    expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }])
    expect(gateway.log[0]).toMatchObject({ level: 'warn', event: 'short_credential', upstream: 'recorder' })
    expect(gateway.rows().map((row) => row['cost_nano_usd'])).not.toContain(null)
  },
)

test('a credential that is long enough is not mentioned at the start', async () => {
  const gateway = await startGateway()

  expect(gateway.log).toEqual([])
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

/** The credential in members that become columns of the ledger. */
function infect(text: string, { headers }: RecordedRequest): string {
  const secret = String(headers['x-api-key'])
  return text
    .replace('msg_01', secret)
    .replace('"end_turn"', `"${secret}"`)
    .replace(/"output_tokens": ?15/, `$&,"service_tier":"${secret}"`)
}

function echoInHeaders({ headers }: RecordedRequest): Record<string, string> {
  const secret = String(headers['x-api-key'])
  const names = [
    'retry-after',
    'content-disposition',
    'x-should-retry',
    'x-anthology-notice',
    'request-id',
    'anthropic-organization-id',
    'anthropic-ratelimit-requests-limit',
  ]
  return Object.fromEntries(names.map((name) => [name, secret]))
}

function getEverything({ status, headers, text }: Answer): unknown {
  return { status, headers, text }
}

function readFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
}

async function startBoth(script: Script) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
