import { decodeSse } from '@anthology/wire'
import { expect, test } from 'vitest'

import { invoke, readMessages, startAwsGateway } from './protocols/aws-client.ts'
import { startUpstream, stream } from './recording-upstream.ts'
import { events, messageCostNanoUsd, opus, streamBody } from './samples.ts'

const reason = '{"stop_reason":"max_tokens","stop_sequence":null}'

test.each([
  ['is null in the next event', [reason, '{"stop_reason":null}']],
  ['is missing in the next event', [reason, '{}']],
  ['comes with the second of three events', ['{}', reason, '{"stop_sequence":null}']],
])('a stream keeps its stop reason if that %s', async (_, deltas) => {
  const text = [...events.slice(0, 6), ...deltas.map(createDelta), events[7]].join('')
  const upstream = await startUpstream(stream([text]))
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url })
  const chat = { model: opus, messages: [{ role: 'user', content: 'Hello' }], stream: true }
  const asking = { path: '/v1/chat/completions', headers: { 'anthropic-version': undefined } }
  const converse = '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'

  const messages = await gateway.post(streamBody)
  const completion = await gateway.post(JSON.stringify(chat), asking)
  const conversed = await invoke(gateway, converse, 'converse-stream')

  expect(messages.text).toBe(text)
  const reasons = decodeSse(Buffer.from(completion.text)).flatMap(
    ({ data }) => /"finish_reason":"(\w+)"/.exec(data)?.[1] ?? [],
  )
  expect(reasons).toEqual(['length'])
  const stops = readMessages(conversed.body).filter(({ headers }) => headers[':event-type'] === 'messageStop')
  expect(stops.map(({ payload }) => JSON.parse(payload))).toEqual([{ stopReason: 'max_tokens' }])
  const row = { outcome: 'answered', stop_reason: 'max_tokens', cost_nano_usd: messageCostNanoUsd }
  expect(gateway.rows()).toMatchObject([row, row, row])
})

/** A `message_delta` that reports the usage of the whole answer. */
function createDelta(delta: string): string {
  return `event: message_delta\ndata: {"type":"message_delta","delta":${delta},"usage":{"output_tokens":15}}\n\n`
}
