import { expect, test } from 'vitest'

import { invoke, invokeBody, startAwsGateway } from './protocols/aws-client.ts'
import { plain, startUpstream } from './recording-upstream.ts'
import {
  batchBody,
  createBatch,
  sendRequest,
  startBoth,
  storedItems,
  succeeded,
} from './resources/batches.ts'
import { startGateway } from './running-gateway.ts'
import { callBody, errorBody, message, messageCostNanoUsd, opus } from './samples.ts'

/** Some servers on Windows write it before a JSON text; a parser may ignore it (RFC 8259, section 8.1). */
const mark = '\ufeff'

const chat = JSON.stringify({ model: opus, messages: [{ role: 'user', content: 'Hello' }] })
const asChat = { path: '/v1/chat/completions', headers: { 'anthropic-version': undefined } }
const converse = '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'

test('a message behind a byte order mark is an answer for every protocol, with its usage and price', async () => {
  const upstream = await startUpstream(plain(mark + message))
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url })

  const own = await gateway.post(callBody)
  const completion = await gateway.post(chat, asChat)
  const invoked = await invoke(gateway)
  const conversed = await invoke(gateway, converse, 'converse')

  expect([own.status, own.headers['x-anthology-cost-usd']]).toEqual([200, '0.0015'])
  expect(own.body).toEqual(Buffer.from(mark + message))
  expect(invoked.body).toEqual(Buffer.from(mark + message))
  expect(JSON.parse(completion.text)).toMatchObject({ usage: { prompt_tokens: 25, completion_tokens: 15 } })
  expect(JSON.parse(conversed.text)).toMatchObject({ usage: { inputTokens: 25, outputTokens: 15 } })
  const row = {
    outcome: 'answered',
    usage_source: 'final',
    stop_reason: 'end_turn',
    cost_nano_usd: messageCostNanoUsd,
  }
  expect(gateway.rows()).toMatchObject([row, row, row, row])
})

test('a count and an error behind a byte order mark are read', async () => {
  const upstream = await startUpstream(plain(`${mark}{"input_tokens": 14}`))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const counted = await gateway.post(callBody, { path: '/v1/messages/count_tokens' })
  upstream.answer(plain(mark + errorBody('rate_limit_error', 'slow down'), { status: 429 }))
  const limited = await gateway.post(callBody)

  expect([counted.status, limited.status]).toEqual([200, 429])
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_error', error_type: 'rate_limit_error' }])
})

test('results of a batch behind a byte order mark are priced', async () => {
  const both = await startBoth()
  const id = await createBatch(both)
  both.upstream.end(id, [`${mark}${succeeded('a')}\n${succeeded('b')}\n`])

  await sendRequest(both.gateway, 'GET', `/v1/messages/batches/${id}/results`)

  expect(both.gateway.rows().map((row) => row['id'])).toEqual([`${id}/a`, `${id}/b`])
})

test('a new batch behind a byte order mark gets its owner, and its results come from the gateway', async () => {
  const batch = `${mark}{"id":"msgbatch_1","type":"message_batch","results_url":"https://elsewhere/results"}`
  const upstream = await startUpstream(plain(batch))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const created = await sendRequest(gateway, 'POST', '/v1/messages/batches', { body: batchBody() })

  expect(created.status).toBe(200)
  expect(created.text).toContain(`"${gateway.url}/v1/messages/batches/msgbatch_1/results"`)
  expect(storedItems(gateway)).toMatchObject([{ id: 'msgbatch_1' }])
})

test('a request behind a byte order mark is rejected', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url })

  const own = await gateway.post(mark + callBody)
  const invoked = await invoke(gateway, mark + invokeBody)

  expect([own.status, invoked.status]).toEqual([400, 400])
  expect(upstream.requests).toEqual([])
})
