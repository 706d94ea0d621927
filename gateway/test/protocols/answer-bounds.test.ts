import { expect, test } from 'vitest'

import { callBody, events, message } from '../samples.ts'
import { plain, startUpstream, stream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'

const chat = '{"model":"claude-opus-4-1","messages":[{"role":"user","content":"Hello"}]'
const asking = { path: '/v1/chat/completions', headers: { 'anthropic-version': undefined } }

function createAnswer(values: number): string {
  const input = `{"b":[${'1,'.repeat(values - 1)}1]}`
  const call = `{"type":"tool_use","id":"toolu_1","name":"f","input":${input}}`
  return message.replace(/"content":\s*\[[^\]]*\]/, `"content":[${call}]`)
}

test('rejects a message with more values than a model writes, if it has to be translated', async () => {
  const upstream = await startUpstream(plain(createAnswer(110_000)))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const translated = await gateway.post(`${chat}}`, asking)
  const unchanged = await gateway.post(callBody)

  expect([translated.status, JSON.parse(translated.text).error.type]).toEqual([502, 'api_error'])
  expect([unchanged.status, unchanged.text]).toEqual([200, createAnswer(110_000)])
})

test('translates a message with as many values as a model can write', async () => {
  const upstream = await startUpstream(plain(createAnswer(60_000)))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  expect((await gateway.post(`${chat}}`, asking)).status).toBe(200)
})

test('ends a stream whose event has more values than a model writes with an error', async () => {
  const createPing = (values: number) =>
    `event: ping\ndata: {"type":"ping","b":[${'1,'.repeat(values)}1]}\n\n`
  const createStream = (values: number) => stream([createPing(values), ...events])
  const upstream = await startUpstream(createStream(110_000))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const rejected = await gateway.post(`${chat},"stream":true}`, asking)
  upstream.answer(createStream(60_000))
  const translated = await gateway.post(`${chat},"stream":true}`, asking)

  expect([rejected.text.includes('"error"'), translated.text.includes('"error"')]).toEqual([true, false])
})
