import {
  BedrockClient,
  GetInferenceProfileCommand,
  ListFoundationModelsCommand,
  ListInferenceProfilesCommand,
} from '@aws-sdk/client-bedrock'
import {
  AccessDeniedException,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import type { BedrockRuntimeClientConfig, Message, ResponseStream } from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { EmulatorOptions, EmulatorServer } from '@anthology/emulator'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { toFailure } from './sdks.ts'

// AWS's clients, unmodified, with the emulator and no gateway.

const pair = { accessKeyId: 'AKIAEMULATOR', secretAccessKey: 'secret/with+signs' }
const key = 'sk-ant-the-only-key'
const region = 'us-east-1'
const opus41 = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
/** A model that keeps the thinking of earlier turns, so its signatures are verified. */
const opus45 = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const opus5 = 'us.anthropic.claude-opus-5'

let server: EmulatorServer
beforeAll(async () => {
  server = await listen({ awsCredentials: [pair], keys: [key] })
})
afterAll(() => server.close())

const transports: Readonly<Record<string, () => BedrockRuntimeClientConfig>> = {
  'HTTP/2, signed': () => ({ credentials: pair }),
  'HTTP/1.1, signed': () => ({ credentials: pair, requestHandler: new NodeHttpHandler() }),
  'HTTP/2, with a bearer token': () => ({
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
  }),
}

describe.each(Object.keys(transports))('the AWS SDK over %s', (transport) => {
  const create = (options: BedrockRuntimeClientConfig = {}) =>
    createRuntime({ ...transports[transport]?.(), ...options })

  test('invokes a model, by its profile and by an ARN', async () => {
    const client = create()

    for (const modelId of [opus41, `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${opus41}`]) {
      const answer = await client.send(new InvokeModelCommand({ modelId, body: askInvoke('Hello!') }))

      expect(JSON.parse(answer.body.transformToString())).toMatchObject({
        id: expect.stringMatching(/^msg_bdrk_/),
        model: 'claude-opus-4-1-20250805',
        stop_reason: 'end_turn',
      })
      expect(answer.$metadata.requestId).toMatch(/^[\da-f-]{36}$/)
      expect(answer.contentType).toBe('application/json')
    }
  })

  test('streams the same', async () => {
    const client = create()
    const input = { modelId: opus41, body: askInvoke('Hello!') }
    const whole = JSON.parse((await client.send(new InvokeModelCommand(input))).body.transformToString())
    const { body } = await client.send(new InvokeModelWithResponseStreamCommand(input))
    const events = await readChunks(body)
    const text = events.map((event) => event.delta?.text ?? '').join('')

    expect(events.map(({ type }) => type)).not.toContain('ping')
    expect(text).toBe(whole.content[0].text)
    expect(events.at(-1)).toMatchObject({
      type: 'message_stop',
      'amazon-bedrock-invocationMetrics': { outputTokenCount: whole.usage.output_tokens },
    })
  })

  test('converses, whole and streamed', async () => {
    const client = create()
    const input = {
      modelId: opus41,
      messages: [{ role: 'user', content: [{ text: 'Hello!' }] } satisfies Message],
      inferenceConfig: { maxTokens: 500 },
    }
    const { output, usage, stopReason } = await client.send(new ConverseCommand(input))
    let text = ''
    let streamedUsage: object | undefined
    const { stream = [] } = await client.send(new ConverseStreamCommand(input))
    for await (const event of stream) {
      text += event.contentBlockDelta?.delta?.text ?? ''
      streamedUsage = event.metadata?.usage ?? streamedUsage
    }

    expect(stopReason).toBe('end_turn')
    expect(text).toBe(output?.message?.content?.[0]?.text)
    expect(streamedUsage).toEqual(usage)
  })

  test('runs a tool loop', async () => {
    const client = create()
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const tools = [{ toolSpec: { name: 'get_weather', inputSchema: { json: schema } } }]
    const asked = { role: 'user', content: [{ text: 'What is the weather in Paris?' }] } satisfies Message
    const first = await client.send(
      new ConverseCommand({
        modelId: opus41,
        messages: [asked],
        toolConfig: { tools, toolChoice: { any: {} } },
      }),
    )
    const called = first.output?.message
    const use = called?.content?.find(({ toolUse }) => toolUse)?.toolUse
    if (!called || !use) throw new Error('no tool was called')
    const result = { toolUseId: use.toolUseId, content: [{ text: '22 degrees' }] }
    const second = await client.send(
      new ConverseCommand({
        modelId: opus41,
        messages: [asked, called, { role: 'user', content: [{ toolResult: result }] }],
        toolConfig: { tools },
      }),
    )

    expect([first.stopReason, use.input]).toEqual(['tool_use', { city: 'Paris' }])
    expect(second.stopReason).toBe('end_turn')
  })

  test('sends thinking back unchanged', async () => {
    const client = create()
    const thinking = { type: 'enabled', budget_tokens: 2_000 }
    const messages: Message[] = [{ role: 'user', content: [{ text: 'Think about tea.' }] }]
    const input = {
      modelId: opus45,
      additionalModelRequestFields: { thinking },
      inferenceConfig: { maxTokens: 4_000 },
    }
    const first = (await client.send(new ConverseCommand({ ...input, messages }))).output?.message
    const thought = first?.content?.[0]?.reasoningContent?.reasoningText
    if (!first || !thought) throw new Error('nothing was thought')
    const next: Message = { role: 'user', content: [{ text: 'Go on.' }] }
    const { stopReason } = await client.send(
      new ConverseCommand({ ...input, messages: [...messages, first, next] }),
    )
    const forged = { reasoningContent: { reasoningText: { ...thought, signature: 'AAAA' } } }
    const bent: Message = { ...first, content: [forged, ...(first.content ?? []).slice(1)] }
    const exceeded = client.send(new ConverseCommand({ ...input, messages: [...messages, bent, next] }))

    expect(stopReason).toBe('end_turn')
    expect(await toFailure(exceeded)).toBeInstanceOf(ValidationException)
  })

  test('counts tokens', async () => {
    const modelId = 'anthropic.claude-opus-4-1-20250805-v1:0'
    const body = new TextEncoder().encode(askInvoke('Hello!'))
    const { inputTokens } = await create().send(
      new CountTokensCommand({ modelId, input: { invokeModel: { body } } }),
    )

    expect(inputTokens).toBe(6)
  })

  test('throws its own exceptions', async () => {
    const client = create()
    const invoke = (modelId: string, body: string) =>
      toFailure(client.send(new InvokeModelCommand({ modelId, body })))

    expect(await invoke('us.anthropic.claude-opus-9', askInvoke('Hi'))).toBeInstanceOf(ValidationException)
    expect(await invoke(opus41, askInvoke('Hi', { anthropic_beta: ['x'] }))).toMatchObject({
      name: 'ValidationException',
      message: 'invalid beta flag',
      $metadata: { httpStatusCode: 400, attempts: 1, requestId: expect.any(String) },
    })
  })
})

describe('the AWS SDK', () => {
  test('is rejected with a wrong secret, an unknown id or a wrong token', async () => {
    const secretAccessKey = 'another'
    const failures = [
      { credentials: { ...pair, secretAccessKey } },
      { credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey } },
      { token: { token: 'other' }, authSchemePreference: ['httpBearerAuth'] },
    ].map((options) =>
      toFailure(
        createRuntime(options).send(new InvokeModelCommand({ modelId: opus5, body: askInvoke('Hi') })),
      ),
    )

    expect(await Promise.all(failures)).toMatchObject([
      { name: 'InvalidSignatureException', $metadata: { httpStatusCode: 403 } },
      { name: 'UnrecognizedClientException', $metadata: { httpStatusCode: 403 } },
      { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } },
    ])
    expect((await Promise.all(failures)).map((failure) => failure instanceof AccessDeniedException)).toEqual([
      false,
      false,
      true,
    ])
  })

  test('retries a throttled call, and reports the attempts', async () => {
    const plenty = { inputTokensPerMinute: 100_000, outputTokensPerMinute: 100_000 }
    const limited = await listen({ capacity: { limits: { ...plenty, requestsPerMinute: 1 } } })
    onTestFinished(() => limited.close())
    const client = createRuntime({ endpoint: limited.url, maxAttempts: 2, credentials: pair })
    const call = () => client.send(new InvokeModelCommand({ modelId: opus5, body: askInvoke('Hi') }))
    await call()
    const failure = await toFailure(call())

    expect(failure).toBeInstanceOf(ThrottlingException)
    expect(failure).toMatchObject({ $metadata: { attempts: 2 } })
  })

  test('throws an error for a retired model', async () => {
    const strict = await listen({ lifecycle: 'enforce' })
    onTestFinished(() => strict.close())
    const client = createRuntime({ endpoint: strict.url, credentials: pair })
    const modelId = 'us.anthropic.claude-opus-4-20250514-v1:0'

    expect(
      await toFailure(client.send(new InvokeModelCommand({ modelId, body: askInvoke('Hi') }))),
    ).toBeInstanceOf(ResourceNotFoundException)
  })

  test('aborts a stream, and the next call is answered', async () => {
    const slow = await listen({ tokensPerSecond: 50 })
    onTestFinished(() => slow.close())
    const client = createRuntime({ endpoint: slow.url, credentials: pair })
    const aborting = new AbortController()
    const input = { modelId: opus41, body: askInvoke('Write 300 words about tea') }
    const { body = [] } = await client.send(new InvokeModelWithResponseStreamCommand(input), {
      abortSignal: aborting.signal,
    })
    for await (const { chunk } of body) if (chunk) break
    aborting.abort()

    const counted = await client.send(
      new CountTokensCommand({
        modelId: 'anthropic.claude-opus-4-1-20250805-v1:0',
        input: { invokeModel: { body: new TextEncoder().encode(askInvoke('Hello!')) } },
      }),
    )
    expect(counted.inputTokens).toBe(6)
  })

  test('sends a body of megabytes over HTTP/2', async () => {
    const body = askInvoke('tea '.repeat(2_500_000))
    const failure = await toFailure(
      createRuntime({ credentials: pair }).send(new InvokeModelCommand({ modelId: opus5, body })),
    )

    expect(failure).toMatchObject({ message: 'Input is too long for requested model.' })
  })

  test('lists the profiles and models of the control plane', async () => {
    const client = new BedrockClient({ endpoint: server.url, region, credentials: pair })
    onTestFinished(() => client.destroy())
    const { inferenceProfileSummaries = [] } = await client.send(
      new ListInferenceProfilesCommand({ typeEquals: 'SYSTEM_DEFINED' }),
    )
    const listed = inferenceProfileSummaries.find(({ inferenceProfileId }) => inferenceProfileId === opus41)
    const found = await client.send(
      new GetInferenceProfileCommand({ inferenceProfileIdentifier: listed?.inferenceProfileArn }),
    )
    const { modelSummaries = [] } = await client.send(
      new ListFoundationModelsCommand({ byProvider: 'anthropic' }),
    )

    expect(found).toMatchObject({ inferenceProfileId: opus41, models: listed?.models })
    expect(modelSummaries.map(({ modelId }) => modelId)).toContain('anthropic.claude-opus-5')
  })
})

function askInvoke(content: string, more: object = {}): string {
  const messages = [{ role: 'user', content }]
  return JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 500, messages, ...more })
}

function listen(options: EmulatorOptions): Promise<EmulatorServer> {
  return listenEmulator(createEmulator(options), { port: 0, host: '127.0.0.1' })
}

/** Without retries, unless a test configures them. */
function createRuntime(options: BedrockRuntimeClientConfig): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({ endpoint: server.url, region, maxAttempts: 1, ...options })
  onTestFinished(() => client.destroy())
  return client
}

interface StreamedEvent {
  readonly type: string
  readonly delta?: { readonly text?: string }
}

async function readChunks(
  body: AsyncIterable<ResponseStream> | undefined,
): Promise<readonly StreamedEvent[]> {
  const events: StreamedEvent[] = []
  const utf8 = new TextDecoder()
  for await (const { chunk } of body ?? []) if (chunk) events.push(JSON.parse(utf8.decode(chunk.bytes)))
  return events
}
