import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { expect, test } from 'vitest'

import { open } from './http-client.ts'
import { plain, startUpstream, stream } from './recording-upstream.ts'
import { startGateway, usual } from './running-gateway.ts'
import {
  callBody,
  delta,
  eventStream,
  events,
  message,
  messageCostNanoUsd,
  messageUsage,
  opus,
  streamBody,
} from './samples.ts'

const compressions = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const

test('keeps the usage of a plain response unchanged, and prices it', async () => {
  const { gateway } = await startBoth()

  await gateway.post(callBody)

  expect(gateway.rows()[0]).toMatchObject({
    usage: messageUsage,
    input_quantity: 25,
    input_pico_usd: 15_000_000,
    input_nano_usd: 375_000,
    output_quantity: 15,
    output_pico_usd: 75_000_000,
    output_nano_usd: 1_125_000,
    cache_read_quantity: null,
    cost_nano_usd: messageCostNanoUsd,
    unpriced_because: null,
  })
})

test('stores no usage of many megabytes, and counts none of it as free', async () => {
  const { gateway, upstream } = await startBoth()
  const huge = JSON.stringify({ input_tokens: 25, output_tokens: 15, padding: 'x'.repeat(5_000_000) })
  upstream.answer(plain(messageWith(huge)))

  const answer = await gateway.post(callBody)
  upstream.answer(stream([eventStream.replace('"output_tokens":15', `"padding":"${'x'.repeat(500_000)}"`)]))
  await gateway.post(streamBody)

  expect(answer.text).toBe(messageWith(huge))
  expect(gateway.rows()).toMatchObject([
    { usage: null, cost_nano_usd: null },
    { usage: null, cost_nano_usd: null },
  ])
})

test('prices every component of a usage by its own price', async () => {
  const { gateway, upstream } = await startBoth()
  const usage = {
    input_tokens: 1_000,
    cache_creation_input_tokens: 300,
    cache_read_input_tokens: 7,
    cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
    output_tokens: 10,
    server_tool_use: { web_search_requests: 2 },
    service_tier: 'standard',
  }
  upstream.answer(plain(messageWith(JSON.stringify(usage))))

  await gateway.post(callBody)

  // Opus 4.1, in dollars per million tokens: 15, 18.75, 30, 1.50 and 75; a search is a cent.
  expect(gateway.rows()[0]).toMatchObject({
    input_nano_usd: 15_000_000,
    cache_write_5m_nano_usd: 1_875_000,
    cache_write_1h_nano_usd: 6_000_000,
    cache_read_nano_usd: 10_500,
    output_nano_usd: 750_000,
    web_search_nano_usd: 20_000_000,
    cost_nano_usd: 43_635_500,
  })
})

test('a counter without a price is named, and the tokens beside it still cost', async () => {
  const { gateway, upstream } = await startBoth()
  const counted = { tool_search_requests: 2, code_execution_requests: 3, unheard_of_requests: 1 }
  const usage = { input_tokens: 25, output_tokens: 15, server_tool_use: counted }
  upstream.answer(plain(messageWith(JSON.stringify(usage))))

  await gateway.post(callBody)

  const [row] = gateway.rows()
  expect(row).toMatchObject({ cost_nano_usd: messageCostNanoUsd, outcome: 'answered' })
  expect(row?.['unpriced_because']).toContain('code_execution')
  expect(row?.['unpriced_because']).toContain('unheard_of')
  // A search for tools is free by its documentation.
  expect(row?.['unpriced_because']).not.toContain('tool_search')
})

test('merges the usage of a stream from its start and its deltas', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(stream([eventStream]))

  await gateway.post(streamBody)

  const [row] = gateway.rows()
  expect(JSON.parse(String(row?.['usage']))).toEqual({ input_tokens: 25, output_tokens: 15 })
  expect(row).toMatchObject({
    cost_nano_usd: messageCostNanoUsd,
    stop_reason: 'end_turn',
    message_id: 'msg_01',
    outcome: 'answered',
    streamed: 1,
  })
  expect(row?.['first_token_ms']).toBeTypeOf('number')
})

test('meters a stream whose events have no names, and one with CRLF', async () => {
  const { gateway, upstream } = await startBoth()
  const nameless = eventStream.replaceAll(/event: \w+\n(?=data)/g, '')

  for (const bytes of [nameless, eventStream.replaceAll('\n', '\r\n'), eventStream.trimEnd()]) {
    upstream.answer(stream([bytes.slice(0, 333), bytes.slice(333)]))
    await gateway.post(streamBody)
  }

  const outcomes = gateway.rows().map((row) => [row['outcome'], row['cost_nano_usd']])
  expect(outcomes).toEqual([1, 2, 3].map(() => ['answered', messageCostNanoUsd]))
})

test('decodes and meters a plain response in every encoding', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [encoding, compress] of compressions) {
    upstream.answer(plain(compress(message), { headers: { 'content-encoding': encoding } }))
    const answer = await gateway.post(callBody)
    expect([answer.text, answer.headers['content-encoding']], encoding).toEqual([message, undefined])
  }
  expect(gateway.rows().map((row) => row['cost_nano_usd'])).toEqual(
    compressions.map(() => messageCostNanoUsd),
  )
})

test('decodes and meters a stream in every encoding, at every split point', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [encoding, compress] of compressions) {
    const bytes = compress(eventStream)
    const cuts = [bytes.subarray(0, 40), bytes.subarray(40, 41), bytes.subarray(41)]
    upstream.answer(stream(cuts, { 'content-encoding': encoding }))
    const answer = await gateway.post(streamBody)
    expect([answer.text, answer.headers['content-encoding']], encoding).toEqual([eventStream, undefined])
  }
  expect(gateway.rows().map((row) => row['cost_nano_usd'])).toEqual(
    compressions.map(() => messageCostNanoUsd),
  )
})

test('decodes a long compressed stream for a client that reads it late', async () => {
  const { gateway, upstream } = await startBoth()
  const long = [events[0], ...Array.from({ length: 4_000 }, () => delta(4_000)), ...events.slice(-2)].join('')
  upstream.answer(stream([gzipSync(long)], { 'content-encoding': 'gzip' }))

  const { response } = await open(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: usual,
    body: streamBody,
  })
  let length = 0
  for await (const chunk of response) length += (chunk as Buffer).length // Without an encoding chunks are buffers.

  expect(length).toBe(long.length)
  expect(gateway.rows()[0]).toMatchObject({ outcome: 'answered', cost_nano_usd: messageCostNanoUsd })
})

test('applies the size limit to the decompressed response', async () => {
  const upstream = await startUpstream(
    plain(gzipSync(Buffer.alloc(50_000_000)), { headers: { 'content-encoding': 'gzip' } }),
  )
  const gateway = await startGateway({ upstreamUrl: upstream.url, limits: { plainAnswerBytes: 1_000_000 } })

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.text).toContain('larger than this gateway accepts')
})

test('decodes an encoding whose name is in capitals', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain(gzipSync(message), { headers: { 'content-encoding': 'GZIP' } }))

  const answer = await gateway.post(callBody)

  expect(answer.text).toBe(message)
})

test('rejects an unknown encoding instead of forwarding unreadable bytes', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain('????', { headers: { 'content-encoding': 'compress' } }))

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(answer.text).toContain('api_error')
  expect(gateway.rows()[0]).toMatchObject({ outcome: 'upstream_aborted', usage_source: 'estimated' })
})

test('treats corrupt compressed bytes as an aborted response', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain(gzipSync(message).subarray(0, 60), { headers: { 'content-encoding': 'gzip' } }))

  const answer = await gateway.post(callBody)

  expect(answer.status).toBe(502)
  expect(gateway.rows()[0]).toMatchObject({ outcome: 'upstream_aborted', status: 502 })
})

const unpriced: readonly (readonly [string, string])[] = [
  ['no usage', message.replace(/,\s*"usage":.*\}(?=\})/s, '')],
  ['a usage that is no object', messageWith('7')],
  ['a usage that counts in halves', messageWith('{"input_tokens": 1.5, "output_tokens": 1}')],
  [
    'a service tier without a price',
    messageWith('{"input_tokens": 1, "output_tokens": 1, "service_tier": "flex"}'),
  ],
]

test('leaves the cost of a response without usage unknown, never zero', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, body] of unpriced) {
    upstream.answer(plain(body))
    const answer = await gateway.post(callBody)
    expect([answer.text, answer.headers['x-anthology-cost-usd']], what).toEqual([body, undefined])
  }
  const costs = gateway.rows().map((row) => [row['outcome'], row['cost_nano_usd'], row['rate_card']])
  expect(costs).toEqual(unpriced.map(() => ['answered', null, null]))
})

test('leaves the cost of a stream without usage unknown', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(stream([eventStream.replaceAll(/"usage":\{[^}]*\}/g, '"usage":null')]))

  await gateway.post(streamBody)

  expect(gateway.rows()[0]).toMatchObject({ outcome: 'answered', usage: null, cost_nano_usd: null })
})

test('completes and records responses with any usage', async () => {
  const { gateway, upstream } = await startBoth()
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const hostile = ['{"toString":1}', deep, '{"__proto__":{"x":1}}', '"x"', '9e999', '-1', '[{}]']

  for (const value of hostile) {
    const usage = `{"input_tokens":1,"output_tokens":1,"service_tier":${value},"iterations":${value},"cache_creation":${value}}`
    upstream.answer(plain(messageWith(usage)))
    expect((await gateway.post(callBody)).text).toBe(messageWith(usage))
    const frames = eventStream.replace('{"output_tokens":15}', () => usage)
    upstream.answer(stream([frames]))
    expect((await gateway.post(streamBody)).text).toBe(frames)
  }

  const rows = gateway.rows().map((row) => [row['outcome'], row['cost_nano_usd']])
  expect(rows).toHaveLength(2 * hostile.length)
  for (const row of rows) expect(row).toEqual(['answered', null])
})

// "Pricing" of November 2025, Sonnet 4.5: $3 per million tokens, and $6 for prompts above 200,000 with the beta header of
// the longer window, which ended on 2026-04-30.
test('prices a call with its betas, as of the day it started (UTC)', async () => {
  const clock = { ms: 0 }
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url, nowMs: () => clock.ms })
  const sonnet = 'claude-sonnet-4-5-20250929'
  const answer = messageWith('{"input_tokens":200001,"output_tokens":0}').replace(opus, sonnet)
  const evening = Date.parse('2026-04-29T23:59:59.999Z')
  const computeCost = async (beganAtMs: number, beta?: string) => {
    clock.ms = beganAtMs
    upstream.answer((response, request) => {
      clock.ms += 3_600_000
      return plain(answer)(response, request)
    })
    const headers = { 'anthropic-beta': beta }
    return (await gateway.post(callBody.replace(opus, sonnet), { headers })).headers['x-anthology-cost-usd']
  }

  const costs = [
    await computeCost(evening, 'context-1m-2025-08-07'),
    await computeCost(evening),
    await computeCost(evening + 1, 'context-1m-2025-08-07'),
    await computeCost(evening, 'context-1m-2025-08-07'),
  ]

  expect(costs).toEqual(['1.200006', '0.600003', '0.600003', '1.200006'])
})

test('writes no row and no price for counted tokens', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(plain('{"input_tokens": 14}'))

  const answer = await gateway.post(callBody, { path: '/v1/messages/count_tokens' })

  expect(answer.text).toBe('{"input_tokens": 14}')
  expect(upstream.requests[0]?.target).toBe('/v1/messages/count_tokens')
  expect(gateway.rows()).toEqual([])
})

function messageWith(usage: string): string {
  return `{"id":"msg_01","type":"message","model":"${opus}","content":[],"stop_reason":"end_turn","usage":${usage}}`
}

async function startBoth() {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
