import { expect, test } from 'vitest'

import { until } from '../condition.ts'
import { readEnvelope } from '../http-client.ts'
import { hang, openStream as streamOf, plain, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { startGateway, usual } from '../running-gateway.ts'
import { callBody, delta, eventStream, events, message, messageCostNanoUsd, streamBody } from '../samples.ts'
import { testCertificate } from './certificate.ts'
import { askHttp2, connectHttp2, openStream, readAnswer } from './http2-client.ts'

const call = { ':method': 'POST', ':path': '/v1/messages', ...usual }

test.each([
  ['in clear text', undefined],
  ['over TLS', testCertificate],
])('an HTTP/2 call %s is answered, priced and recorded like any other', async (_, tls) => {
  const { gateway, upstream } = await startBoth(plain(message), {}, tls)
  const session = connectHttp2(gateway.url)

  const whole = await askHttp2(session, call, callBody)
  upstream.answer(streamOf(events))
  const stream = await askHttp2(session, call, streamBody)

  expect(whole).toMatchObject({ status: 200, text: message })
  expect(whole.headers['x-anthology-cost-usd']).toBe('0.0015')
  expect(stream).toMatchObject({ status: 200, text: eventStream })
  expect(upstream.requests.map(({ body }) => body.toString())).toEqual([callBody, streamBody])
  expect(gateway.rows()).toMatchObject([
    { outcome: 'answered', cost_nano_usd: messageCostNanoUsd },
    { outcome: 'answered', cost_nano_usd: messageCostNanoUsd },
  ])
})

test('errors over HTTP/2 have the same envelope as over HTTP/1.1', async () => {
  const { gateway } = await startBoth(plain(message), { bodyBytes: 1_000 })
  const session = connectHttp2(gateway.url)

  const keyless = await askHttp2(session, { ...call, 'x-api-key': 'wrong' }, callBody)
  const pathless = await askHttp2(session, { ...call, ':path': '/v2/nothing' }, callBody)
  const large = await askHttp2(session, call, 'x'.repeat(100_000))

  expect([keyless.status, pathless.status, large.status]).toEqual([401, 404, 413])
  for (const { text, headers } of [keyless, pathless, large]) {
    expect(readEnvelope(text)).toMatchObject({ type: 'error', request_id: headers['request-id'] })
  }
})

test('a stream that its client resets aborts its upstream request, and others continue', async () => {
  const { gateway, upstream } = await startBoth(streamOf(events.slice(0, 4)))
  const session = connectHttp2(gateway.url)
  const stream = openStream(session, call)
  stream.end(streamBody)
  await new Promise((resolve) => stream.once('data', resolve))

  stream.close(8)

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  upstream.answer(plain(message))
  expect((await askHttp2(session, call, callBody)).text).toBe(message)
})

test('a client that disconnects before its response aborts the upstream request', async () => {
  const { gateway, upstream } = await startBoth(hang)
  const session = connectHttp2(gateway.url)
  openStream(session, call).end(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)

  session.destroy()

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
})

test('a stream that is not read pauses its upstream, and is reset', async () => {
  let offered = 0
  const { gateway, upstream } = await startBoth(
    async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(events[0])
      const frame = delta(60_000)
      for (let count = 0; count < 1_000 && !response.destroyed; count += 1) {
        offered += frame.length
        if (!response.write(frame)) await new Promise((resolve) => response.once('drain', resolve))
      }
    },
    { clientIdleMs: 300 },
  )

  const stream = openStream(connectHttp2(gateway.url), call)
  stream.end(streamBody)

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  expect(offered).toBeLessThan(30_000_000)
})

test('an aborted upstream ends an HTTP/2 stream with an error event', async () => {
  const { gateway } = await startBoth((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events.slice(0, 4).join(''), () => response.destroy())
  })
  const stream = openStream(connectHttp2(gateway.url), call)
  stream.end(streamBody)

  const { text } = await readAnswer(stream)

  expect(text.startsWith(events.slice(0, 4).join(''))).toBe(true)
  expect(text.slice(events.slice(0, 4).join('').length)).toMatch(/^event: error\ndata: \{.*\}\n\n$/)
})

async function startBoth(script: Script, limits = {}, tls?: typeof testCertificate) {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits, tls })
  return { upstream, gateway }
}
