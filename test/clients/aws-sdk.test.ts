import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InternalServerException,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import type {
  BedrockRuntimeClientConfig,
  ConverseCommandInput,
  ConverseStreamOutput,
  Message,
  ResponseStream,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { dieInTheMiddle } from './dying-upstream.ts'
import { makePdf, makePng } from './media.ts'
import { startBefore, startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

// AWS's client for the Bedrock runtime, unmodified, through the gateway.

const region = 'us-east-1'
const modelId = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/${modelId}`

let target: Target
beforeAll(async () => {
  target = await startTarget('gateway with emulator')
})
afterAll(() => target.close())

/** The client's default is HTTP/2, in clear text with prior knowledge. */
const transports: Readonly<Record<string, (target: Target) => BedrockRuntimeClientConfig>> = {
  'HTTP/2, signed': toCredentials,
  'HTTP/2, with a bearer token': getToken,
  'HTTP/1.1, signed': (at) => ({ ...toCredentials(at), requestHandler: new NodeHttpHandler() }),
  'HTTP/1.1, with a bearer token': (at) => ({ ...getToken(at), requestHandler: new NodeHttpHandler() }),
}

describe.each(Object.keys(transports))('over %s', (transport) => {
  const connect = (at = target, options: BedrockRuntimeClientConfig = {}): BedrockRuntimeClient =>
    createRuntime(at, { ...transports[transport]?.(at), ...options })

  test('invokes a model, by its profile and by an ARN', async () => {
    const client = connect()

    for (const id of [modelId, arn]) {
      const answer = await client.send(new InvokeModelCommand({ modelId: id, body: invokeBody }))

      expect(answer.contentType).toBe('application/json')
      expect(answer.$metadata.requestId).toBe(target.calls()[0]?.['id'])
      expect(JSON.parse(answer.body.transformToString())).toMatchObject({ stop_reason: 'end_turn' })
    }
  })

  test('streams the same', async () => {
    const client = connect()
    const whole = await client.send(new InvokeModelCommand({ modelId, body: invokeBody }))
    const { body } = await client.send(
      new InvokeModelWithResponseStreamCommand({ modelId, body: invokeBody }),
    )

    const events = await readChunks(body)

    const { content, usage } = JSON.parse(whole.body.transformToString())
    expect(events.map((event) => event.delta?.text ?? '').join('')).toBe(content[0].text)
    expect(events.map(({ type }) => type)).not.toContain('ping')
    expect(events.at(-1)).toMatchObject({
      type: 'message_stop',
      'amazon-bedrock-invocationMetrics': {
        inputTokenCount: usage.input_tokens,
        outputTokenCount: usage.output_tokens,
      },
    })
  })

  test('converses, whole and streamed', async () => {
    const client = connect()

    const { output, usage, stopReason, metrics } = await client.send(new ConverseCommand(hello))
    const { stream } = await client.send(new ConverseStreamCommand(hello))

    const heard = await readMembers(stream)
    expect([stopReason, heard.stopReason]).toEqual(['end_turn', 'end_turn'])
    expect(heard.text).toBe(output?.message?.content?.[0]?.text)
    expect(heard.usage).toEqual(usage)
    expect(metrics?.latencyMs).toBeGreaterThanOrEqual(0)
    expect(target.calls().slice(0, 2)).toMatchObject([
      { protocol: 'bedrock', key_id: 'local', outcome: 'answered', streamed: 1n },
      { protocol: 'bedrock', key_id: 'local', outcome: 'answered', streamed: 0n },
    ])
  })

  test('runs a tool loop, with thinking whose signature is verified', async () => {
    const client = connect()
    const input = { ...askWeather, additionalModelRequestFields: { thinking } }
    const called = await client.send(new ConverseCommand(input))
    const use = called.output?.message?.content?.find(({ toolUse }) => toolUse)?.toolUse
    const result: Message = {
      role: 'user',
      content: [{ toolResult: { toolUseId: use?.toolUseId, content: [{ text: 'It is 18 degrees.' }] } }],
    }
    const goOn = (content: Message['content']) =>
      client.send(
        new ConverseCommand({ ...input, messages: [...asked, { role: 'assistant', content }, result] }),
      )

    const content = called.output?.message?.content ?? []
    const answered = await goOn(content)
    const forged = await toFailure(goOn(content.map(forgeSignature)))

    expect([called.stopReason, use?.input]).toEqual(['tool_use', { city: 'Lisbon' }])
    expect(content[0]?.reasoningContent?.reasoningText?.signature).toMatch(/^\S{40,}$/)
    expect(answered.stopReason).toBe('end_turn')
    expect(forged).toBeInstanceOf(ValidationException)
    expect(String(forged)).toMatch(/signature/)
  })

  test.each(['5m', '1h'] as const)('writes and reads a cache of %s', async (ttl) => {
    const client = connect()
    const text = `Rules of house ${transport} ${ttl}. ${'Always close the door behind you. '.repeat(900)}`
    const input = { ...hello, system: [{ text }, { cachePoint: { type: 'default' as const, ttl } }] }

    const first = (await client.send(new ConverseCommand(input))).usage
    const { stream } = await client.send(new ConverseStreamCommand(input))
    const second = (await readMembers(stream)).usage

    expect(first?.cacheWriteInputTokens).toBeGreaterThan(4_096)
    expect(first?.cacheDetails).toEqual([{ ttl, inputTokens: first?.cacheWriteInputTokens }])
    expect(second).toMatchObject({
      cacheReadInputTokens: first?.cacheWriteInputTokens,
      cacheWriteInputTokens: 0,
    })
  })

  test('sends images and documents', async () => {
    const client = connect()
    const image = { format: 'png' as const, source: { bytes: Buffer.from(makePng(560, 280), 'base64') } }
    const document = { format: 'pdf' as const, name: 'a page', source: { bytes: makePdf(['One page']) } }
    const messages: Message[] = [
      { role: 'user', content: [{ image }, { document }, { text: 'Sum this up.' }] },
    ]

    const { stopReason, usage } = await client.send(new ConverseCommand({ ...hello, messages }))

    expect(stopReason).toBe('end_turn')
    expect(usage?.inputTokens).toBeGreaterThan(20 * 10 + 1_500)
  })

  test('counts the tokens that a call then uses, for free', async () => {
    const client = connect()
    const before = target.calls().length

    const conversed = await client.send(
      new CountTokensCommand({ modelId, input: { converse: { messages: hello.messages ?? [] } } }),
    )
    const invoked = await client.send(
      new CountTokensCommand({ modelId, input: { invokeModel: { body: Buffer.from(invokeBody) } } }),
    )

    expect(target.calls()).toHaveLength(before)
    const { usage } = await client.send(new ConverseCommand(hello))
    expect([conversed.inputTokens, invoked.inputTokens]).toEqual(Array(2).fill(usage?.inputTokens))
  })

  test('throws errors of its own classes, and does not retry client errors', async () => {
    const client = connect()

    const invalid = await toFailure(client.send(new InvokeModelCommand({ modelId, body: '{}' })))
    const unknown = await toFailure(
      client.send(new ConverseCommand({ ...hello, modelId: 'anthropic.claude-9' })),
    )

    expect(invalid).toBeInstanceOf(ValidationException)
    expect(invalid).toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 1 } })
    expect(unknown).toBeInstanceOf(ValidationException)
    expect(unknown).toMatchObject({
      message: 'The provided model identifier is invalid.',
      $metadata: { httpStatusCode: 400, attempts: 1 },
    })
  })

  test('throws when a stream fails in the middle', async () => {
    const dying = await startBefore({ send: dieInTheMiddle })
    const client = connect(dying)

    const { body } = await client.send(
      new InvokeModelWithResponseStreamCommand({ modelId, body: invokeBody }),
    )
    const invoked = await toFailure(readChunks(body))
    const { stream } = await client.send(new ConverseStreamCommand(hello))
    const conversed = await toFailure(readMembers(stream))

    for (const error of [invoked, conversed]) {
      expect(error).toBeInstanceOf(InternalServerException)
      expect(String(error)).toContain("upstream 'own' aborted its response")
    }
  })

  test('releases the upstream when it aborts', async () => {
    const slow = await startTarget('gateway with emulator', { tokensPerSecond: 40 })
    try {
      const controller = new AbortController()
      const { stream = [] } = await connect(slow).send(
        new ConverseStreamCommand({ ...hello, messages: [say('Tell me a story of 900 words.')] }),
        { abortSignal: controller.signal },
      )
      for await (const member of stream) if (member.contentBlockDelta) break
      controller.abort()

      await expect.poll(() => slow.running(), { timeout: 30_000 }).toBe(0)
      await expect.poll(() => slow.calls().map((call) => call['outcome'])).toEqual(['client_closed'])
    } finally {
      await slow.close()
    }
  })
})

describe.each(['HTTP/2', 'HTTP/1.1'])('signed wrongly, over %s', (version) => {
  const handler = () => (version === 'HTTP/2' ? {} : { requestHandler: new NodeHttpHandler() })

  test('is rejected with a wrong secret or unknown credentials, and nothing is billed', async () => {
    const before = target.calls().length
    const { credentials } = toCredentials(target)
    const wrong = { ...credentials, secretAccessKey: 'another secret' }
    const unknown = { ...credentials, accessKeyId: 'AKIAANTHNOBODYNOBODY' }
    const toError = (pair: typeof credentials) =>
      toFailure(createRuntime(target, { credentials: pair, ...handler() }).send(new ConverseCommand(hello)))

    expect(await toError(wrong)).toMatchObject({
      name: 'InvalidSignatureException',
      $metadata: { httpStatusCode: 403 },
    })
    expect(await toError(unknown)).toMatchObject({
      name: 'UnrecognizedClientException',
      $metadata: { httpStatusCode: 403, attempts: 1 },
    })
    expect(target.calls()).toHaveLength(before)
  })

  test('corrects its clock after a request that was signed an hour late', async () => {
    const client = createRuntime(target, {
      ...toCredentials(target),
      ...handler(),
      systemClockOffset: -3_600_000,
    })

    const { stopReason, $metadata } = await client.send(new ConverseCommand(hello))

    expect([stopReason, $metadata.attempts]).toEqual(['end_turn', 2])
  })
})

const say = (text: string): Message => ({ role: 'user', content: [{ text }] })

const hello: ConverseCommandInput = {
  modelId,
  messages: [say('Why is the sky blue?')],
  inferenceConfig: { maxTokens: 1_024 },
}

const invokeBody = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 1_024,
  messages: [{ role: 'user', content: 'Why is the sky blue?' }],
})

const asked = [say('How is the weather in Lisbon?')]
const thinking = { type: 'enabled', budget_tokens: 2_000 }
const schema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Such as Paris' } },
  required: ['city'],
}
const askWeather = {
  modelId,
  messages: asked,
  inferenceConfig: { maxTokens: 4_000 },
  toolConfig: {
    tools: [
      {
        toolSpec: {
          name: 'get_weather',
          description: 'Tells the weather of a city.',
          inputSchema: { json: schema },
        },
      },
    ],
  },
}

type Block = NonNullable<Message['content']>[number]

function forgeSignature(block: Block): Block {
  const text = block.reasoningContent?.reasoningText
  if (text === undefined) return block
  return { reasoningContent: { reasoningText: { ...text, signature: btoa('somebody else'.repeat(8)) } } }
}

interface StreamedEvent {
  readonly type: string
  readonly delta?: { readonly text?: string }
}

async function readChunks(body: AsyncIterable<ResponseStream> | undefined): Promise<StreamedEvent[]> {
  const events: StreamedEvent[] = []
  for await (const { chunk } of body ?? []) {
    // Each chunk is an event of the Messages API.
    events.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()) as StreamedEvent)
  }
  return events
}

async function readMembers(stream: AsyncIterable<ConverseStreamOutput> | undefined) {
  const heard = { text: '', stopReason: '', usage: {} }
  for await (const { contentBlockDelta, messageStop, metadata } of stream ?? []) {
    heard.text += contentBlockDelta?.delta?.text ?? ''
    heard.stopReason = messageStop?.stopReason ?? heard.stopReason
    heard.usage = metadata?.usage ?? heard.usage
  }
  return heard
}

function toCredentials({ aws }: Target) {
  return { credentials: { accessKeyId: aws?.accessKeyId ?? '', secretAccessKey: aws?.secretAccessKey ?? '' } }
}

function getToken({ key }: Target): BedrockRuntimeClientConfig {
  return { token: { token: key }, authSchemePreference: ['httpBearerAuth'] }
}

function createRuntime({ baseUrl }: Target, options: BedrockRuntimeClientConfig): BedrockRuntimeClient {
  return new BedrockRuntimeClient({ endpoint: baseUrl, region, ...options })
}
