import { connectHttp2, openStream as openHttp2 } from '../port/http2-client.ts'
import { flags, frame, frameTypes, head, reset } from '../port/http2-frames.ts'
import { connectFrames } from '../port/running-port.ts'
import { until } from '../condition.ts'
import { open } from '../http-client.ts'
import { connectRaw } from '../raw-client.ts'
import { openStream } from '../recording-upstream.ts'
import { localKey, usual } from '../running-gateway.ts'
import { expectException, invoke } from '../protocols/aws-client.ts'
import { callBody, delta, events, streamBody } from '../samples.ts'
import { writeUntilClosed } from './reaching.ts'
import type { Reaching } from './reaching.ts'

const tooLarge = [413, 'request_too_large'] as const
const overloaded = [529, 'overloaded_error'] as const
const invalid = [400, 'invalid_request_error'] as const

/** Limits of requests and their bodies. */
const requests = {
  bodyBytes: { limits: { bodyBytes: 10 }, act: (gateway) => gateway.post(callBody), told: tooLarge },
  batchBodyBytes: {
    limits: { batchBodyBytes: 10 },
    act: (gateway) => gateway.post(callBody, { path: '/v1/messages/batches' }),
    told: tooLarge,
  },
  batchRequests: {
    limits: { batchRequests: 1 },
    act: (gateway) => {
      const items = ['a', 'b'].map((custom_id) => ({ custom_id, params: JSON.parse(callBody) as unknown }))
      return gateway.post(JSON.stringify({ requests: items }), { path: '/v1/messages/batches' })
    },
    told: invalid,
  },
  fileBytes: {
    limits: { fileBytes: 10 },
    act: (gateway) =>
      gateway.post('x'.repeat(11), {
        path: '/v1/files',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      }),
    told: tooLarge,
  },
  heldBodyBytes: {
    limits: { heldBodyBytes: 10 },
    act: (gateway) => gateway.post(callBody),
    told: overloaded,
  },
  unverifiedBodyBytes: {
    limits: { unverifiedBodyBytes: 10 },
    act: async (gateway) => {
      const answer = await invoke(gateway)
      expectException(answer, {
        status: 503,
        type: 'ServiceUnavailableException',
        says: /x-amz-content-sha256/,
      })
    },
  },
  bodyProgressMs: {
    limits: { bodyProgressMs: 50 },
    act: (gateway) => writeUntilClosed(gateway, requestHead(100)),
    behind: 'lingerMs',
  },
  headerBytes: {
    limits: { headerBytes: 2_000 },
    act: (gateway) => gateway.post(callBody, { headers: { 'x-long': 'x'.repeat(3_000) } }),
    told: [431, 'invalid_request_error'],
  },
  headersMs: {
    limits: { headersMs: 50 },
    act: (gateway) => writeUntilClosed(gateway, 'GET / HTTP/1.1\r\n'),
  },
  requestMs: {
    limits: { headersMs: 50, requestMs: 50 },
    act: (gateway) => writeUntilClosed(gateway, requestHead(100)),
  },
  lingerMs: {
    limits: { lingerMs: 20 },
    // Without a valid key the request is rejected before its body.
    act: (gateway) => writeUntilClosed(gateway, requestHead(1_000_000).replace(localKey, 'nobody')),
  },
} satisfies Record<string, Reaching>

/** Limits of connections. */
const connections = {
  connections: {
    limits: { connections: 1 },
    // The first one is idle, so it is closed for the second.
    act: async (gateway) => {
      const first = await connectRaw(gateway.port)
      await connectRaw(gateway.port)
      await first.closing()
    },
  },
  connectionsPerAddress: {
    limits: { connectionsPerAddress: 1 },
    act: async (gateway) => {
      await connectRaw(gateway.port)
      await (await connectRaw(gateway.port)).closing()
    },
  },
  keepAliveMs: {
    limits: { keepAliveMs: 20 },
    act: (gateway) => writeUntilClosed(gateway, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  },
  clientIdleMs: {
    limits: { clientIdleMs: 50 },
    script: openStream([events[0], ...Array.from({ length: 20 }, () => delta(1_000_000))]),
    act: async (gateway, upstream) => {
      const asking = { method: 'POST', headers: usual, body: streamBody }
      const { response } = await open(`${gateway.url}/v1/messages`, asking)
      response.on('error', () => {})
      await until('the upstream was let go', () => upstream.requests[0]?.socket.destroyed === true)
    },
  },
  concurrentStreams: {
    limits: { concurrentStreams: 2 },
    act: async (gateway, upstream) => {
      const session = connectHttp2(gateway.url)
      for (let count = 0; count < 2; count += 1)
        openHttp2(session, { ':method': 'POST', ':path': '/v1/messages', ...usual }).end(callBody)
      await until('both run', () => upstream.requests.length === 2)
    },
  },
  streamResets: {
    limits: { streamResets: 2 },
    act: async (gateway) => {
      const client = await connectFrames(gateway.port)
      for (const stream of [1, 3, 5]) {
        client.write(frame({ type: frameTypes.headers, flags: flags.endHeaders, stream, payload: head('/') }))
        client.write(reset(stream))
      }
      await client.closing()
    },
  },
} satisfies Record<string, Reaching>

export const reachingOfPort = { ...requests, ...connections }

function requestHead(contentLength: number): string {
  const headers = Object.entries({ host: 'localhost', ...usual, 'content-length': String(contentLength) })
  return `POST /v1/messages HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}
