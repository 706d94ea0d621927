import { expect, test } from 'vitest'

import { until } from './condition.ts'
import { open } from './http-client.ts'
import { hang, openStream, plain, startUpstream } from './recording-upstream.ts'
import type { Script } from './recording-upstream.ts'
import { connectRaw, rawCall } from './raw-client.ts'
import { startGateway, usual } from './running-gateway.ts'
import type { RunningGateway } from './running-gateway.ts'
import { callBody, delta, events, message, streamBody } from './samples.ts'

test('aborts the upstream request when the client of a stream disconnects', async () => {
  const { gateway, upstream } = await startBoth(openStream(events.slice(0, 4)))
  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  response.on('error', () => {})

  response.destroy()

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  // The prompt, and one token or, if the first content was sent before the disconnect, the estimate of it.
  const [row] = gateway.rows()
  expect(row?.['status']).toBe(200)
  expect([450_000, 600_000]).toContain(row?.['cost_nano_usd'])
})

test.each<[string, Script]>([
  ['before its answer', hang],
  [
    'in the middle of a plain response',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"id":')
    },
  ],
])('aborts the upstream request when the client disconnects %s', async (_, script) => {
  const { gateway, upstream } = await startBoth(script)
  const client = await connectRaw(gateway.port)
  client.write(rawCall(callBody))
  await until('the upstream was called', () => upstream.requests.length === 1)

  client.destroy()

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  expect(gateway.rows()).toMatchObject([{ status: 499, usage_source: 'estimated', cost_nano_usd: 510_000 }])
})

test('a stream whose client disconnects before its first event is recorded as unanswered, with its prompt', async () => {
  const { gateway, upstream } = await startBoth(openStream(['event: message_st']))
  const client = await connectRaw(gateway.port)
  client.write(rawCall(streamBody))
  await until('the upstream was called', () => upstream.requests.length === 1)
  await until('the stream runs', () => countStreams(gateway) === 1)

  client.destroy()

  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  const [row] = gateway.rows()
  expect(row).toMatchObject({ status: 499, usage_source: 'estimated' })
  expect(row?.['input_quantity']).toBeGreaterThan(0)
})

test('pauses the upstream while the client does not read', async () => {
  let offered = 0
  let stalled = false
  const frame = delta(60_000)
  const { gateway } = await startBoth(async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events[0])
    // 60 MB; a gateway without backpressure would read them all.
    for (let count = 0; count < 1_000; count += 1) {
      offered += frame.length
      if (response.write(frame)) continue
      stalled = true
      await new Promise((resolve) => response.once('drain', resolve))
      stalled = false
    }
    response.end(events.slice(-2).join(''))
  })

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  await untilSteady(() => offered)
  const offeredUnread = offered
  let length = 0
  for await (const chunk of response) length += (chunk as Buffer).length // Without an encoding chunks are buffers.

  expect(offeredUnread).toBeLessThan(30_000_000)
  expect(stalled).toBe(false)
  expect(length).toBe(events[0].length + 1_000 * frame.length + events.slice(-2).join('').length)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

test('disconnects a client that reads nothing for too long, and aborts the upstream request', async () => {
  const unread = Array.from({ length: 20 }, () => delta(1_000_000))
  const { gateway, upstream } = await startBoth(openStream([events[0], ...unread]), { clientIdleMs: 150 })

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  response.on('error', () => {})

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
})

test('a finished call leaves no timer behind', async () => {
  const { gateway } = await startBoth(plain(message))
  await gateway.post(callBody)
  const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = countTimers()

  for (let count = 0; count < 50; count += 1) await gateway.post(callBody)

  expect(countTimers()).toBeLessThan(before + 25)
})

test("waits longer than the client's limit for an upstream", async () => {
  const { gateway, upstream } = await startBoth(hang, { clientIdleMs: 40, keepAliveMs: 40 })
  const call = gateway.post(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)
  const calledMs = Date.now()

  await until('the limit has passed three times', () => Date.now() - calledMs > 120)
  upstream.requests[0]?.response.writeHead(200, { 'content-type': 'application/json' }).end(message)

  expect((await call).text).toBe(message)
})

function countStreams(gateway: RunningGateway): number | undefined {
  return gateway.metrics().find(({ name }) => name === 'anthology_open_streams')?.values[0]?.value
}

/** Waits until a count has stayed the same for many checks in a row. */
async function untilSteady(count: () => number): Promise<void> {
  let last = -1
  let looks = 0
  await until('the upstream stalled', () => {
    looks = count() === last && last > 0 ? looks + 1 : 0
    last = count()
    return looks > 30
  })
}

async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
