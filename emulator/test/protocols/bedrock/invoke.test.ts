import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { ask, collect, getEvents, getJson, getMessage } from '../../collecting-receiver.ts'
import { askInvoke, callModel, toError, getEventsInvoke, getMessages, opus41, opus5 } from './calls.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })

describe('InvokeModel', () => {
  test('returns the message of the Messages API, with its own id', async () => {
    const { id, ...expected } = await getMessage(emulator, ask('Hello!'))
    const answer = await callModel(emulator, opus41, { body: askInvoke('Hello!') })

    expect(answer.status).toBe(200)
    expect(getJson(answer)).toEqual({ ...expected, id: expect.stringMatching(/^msg_bdrk_01/) })
    expect(id).toMatch(/^msg_01/)
  })

  test('has the headers of AWS, and none of the Claude API', async () => {
    const { headers, bytes } = await callModel(emulator, opus41, { body: askInvoke('Hello!') })

    expect(headers).toEqual({
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'x-amzn-requestid': expect.stringMatching(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/),
      'x-amzn-bedrock-invocation-latency': expect.stringMatching(/^\d+$/),
      'x-amzn-bedrock-input-token-count': '6',
      'x-amzn-bedrock-output-token-count': expect.stringMatching(/^\d+$/),
      'x-amzn-bedrock-cache-read-input-token-count': '0',
      'x-amzn-bedrock-cache-write-input-token-count': '0',
    })
  })

  test('reports the latency of a paced answer', async () => {
    const slow = createEmulator({ asOf: '2026-11-22', tokensPerSecond: 10_000, now: () => 0 })
    const { headers } = await callModel(slow, opus41, { body: askInvoke('Hello!') })
    const tokens = Number(headers['x-amzn-bedrock-output-token-count'])

    expect(headers['x-amzn-bedrock-invocation-latency']).toBe(String(Math.round(tokens / 10)))
  })

  test('accepts any content type, behind any path prefix', async () => {
    const id = encodeURIComponent(`arn:aws:bedrock:us-east-1:123456789012:inference-profile/${opus41}`)
    const path = `/proxy/bedrock/model/${id}/invoke`
    const headers = { 'content-type': 'application/octet-stream' }

    expect((await collect(emulator, { path, headers, body: askInvoke('Hello!') })).status).toBe(200)
  })

  test('repeats the option headers of the request', async () => {
    const headers = {
      'x-amzn-bedrock-service-tier': 'flex',
      'x-amzn-bedrock-performanceconfig-latency': 'standard',
      'x-amzn-bedrock-guardrailidentifier': 'g',
    }
    const answer = await callModel(emulator, opus41, { body: askInvoke('Hello!'), headers })

    expect(answer.headers).toMatchObject({
      'x-amzn-bedrock-service-tier': 'flex',
      'x-amzn-bedrock-performanceconfig-latency': 'standard',
      'x-anthology-notice': 'the emulator has no guardrails: none is applied',
    })
  })

  test('rejects an unknown value of an option header', async () => {
    const headers = { 'x-amzn-bedrock-service-tier': 'gold' }
    const answer = await callModel(emulator, opus41, { body: askInvoke('Hello!'), headers })

    expect(toError(answer)).toEqual([
      400,
      'ValidationException',
      "1 validation error detected: Value 'gold' at 'serviceTier' failed to satisfy constraint: Member must satisfy enum value set: [default, flex, priority, reserved]",
    ])
  })
})

describe('InvokeModelWithResponseStream', () => {
  test('streams the events of the Messages API without pings, with the counts in the last one', async () => {
    const expected = (await getEvents(emulator, ask('Hello!'))).filter(({ type }) => type !== 'ping')
    const answer = await callModel(emulator, opus41, {
      operation: 'invoke-with-response-stream',
      body: askInvoke('Hello!'),
    })
    const events = getEventsInvoke(answer)
    const { usage } = await getMessage(emulator, ask('Hello!'))

    expect(events.map(withoutId)).toEqual([
      ...expected.slice(0, -1).map(withoutId),
      {
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': {
          inputTokenCount: usage.input_tokens,
          outputTokenCount: usage.output_tokens,
          invocationLatency: expect.any(Number),
          firstByteLatency: expect.any(Number),
        },
      },
    ])
    expect(answer.headers).toEqual({
      'content-type': 'application/vnd.amazon.eventstream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-amzn-bedrock-content-type': 'application/json',
      'x-amzn-requestid': expect.any(String),
    })
  })

  test('pads its messages to random lengths, reproducibly for the same request', async () => {
    const paddings = async () => {
      const fresh = createEmulator({ asOf: '2026-11-22' })
      const body = askInvoke('Hello!')
      const answer = await callModel(fresh, opus41, { operation: 'invoke-with-response-stream', body })
      return getMessages(answer).map(({ payload }) => (payload as { p?: string }).p ?? '') // A chunk may have one.
    }
    const first = await paddings()

    expect(new Set(first.map(({ length }) => length)).size).toBeGreaterThan(5)
    expect(
      first.every((p) => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.startsWith(p)),
    ).toBe(true)
    expect(await paddings()).toEqual(first)
  })

  test('includes the cache in its counts', async () => {
    const body = askInvoke(longBlock(), {})
    const stream = () => callModel(emulator, opus41, { operation: 'invoke-with-response-stream', body })
    const [written, read] = [await stream(), await stream()].map((answer) => getEventsInvoke(answer).at(-1))
    const getMetrics = (event: unknown) =>
      (event as Record<string, Record<string, number>>)['amazon-bedrock-invocationMetrics'] // As above.

    expect(getMetrics(written)).toMatchObject({ cacheReadInputTokenCount: 0 })
    expect(getMetrics(written)?.['cacheWriteInputTokenCount']).toBeGreaterThan(1_024)
    expect(getMetrics(read)?.['cacheReadInputTokenCount']).toBe(
      getMetrics(written)?.['cacheWriteInputTokenCount'],
    )
  })

  test('returns an error before the stream as JSON', async () => {
    const body = askInvoke('Hello!', { anthropic_beta: ['made-up'] })
    const answer = await callModel(emulator, opus41, { operation: 'invoke-with-response-stream', body })

    expect(toError(answer)).toEqual([400, 'ValidationException', 'invalid beta flag'])
    expect(answer.headers['content-type']).toBe('application/json')
  })
})

describe('a body that Bedrock rejects', () => {
  const extra = (name: string) => `${name}: Extra inputs are not permitted`
  const ofModel = (text: string) => `The model returned the following errors: ${text}`
  const missing = (name: string) =>
    `Malformed input request: #: required key [${name}] not found, please reformat your input and try again.`
  const { max_tokens: _limit, ...endless } = askInvoke('Hello!')
  const { anthropic_version: _version, ...unversioned } = askInvoke('Hello!')

  test.each<[what: string, model: string, body: unknown, message: string]>([
    ['says no version', opus41, unversioned, missing('anthropic_version')],
    ['says no limit', opus41, endless, missing('max_tokens')],
    ['names a model', opus41, askInvoke('Hi', { model: 'claude-opus-4-1' }), extra('model')],
    ['says that it streams', opus41, askInvoke('Hi', { stream: true }), extra('stream')],
    ['names an unknown beta', opus5, askInvoke('Hi', { anthropic_beta: ['x'] }), 'invalid beta flag'],
    [
      'names one unknown beta among known ones',
      opus5,
      askInvoke('Hi', { anthropic_beta: ['interleaved-thinking-2025-05-14', 'x'] }),
      'invalid beta flag',
    ],
    [
      'names a beta by the name that it has on the Claude API',
      opus5,
      askInvoke('Hi', { anthropic_beta: ['advanced-tool-use-2025-11-20'] }),
      'invalid beta flag',
    ],
    [
      'names a beta of the first party',
      opus5,
      askInvoke('Hi', { anthropic_beta: ['files-api-2025-04-14'] }),
      'invalid beta flag',
    ],
    [
      'uses the newest version to an older model',
      opus41,
      askInvoke('Hi', { anthropic_version: '2026-10-21' }),
      'anthropic_version: "2026-10-21" is not a valid version for this model',
    ],
    [
      'uses the newest version and samples',
      opus5,
      askInvoke('Hi', { anthropic_version: '2026-10-21', temperature: 0.5 }),
      expect.stringContaining('temperature'),
    ],
    [
      'wants cache marks set',
      opus5,
      askInvoke('Hi', { cache_control: { type: 'ephemeral' } }),
      extra('cache_control'),
    ],
    ['has tags', opus5, askInvoke('Hi', { tags: ['a'] }), extra('tags')],
    [
      'brings a tool of the service',
      opus5,
      askInvoke('Hi', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
      expect.stringContaining("'web_search_20250305'"),
    ],
    [
      'points to an image',
      opus5,
      askInvoke([{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }]),
      expect.stringContaining("Input tag 'url'"),
    ],
    [
      'points to a file',
      opus5,
      askInvoke([{ type: 'document', source: { type: 'file', file_id: 'file_1' } }]),
      expect.stringContaining("Input tag 'file'"),
    ],
    [
      'asks an older model for too much',
      opus41,
      askInvoke('Hi', { temperature: 2 }),
      expect.stringMatching(/^The model returned the following errors: temperature:/),
    ],
    [
      'asks a newer model for too much',
      opus5,
      askInvoke('Hi', { temperature: 2 }),
      expect.stringMatching(/^temperature:/),
    ],
    ['has a member of nobody', opus41, askInvoke('Hi', { wish: 1 }), ofModel(extra('wish'))],
  ])('%s', async (_what, model, body, message) => {
    expect(toError(await callModel(emulator, model, { body }))).toEqual([400, 'ValidationException', message])
  })

  test.each(['', '[]', '{', 'null', '{"anthropic_version":1}', '{"a":1,'])('is %j', async (text) => {
    const answer = await callModel(emulator, opus41, { body: new TextEncoder().encode(text) })

    expect(toError(answer).slice(0, 2)).toEqual([400, 'ValidationException'])
  })

  test('has a repeated member', async () => {
    const text = '{"anthropic_version":"bedrock-2023-05-31","anthropic_version":"x"}'
    const answer = await callModel(emulator, opus41, { body: new TextEncoder().encode(text) })

    expect(toError(answer)[2]).toContain('anthropic_version: this member stands in the body twice')
  })

  test('is longer than 20 MB', async () => {
    const answer = await callModel(emulator, opus41, { body: new Uint8Array(20_000_001) })

    expect(toError(answer)).toEqual([
      400,
      'ValidationException',
      'The request size (20000001 bytes) exceeds 20.000MB limit.',
    ])
  })

  test('exceeds the context window', async () => {
    const answer = await callModel(emulator, opus41, { body: askInvoke('tea '.repeat(300_000)) })

    expect(toError(answer)).toEqual([400, 'ValidationException', 'Input is too long for requested model.'])
  })
})

describe('a body that Bedrock accepts', () => {
  test.each<[what: string, body: unknown]>([
    ['the newest version, for a newer model', askInvoke('Hi', { anthropic_version: '2026-10-21' })],
    [
      'the betas that Claude Code puts into the body',
      askInvoke('Hi', {
        anthropic_beta: [
          'interleaved-thinking-2025-05-14',
          'tool-search-tool-2025-10-19',
          'thinking-token-count-2026-05-13',
        ],
      }),
    ],
    ['a cache mark of an hour', askInvoke(longBlock('1h'))],
  ])('%s', async (_what, body) => {
    expect((await callModel(emulator, opus5, { body })).status).toBe(200)
  })

  test('the beta header is ignored', async () => {
    const headers = { 'anthropic-beta': 'made-up' }

    expect((await callModel(emulator, opus5, { body: askInvoke('Hi'), headers })).status).toBe(200)
  })
})

describe('a limit that is reached', () => {
  test.each([
    [opus5, { requestsPerMinute: 1 }, 'Too many requests, please wait before trying again.'],
    [opus5, { inputTokensPerMinute: 10 }, 'Too many tokens, please wait before trying again.'],
    // In 2025 the Claude API has another text for the limit.
    [opus41, { requestsPerMinute: 1 }, 'Too many requests, please wait before trying again.'],
  ])('is a throttle for %s (%#)', async (model, limit, message) => {
    const plenty = { requestsPerMinute: 100, inputTokensPerMinute: 100_000, outputTokensPerMinute: 100_000 }
    const capacity = { limits: { ...plenty, ...limit } }
    const limited = createEmulator({ asOf: '2026-11-22', now: () => 0, capacity })
    await callModel(limited, model, { body: askInvoke('Hello!') })
    const answer = await callModel(limited, model, { body: askInvoke('Hello!') })

    expect(toError(answer)).toEqual([429, 'ThrottlingException', message])
    expect(answer.headers).not.toHaveProperty('retry-after')
  })
})

function longBlock(ttl: '5m' | '1h' = '5m'): unknown {
  return [
    {
      type: 'text',
      text: `${ttl} ${'tea and cake '.repeat(3_000)}`,
      cache_control: { type: 'ephemeral', ttl },
    },
    { type: 'text', text: 'Hello!' },
  ]
}

function withoutId(event: Readonly<Record<string, unknown>> | object): unknown {
  return JSON.parse(JSON.stringify(event).replace(/"id":"msg_\w+"/, '"id":""'))
}
