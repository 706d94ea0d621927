import { createEmulator } from '@anthology/emulator'
import { expect, test } from 'vitest'

import { ask } from '../gateway/test/http-client.ts'
import { localKey, startGateway } from '../gateway/test/running-gateway.ts'

const turn = [{ role: 'user', content: 'Hello' }]
const bedrockModel = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
const vertexModel = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805'

const streams = [
  ['Messages', '/v1/messages', { model: 'claude-opus-4-1', max_tokens: 20, stream: true, messages: turn }],
  ['OpenAI', '/v1/chat/completions', { model: 'claude-opus-4-1', stream: true, messages: turn }],
  [
    'InvokeModel',
    `/model/${bedrockModel}/invoke-with-response-stream`,
    { anthropic_version: 'bedrock-2023-05-31', max_tokens: 20, messages: turn },
  ],
  [
    'Converse',
    `/model/${bedrockModel}/converse-stream`,
    { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
  ],
  [
    'Vertex AI',
    `${vertexModel}:streamRawPredict`,
    { anthropic_version: 'vertex-2023-10-16', max_tokens: 20, stream: true, messages: turn },
  ],
] as const

test.each(streams)('no proxy holds back a stream of %s', async (_, path, body) => {
  const emulator = createEmulator()
  const accounts = [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] } as const]
  const gateway = await startGateway({ accounts })
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    authorization: `Bearer ${localKey}`,
  }
  const request = { method: 'POST', headers, body: JSON.stringify(body) }

  const ofGateway = await ask(gateway.url + path, request)
  const ofEmulator = await emulator.fetch(path, request)

  const expected = ['no-cache, no-transform', 'no']
  expect(ofGateway.status).toBe(200)
  expect([ofGateway.headers['cache-control'], ofGateway.headers['x-accel-buffering']]).toEqual(expected)
  expect([ofEmulator.headers.get('cache-control'), ofEmulator.headers.get('x-accel-buffering')]).toEqual(
    expected,
  )
})
