import { brotliCompressSync, constants } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { until } from '../condition.ts'
import { readEnvelope } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import type { RecordingUpstream } from '../recording-upstream.ts'
import { createBatch, sendRequest, startBoth, storedItems } from '../resources/batches.ts'
import { startGateway } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, message, streamBody } from '../samples.ts'

const megabyte = 1024 * 1024

/** A hundred bytes that decode to 64 MB, none of them a line break. */
const bomb = brotliCompressSync(Buffer.alloc(64 * megabyte, ' '), {
  params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 },
})

const limits = { plainAnswerBytes: megabyte, frameBytes: megabyte }

describe.each([
  ['a call', (gateway: RunningGateway) => gateway.post(callBody)],
  ['a call that asked for a stream', (gateway: RunningGateway) => gateway.post(streamBody)],
  [
    'a token count',
    (gateway: RunningGateway) => gateway.post(callBody, { path: '/v1/messages/count_tokens' }),
  ],
])('a compressed answer to %s', (_, call) => {
  test.each([200, 400, 529])('that decodes without end gets 502, at status %i', async (status) => {
    const upstream = await startUpstream(sendBomb(status))
    const gateway = await startGateway({ upstreamUrl: upstream.url, limits })

    const answer = await call(gateway)
    upstream.answer(plain(message))
    const next = await gateway.post(callBody)

    expect(answer.status).toBe(502)
    expect(readEnvelope(answer.text).error.message).toContain('larger than this gateway accepts')
    expect(next.text).toBe(message)
  })
})

test('a stream that decodes without end is cut off', async () => {
  const upstream = await startUpstream(sendBomb(200, 'text/event-stream'))
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits })

  const answer = await gateway.post(streamBody)

  expect(answer.text).toContain('larger than this gateway accepts')
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test.each([200, 404])('a batch that decodes without end gets 502, at status %i', async (status) => {
  const { gateway, id } = await startWithBatch(sendBomb(status))

  for (const [method, path] of [
    ['GET', `/v1/messages/batches/${id}`],
    ['POST', `/v1/messages/batches/${id}/cancel`],
    ['GET', '/v1/messages/batches'],
  ] as const) {
    const answer = await sendRequest(gateway, method, path)
    expect(answer.status, path).toBe(502)
  }
})

test('results that decode without end are cut off', async () => {
  const { gateway, id } = await startWithBatch(sendBomb(200))

  const answer = sendRequest(gateway, 'GET', `/v1/messages/batches/${id}/results`)

  await expect(answer).rejects.toThrow()
  expect(gateway.log.at(-1)).toMatchObject({ event: 'api_error', code: 'answer_too_large' })
})

test('the sweeper refuses them too, and does not delay the end of the gateway', async () => {
  const { gateway, upstream } = await startWithBatch(sendBomb(200), { sweepMs: 20 })
  await until('it has tried twice', () => upstream.requests.length >= 2)

  await gateway.close()

  expect(storedItems(gateway)).toMatchObject([{ settled_at_ms: null }])
  expect(gateway.log.filter(({ event }) => event === 'batch_not_settled').length).toBeGreaterThan(0)
})

function sendBomb(status: number, type = 'application/json') {
  return plain(bomb, { status, headers: { 'content-type': type, 'content-encoding': 'br' } })
}

/** A gateway whose batch is stored at an upstream that answers by this script. */
async function startWithBatch(
  script: Parameters<RecordingUpstream['answer']>[0],
  more: StartOptions['limits'] = {},
): Promise<{ gateway: RunningGateway; upstream: RecordingUpstream; id: string }> {
  const both = await startBoth()
  const id = await createBatch(both)
  await both.gateway.close()
  const upstream = await startUpstream(script)
  const { dataFolder } = both.gateway
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    dataFolder,
    limits: { ...limits, ...more },
  })
  return { gateway, upstream, id }
}
