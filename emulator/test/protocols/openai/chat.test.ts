import { decodeSse } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createClock, createEmulator } from '../../../src/index.ts'
import { ask, collect, getJson, getMessage, getText } from '../../collecting-receiver.ts'
import type { Collected } from '../../collecting-receiver.ts'

const clock = createClock('2025-08-15T12:00:00Z')
const emulator = createEmulator({ now: clock.now })
const guarded = createEmulator({ now: clock.now, keys: ['sk-good'] })

describe('a chat completion', () => {
  test('returns the answer of the same call of the Messages API', async () => {
    const collected = await chat(ask('Hello!', { system: undefined }))
    const message = await getMessage(emulator, ask('Hello!'))

    expect(collected.status).toBe(200)
    expect(getJson(collected)).toEqual({
      id: expect.stringMatching(/^msg_/),
      object: 'chat.completion',
      created: Date.UTC(2025, 7, 15, 12) / 1_000,
      model: 'claude-opus-4-1-20250805',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: getText(message), refusal: null },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: {
        prompt_tokens: message.usage.input_tokens,
        completion_tokens: message.usage.output_tokens,
        total_tokens: message.usage.input_tokens + message.usage.output_tokens,
        prompt_tokens_details: { cached_tokens: 0 },
      },
    })
    expect(collected.headers).toMatchObject({
      'openai-version': '2020-10-01',
      'request-id': expect.stringMatching(/^req_/),
      'content-length': String(collected.bytes.length),
    })
  })

  test('does not require max_tokens', async () => {
    const { max_tokens: _limit, ...body } = ask('Write 300 words about tea')

    expect(getJson(await chat(body))).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  test('streams the same answer, in the form of OpenAI', async () => {
    const body = ask('Hello!')
    const whole = getJson(await chat(body)) as { choices: [{ message: { content: string } }]; usage: unknown }
    const { headers, bytes } = await chat({ ...body, stream: true, stream_options: { include_usage: true } })
    const chunks = getChunks(bytes)

    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(new TextDecoder().decode(bytes)).toMatch(/\n\ndata: \[DONE\]\n\n$/)
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0].message.content,
    )
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
  })

  test('reports ignored members', async () => {
    const { headers } = await chat(ask('Hi', { seed: 1, 'ü\n': 2 }))

    expect(headers['x-anthology-notice']).toContain('without effect on this endpoint: seed, ??')
  })
})

describe('a tool', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  const tools = [{ type: 'function', function: { name: 'get_weather', parameters } }]
  const question = { role: 'user', content: 'What is the weather in Paris?' }
  const asked = { model: 'claude-opus-4-1', messages: [question], tools, tool_choice: 'required' }

  test('is called, and its result is used', async () => {
    const { message, finish_reason } = getChoice(await chat(asked))
    const [call] = message.tool_calls ?? []
    const results = [{ role: 'tool', tool_call_id: call?.id, content: '22 degrees' }]
    const next = getChoice(
      await chat({ ...asked, tool_choice: 'auto', messages: [question, message, ...results] }),
    )

    expect(finish_reason).toBe('tool_calls')
    expect(call).toMatchObject({ id: expect.stringMatching(/^toolu_/), type: 'function' })
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({ city: expect.any(String) })
    expect(next).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringContaining('22 degrees') },
    })
  })

  test('in the form of the Messages API is called as well', async () => {
    const native = [{ name: 'get_weather', input_schema: parameters }]
    const { message } = getChoice(await chat({ ...asked, tools: native, tool_choice: { type: 'any' } }))

    expect(message.tool_calls).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }])
  })

  test('is called in the same way in a stream', async () => {
    const { message } = getChoice(await chat(asked))
    const { bytes } = await chat({ ...asked, stream: true })
    const deltas = getChunks(bytes).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
    const streamedInput = deltas.map((delta) => delta.function.arguments).join('')

    expect(deltas[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather' } })
    expect(JSON.parse(streamedInput)).toEqual(JSON.parse(message.tool_calls?.[0]?.function.arguments ?? ''))
  })
})

describe('a history of another model', () => {
  const call = {
    role: 'assistant',
    content: '',
    reasoning_content: 'The user wants the weather.',
    tool_calls: [
      { id: 'functions.w:0', type: 'function', function: { name: 'w', arguments: '{"city":"Paris"}' } },
      { id: 'functions.w:1', type: 'function', function: { name: 'w', arguments: '{"city":"Lyon"}' } },
    ],
  }
  const results = [
    { role: 'tool', tool_call_id: 'functions.w:1', content: '20 degrees' },
    { role: 'user', content: 'Hurry up.' },
    { role: 'tool', tool_call_id: 'functions.w:0', content: '22 degrees' },
  ]

  test('continues with its ids, its order of results and its empty answers', async () => {
    const answered = await chat({
      model: 'claude-opus-4-1',
      messages: [
        { role: 'user', content: 'What is the weather in Paris and Lyon?' },
        call,
        ...results,
        { role: 'assistant', content: null },
        { role: 'user', content: 'Well?' },
      ],
    })

    expect(answered.status).toBe(200)
    expect(answered.headers['x-anthology-notice']).toContain('reasoning_content of messages')
    expect(answered.headers['x-anthology-notice']).toContain('empty assistant messages were left out')
  })

  test('continues with a thinking budget after calls, and without thoughts', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1_024 }
    const messages = [{ role: 'user', content: 'Go' }, call, results[0], results[2]]

    const answered = await chat({ model: 'claude-opus-4-1', max_tokens: 2_000, thinking, messages })

    expect(answered.status).toBe(200)
    expect(answered.headers['x-anthology-notice']).toContain('thinking is off until the next question')
  })

  test('is cached at its marks', async () => {
    const own = createEmulator({ now: clock.now })
    const parts = [{ type: 'text', text: 'Tea and cake. '.repeat(500), cache_control: { type: 'ephemeral' } }]
    const body = {
      model: 'claude-opus-4-1',
      messages: [
        { role: 'system', content: parts },
        { role: 'user', content: 'Hi' },
      ],
    }
    const askAgain = () => collect(own, { path: '/v1/chat/completions', body })

    const first = getJson(await askAgain())
    const second = getJson(await askAgain())

    expect(first).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 0 } } })
    expect(second).toMatchObject({
      usage: { prompt_tokens_details: { cached_tokens: expect.toSatisfy((n) => n > 1_000) } },
    })
  })
})

test('effort and format are those of the model and the day', async () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  }
  const asked = {
    messages: [{ role: 'user', content: 'Paris' }],
    reasoning_effort: 'high',
    temperature: 0.2,
    response_format: { type: 'json_schema', json_schema: { name: 'city', schema } },
  }
  const later = createEmulator({ now: createClock('2026-11-01T12:00:00Z').now })

  const [formatted, early] = [
    await collect(later, { path: '/v1/chat/completions', body: { ...asked, model: 'claude-opus-5-5' } }),
    await chat({ ...asked, model: 'claude-opus-4-1' }),
  ]

  expect(JSON.parse(getChoice(formatted).message.content ?? '')).toEqual({ city: expect.any(String) })
  expect(early.status).toBe(200)
  expect(early.headers['x-anthology-notice']).toContain('reasoning_effort, response_format')
})

describe('an error', () => {
  test.each<[string, unknown, number, string]>([
    ['of the chat request', { model: 'm', messages: 'Hi' }, 400, 'messages: '],
    ['of several answers', ask('Hi', { n: 2 }), 400, 'n: '],
    ['of what it is translated to', ask('Hi', { max_tokens: -1 }), 400, 'max_tokens: '],
    ['of a stream', ask('Hi', { top_p: 7, stream: true }), 400, 'top_p'],
    [
      'of a custom tool',
      ask('Hi', { tools: [{ type: 'custom', custom: { name: 'f' } }] }),
      400,
      'tools.0.type: ',
    ],
    [
      'of deep nesting',
      ask('Hi', { tools: JSON.parse('['.repeat(300) + ']'.repeat(300)) }),
      400,
      'The JSON is nested',
    ],
    ['of a model', ask('Hi', { model: 'gpt-4' }), 404, 'model: gpt-4'],
    ['of what is no JSON', new TextEncoder().encode('{'), 400, 'The request body is not valid JSON'],
    ['of what is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'The request body is not valid JSON'],
  ])('%s has the shape of OpenAI', async (_, body, status, beginning) => {
    const collected = await chat(body)
    const type = status === 404 ? 'not_found_error' : 'invalid_request_error'

    expect(collected.status).toBe(status)
    expect(getJson(collected)).toEqual({
      error: { type, code: type, param: null, message: expect.stringMatching(new RegExp(`^${beginning}`)) },
    })
  })

  test.each([
    [String.raw`a\ud83d b`, 'no low surrogate in string: line 1 column 73 (char 72)'],
    [String.raw`a\ude00b`, 'invalid high surrogate in string: line 1 column 67 (char 66)'],
  ])("of half a surrogate pair names its place in the client's body: %s", async (text, reason) => {
    const body = `{"model":"claude-opus-4-1","messages":[{"role":"user","content":"${text}"}]}`

    const collected = await chat(new TextEncoder().encode(body))

    const message = `The request body is not valid JSON: ${reason}`
    expect(collected.status).toBe(400)
    expect(getJson(collected)).toEqual({
      error: { type: 'invalid_request_error', code: 'invalid_request_error', param: null, message },
    })
  })

  test.each(['/chat/completions', '/v1/chat/completions/', '/any/chat/completions?x=1'])(
    'is not made of the path %s',
    async (path) => {
      expect((await collect(emulator, { path, body: ask('Hi') })).status).toBe(200)
    },
  )

  test('for a key, and for a method', async () => {
    const path = '/v1/chat/completions'
    const wrong = await collect(guarded, {
      path,
      headers: { authorization: 'Bearer sk-bad' },
      body: ask('Hi'),
    })
    const right = await collect(guarded, {
      path,
      headers: { authorization: 'Bearer sk-good' },
      body: ask('Hi'),
    })
    const got = await collect(guarded, { path, method: 'GET' })

    expect([wrong.status, right.status, got.status]).toEqual([401, 200, 405])
    expect(getJson(wrong)).toMatchObject({ error: { type: 'authentication_error', param: null } })
  })
})

test("limits are reported in OpenAI's headers", async () => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 }
  const limited = createEmulator({ now: clock.now, capacity: { limits } })
  const path = '/v1/chat/completions'
  const first = await collect(limited, { path, body: ask('Hi', { max_tokens: 10 }) })
  const second = await collect(limited, { path, body: ask('Hi', { max_tokens: 10 }) })

  expect(first.headers).toMatchObject({
    'x-ratelimit-limit-requests': '1',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': expect.any(String),
    'x-ratelimit-limit-tokens': '38000',
  })
  expect(Object.keys(first.headers)).not.toContain('anthropic-ratelimit-requests-limit')
  expect(second.status).toBe(429)
  expect(second.headers).toHaveProperty('retry-after')
  expect(getJson(second)).toMatchObject({ error: { type: 'rate_limit_error', param: null } })
})

describe('models', () => {
  test('have the shape of OpenAI if the request has no version header', async () => {
    const list = await get('/v1/models')
    const one = await get('/v1/models/claude-opus-4-1')

    expect(list).toMatchObject({ object: 'list' })
    expect(list).toHaveProperty('data.0', {
      id: 'claude-opus-4-1-20250805',
      object: 'model',
      created: Date.UTC(2025, 7, 5) / 1_000,
      owned_by: 'anthropic',
    })
    expect(one).toMatchObject({ id: 'claude-opus-4-1-20250805', object: 'model' })
    expect(await get('/models/')).toEqual(list)
    expect(await get('/models/claude-opus-4-1')).toEqual(one)
    expect(await get('/v1/models/gpt-4')).toMatchObject({ error: { type: 'not_found_error', param: null } })
  })

  const get = async (path: string): Promise<unknown> => (await emulator.fetch(path)).json()
})

interface Call {
  readonly id: string
  readonly type: string
  readonly function: { readonly name?: string; readonly arguments: string }
}

interface Choice {
  readonly message: { readonly content: string | null; readonly tool_calls?: readonly Call[] }
  readonly finish_reason: string
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string; readonly tool_calls?: readonly Call[] }
  }[]
}

function getChoice(collected: Collected): Choice {
  // The tests verify the members that they use.
  const { choices } = getJson(collected) as { choices: [Choice] }
  return choices[0]
}

function getChunks(bytes: Uint8Array): readonly Chunk[] {
  // As above.
  return decodeSse(bytes)
    .slice(0, -1)
    .map(({ data }) => JSON.parse(data) as Chunk)
}

function chat(body: unknown): Promise<Collected> {
  return collect(emulator, { path: '/v1/chat/completions', body })
}
