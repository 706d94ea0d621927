import { expect, test } from 'vitest'

import { openCassettes, readRecordedMessage } from '../../src/index.ts'
import { createFolder, record, replay, send } from './rig.ts'

const secret = 'sk-ant-api03-canary-canary-canary'

function ask(stream: boolean, text = `My key is ${secret}.`) {
  return {
    path: '/v1/messages',
    headers: { 'x-api-key': secret, 'anthropic-version': '2023-06-01' },
    body: {
      model: 'claude-sonnet-5-5',
      max_tokens: 500,
      stream,
      system: 'Be short.',
      messages: [{ role: 'user', content: text }],
    },
  }
}

test('the body of a request is recorded, without its secrets, only where that is asked for', async () => {
  const [without, withBodies] = [createFolder(), createFolder()]
  await send(await record(without), ask(false))
  await send(await record(withBodies, { bodies: true }), ask(false))
  const [plain] = openCassettes(without).list()
  const [kept] = openCassettes(withBodies).list()

  expect(plain?.exchange.request.body).toBeUndefined()
  expect(JSON.parse(kept?.exchange.request.body ?? '')).toEqual(ask(false, 'My key is [redacted].').body)
})

test('a recording with a body answers as one without, also another body of the same conversation', async () => {
  const folder = createFolder()
  const call = ask(false, 'Hello!')
  const recorded = await send(await record(folder, { bodies: true }), call)
  const replayed = await send(await replay(folder), { ...call, body: { ...call.body, max_tokens: 600 } })

  expect([replayed.status, replayed.text]).toEqual([200, recorded.text])
})

test('the message of a recorded stream is that of the whole answer', async () => {
  const folder = createFolder()
  const proxy = await record(folder)
  await send(proxy, ask(false, 'Hello!'))
  await send(proxy, ask(true, 'Hello!'))
  const [whole, streamed] = openCassettes(folder)
    .list()
    .map(({ exchange }) => readRecordedMessage(exchange.response))

  expect(streamed).toMatchObject({ type: 'message', content: whole?.['content'], stop_reason: 'end_turn' })
})

test('a stream that breaks off has no message', () => {
  const start = JSON.stringify({ type: 'message_start', message: { type: 'message', content: [] } })
  const stopped = { status: 200, headers: {}, at_ms: [0], events: [{ data: start }] }
  const odd = { ...stopped, events: [{ data: '{"type":"content_block_delta","index":3,"delta":{}}' }] }

  expect([stopped, odd].map((response) => readRecordedMessage(response))).toEqual([null, null])
})
