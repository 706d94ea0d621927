import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk'
import { APIError, AuthenticationError } from '@anthropic-ai/sdk'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { EmulatorServer } from '@anthology/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { toFailure } from './sdks.ts'

// Anthropic's clients for Bedrock, unmodified, with the emulator and no gateway.

const pair = { accessKeyId: 'AKIAEMULATOR', secretAccessKey: 'secret/with+signs' }
const key = 'sk-ant-the-only-key'
const region = 'us-east-1'
const opus41 = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
const opus5 = 'us.anthropic.claude-opus-5'
const hello = { max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hello!' }] }

let server: EmulatorServer
beforeAll(async () => {
  const emulator = createEmulator({ awsCredentials: [pair], keys: [key] })
  server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
})
afterAll(() => server.close())

describe("Anthropic's Bedrock client", () => {
  test('creates a message, and streams it', async () => {
    const client = createBedrock()
    const plain = await client.messages.create({ ...hello, model: opus5 })
    const streamed = await client.messages.stream({ ...hello, model: opus5 }).finalMessage()

    expect(plain).toMatchObject({ id: expect.stringMatching(/^msg_bdrk_/), model: 'claude-opus-5' })
    expect(streamed.content).toEqual(plain.content)
    expect(streamed.usage).toEqual(plain.usage)
  })

  test('runs a tool', async () => {
    const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }
    const { content, stop_reason } = await createBedrock().messages.create({
      ...hello,
      model: opus5,
      messages: [{ role: 'user', content: 'Use get_weather for Paris.' }],
      tools: [{ name: 'get_weather', input_schema: schema }],
    })

    expect(stop_reason).toBe('tool_use')
    expect(content.find(({ type }) => type === 'tool_use')).toMatchObject({ input: { city: 'Paris' } })
  })

  test('calls an older model with its older version', async () => {
    const older = { 'anthropic-version': 'bedrock-2023-05-31' }
    const message = await createBedrock().messages.create({ ...hello, model: opus41 }, { headers: older })

    expect(message.model).toBe('claude-opus-4-1-20250805')
    const failure = await toFailure(createBedrock().messages.create({ ...hello, model: opus41 }))
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({
      status: 400,
      message: expect.stringContaining('"2026-10-21" is not a valid version'),
    })
  })

  test('sends its betas in the body', async () => {
    const create = (beta: string) =>
      createBedrock().messages.create({ ...hello, model: opus5 }, { headers: { 'anthropic-beta': beta } })

    expect((await create('interleaved-thinking-2025-05-14')).stop_reason).toBe('end_turn')
    expect(await toFailure(create('files-api-2025-04-14'))).toMatchObject({
      status: 400,
      message: '400 invalid beta flag',
    })
  })

  test('is accepted with its bearer token only', async () => {
    const create = (apiKey: string) => {
      const client = new AnthropicBedrock({ baseURL: server.url, apiKey, maxRetries: 0 })
      return client.messages.create({ ...hello, model: opus5 })
    }

    expect((await create(key)).stop_reason).toBe('end_turn')
    expect(await toFailure(create('other'))).toMatchObject({ status: 403 })
  })
})

describe("Anthropic's client for Bedrock's Messages endpoint", () => {
  const create = (awsSecretAccessKey: string) =>
    new AnthropicBedrockMantle({
      baseURL: `${server.url}/anthropic`,
      awsAccessKey: pair.accessKeyId,
      awsSecretAccessKey,
      awsRegion: region,
      maxRetries: 0,
    })

  test('creates a message, and streams it', async () => {
    const client = create(pair.secretAccessKey)
    const call = { ...hello, model: 'anthropic.claude-opus-5' }
    const plain = await client.messages.create(call)
    const streamed = await client.messages.stream(call).finalMessage()

    expect(plain).toMatchObject({ id: expect.stringMatching(/^msg_bdrk_01/), model: 'claude-opus-5' })
    expect(streamed.content).toEqual(plain.content)
  })

  test('has no server tools', async () => {
    const call = { ...hello, model: 'anthropic.claude-opus-5' }
    const tools = [{ type: 'web_search_20250305' as const, name: 'web_search' as const }]

    expect(await toFailure(create(pair.secretAccessKey).messages.create({ ...call, tools }))).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    })
  })

  test('is rejected with another secret', async () => {
    const call = { ...hello, model: 'anthropic.claude-opus-5' }

    expect(await toFailure(create('another').messages.create(call))).toBeInstanceOf(AuthenticationError)
  })
})

function createBedrock(): AnthropicBedrock {
  return new AnthropicBedrock({
    baseURL: server.url,
    awsAccessKey: pair.accessKeyId,
    awsSecretKey: pair.secretAccessKey,
    awsRegion: region,
    maxRetries: 0,
  })
}
