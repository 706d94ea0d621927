import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import Anthropic from '@anthropic-ai/sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { createEmulator, createFetchUpstream, listenEmulator, openCassettes } from '@anthology/emulator'
import type { Emulator, ReplayOptions } from '@anthology/emulator'
import OpenAI from 'openai'
import { expect, onTestFinished, test } from 'vitest'

// Real clients record through the emulator's port, and get the same answers from the recordings.

const question = 'What is the weather in Lisbon? Use get_weather.'
const tool = {
  name: 'get_weather',
  description: 'The weather in a city.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
}

test("Anthropic's SDK: an agent's loop, streamed", async () => {
  await expectSame(async (url) => {
    const client = new Anthropic({ baseURL: url, apiKey: 'sk-ant-CANARY0123456789' })
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
    const ask = () =>
      client.messages
        .stream({ model: 'claude-sonnet-5-5', max_tokens: 300, tools: [tool], messages })
        .finalMessage()
    const first = await ask()
    const call = first.content.find((block) => block.type === 'tool_use')
    messages.push({ role: 'assistant', content: first.content })
    messages.push({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Sunny, 21 degrees.' }],
    })
    return [first.content, first.usage, (await ask()).content]
  })
})

test("OpenAI's SDK, plain and streamed", async () => {
  await expectSame(async (url) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-proj-CANARY0123456789abcdef' })
    const call = {
      model: 'claude-sonnet-5-5',
      max_tokens: 60,
      messages: [{ role: 'user' as const, content: 'Tell me about tides.' }],
    }
    const plain = await client.chat.completions.create(call)
    const texts: (string | null | undefined)[] = []
    const stream = await client.chat.completions.create({ ...call, stream: true })
    for await (const chunk of stream) texts.push(chunk.choices[0]?.delta.content)
    return [plain.choices, texts]
  })
})

test("AWS's SDK over HTTP/2, signed: Converse, its stream, and InvokeModel's stream", async () => {
  await expectSame(async (url) => {
    const client = new BedrockRuntimeClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIACANARY0123456789', secretAccessKey: 'secret' },
    })
    onTestFinished(() => client.destroy())
    const modelId = 'us.anthropic.claude-opus-4-1-20250805-v1:0'
    const messages = [{ role: 'user' as const, content: [{ text: 'Tell me about tides.' }] }]
    const inferenceConfig = { maxTokens: 60 }
    const whole = await client.send(new ConverseCommand({ modelId, messages, inferenceConfig }))
    const events: unknown[] = []
    const streamed = await client.send(new ConverseStreamCommand({ modelId, messages, inferenceConfig }))
    for await (const event of streamed.stream ?? []) events.push(event)
    const body = JSON.stringify({
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 60,
      messages: [{ role: 'user', content: 'Tell me about tides.' }],
    })
    const invoked = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
    for await (const event of invoked.body ?? [])
      events.push(Buffer.from(event.chunk?.bytes ?? []).toString())
    return [whole.output, events]
  })
})

test('no client retries a miss', async () => {
  const { url, emulator } = await listen({ cassettes: openCassettes(createFolder()) })
  const anthropic = new Anthropic({ baseURL: url, apiKey: 'any' })
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any' })
  const bedrock = new BedrockRuntimeClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  })
  onTestFinished(() => bedrock.destroy())
  const message = { role: 'user' as const, content: 'Unknown?' }
  const calls = [
    () => anthropic.messages.create({ model: 'claude-sonnet-5-5', max_tokens: 9, messages: [message] }),
    () => openai.chat.completions.create({ model: 'claude-sonnet-5-5', messages: [message] }),
    () =>
      bedrock.send(
        new ConverseCommand({ modelId: 'x', messages: [{ role: 'user', content: [{ text: 'Unknown?' }] }] }),
      ),
  ]

  for (const call of calls) {
    emulator.reset()
    await expect(call()).rejects.toThrow('No recording matches this request: there are none.')
    expect(emulator.requests).toHaveLength(1)
  }
})

/** Runs calls against a recording proxy, and again against its recordings alone. */
async function expectSame(run: (url: string) => Promise<unknown>): Promise<void> {
  const folder = createFolder()
  const live = await listenTo(createEmulator())
  const proxy = await listen({
    cassettes: openCassettes(folder),
    mode: 'record-all',
    upstream: createFetchUpstream(live),
  })
  const recorded = await run(proxy.url)
  const player = await listen({ cassettes: openCassettes(folder) })

  expect(await run(player.url)).toEqual(recorded)
  expect(player.emulator.unusedRecordings).toEqual([])
}

async function listen(replay: ReplayOptions): Promise<{ readonly url: string; readonly emulator: Emulator }> {
  const emulator = createEmulator({ replay })
  return { url: await listenTo(emulator), emulator }
}

async function listenTo(emulator: Emulator): Promise<string> {
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  return server.url
}

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
