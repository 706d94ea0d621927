import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

import { openDatabase } from '../../src/store/sqlite/database.ts'
import { until } from '../condition.ts'
import { open } from '../http-client.ts'
import type { Answer } from '../http-client.ts'
import { openStream, plain, stream } from '../recording-upstream.ts'
import { usual } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { callBody, delta, events, message, streamBody } from '../samples.ts'
import { reachedLimits } from './reaching.ts'
import type { Reaching } from './reaching.ts'

const post = (gateway: RunningGateway) => gateway.post(callBody)
const postStream = (gateway: RunningGateway) => gateway.post(streamBody)

const overloaded = [529, 'overloaded_error'] as const
const timedOut = [504, 'timeout_error'] as const

/** Limits of running, queued and answered calls. */
const calls = {
  fileIds: {
    limits: { fileIds: 1 },
    act: (gateway) => {
      const files = ['file_1', 'file_2'].map((id) => ({ source: { type: 'file', file_id: id } }))
      return gateway.post(JSON.stringify({ ...(JSON.parse(callBody) as object), metadata: { files } }))
    },
    told: [400, 'invalid_request_error'],
  },
  concurrentCalls: {
    limits: { concurrentCalls: 1 },
    act: async (gateway, upstream) => {
      const first = post(gateway)
      await until('the first runs', () => upstream.requests.length === 1)
      const second = post(gateway)
      await until('the second waits', () => reachedLimits(gateway)['concurrent_calls'] === 1)
      upstream.answer(plain(message))
      upstream.requests[0]?.response.end(message)
      await Promise.all([first, second])
    },
  },
  queuedCalls: {
    limits: { concurrentCalls: 1, queuedCalls: 1 },
    act: async (gateway, upstream) => {
      void post(gateway).catch(() => {})
      await until('the first runs', () => upstream.requests.length === 1)
      void post(gateway).catch(() => {})
      await until('the second waits', () => reachedLimits(gateway)['concurrent_calls'] === 1)
      return post(gateway)
    },
    told: overloaded,
    behind: 'concurrentCalls',
  },
  queueMs: {
    limits: { concurrentCalls: 1, queueMs: 30 },
    act: async (gateway, upstream) => {
      void post(gateway).catch(() => {})
      await until('the first runs', () => upstream.requests.length === 1)
      return post(gateway)
    },
    told: overloaded,
    behind: 'concurrentCalls',
  },
  openStreams: {
    limits: { openStreams: 1 },
    script: openStream(events.slice(0, 2)),
    act: postSecondStream,
    told: overloaded,
  },
  openStreamsPerKey: {
    limits: { openStreamsPerKey: 1 },
    script: openStream(events.slice(0, 2)),
    act: postSecondStream,
    told: [429, 'rate_limit_error'],
  },
  ledgerWaitMs: {
    limits: { ledgerWaitMs: 50 },
    emergencyFolder: '/dev/null/none',
    act: async ({ dataFolder, ...gateway }, upstream) => {
      const calling = gateway.post(callBody)
      await until('it runs', () => upstream.requests.length === 1)
      renameSync(dataFolder, `${dataFolder}-away`)
      upstream.requests[0]?.response.end(message)
      await calling
      renameSync(`${dataFolder}-away`, dataFolder)
    },
  },
  ledgerLagBytes: {
    limits: { ledgerLagBytes: 100 },
    script: plain(message),
    act: async (gateway) => {
      const database = openDatabase(gateway.dataFolder)
      database.exec("CREATE TRIGGER broken BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, 'full'); END")
      await gateway.post(callBody)
      const rejected = await gateway.post(callBody)
      database.exec('DROP TRIGGER broken')
      database.close()
      return rejected
    },
    told: [503, 'api_error'],
  },
  drainMs: {
    limits: { drainMs: 50 },
    act: async (gateway, upstream) => {
      void post(gateway).catch(() => {})
      await until('it runs', () => upstream.requests.length === 1)
      await gateway.close()
    },
  },
  sweepMs: { limits: { sweepMs: 500 }, act: async () => {} },
} satisfies Record<string, Reaching>

/** Limits of upstreams. */
const upstreams = {
  connectMs: {
    limits: { connectMs: 50 },
    upstreamUrl: startSilence,
    act: post,
    told: [502, 'api_error'],
    // The only upstream is asked once more.
    times: 2,
  },
  upstreamFirstByteMs: { limits: { upstreamFirstByteMs: 50 }, act: post, told: timedOut },
  upstreamIdleMs: {
    limits: { upstreamIdleMs: 50 },
    script: openStream(events.slice(0, 3)),
    act: postStream,
    cutWith: 'timeout_error',
  },
  streamHoldMs: {
    limits: { streamHoldMs: 50 },
    hasSpare: true,
    script: openStream(events.slice(0, 1)),
    // The head of the response comes with the first event.
    act: abandonStream,
  },
  callMs: {
    limits: { callMs: 500 },
    script: openStream(events.slice(0, 3)),
    act: postStream,
    cutWith: 'timeout_error',
  },
  upstreamConnections: {
    limits: { upstreamConnections: 1 },
    script: plain(message),
    act: async (gateway) => void (await post(gateway)),
  },
  abandonedReadMs: {
    limits: { abandonedReadMs: 50 },
    platform: 'bedrock',
    script: openStream(events.slice(0, 3)),
    act: abandonStream,
  },
  abandonedReads: {
    limits: { abandonedReads: 1 },
    platform: 'bedrock',
    script: openStream(events.slice(0, 3)),
    act: async (gateway) => {
      await abandonStream(gateway)
      await abandonStream(gateway)
    },
  },
  plainAnswerBytes: {
    limits: { plainAnswerBytes: 10 },
    script: plain(message),
    act: post,
    told: [502, 'api_error'],
  },
  budgetSlice: {
    limits: { budgetSlice: 100 },
    budgets: { budgets: [{ scope: 'organization', limit: '0.01', window: 'total' }] },
    script: stream([...events.slice(0, 3), delta(4_000)]),
    act: (gateway) => gateway.post(streamBody.replace(/"max_tokens": ?\d+/, '"max_tokens":20000')),
  },
  frameBytes: {
    limits: { frameBytes: 300 },
    script: stream([...events.slice(0, 3), delta(400)]),
    act: postStream,
    cutWith: 'api_error',
  },
} satisfies Record<string, Reaching>

export const reachingOfCalls = { ...calls, ...upstreams }

/** Opens a second stream while the first one is open. */
async function postSecondStream(gateway: RunningGateway): Promise<Answer> {
  const asking = { method: 'POST', headers: usual, body: streamBody }
  const { response } = await open(`${gateway.url}/v1/messages`, asking)
  response.on('error', () => {})
  return gateway.post(streamBody)
}

/** Reads the beginning of a stream and disconnects. */
async function abandonStream(gateway: RunningGateway): Promise<void> {
  const asking = { method: 'POST', headers: usual, body: streamBody }
  const { response } = await open(`${gateway.url}/v1/messages`, asking)
  response.on('error', () => {})
  response.destroy()
}

/** The address of a server that accepts connections and never completes a TLS handshake. */
async function startSilence(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  // A server that listens on a port has this type of address.
  const { port } = server.address() as AddressInfo
  return `https://127.0.0.1:${port}`
}
