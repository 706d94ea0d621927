import { expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import type { Emulator } from '../../../src/index.ts'
import { ask, collect, getJson, getMessage } from '../../collecting-receiver.ts'

const emulator = createEmulator({
  asOf: '2026-11-22',
  keys: ['key-of-claude'],
  foundry: { keys: ['key-of-azure'], deployments: { 'team-a': 'claude-opus-4-5' } },
})
const path = '/anthropic/v1/messages'
const body = ask('Hello!', { model: 'claude-opus-4-5' })
const versioned = { 'anthropic-version': '2023-06-01' }

test.each([
  { 'api-key': 'key-of-azure' },
  { 'x-api-key': 'key-of-azure' },
  { authorization: 'Bearer key-of-azure' },
])('accepts its own keys: %o', async (key) => {
  expect((await collect(emulator, { path, body, headers: { ...versioned, ...key } })).status).toBe(200)
})

test.each([{ 'x-api-key': 'key-of-claude' }, {}])('answers in the form of Azure to %o', async (key) => {
  const answer = await collect(emulator, { path, body, headers: { ...versioned, ...key } })

  expect([answer.status, getJson(answer)]).toMatchObject([
    401,
    { error: { code: '401', message: expect.stringContaining('invalid subscription key') } },
  ])
  expect(getJson(answer)).not.toHaveProperty('type')
})

test('answers as the Claude API does, with the ids of Azure and without rate limits', async () => {
  const other = createEmulator({ asOf: '2026-11-22' })
  const { id: _id, ...expected } = await getMessage(other, body)

  const answer = await call({ ...body })

  expect(getJson(answer)).toMatchObject(expected)
  expect(answer.headers).toMatchObject({ 'apim-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) })
  expect(Object.keys(answer.headers).join()).not.toMatch(/ratelimit|organization/)
})

test('serves deployments by their names, and models by their own', async () => {
  expect(getJson(await call({ ...body, model: 'team-a' }))).toMatchObject({
    model: 'claude-opus-4-5-20251101',
  })
  expect(getJson(await call({ ...body, model: 'claude-0' }))).toMatchObject({
    error: { code: 'DeploymentNotFound' },
  })
  // It is not offered on Foundry.
  expect((await call({ ...body, model: 'claude-3-haiku-20240307' })).status).toBe(404)
})

test('counts tokens, and has neither models nor batches', async () => {
  const { max_tokens: _limit, ...counted } = body
  const headers = { ...versioned, 'api-key': 'key-of-azure' }

  expect(getJson(await collect(emulator, { path: `${path}/count_tokens`, body: counted, headers }))).toEqual({
    input_tokens: expect.any(Number),
  })
  for (const missing of ['/anthropic/v1/models', '/anthropic/v1/messages/batches'])
    expect((await collect(emulator, { path: missing, method: 'GET', headers })).status).toBe(404)
})

test('errors of the request have the form of the Claude API', async () => {
  expect(getJson(await call({ ...body, max_tokens: 0.5 }))).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error' },
  })
})

test('hosted on Azure, it rejects what such deployments lack, and has no files', async () => {
  const azure = createEmulator({ asOf: '2026-11-22', foundry: { hosting: 'azure' } })
  const other = createEmulator({ asOf: '2026-11-22' })
  const earlier = createEmulator({ asOf: '2026-08-01', foundry: { hosting: 'azure' } })
  const format = { type: 'json_schema', schema: { type: 'object', additionalProperties: false } }
  const tools = [{ type: 'code_execution_20250825', name: 'code_execution' }]
  const send = (emulated: Emulator, more: object) =>
    collect(emulated, { path, body: { ...body, ...more }, headers: versioned })

  const answers = [
    await send(azure, { tools }),
    await send(other, { tools }),
    await send(azure, { output_config: { format } }),
    await send(earlier, { output_config: { format } }),
    await collect(azure, { path: '/anthropic/v1/files', method: 'GET', headers: versioned }),
  ]

  expect(answers.map(({ status }) => status)).toEqual([400, 200, 200, 400, 400])
  expect(getJson(answers[0]!)).toMatchObject({
    error: { type: 'invalid_request_error', message: 'code_execution not supported in your workspace.' },
  })
  expect(getJson(answers[3]!)).toMatchObject({
    error: { message: 'structured_outputs not supported in your workspace.' },
  })
  expect(getJson(answers[4]!)).toMatchObject({
    error: { message: 'files_api not supported in your workspace.' },
  })
})

function call(sent: object) {
  return collect(emulator, { path, body: sent, headers: { ...versioned, 'api-key': 'key-of-azure' } })
}
