import { expect, test } from 'vitest'

import { limitNames } from '../../src/config/config-schema.ts'
import type { Limits } from '../../src/limits.ts'
import { until } from '../condition.ts'
import { connectRaw } from '../raw-client.ts'
import { type Script, hang, openStream, plain, startUpstream, stream } from '../recording-upstream.ts'
import { type RunningGateway, localKey, startGateway, usual } from '../running-gateway.ts'
import { callBody, delta, eventStream, events, message, streamBody } from '../samples.ts'

interface Reaching {
  readonly limits: Partial<Limits>
  readonly script?: Script
  readonly act: (gateway: RunningGateway) => Promise<unknown>
}

const post = (gateway: RunningGateway) => gateway.post(callBody).catch(() => {})
const postStream = (gateway: RunningGateway) => gateway.post(streamBody).catch(() => {})

/** How each limit is reached that a client or an upstream can reach; its counter says so, and no other does. */
const reaching: Partial<Record<keyof Limits, Reaching>> = {
  bodyBytes: { limits: { bodyBytes: 10 }, act: post },
  batchBodyBytes: {
    limits: { batchBodyBytes: 10 },
    act: (gateway) => gateway.post(callBody, { path: '/v1/messages/batches' }),
  },
  batchRequests: {
    limits: { batchRequests: 1 },
    act: (gateway) => {
      const items = ['a', 'b'].map((custom_id) => ({ custom_id, params: JSON.parse(callBody) as unknown }))
      return gateway.post(JSON.stringify({ requests: items }), { path: '/v1/messages/batches' })
    },
  },
  fileBytes: {
    limits: { fileBytes: 10 },
    act: (gateway) =>
      gateway.post('x'.repeat(11), {
        path: '/v1/files',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      }),
  },
  heldBodyBytes: { limits: { heldBodyBytes: 10 }, act: post },
  headerBytes: {
    limits: { headerBytes: 2_000 },
    act: (gateway) => gateway.post(callBody, { headers: { 'x-long': 'x'.repeat(3_000) } }),
  },
  headersMs: { limits: { headersMs: 50 }, act: (gateway) => send(gateway, 'GET / HTTP/1.1\r\n') },
  requestMs: {
    limits: { headersMs: 50, requestMs: 50 },
    act: (gateway) => send(gateway, requestHead(100)),
  },
  lingerMs: {
    limits: { lingerMs: 20 },
    // Whoever has no valid key is refused before the body.
    act: (gateway) => send(gateway, requestHead(1_000_000).replace(localKey, 'nobody')),
  },
  keepAliveMs: {
    limits: { keepAliveMs: 20 },
    act: (gateway) => send(gateway, 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
  },
  upstreamFirstByteMs: { limits: { upstreamFirstByteMs: 50 }, script: hang, act: post },
  upstreamIdleMs: {
    limits: { upstreamIdleMs: 50 },
    script: openStream(events.slice(0, 3)),
    act: postStream,
  },
  callMs: { limits: { callMs: 50 }, script: openStream(events.slice(0, 3)), act: postStream },
  upstreamConnections: {
    limits: { upstreamConnections: 1 },
    script: plain(message),
    act: post,
  },
  plainAnswerBytes: { limits: { plainAnswerBytes: 10 }, script: plain(message), act: post },
  frameBytes: {
    limits: { frameBytes: 300 },
    script: stream([...events.slice(0, 3), delta(400)]),
    act: postStream,
  },
  streamEndMs: { limits: { streamEndMs: 20 }, script: openStream([eventStream]), act: postStream },
}

test.each(Object.entries(reaching))(
  'counts how often %s is reached',
  async (limit, { limits, script, act }) => {
    const upstream = await startUpstream(script ?? hang)
    const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
    const name = [...limitNames].find(([, found]) => found === limit)?.[0] ?? ''

    await act(gateway)
    await until(`${limit} was counted`, () => reached(gateway)[name] === 1)

    expect(reached(gateway)).toEqual({ [name]: 1 })
  },
)

/** The limits that were reached, by name. */
function reached(gateway: RunningGateway): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { name, values } of gateway.metrics()) {
    if (name !== 'anthology_limit_reached_total') continue
    for (const { labels, value } of values) if (value > 0) counts[String(labels['name'])] = value
  }
  return counts
}

async function send(gateway: RunningGateway, bytes: string): Promise<void> {
  const client = await connectRaw(gateway.port)
  client.write(bytes)
  await client.closing()
}

function requestHead(contentLength: number): string {
  const headers = Object.entries({ host: 'x', ...usual, 'content-length': String(contentLength) })
  return `POST /v1/messages HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}
