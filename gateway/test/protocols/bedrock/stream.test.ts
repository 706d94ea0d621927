import { readData } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { until } from '../../condition.ts'
import { open } from '../../http-client.ts'
import { hang, openStream, startUpstream, stream } from '../../recording-upstream.ts'
import type { Script } from '../../recording-upstream.ts'
import { eventStream, events, messageCostNanoUsd } from '../../samples.ts'
import {
  invoke,
  invokeBody,
  profileOpus,
  readChunks,
  readMessages,
  sign,
  startAwsGateway,
} from '../aws-client.ts'

const streaming = 'invoke-with-response-stream'

test("wraps the bytes of the upstream's events, omits its pings, and adds the counts to the last one", async () => {
  const { gateway } = await startBoth(stream([eventStream]))

  const answer = await invoke(gateway, invokeBody, streaming)

  expect(answer.headers).toMatchObject({
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-bedrock-content-type': 'application/json',
    'x-amzn-requestid': expect.stringMatching(/^req_/),
  })
  const chunks = readChunks(answer.body)
  const sent = events.filter((event) => !event.includes('ping')).map((event) => readData(Buffer.from(event)))
  expect(chunks.slice(0, -1)).toEqual(sent.slice(0, -1))
  expect(chunks.at(-1)).toMatch(
    /^\{"type":"message_stop","amazon-bedrock-invocationMetrics":\{"inputTokenCount":25,"outputTokenCount":15,"invocationLatency":\d+,"firstByteLatency":\d+\}\}$/,
  )
  expect(gateway.rows()).toMatchObject([
    { protocol: 'bedrock', streamed: 1, outcome: 'answered', cost_nano_usd: messageCostNanoUsd },
  ])
})

test('produces the same messages at every split point', async () => {
  const { gateway, upstream } = await startBoth(stream([eventStream]))
  const whole = readChunks((await invoke(gateway, invokeBody, streaming)).body)
  const bytes = Buffer.from(eventStream)

  // Every split point, twenty per response.
  for (let first = 1; first < bytes.length; first += 20) {
    const cuts = [0, ...Array.from({ length: 20 }, (_, i) => first + i), bytes.length]
    upstream.answer(stream(cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut))))
    const answer = await invoke(gateway, invokeBody, streaming)
    expect(readChunks(answer.body).slice(0, -1)).toEqual(whole.slice(0, -1))
    expect(readChunks(answer.body)).toHaveLength(whole.length)
  }
})

test('ends a stream with an exception if its upstream aborts', async () => {
  const begun = events.slice(0, 4).join('')
  const { gateway, upstream } = await startBoth(hang)

  for (const stub of ['', (events[3] ?? '').slice(0, 70)]) {
    upstream.answer(stream([begun, stub]))
    const answer = await invoke(gateway, invokeBody, streaming)

    const messages = readMessages(answer.body)
    expect(messages.map(({ headers }) => headers[':message-type'])).toEqual([
      'event',
      'event',
      'event',
      'exception',
    ])
    expect(messages.at(-1)).toEqual({
      headers: {
        ':message-type': 'exception',
        ':exception-type': 'internalServerException',
        ':content-type': 'application/json',
      },
      payload: expect.stringContaining("upstream 'recorder' aborted its response"),
    })
  }
  const row = { outcome: 'upstream_aborted', cost_nano_usd: 600_000 }
  expect(gateway.rows()).toMatchObject([row, row])
})

const exceptions = [
  ['overloaded_error', 'serviceUnavailableException'],
  ['rate_limit_error', 'throttlingException'],
  ['invalid_request_error', 'validationException'],
  ['timeout_error', 'modelTimeoutException'],
  ['api_error', 'internalServerException'],
] as const

test('translates an error event to an exception', async () => {
  const { gateway, upstream } = await startBoth(hang)

  for (const [type, exception] of exceptions) {
    const error = `{"type":"error","error":{"type":"${type}","message":"in its words"}}`
    upstream.answer(stream([events[0], `event: error\ndata: ${error}\n\n`]))
    const answer = await invoke(gateway, invokeBody, streaming)

    expect(readMessages(answer.body).at(-1)).toMatchObject({
      headers: { ':exception-type': exception },
      payload: '{"message":"in its words"}',
    })
  }
})

test('streams Converse events, with usage and metrics in the last one', async () => {
  const { gateway } = await startBoth(stream([eventStream]))

  const answer = await invoke(gateway, converseBody, 'converse-stream')

  expect(answer.headers['content-type']).toBe('application/vnd.amazon.eventstream')
  const messages = readMessages(answer.body)
  expect(messages.map(({ headers }) => headers[':event-type'])).toEqual([
    'messageStart',
    'contentBlockDelta',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
  ])
  expect(JSON.parse(messages.at(-1)?.payload ?? '')).toMatchObject({
    usage: { inputTokens: 25, outputTokens: 15, totalTokens: 40 },
  })
})

test('adds a notice to a Converse stream that server tool blocks are omitted', async () => {
  const { gateway } = await startBoth(stream([eventStream]))
  const tools = [{ type: 'web_search_20250305', name: 'web_search' }]
  const body = JSON.stringify({ ...JSON.parse(converseBody), additionalModelRequestFields: { tools } })

  const answer = await invoke(gateway, body, 'converse-stream')

  expect(answer.headers['x-anthology-notice']).toBe(
    'Converse has no blocks for tools of the server; they are left out of the answer',
  )
})

test.each([
  ['message_stop\ndata: {', 'internalServerException', "upstream 'recorder' sent an event without its JSON"],
  [
    'message_stop\ndata: null',
    'internalServerException',
    "upstream 'recorder' sent an event without its JSON",
  ],
  ['error\ndata: 7', 'internalServerException', '7'],
  ['error\ndata: {"error":"out of memory"}', 'internalServerException', 'out of memory'],
  ['error\ndata: {"code":500,"message":"out of memory"}', 'internalServerException', 'out of memory'],
  [
    'message_stop\ndata: {"type":"odd"}',
    'internalServerException',
    "upstream 'recorder' sent a response that cannot be translated to this API",
  ],
])('ends a Converse stream with an exception if its last event is %j', async (last, exception, message) => {
  const { gateway } = await startBoth(
    stream([events[0], `event: ${last}\n\n`, events[1], 'event: odd\ndata: {\n\n']),
  )

  const answer = await invoke(gateway, converseBody, 'converse-stream')

  expect(readMessages(answer.body)).toMatchObject([
    { headers: { ':event-type': 'messageStart' } },
    { headers: { ':exception-type': exception }, payload: JSON.stringify({ message }) },
  ])
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('a Converse stream reads over events without data', async () => {
  const { gateway } = await startBoth(stream(events.flatMap((event) => ['data:\n\n', event])))

  const answer = await invoke(gateway, converseBody, 'converse-stream')

  expect(readMessages(answer.body).at(-1)?.headers[':event-type']).toBe('metadata')
  expect(gateway.rows()).toMatchObject([{ outcome: 'answered' }])
})

test.each([streaming, 'converse-stream'])(
  'aborts the upstream request when the client of %s disconnects',
  async (operation) => {
    const { gateway, upstream } = await startBoth(openStream(events.slice(0, 4)))
    const path = `/model/${profileOpus}/${operation}`
    const body = operation === streaming ? invokeBody : converseBody
    const headers = await sign(gateway.url, path, { body })
    const { response } = await open(gateway.url + path, { method: 'POST', headers, body })
    response.on('error', () => {})

    response.destroy()

    await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
    await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
  },
)

test('survives any bytes that an upstream sends as a stream', async () => {
  const { gateway, upstream } = await startBoth(stream([eventStream]))
  const names = ['message_start', 'content_block_delta', 'message_delta', 'message_stop', 'error', 'odd']
  const data = fc.oneof(fc.json(), fc.string(), fc.constantFrom('', '{', 'null', '[]', '{"type":7}'))
  const frame = fc.tuple(fc.constantFrom(...names), data).map(([name, text]) => {
    return `event: ${name}\ndata: ${text.replace(/[\r\n]/g, ' ')}\n\n`
  })

  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 6 }),
      fc.constantFrom(streaming, 'converse-stream'),
      async (frames, operation) => {
        upstream.answer(stream([frames.join('')]))
        const body = operation === streaming ? invokeBody : converseBody
        const answer = await invoke(gateway, body, operation)
        // A stream that fails before its first event becomes an exception with a status.
        if (answer.status === 200) readMessages(answer.body)
        else {
          expect(answer.status).toBeGreaterThanOrEqual(400)
          expect(answer.headers['x-amzn-errortype']).toMatch(/^\w+Exception/)
        }
      },
    ),
    { numRuns: 60 },
  )
  expect(gateway.rows().every((row) => row['outcome'] !== null)).toBe(true)
})

const converseBody = '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'

async function startBoth(script: Script) {
  const upstream = await startUpstream(script)
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url, validateRequests: false })
  return { upstream, gateway }
}
