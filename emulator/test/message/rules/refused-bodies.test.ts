import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'
import type { Collected } from '../../collecting-receiver.ts'
import { callModel, toError } from '../../protocols/bedrock/calls.ts'

const emulator = createEmulator({ asOf: '2026-05-01' })
const haiku = { bedrock: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', vertex: 'claude-haiku-4-5@20251001' }
const vertexPath = `/v1/projects/p/locations/global/publishers/anthropic/models/${haiku.vertex}:rawPredict`
const hi = [{ role: 'user', content: 'Hi' }]
const plain = { model: 'claude-haiku-4-5', max_tokens: 5, messages: hi }

describe('a tool whose schema is no JSON Schema of draft 2020-12', () => {
  const broken = { type: 'object', properties: { a: { type: 'str' } } }
  const valid = { name: 'f', input_schema: { type: 'object' } }
  const text =
    'tools.1.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.'
  const body = { ...plain, tools: [valid, { name: 'g', input_schema: broken }] }
  const { model: _model, ...unnamed } = body

  test.each(['/v1/messages', '/v1/messages/count_tokens'])('is rejected by %s', async (path) => {
    const sent = path.endsWith('count_tokens') ? { ...body, max_tokens: undefined } : body
    const answer = await collect(emulator, { path, body: sent })

    expect([answer.status, getError(answer)]).toEqual([400, { type: 'invalid_request_error', message: text }])
  })

  test('is rejected on the OpenAI-compatible path', async () => {
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'g', parameters: broken } },
    ]
    const answer = await collect(emulator, { path: '/v1/chat/completions', body: { ...plain, tools } })

    expect([answer.status, getError(answer).message]).toEqual([400, text])
  })

  test('is rejected on Vertex AI', async () => {
    const answer = await collect(emulator, {
      path: vertexPath,
      body: { ...unnamed, anthropic_version: 'vertex-2023-10-16' },
    })

    expect([answer.status, getError(answer).message]).toEqual([400, text])
  })

  test('is rejected by InvokeModel and Converse of Bedrock, with the sentence before the text of the model', async () => {
    const invoke = await callModel(emulator, haiku.bedrock, {
      body: { ...unnamed, anthropic_version: 'bedrock-2023-05-31' },
    })
    const tools = [valid, { name: 'g', input_schema: broken }].map(({ name, input_schema: json }) => ({
      toolSpec: { name, inputSchema: { json } },
    }))
    const converse = await callModel(emulator, haiku.bedrock, {
      operation: 'converse',
      body: { messages: [{ role: 'user', content: [{ text: 'Hi' }] }], toolConfig: { tools } },
    })

    const expected = [400, 'ValidationException', `The model returned the following errors: ${text}`]
    expect(toError(invoke)).toEqual(expected)
    expect(toError(converse)).toEqual(expected)
  })

  test('fails its request of a batch', async () => {
    const requests = [{ custom_id: 'a', params: body }]
    const created = await collect(emulator, { path: '/v1/messages/batches', body: { requests } })
    const { id } = getJson(created) as { id: string } // Every batch has an id.
    await collect(emulator, { method: 'GET', path: `/v1/messages/batches/${id}` })
    const results = await collect(emulator, { method: 'GET', path: `/v1/messages/batches/${id}/results` })

    expect(getJson(results)).toMatchObject({
      result: { type: 'errored', error: { error: { message: text } } },
    })
  })

  test('the schema of a structured output is rejected too', async () => {
    const format = { type: 'json_schema', schema: broken }
    const asked = await collect(emulator, {
      body: { ...plain, model: 'claude-sonnet-4-6', output_config: { format } },
    })

    expect(getError(asked).message).toMatch(/^output_config\.format\.schema: JSON schema is invalid\. /)
  })

  test('nesting without an end is answered, not an overflow of the stack', async () => {
    const depth = 100_000
    const deep = `${'{"items":'.repeat(depth)}{"type":"str"}${'}'.repeat(depth)}`
    const head = `{"model":"claude-haiku-4-5","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]`
    const sent = `${head},"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":${deep}}}}]}`
    const answer = await collect(emulator, { body: new TextEncoder().encode(sent) })

    expect([answer.status, getError(answer).type]).toEqual([400, 'invalid_request_error'])
  })
})

describe('an escape of half a surrogate pair', () => {
  const half = String.raw`a\ud83d b`
  const reason = (sent: string) => {
    const at = sent.indexOf(half) + 'a'.length + String.raw`\ud83d`.length
    return `no low surrogate in string: line 1 column ${at + 1} (char ${at})`
  }
  const where = {
    'a message': { ...plain, messages: [{ role: 'user', content: 'HALF' }] },
    'the system prompt': { ...plain, system: [{ type: 'text', text: 'HALF' }] },
    'the input of a tool': {
      ...plain,
      messages: [
        ...hi,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: { b: ['HALF'] } }] },
      ],
    },
    'a name': { ...plain, metadata: { HALF: 'a' } },
  }

  test.each(Object.entries(where))('in %s is rejected in the words of the parser', async (_, body) => {
    const sent = JSON.stringify(body).replace('HALF', half)
    const answer = await collect(emulator, { body: new TextEncoder().encode(sent) })

    expect([answer.status, getError(answer)]).toEqual([
      400,
      { type: 'invalid_request_error', message: `The request body is not valid JSON: ${reason(sent)}` },
    ])
  })

  test.each([
    ['count_tokens', '/v1/messages/count_tokens', plain],
    ['OpenAI', '/v1/chat/completions', plain],
    ['Batches', '/v1/messages/batches', { requests: [{ custom_id: 'a', params: plain }] }],
    ['Vertex AI', vertexPath, { anthropic_version: 'vertex-2023-10-16', max_tokens: 5, messages: hi }],
  ])('is rejected on %s, at the place in the bytes of the client', async (_, path, body) => {
    const sent = JSON.stringify(body).replace('"Hi"', `"${half}"`)
    const answer = await collect(emulator, { path, body: new TextEncoder().encode(sent) })

    expect([answer.status, getError(answer).message]).toEqual([
      400,
      `The request body is not valid JSON: ${reason(sent)}`,
    ])
  })

  test.each([
    ['invoke', { anthropic_version: 'bedrock-2023-05-31', max_tokens: 5, messages: hi }],
    ['converse', { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }],
  ] as const)('is rejected by %s of Bedrock', async (operation, body) => {
    const sent = JSON.stringify(body).replace('"Hi"', `"${half}"`)
    const answer = await callModel(emulator, haiku.bedrock, {
      operation,
      body: new TextEncoder().encode(sent),
    })

    expect([answer.status, toError(answer)[2]]).toEqual([400, expect.stringContaining(reason(sent))])
  })

  test('both halves are one character', async () => {
    const sent = JSON.stringify(plain).replace('"Hi"', String.raw`"\ud83d\ude00"`)

    expect((await collect(emulator, { body: new TextEncoder().encode(sent) })).status).toBe(200)
  })
})

test('a body that is not UTF-8 is rejected in the words of the parser', async () => {
  const sent = Buffer.from(JSON.stringify(plain).replace('Hi', '\xff'), 'latin1')
  const answer = await collect(emulator, { body: new Uint8Array(sent) })

  expect([answer.status, getError(answer).message]).toEqual([
    400,
    'The request body is not valid JSON: str is not valid UTF-8: surrogates not allowed: line 1 column 1 (char 0)',
  ])
})

function getError(collected: Collected): { readonly type: string; readonly message: string } {
  const { type, message } = (getJson(collected) as { error: { type: string; message: string } }).error
  return { type, message }
}
