import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

import { expect, test } from 'vitest'

import { open } from '../http-client.ts'
import { invokeBody } from '../protocols/aws-client.ts'
import { openStream, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, localKey, startGateway, usual } from '../running-gateway.ts'
import { events, opus, streamBody } from '../samples.ts'

const messagesPing = 'event: ping\ndata: {"type": "ping"}\n\n'
const pingAfterMs = 30
const [start, ...others] = events
/** Without the pings of the upstream. */
const rest = others.filter((event) => !event.includes('ping'))

const bearer = { 'content-type': 'application/json', authorization: `Bearer ${localKey}` }
const chatBody = JSON.stringify({
  model: opus,
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'Hello' }],
})
const vertexPath =
  '/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1@20250805:streamRawPredict'
const vertexBody = JSON.stringify({
  anthropic_version: 'vertex-2023-10-16',
  max_tokens: 100,
  stream: true,
  messages: [{ role: 'user', content: 'Hello' }],
})

interface Client {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const clients: Readonly<Record<string, Client>> = {
  messages: { path: '/v1/messages', headers: usual, body: streamBody },
  vertex: { path: vertexPath, headers: bearer, body: vertexBody },
  openai: { path: '/v1/chat/completions', headers: bearer, body: chatBody },
  bedrock: {
    path: `/model/anthropic.claude-opus-4-1-20250805-v1%3A0/invoke-with-response-stream`,
    headers: bearer,
    body: invokeBody,
  },
}

/** Starts a stream whose upstream sends `first`, and the rest when `goOn` is called. */
async function startSilence(first: readonly string[], { client = 'messages', upstreams = 1 } = {}) {
  let goOn: (script: Script) => void = () => {}
  const begin = first.length > 0 ? openStream(first) : headOnly
  const servers = await Promise.all(
    Array.from({ length: upstreams }, () =>
      startUpstream((response, request) => {
        void begin(response, request)
        goOn = (next) => void next(response, request)
      }),
    ),
  )
  const accounts = servers.map(({ url }, at) => ({ ...httpAccount(url), name: `number-${at}` }))
  const gateway = await startGateway({ accounts, pingAfterMs })
  const { path, headers, body } = clients[client] ?? { path: '', headers: {}, body: '' }
  const { response } = await open(gateway.url + path, { method: 'POST', headers, body })
  return { gateway, response: collect(response), goOn: (script: Script) => goOn(script), servers }
}

/** Collects a response as it arrives. */
function collect(response: IncomingMessage) {
  let text = ''
  const ended = once(response, 'end')
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return {
    status: response.statusCode,
    /** Resolves with the text so far when it contains a text so many times. */
    async until(part: string, count: number): Promise<string> {
      while (text.split(part).length <= count) await once(response, 'data')
      return text
    },
    async whole(): Promise<string> {
      await ended
      return text
    },
  }
}

const headOnly: Script = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
}

const finish =
  (text: string): Script =>
  (response) =>
    void response.end(text)

test.each([
  ['messages', messagesPing],
  ['vertex', messagesPing],
  ['openai', ': ping\n\n'],
])('a silent stream of %s gets pings, and its events stay as they are', async (client, ping) => {
  const { response, goOn } = await startSilence([start, rest[0] ?? ''], { client })

  const begun = await response.until(ping, 3)
  goOn(finish(rest.slice(1).join('')))
  const text = (await response.whole()).replaceAll(ping, '')

  expect(begun.split(ping).length).toBeGreaterThan(3)
  if (client === 'openai') expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  else expect(text).toBe(start + rest.join(''))
})

test('a ping waits while an event is incomplete upstream, but is never inside one', async () => {
  const [block = '', delta = ''] = rest
  const { response, goOn } = await startSilence([start, block, delta.slice(0, 40)])

  const begun = await response.until(messagesPing, 2)
  goOn(finish(delta.slice(40) + rest.slice(2).join('')))
  const text = await response.whole()

  expect(text.replaceAll(messagesPing, '')).toBe(start + rest.join(''))
  expect(begun.startsWith(start + block + messagesPing)).toBe(true)
})

test('the head and a ping go out although the upstream has sent nothing after its head, even if the call could move', async () => {
  const { gateway, response, goOn, servers } = await startSilence([], { upstreams: 2 })

  await response.until(messagesPing, 1)
  goOn((_, { socket }) => void socket.destroy())
  const text = await response.whole()

  expect(response.status).toBe(200)
  expect(text.replaceAll(messagesPing, '')).toMatch(/^event: error\ndata: .*api_error.*\n\n$/)
  expect(servers.map(({ requests }) => requests.length)).toContain(0)
  await expect.poll(() => gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted', status: 200 }])
})

test('a stream without silence gets no ping, and none follows its last event', async () => {
  const { response, goOn } = await startSilence([start])

  // The upstream keeps its connection open after the last event, for longer than the time of a ping.
  goOn((upstream) => void upstream.write(rest.join('')))
  const text = await response.whole()

  expect(text.slice(text.indexOf('message_stop'))).toBe(rest.at(-1)?.slice('event: '.length))
})

test('a Bedrock stream has no pings: its bytes are the same, however long it was silent', async () => {
  const quick = await startSilence([start], { client: 'bedrock' })
  quick.goOn(finish(rest.slice(0, -1).join('')))
  const expected = await quick.response.whole()
  const { response, goOn } = await startSilence([start], { client: 'bedrock' })
  const messages = await startSilence([start])

  await messages.response.until(messagesPing, 3)
  goOn(finish(rest.slice(0, -1).join('')))

  expect(stripPadding(await response.whole())).toBe(stripPadding(expected))
  messages.goOn(finish(rest.join('')))
  expect(await messages.response.whole()).toContain('message_stop')
})

/** The gateway's ids are in its error event. */
function stripPadding(text: string): string {
  return text.replaceAll(/req_[0-9A-Za-z]+/g, '')
}
