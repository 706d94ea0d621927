import {
  APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { EmulatorOptions, EmulatorServer } from '@anthology/emulator'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { toFailure } from './sdks.ts'

// Anthropic's Vertex client, unmodified, with the emulator and no gateway.

const key = 'ya29.the-only-token'
const opus41 = 'claude-opus-4-1@20250805'
const opus5 = 'claude-opus-5'
const hello = { max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hello!' }] }

let server: EmulatorServer
beforeAll(async () => {
  server = await listen({ keys: [key] })
})
afterAll(() => server.close())

describe.each(['/v1', '', '/proxy/v1'])("Anthropic's Vertex client at the base %j", (base) => {
  const client = () => createVertex(`${server.url}${base}`)

  test('creates a message, and streams it', async () => {
    const plain = await client().messages.create({ ...hello, model: opus41 })
    const streamed = await client()
      .messages.stream({ ...hello, model: opus41 })
      .finalMessage()

    expect(plain).toMatchObject({
      id: expect.stringMatching(/^msg_vrtx_/),
      model: 'claude-opus-4-1-20250805',
      stop_reason: 'end_turn',
    })
    expect(streamed.content).toEqual(plain.content)
    expect(streamed.usage).toEqual(plain.usage)
    expect(plain._request_id).toMatch(/^req_vrtx_/)
  })

  test('counts the tokens that the call then uses', async () => {
    const { input_tokens: counted } = await client().messages.countTokens({
      model: opus41,
      messages: hello.messages,
    })

    expect((await client().messages.create({ ...hello, model: opus41 })).usage.input_tokens).toBe(counted)
  })
})

describe("Anthropic's Vertex client", () => {
  test('runs a tool loop', async () => {
    const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }
    const asked = { role: 'user' as const, content: 'Use get_weather for Paris.' }
    const call = { max_tokens: 500, model: opus5, tools: [{ name: 'get_weather', input_schema: schema }] }
    const client = createVertex()
    const first = await client.messages.create({ ...call, messages: [asked] })
    const use = first.content.find(({ type }) => type === 'tool_use')
    if (use?.type !== 'tool_use') throw new Error('no tool was called')
    const result = { type: 'tool_result' as const, tool_use_id: use.id, content: '22 degrees' }
    const second = await client.messages.create({
      ...call,
      messages: [asked, { role: 'assistant', content: first.content }, { role: 'user', content: [result] }],
    })

    expect([first.stop_reason, use.input]).toEqual(['tool_use', { city: 'Paris' }])
    expect(second.stop_reason).toBe('end_turn')
  })

  test('throws errors of the platform as its own classes', async () => {
    const create = (client: AnthropicVertex, model = opus5) =>
      toFailure(client.messages.create({ ...hello, model }))

    const unknown = await create(createVertex(), 'claude-opus-9')
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(unknown).toMatchObject({ type: null, message: expect.stringMatching(/^404 .*Publisher Model/) })
    expect(await create(createVertex(`${server.url}/v1`, 'other'))).toBeInstanceOf(AuthenticationError)
    // Newer models are not available in a single region.
    expect(await create(createVertex(`${server.url}/v1`, key, 'us-east5'))).toBeInstanceOf(NotFoundError)
  })

  test("throws the model's errors as its own classes, with their type", async () => {
    const call = { ...hello, model: opus5, temperature: 0.5 }
    const failure = await toFailure(createVertex().messages.create(call))

    expect(failure).toBeInstanceOf(BadRequestError)
    expect(failure).toMatchObject({ type: 'invalid_request_error', status: 400 })
  })

  test('gets an error that names an unknown beta', async () => {
    const headers = { 'anthropic-beta': 'made-up' }
    const failure = await toFailure(createVertex().messages.create({ ...hello, model: opus5 }, { headers }))

    expect(failure).toMatchObject({ status: 400, message: expect.stringContaining('`made-up`') })
  })

  test('gets an error for an exhausted quota', async () => {
    const plenty = { inputTokensPerMinute: 100_000, outputTokensPerMinute: 100_000 }
    const limited = await listen({ capacity: { limits: { ...plenty, requestsPerMinute: 1 } } })
    onTestFinished(() => limited.close())
    const client = createVertex(limited.url)
    const call = () => client.messages.create({ ...hello, model: opus5, stream: true })
    await call()
    const failure = await toFailure(call())

    expect(failure).toBeInstanceOf(RateLimitError)
    expect(failure).toMatchObject({ message: expect.stringContaining('RESOURCE_EXHAUSTED') })
  })

  test('aborts a stream', async () => {
    const slow = await listen({ tokensPerSecond: 50 })
    onTestFinished(() => slow.close())
    const client = createVertex(slow.url)
    const messages = [{ role: 'user' as const, content: 'Write 300 words about tea' }]
    const stream = client.messages.stream({ ...hello, messages, model: opus41 })
    for await (const event of stream) if (event.type === 'content_block_delta') break
    stream.abort()

    expect(await toFailure(stream.finalMessage())).toBeInstanceOf(APIError)
  })
})

function listen(options: EmulatorOptions): Promise<EmulatorServer> {
  return listenEmulator(createEmulator(options), { port: 0, host: '127.0.0.1' })
}

type VertexOptions = NonNullable<ConstructorParameters<typeof AnthropicVertex>[0]>

/** With a fixed token, so that none is requested from Google. */
function createVertex(baseURL = `${server.url}/v1`, token = key, region = 'global'): AnthropicVertex {
  // The client calls only this method.
  const authClient = {
    getRequestHeaders: () => Promise.resolve(new Headers({ authorization: `Bearer ${token}` })),
  } as unknown as VertexOptions['authClient']
  return new AnthropicVertex({
    baseURL,
    region,
    projectId: 'p',
    maxRetries: 0,
    ...(authClient && { authClient }),
  })
}
