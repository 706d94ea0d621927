import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'
import { ask, collect, getJson } from './collecting-receiver.ts'
import type { Ask } from './collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })
const guarded = createEmulator({ asOf: '2025-08-15', keys: ['sk-good'] })

describe('keys', () => {
  test.each<[string, Record<string, string>, string | null]>([
    ['none', {}, 'x-api-key header is required'],
    ['a wrong one', { 'x-api-key': 'sk-bad' }, 'invalid x-api-key'],
    ['a wrong bearer', { authorization: 'Bearer sk-bad' }, 'invalid x-api-key'],
    ['a right one', { 'x-api-key': 'sk-good' }, null],
    ['a right bearer', { authorization: 'Bearer sk-good' }, null],
    ['a wrong one and a right bearer', { 'x-api-key': 'sk-bad', authorization: 'bearer sk-good' }, null],
  ])('%s', async (_, headers, message) => {
    const collected = await collect(guarded, { body: ask('Hi'), headers })

    if (message === null) expect(collected.status).toBe(200)
    else expectError(collected, { status: 401, type: 'authentication_error', message })
  })

  test('are not required unless the emulator has some', async () => {
    expect((await collect(emulator, { body: ask('Hi'), headers: {} })).status).toBe(200)
  })
})

describe('versions', () => {
  test.each([
    ['', 'anthropic-version: header is required'],
    ['2023-01-01', 'anthropic-version: "2023-01-01" is not a valid version'],
    ['2023-06-01, 2023-06-01', 'anthropic-version: "2023-06-01, 2023-06-01" is not a valid version'],
  ])('%j is refused', async (version, message) => {
    for (const path of ['/v1/messages', '/v1/messages/count_tokens']) {
      const collected = await collect(emulator, {
        path,
        body: ask('Hi'),
        headers: { 'anthropic-version': version },
      })

      expectError(collected, { status: 400, type: 'invalid_request_error', message })
    }
  })

  test('2026-10-21 rejects sampling parameters and otherwise answers', async () => {
    const headers = { 'anthropic-version': '2026-10-21' }

    expect((await collect(emulator, { body: ask('Hi'), headers })).status).toBe(200)
    expect((await collect(emulator, { body: ask('Hi', { temperature: 1 }), headers })).status).toBe(400)
  })
})

describe('the rules of a model', () => {
  const xor = '`temperature` and `top_p` cannot both be specified for this model. Please use only one.'

  test.each<[string, Record<string, unknown>, number, string | null]>([
    ['both samplings on Opus 4.1', { temperature: 1, top_p: 1 }, 400, xor],
    ['temperature alone', { temperature: 1 }, 200, null],
    ['top_p alone', { top_p: 1 }, 200, null],
    ['both on Opus 4', { model: 'claude-opus-4-0', temperature: 1, top_p: 1 }, 200, null],
    [
      'more output than the model has',
      { max_tokens: 32_001 },
      400,
      'max_tokens: 32001 > 32000, which is the maximum allowed number of output tokens for claude-opus-4-1-20250805',
    ],
    ['an unknown model', { model: 'gpt-4' }, 404, 'model: gpt-4'],
    [
      'a name of Bedrock',
      { model: 'anthropic.claude-opus-4-1-20250805-v1:0' },
      404,
      'model: anthropic.claude-opus-4-1-20250805-v1:0',
    ],
    ['a missing member', { max_tokens: undefined }, 400, 'max_tokens: Field required'],
    [
      'a schema error before an unknown model',
      { model: 'gpt-4', colour: 1 },
      400,
      'colour: Extra inputs are not permitted',
    ],
  ])('%s', async (_, members, status, message) => {
    const collected = await collect(emulator, { body: ask('Hi', members) })

    expect(collected.status).toBe(status)
    if (message !== null) {
      const type = status === 404 ? 'not_found_error' : 'invalid_request_error'
      expectError(collected, { status, type, message })
    }
  })

  test('a retired model is not found with lifecycle enforce', async () => {
    const strict = createEmulator({ lifecycle: 'enforce', asOf: '2026-11-22' })

    expectError(await collect(strict, { body: ask('Hi', { model: 'claude-3-opus-20240229' }) }), {
      status: 404,
      type: 'not_found_error',
      message: 'model: claude-3-opus-20240229',
    })
  })
})

describe('an unknown path or method', () => {
  test.each<[string, Ask, number, string]>([
    ['an unknown path', { path: '/v1/nothing', body: {} }, 404, 'not_found_error'],
    ['another method', { method: 'GET', path: '/v1/messages' }, 405, 'invalid_request_error'],
    ['posting to the models', { path: '/v1/models', body: {} }, 405, 'invalid_request_error'],
    ['no body', {}, 400, 'invalid_request_error'],
    ['broken JSON', { body: toBytes('{"model":') }, 400, 'invalid_request_error'],
    ['broken UTF-8', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 400, 'invalid_request_error'],
    [
      'a form',
      { body: ask('Hi'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      'invalid_request_error',
    ],
    ['33 MB', { body: new Uint8Array(33 * 1024 * 1024) }, 413, 'request_too_large'],
  ])('%s', async (_, request, status, type) => {
    const collected = await collect(emulator, request)

    expectError(collected, { status, type, message: expect.any(String) })
  })

  test('a path may have any prefix, and /v1 may be missing', async () => {
    expect((await collect(emulator, { path: '/messages', body: ask('Hi') })).status).toBe(200)
    expect(
      (await collect(emulator, { path: '/some/base/v1/messages?beta=true', body: ask('Hi') })).status,
    ).toBe(200)
  })
})

test('whatever the body, the answer is a message or a well-formed error', async () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  const body = fc.oneof(
    value,
    fc.record({ model: value, max_tokens: value, messages: value }, { requiredKeys: [] }),
    fc.record({
      model: fc.constant('claude-opus-4-1'),
      max_tokens: fc.integer({ min: -5, max: 50_000 }),
      messages: fc.array(
        fc.record({
          role: fc.constantFrom('user', 'assistant', 'system', 'x'),
          content: fc.oneof(fc.string(), value),
        }),
      ),
      system: fc.oneof(fc.string(), value),
    }),
  )
  await fc.assert(
    fc.asyncProperty(body, async (given) => {
      const collected = await collect(emulator, { body: toBytes(JSON.stringify(given)) })

      if (collected.status === 200) expect(getJson(collected)).toMatchObject({ type: 'message' })
      else
        expectError(collected, {
          status: collected.status,
          type: expect.any(String),
          message: expect.stringMatching(/./),
        })
    }),
    { numRuns: 300 },
  )
})

test('a tool input of 50,000 levels is rejected without a crash', async () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  const use = `{"type":"tool_use","id":"toolu_1","name":"f","input":{"deep":${deep}}}`
  const body = `{"model":"claude-opus-4-1","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[${use}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1"}]}]}`

  expectError(await collect(emulator, { body: toBytes(body) }), {
    status: 400,
    type: 'invalid_request_error',
    message: expect.stringContaining('nested deeper than 500 levels'),
  })
})

function expectError(
  collected: Awaited<ReturnType<typeof collect>>,
  { status, type, message }: { status: number; type: unknown; message: unknown },
): void {
  expect(getJson(collected)).toEqual({
    type: 'error',
    error: { type, message },
    request_id: collected.headers['request-id'],
  })
  expect(collected.status).toBe(status)
  expect(collected.headers['request-id']).toMatch(/^req_/)
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
