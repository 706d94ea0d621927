import { models } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import type { Emulator } from '../../../src/index.ts'
import { ask, collect, getEvents, getJson, getMessage, parseEvents } from '../../collecting-receiver.ts'
import type { Ask, Collected } from '../../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const opus41 = 'claude-opus-4-1@20250805'
const opus5 = 'claude-opus-5'

describe('rawPredict', () => {
  test('returns the message of the Messages API, with its own ids', async () => {
    const { id, ...expected } = await getMessage(emulator, ask('Hello!'))
    const answer = await predict({ body: askVertex('Hello!') })

    expect(answer.status).toBe(200)
    expect(getJson(answer)).toEqual({ ...expected, id: expect.stringMatching(/^msg_vrtx_01/) })
    expect(id).toMatch(/^msg_01/)
    expect(answer.headers).toEqual({
      'content-type': 'application/json',
      'content-length': String(answer.bytes.length),
      'request-id': expect.stringMatching(/^req_vrtx_01/),
    })
  })

  test.each([
    '/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1@20250805:rawPredict',
    '/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1%4020250805:rawPredict',
    '/proxy/v1beta1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805%3ArawPredict?alt=sse',
  ])('is found at %s', async (path) => {
    expect((await collect(emulator, { path, body: askVertex('Hello!') })).status).toBe(200)
  })

  test('accepts the newest version for every model', async () => {
    const body = { ...askVertex('Hello!'), anthropic_version: '2026-10-21' }

    expect((await predict({ body })).status).toBe(200)
  })

  test('accepts the betas that Claude Code sends', async () => {
    const betas =
      'claude-code-20250219, interleaved-thinking-2025-05-14, web-search-2025-03-05, thinking-token-count-2026-05-13, tool-search-tool-2025-10-19, effort-2025-11-24'
    const answer = await predict({
      model: opus5,
      body: askVertex('Hi'),
      headers: { 'anthropic-beta': betas },
    })

    expect(answer.status).toBe(200)
  })

  test('runs a web search, which Google Cloud supports', async () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }]
    const answer = await predict({ body: askVertex('Search the web for tea', { tools }) })

    expect(answer.status).toBe(200)
  })
})

describe('streamRawPredict', () => {
  test('streams the events of the Messages API, including pings', async () => {
    const expected = await getEvents(emulator, ask('Hello!'))
    const body = askVertex('Hello!', { stream: true })
    const answer = await predict({ method: 'streamRawPredict', body })

    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(parseEvents(answer.bytes).map(withoutId)).toEqual(expected.map(withoutId))
  })
})

describe('count-tokens', () => {
  test('returns the same count as the call itself', async () => {
    const { usage } = await getMessage(emulator, ask('Hello, how are you?'))

    expect(getJson(await count({ ...askVertex('Hello, how are you?'), model: opus41 }))).toEqual({
      input_tokens: usage.input_tokens,
    })
  })

  test.each([[undefined], ['claude-opus-4-1-20250805'], [1]])('does not know the model %j', async (model) => {
    const answer = await count({ ...askVertex('Hi'), model })

    expect(getPlatformError(answer).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
  })
})

describe('a model of Google Cloud', () => {
  test('is found by its Google Cloud id, in locations that serve it', async () => {
    for (const { id, platforms } of models) {
      if (platforms.vertex === null) continue
      const answer = await predict({ model: platforms.vertex, location: 'global', body: askVertex('Hi') })

      expect([answer.status, getJson(answer)]).toMatchObject([200, { model: id }])
    }
  })

  test('may be called without its date, with a notice', async () => {
    const answer = await predict({ model: 'claude-opus-4-1', body: askVertex('Hi') })

    expect([answer.status, answer.headers['x-anthology-notice']]).toEqual([
      200,
      'claude-opus-4-1 is taken for claude-opus-4-1@20250805; whether Google Cloud has such an alias is not known',
    ])
  })

  test.each([
    ['claude-opus-4-1-20250805', 'global'],
    ['anthropic.claude-opus-5', 'global'],
    ['claude-opus-9', 'global'],
    // Only the global endpoint and the multi-regions serve newer models.
    ['claude-opus-5', 'us-east5'],
  ])('is not %s in %s', async (model, location) => {
    const answer = await predict({ model, location, body: askVertex('Hi') })
    const resource = `projects/p/locations/${location}/publishers/anthropic/models/${model}`

    expect(getPlatformError(answer)).toEqual([
      404,
      'NOT_FOUND',
      expect.stringContaining(
        `Publisher Model \`${resource}\` was not found or your project does not have access to it. Please ensure you are using a valid model version.`,
      ),
    ])
  })

  test('is not found before its release and after its retirement with lifecycle enforce', async () => {
    const early = createEmulator({ asOf: '2026-01-15', lifecycle: 'enforce' })
    const now = createEmulator({ asOf: '2026-11-22', lifecycle: 'enforce' })

    expect((await predict({ model: opus5, body: askVertex('Hi') }, early)).status).toBe(404)
    // Still available on Google Cloud, although the Claude API retired it.
    expect((await predict({ body: askVertex('Hi') }, now)).status).toBe(200)
    // Google Cloud shut it down on 2026-07-05.
    const haiku = 'claude-3-5-haiku@20241022'
    const before = createEmulator({ asOf: '2026-07-04', lifecycle: 'enforce' })
    expect((await predict({ model: haiku, body: askVertex('Hi') }, before)).status).toBe(200)
    expect((await predict({ model: haiku, body: askVertex('Hi') }, now)).status).toBe(404)
  })
})

describe("the platform's own errors", () => {
  test("for a missing key have the platform's shape, on streaming paths in an array", async () => {
    const guarded = createEmulator({ keys: ['k'] })
    const error = {
      error: {
        code: 401,
        status: 'UNAUTHENTICATED',
        message: expect.stringContaining('Request had invalid authentication credentials.'),
      },
    }
    const body = askVertex('Hi', { stream: true })
    const asked = { body, headers: { authorization: 'Bearer other' } }

    const bare = getJson(await predict({ body }, guarded)) as { error: { details: unknown } }

    expect(bare).toMatchObject({
      error: { code: 401, message: expect.stringContaining('Request is missing required authentication') },
    })
    expect(bare.error.details).toMatchObject([{ reason: 'CREDENTIALS_MISSING' }])
    expect(getJson(await predict(asked, guarded))).toEqual(error)
    expect(getJson(await predict({ ...asked, method: 'streamRawPredict' }, guarded))).toEqual([error])
    expect((await predict({ body, headers: { authorization: 'Bearer k' } }, guarded)).status).toBe(200)
  })

  test('for a body above 30 MB', async () => {
    const body = new TextEncoder().encode(JSON.stringify(askVertex('x'.repeat(30_000_000))))

    expect(getPlatformError(await predict({ body }))).toEqual([
      400,
      'INVALID_ARGUMENT',
      `The request size (${body.length} bytes) exceeds 30.000MB limit.`,
    ])
  })

  test.each(['GET', 'PUT', 'DELETE'])('for the verb %s', async (verb) => {
    const of = (method: string) =>
      `/v1/projects/p/locations/global/publishers/anthropic/models/${opus41}:${method}`
    const error = { error: { code: 404, status: 'NOT_FOUND', message: expect.any(String) } }

    const plain = await collect(emulator, { method: verb, path: of('rawPredict') })
    const stream = await collect(emulator, { method: verb, path: of('streamRawPredict') })

    expect([plain.status, getJson(plain)]).toEqual([404, error])
    expect([stream.status, getJson(stream)]).toEqual([404, [error]])
  })

  test('for a body that is not JSON', async () => {
    expect(getPlatformError(await predict({ body: new Uint8Array([123]) })).slice(0, 2)).toEqual([
      400,
      'INVALID_ARGUMENT',
    ])
  })

  test.each([
    {
      location: 'us-east5',
      model: opus41,
      limit: { requestsPerMinute: 1 },
      quota: 'online_prediction_requests_per_base_model with base model: anthropic-claude-opus-4-1',
    },
    {
      location: 'global',
      model: opus41,
      limit: { inputTokensPerMinute: 10 },
      quota:
        'global_online_prediction_input_tokens_per_minute_per_base_model with base model: anthropic-claude-opus-4-1',
    },
    {
      location: 'global',
      model: 'claude-opus-5-5',
      limit: { requestsPerMinute: 1 },
      quota: 'global_online_prediction_requests_per_base_model with base model: anthropic-claude-opus',
    },
  ])('of a quota in $location for $model', async ({ location, model, limit, quota }) => {
    const plenty = { requestsPerMinute: 100, inputTokensPerMinute: 100_000, outputTokensPerMinute: 100_000 }
    const limited = createEmulator({
      asOf: '2026-11-22',
      now: () => 0,
      capacity: { limits: { ...plenty, ...limit } },
    })
    const asked = { model, location, body: askVertex('Hello!') }
    await predict(asked, limited)
    const answer = await predict(asked, limited)

    expect(getPlatformError(answer)).toEqual([
      429,
      'RESOURCE_EXHAUSTED',
      `Quota exceeded for aiplatform.googleapis.com/${quota}. Please submit a quota increase request. https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.`,
    ])
    expect(answer.headers).not.toHaveProperty('retry-after')
  })
})

describe("the model's errors are in the envelope of the Claude API", () => {
  const { anthropic_version: _version, ...unversioned } = askVertex('Hi')

  test.each<[what: string, body: unknown, headers: Record<string, string>, text: unknown]>([
    ['no version', unversioned, {}, 'anthropic_version: Field required'],
    [
      'a version of Bedrock',
      { ...unversioned, anthropic_version: 'bedrock-2023-05-31' },
      {},
      'anthropic_version: "bedrock-2023-05-31" is not a valid version',
    ],
    ['a model in the body', askVertex('Hi', { model: opus5 }), {}, 'model: Extra inputs are not permitted'],
    ['tags', askVertex('Hi', { tags: ['a'] }), {}, 'tags: Extra inputs are not permitted'],
    [
      'betas in the body',
      askVertex('Hi', { anthropic_beta: ['x'] }),
      {},
      'anthropic_beta: Extra inputs are not permitted',
    ],
    [
      'an unknown beta',
      askVertex('Hi'),
      { 'anthropic-beta': 'made-up' },
      expect.stringMatching(/^Unexpected value\(s\) `made-up` for the `anthropic-beta` header\./),
    ],
    [
      'a beta that only the Claude API has',
      askVertex('Hi'),
      { 'anthropic-beta': 'files-api-2025-04-14' },
      expect.stringMatching(/^Unexpected value\(s\) `files-api-2025-04-14`/),
    ],
    [
      'an edit of the context without its beta',
      askVertex('Hi', { context_management: { edits: [] } }),
      {},
      'context_management: Extra inputs are not permitted',
    ],
    [
      'a tool that fetches pages',
      askVertex('Hi', { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }),
      {},
      expect.stringContaining("'web_fetch_20250910'"),
    ],
    [
      'an image by address',
      askVertex([{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }]),
      {},
      expect.stringContaining("Input tag 'url'"),
    ],
    [
      'sampling in the newest version',
      askVertex('Hi', { anthropic_version: '2026-10-21', temperature: 0.5 }),
      {},
      expect.stringContaining('temperature'),
    ],
    ['no limit', { ...askVertex('Hi'), max_tokens: undefined }, {}, 'max_tokens: Field required'],
  ])('%s', async (_what, body, headers, message) => {
    const answer = await predict({ model: opus5, body, headers })

    expect([answer.status, getJson(answer)]).toEqual([
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message },
        request_id: expect.stringMatching(/^req_vrtx_01/),
      },
    ])
  })
})

interface Asked extends Ask {
  readonly model?: string
  readonly location?: string
}

function predict(
  { model = opus41, location = 'global', method = 'rawPredict', ...sent }: Asked,
  of: Emulator = emulator,
): Promise<Collected> {
  const path = `/v1/projects/p/locations/${location}/publishers/anthropic/models/${model}:${method}`
  return collect(of, { ...sent, path })
}

function count(body: unknown): Promise<Collected> {
  return predict({ model: 'count-tokens', body: { ...(body as object), max_tokens: undefined } }) // A body of `askVertex`.
}

function askVertex(content: unknown, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    anthropic_version: 'vertex-2023-10-16',
    max_tokens: 1_000,
    messages: [{ role: 'user', content }],
    ...more,
  }
}

function getPlatformError(answer: Collected): readonly [status: number, state: string, message: string] {
  const { error } = getJson(answer) as { error: { code: number; status: string; message: string } } // Google's shape.
  expect(error.code).toBe(answer.status)
  return [answer.status, error.status, error.message]
}

function withoutId(event: object): unknown {
  return JSON.parse(JSON.stringify(event).replace(/"id":"msg_\w+"/, '"id":""'))
}
