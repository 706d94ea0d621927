import { text as readText } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { createGateway } from '../src/gateway.ts'
import { until } from './condition.ts'
import { readEnvelope, open } from './http-client.ts'
import { hang, openStream, plain, startUpstream } from './recording-upstream.ts'
import { connectRaw, rawHead } from './raw-client.ts'
import { httpAccount, startGateway, temporaryFolder, usual } from './running-gateway.ts'
import { callBody, eventStream, events, message, streamBody } from './samples.ts'

test('completes a running stream', async () => {
  const { gateway, upstream } = await startBoth()
  let goOn = () => {}
  upstream.answer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(events.slice(0, 3).join(''))
    goOn = () => void response.end(events.slice(3).join(''))
  })
  const { response } = await openCall(gateway.url, streamBody)

  const closing = gateway.close()
  goOn()
  let text = ''
  for await (const chunk of response) text += String(chunk)
  await closing

  expect(text).toBe(eventStream)
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered', stop_reason: 'end_turn' }])
})

test('accepts no new connection, and no new call on an open one', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(openStream(events.slice(0, 3)))
  const { response } = await openCall(gateway.url, streamBody)
  const client = await connectRaw(gateway.port)
  // The head of a request was sent when the gateway starts to close.
  client.write(rawHead())
  await until('the gateway saw it', async () => (await gateway.post('{')).status === 400)

  const closing = gateway.close()
  await expect(openCall(gateway.url, callBody)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  client.write(`content-length: ${callBody.length}\r\n\r\n${callBody}`)
  const [answer] = await client.answers(1)
  response.destroy()
  await closing

  expect(answer?.status).toBe(503)
  expect(readEnvelope(answer?.body ?? '').error.type).toBe('overloaded_error')
  expect(answer?.head.toLowerCase()).toContain('connection: close')
  expect(upstream.requests).toHaveLength(1)
})

test('ends streams that run longer than the limit with an error event, and records it in the ledger', async () => {
  const { gateway, upstream } = await startBoth({ drainMs: 100 })
  upstream.answer(openStream(events.slice(0, 3)))
  const { response } = await openCall(gateway.url, streamBody)
  const ended = readText(response)

  await gateway.close()

  expect(await ended).toMatch(/event: error\ndata: .*overloaded_error.*the gateway is shutting down/)
  const row = { outcome: 'shut_down', error_type: 'overloaded_error', cost_nano_usd: 450_000 }
  expect(gateway.rows()).toMatchObject([row])
})

test('answers a call that has no response yet with an error that may be retried', async () => {
  const { gateway, upstream } = await startBoth({ drainMs: 50 })
  upstream.answer(hang)
  const call = gateway.post(callBody)
  await until('the upstream was called', () => upstream.requests.length === 1)

  await gateway.close()

  expect(await call).toMatchObject({ status: 503, headers: { 'x-should-retry': 'true' } })
  expect(gateway.rows()).toMatchObject([{ outcome: 'shut_down', status: 503 }])
})

test('does not wait for idle connections', async () => {
  const { gateway } = await startBoth({ drainMs: 200_000 })
  const silent = await connectRaw(gateway.port)
  const idle = await connectRaw(gateway.port)
  idle.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await idle.answers(1)
  const startedMs = Date.now()

  await gateway.close()

  expect(Date.now() - startedMs).toBeLessThan(100_000)
  await Promise.all([silent.closing(), idle.closing()])
})

test('closes even if it never listened, and if close is called twice', async () => {
  const gateway = await createGateway({
    accounts: [httpAccount('http://127.0.0.1:1')],
    dataFolder: temporaryFolder(),
  })

  const closed = Promise.all([gateway.close(), gateway.close()])

  await expect(closed).resolves.toBeDefined()
})

function openCall(url: string, body: string) {
  return open(`${url}/v1/messages`, { method: 'POST', headers: usual, body })
}

async function startBoth(limits = {}) {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })
  return { upstream, gateway }
}
