import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { startTarget, ways } from './rig.ts'
import type { Target, Way } from './rig.ts'
import { createClient, toFailure, sdks, getStatus, getWireError } from './sdks.ts'
import type { Sdk } from './sdks.ts'

// The official SDKs must see the same behaviour in every setup.
const combinations = sdks.flatMap((sdk) => ways.map((way) => ({ sdk, way, title: `${sdk.name}, ${way}` })))

describe.each(combinations)('$title', ({ sdk, way }) => {
  let target: Target
  let client: Client

  beforeAll(async () => {
    target = await startTarget(way)
    client = createClient(sdk, target)
    return () => target.close()
  })

  test('creates a message by an alias', async () => {
    const message = await client.messages.create({ ...hello, model: 'claude-opus-4-1' })

    expect(message).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'claude-opus-4-1-20250805',
      content: [{ type: 'text', text: expect.stringContaining('Claude Opus 4.1') }],
      stop_reason: 'end_turn',
      stop_sequence: null,
    })
    expect(message.usage.output_tokens).toBeGreaterThan(0)
    expect(message._request_id).toMatch(/^req_/)
  })

  test('streams a message whose text events join to the final text', async () => {
    const heard: string[] = []

    const stream = client.messages.stream(hello).on('text', (text) => heard.push(text))
    const message = await stream.finalMessage()

    expect(heard.length).toBeGreaterThan(1)
    expect(heard.join('')).toBe(getText(message))
    expect(stream.request_id).toMatch(/^req_/)
  })

  test('gets the same response plain and streamed', async () => {
    const plain = await client.messages.create(hello)
    const streamed = await client.messages.stream(hello).finalMessage()

    expect(streamed.content).toEqual(plain.content)
    expect(streamed.usage).toEqual(plain.usage)
    expect(streamed).toMatchObject({
      model: plain.model,
      stop_reason: plain.stop_reason,
      stop_sequence: null,
    })
  })

  test('stops at max_tokens', async () => {
    const message = await client.messages.create({ ...hello, max_tokens: 10 })

    expect(message.stop_reason).toBe('max_tokens')
    expect(message.usage.output_tokens).toBe(10)
  })

  test('stops before a stop sequence and names it', async () => {
    const whole = getText(await client.messages.create(hello))
    const sequence = whole.slice(40, 52)

    const message = await client.messages.create({ ...hello, stop_sequences: ['never said', sequence] })

    expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: sequence })
    expect(getText(message)).toBe(whole.slice(0, whole.indexOf(sequence)))
  })

  test('counts and follows a system prompt', async () => {
    const without = await client.messages.create(hello)
    const message = await client.messages.create({ ...hello, system: 'Answer as a pirate would.' })

    expect(message.usage.input_tokens).toBeGreaterThan(without.usage.input_tokens)
    expect(getText(message)).not.toBe(getText(without))
  })

  test('counts the tokens that the same call then uses', async () => {
    const { max_tokens: maxTokens, ...countable } = { ...hello, system: 'Be brief, and be kind.' }

    const counted = await client.messages.countTokens(countable)
    const message = await client.messages.create({ ...countable, max_tokens: maxTokens })

    expect(counted.input_tokens).toBeGreaterThan(0)
    expect(counted.input_tokens).toBe(message.usage.input_tokens)
  })

  test('lists the models page by page, newest first', async () => {
    const listed: { readonly id: string; readonly created_at: string }[] = []

    for await (const model of client.models.list({ limit: 2 })) listed.push(model)

    const ids = listed.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(pageModels))
    const days = listed.map(({ created_at: createdAt }) => createdAt)
    expect(days).toEqual(days.toSorted().toReversed())
  })

  test('retrieves a model by an alias', async () => {
    const model = await client.models.retrieve('claude-opus-4-1')

    expect(model).toMatchObject({
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
    })
    expect(new Date(model.created_at).toISOString()).toBe('2025-08-05T00:00:00.000Z')
  })

  test('gets an error for a wrong key', async () => {
    const stranger = createClient(sdk, { ...target, key: 'sk-ant-of-somebody-else' })

    const error = await toFailure(stranger.messages.create(hello))

    expect(error).toBeInstanceOf(sdk.Anthropic.AuthenticationError)
    expect(error).toMatchObject({ status: 401, requestID: getWireError(error).requestId })
    expect(getWireError(error)).toMatchObject({
      type: 'authentication_error',
      requestId: expect.stringMatching(/^req_/),
    })
  })

  test('gets an error for an unknown model: plain, streamed, counted and retrieved', async () => {
    const asked = { ...hello, model: 'claude-opus-41' }
    const { max_tokens: _, ...countable } = asked

    const errors = await Promise.all([
      toFailure(client.messages.create(asked)),
      toFailure(client.messages.stream(asked).finalMessage()),
      toFailure(client.messages.countTokens(countable)),
      toFailure(client.models.retrieve('claude-opus-41')),
    ])

    for (const error of errors) {
      expect(error).toBeInstanceOf(sdk.Anthropic.NotFoundError)
      expect(getWireError(error)).toMatchObject({
        type: 'not_found_error',
        message: expect.stringMatching(/^model: claude-opus-41\b/),
      })
    }
  })

  test('gets an error with the maximum when it requests more output than the model has', async () => {
    const asked = { ...hello, model: 'claude-opus-4-1-20250805', max_tokens: 999_999 }

    const errors = await Promise.all([
      toFailure(client.messages.stream(asked).finalMessage()),
      toFailure(client.withOptions(patient).messages.create(asked)),
    ])

    for (const error of errors) {
      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error)).toMatchObject({
        type: 'invalid_request_error',
        message:
          'max_tokens: 999999 > 32000, which is the maximum allowed number of output tokens for claude-opus-4-1-20250805',
      })
    }
  })

  test('can request 128,000 tokens from Sonnet 3.7 only with the beta', async () => {
    const asked = { ...hello, model: 'claude-3-7-sonnet-latest', max_tokens: 128_000 }
    const beta = { headers: { 'anthropic-beta': 'output-128k-2025-02-19' } }

    const message = await client.messages.stream(asked, beta).finalMessage()
    const error = await toFailure(client.messages.stream(asked).finalMessage())

    expect(message).toMatchObject({ model: 'claude-3-7-sonnet-20250219', stop_reason: 'end_turn' })
    expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
    expect(getWireError(error).message).toContain('max_tokens: 128000 > 64000')
  })

  test('can use the beta namespace, and a base URL with a path', async () => {
    const prefixed = createClient(sdk, { ...target, baseUrl: `${target.baseUrl}/teams/red/` })

    const plain = await prefixed.beta.messages.create({ ...hello, betas: ['context-1m-2025-08-07'] })
    const streamed = await prefixed.beta.messages.stream(hello).finalMessage()

    expect(plain.content).toEqual([{ type: 'text', text: expect.stringContaining('Claude Sonnet 4') }])
    expect(streamed.content).toEqual(plain.content)
  })

  test('can set temperature or top_p on Opus 4.1, but not both', async () => {
    const { messages } = createClient(sdk, target, sdk.versionOf2023)
    const asked = { ...hello, model: 'claude-opus-4-1' }

    const error = await toFailure(messages.create({ ...asked, temperature: 0.5, top_p: 0.9 }))
    const cool = await messages.create({ ...asked, temperature: 0.5 })
    const narrow = await messages.create({ ...asked, top_p: 0.9 })

    expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
    expect(getWireError(error)).toMatchObject({
      type: 'invalid_request_error',
      message: '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
    })
    expect([cool.stop_reason, narrow.stop_reason]).toEqual(['end_turn', 'end_turn'])
  })

  test('can set a temperature except with API version 2026-10-21', async () => {
    const status = await getStatus(client.messages.create({ ...hello, temperature: 1 }))

    expect(status).toBe(sdk.apiVersion === '2026-10-21' ? 400 : 200)
  })

  test('can set temperature and top_p together on Opus 4', async () => {
    const { messages } = createClient(sdk, target, sdk.versionOf2023)

    const message = await messages.create({
      ...hello,
      model: 'claude-opus-4-0',
      temperature: 0.5,
      top_p: 0.9,
    })

    expect(message).toMatchObject({ model: 'claude-opus-4-20250514', stop_reason: 'end_turn' })
  })
})

describe.each(combinations.filter(({ way }) => way !== 'gateway to process'))('$title', ({ sdk, way }) => {
  test('leaves nothing running after it aborts a stream', async () => {
    const { client, target } = await connectSlowly(sdk, way)

    const stream = client.messages.stream(longStory)
    await stream.emitted('text')
    const runningBefore = target.running()
    stream.abort()

    await expect(stream.done()).rejects.toBeInstanceOf(sdk.Anthropic.APIUserAbortError)
    await expect.poll(() => target.running(), patient).toBe(0)
    expect(runningBefore).toBe(1)
  })
})

describe.each(combinations.filter(({ way }) => way !== 'emulator'))('$title', ({ sdk, way }) => {
  test('has an aborted stream in the ledger, with the usage that it had received', async () => {
    const { client, target } = await connectSlowly(sdk, way)

    const stream = client.messages.stream(longStory)
    await stream.emitted('text')
    stream.abort()
    await toFailure(stream.done())

    await expect.poll(() => target.calls().map((call) => call['outcome']), patient).toEqual(['client_closed'])
    const [call] = target.calls()
    expect(call).toMatchObject({ id: stream.request_id, streamed: 1n, model: 'claude-sonnet-4-20250514' })
    const usage = JSON.parse(String(call?.['usage'])) as { input_tokens: number } // As the emulator sent it.
    expect(usage.input_tokens).toBe(stream.currentMessage?.usage.input_tokens)
  })
})

const hello = {
  model: 'claude-sonnet-4-0',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const longStory = {
  ...hello,
  messages: [{ role: 'user' as const, content: 'Tell me a story of 900 words.' }],
}

/** The client rejects a long plain call without a timeout, and a poll without one ends after a second. */
const patient = { timeout: 30_000 }

/** The models of the Models overview page, August 2025, including those of its price table. */
const pageModels = [
  'claude-opus-4-1-20250805',
  'claude-opus-4-20250514',
  'claude-sonnet-4-20250514',
  'claude-3-7-sonnet-20250219',
  'claude-3-5-sonnet-20241022',
  'claude-3-5-haiku-20241022',
  'claude-3-haiku-20240307',
  'claude-3-opus-20240229',
]

type Client = ReturnType<typeof createClient>

/** With a separate target, so slow that a response of 900 words takes longer than the test. */
async function connectSlowly(sdk: Sdk, way: Way): Promise<{ client: Client; target: Target }> {
  const target = await startTarget(way, { tokensPerSecond: 20 })
  onTestFinished(() => target.close())
  return { client: createClient(sdk, target), target }
}

function getText(message: { content: readonly { type: string; text?: string }[] }): string {
  return message.content.map(({ text = '' }) => text).join('')
}
