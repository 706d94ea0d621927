import { request } from 'node:http'

import { decodeSse } from '@anthology/wire'
import { expect, test } from 'vitest'

import { charactersPerToken } from '../src/calls/hidden-thinking.ts'
import { invoke, readMessages, startAwsGateway } from './protocols/aws-client.ts'
import { openStream, rawThenDeath, startUpstream, stream } from './recording-upstream.ts'
import { startGateway, usual } from './running-gateway.ts'
import { delta, errorBody, events, messageCostNanoUsd, opus, streamBody } from './samples.ts'

const sseHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n'
const errorEvent = `event: error\ndata: ${errorBody('overloaded_error', 'Overloaded')}\n\n`
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

/** Two hundred tokens or more of text, which the upstream reports as fifteen. */
const longText = [...events.slice(0, 3), delta(2_000), events[5]]

test.each([
  ['is closed', rawThenDeath(`${sseHead}connection: close\r\n\r\n${[...longText, events[6]].join('')}`)],
  ['ends as if the stream were complete', stream([...longText, events[6]])],
  ['sends an error', stream([...longText, events[6], errorEvent])],
  ['stalls until the client leaves', openStream([...longText, events[6]])],
])('a stream costs the reported tokens if its upstream %s after the report', async (what, script) => {
  const upstream = await startUpstream(script)
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  if (what.startsWith('stalls')) await leaveAfter(gateway.url, 'message_delta')
  else await gateway.post(streamBody)

  await expect.poll(() => gateway.rows()[0]?.['outcome']).toMatch(/^(?:upstream_aborted|client_closed)$/)
  expect(gateway.rows()).toMatchObject([
    {
      stop_reason: 'end_turn',
      usage_source: 'cumulative',
      output_quantity: 15,
      cost_nano_usd: messageCostNanoUsd,
    },
  ])
})

test('an early report of a stream that is cut does not hide the text after it', async () => {
  const early = createDelta('{"stop_reason":null}')
  const upstream = await startUpstream(stream([...events.slice(0, 4), early, delta(2_000)]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(streamBody)

  const [row] = gateway.rows()
  expect(row).toMatchObject({ outcome: 'upstream_aborted', usage_source: 'estimated' })
  expect(row?.['output_quantity']).toBeGreaterThan(200)
})

test.each([
  ['no message_delta', []],
  ['a message_delta without usage', [events[6].replace(/,"usage":\{[^}]*\}/, '')]],
  ['a message_delta with an unknown output', [events[6].replace('15', 'null')]],
])('the output of a complete stream with %s is estimated', async (_, deltas) => {
  const upstream = await startUpstream(stream([...longText, ...deltas, events[7]]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(streamBody)

  const [row] = gateway.rows()
  expect(row).toMatchObject({ outcome: 'answered', usage_source: 'estimated', input_quantity: 25 })
  expect(row?.['output_quantity']).toBeGreaterThan(200)
  expect(gateway.log.find(({ event }) => event === 'call')).toMatchObject({ usage_source: 'estimated' })
})

const signature = 'Eq'.repeat(2_000)
const hiddenTokens = Math.round(signature.length / charactersPerToken)
const omitted = [
  createStart('{"type":"thinking","thinking":"","signature":""}'),
  events[2],
  `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"${signature}"}}\n\n`,
]
const redacted = [createStart(`{"type":"redacted_thinking","data":"${signature}"}`)]

test.each([
  ['omitted', 'is cut', omitted],
  ['omitted', 'is left by its client', omitted],
  ['redacted', 'is cut', redacted],
  ['redacted', 'is left by its client', redacted],
])('hidden thinking that is %s is counted if the stream %s', async (_, ending, thinking) => {
  const isCut = ending === 'is cut'
  const chunks = [events[0], ...thinking, events[5], ...events.slice(1, 4)]
  const upstream = await startUpstream(isCut ? stream(chunks) : openStream(chunks))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  if (isCut) await gateway.post(streamBody)
  else await leaveAfter(gateway.url, 'text_delta')

  await expect.poll(() => gateway.rows()[0]?.['outcome']).toBe(isCut ? 'upstream_aborted' : 'client_closed')
  const [row] = gateway.rows()
  expect(row).toMatchObject({ usage_source: 'estimated' })
  const tokens = Number(row?.['output_quantity']) - hiddenTokens
  expect(tokens).toBeGreaterThan(0)
  expect(tokens).toBeLessThan(10)
})

test('a signature behind a text of thinking is no output', async () => {
  const shown = omitted.with(
    1,
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}\n\n',
  )
  const upstream = await startUpstream(stream([events[0], ...shown]))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(streamBody)

  const [row] = gateway.rows()
  expect(row).toMatchObject({ outcome: 'upstream_aborted', usage_source: 'estimated' })
  expect(row?.['output_quantity']).toBeLessThan(10)
})

/** A `message_delta` that reports the usage of the whole answer. */
function createDelta(members: string): string {
  return `event: message_delta\ndata: {"type":"message_delta","delta":${members},"usage":{"output_tokens":15}}\n\n`
}

function createStart(block: string): string {
  return `event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":${block}}\n\n`
}

/** Reads a stream until an event has come, and disconnects. */
async function leaveAfter(url: string, event: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const sent = request(`${url}/v1/messages`, { method: 'POST', headers: usual, agent: false }, (response) => {
    let text = ''
    response.on('error', () => {})
    response.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (!text.includes(event)) return
      response.destroy()
      resolve()
    })
  })
  sent.end(streamBody)
  await promise
}
