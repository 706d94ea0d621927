import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { ChatBedrockConverse } from '@langchain/aws'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import type { AIMessageChunk } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'

import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

// LangChain on Amazon Bedrock, which always uses Converse, over the AWS SDK's HTTP/2.

const name = 'us.anthropic.claude-opus-4-5-20251101-v1:0'

let target: Target
let model: ChatBedrockConverse
beforeAll(async () => {
  target = await startTarget('gateway with emulator')
  model = createModel(name)
})
afterAll(() => target.close())

test('invokes a model and streams the same', async () => {
  const plain = await model.invoke('Why is the sky blue?')
  const chunks: AIMessageChunk[] = []
  for await (const chunk of await model.stream('Why is the sky blue?')) chunks.push(chunk)

  expect(chunks.length).toBeGreaterThan(1)
  expect(chunks.map((chunk) => chunk.text).join('')).toBe(plain.text)
  expect(plain.response_metadata).toMatchObject({ stopReason: 'end_turn' })
  const whole = chunks.reduce((sum, chunk) => sum.concat(chunk))
  expect(computeUsage(whole)).toMatchObject({ output_tokens: computeUsage(plain)['output_tokens'] })
  expect(target.calls()).toMatchObject([
    { protocol: 'bedrock', key_id: 'local', streamed: 1n },
    { protocol: 'bedrock', key_id: 'local', streamed: 0n },
  ])
})

test('runs a tool loop', async () => {
  const getWeather = tool(() => 'It is 18 degrees and windy.', {
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    schema: z.object({ city: z.string().describe('Such as Paris') }),
  })
  const bound = model.bindTools([getWeather])
  const asked = new HumanMessage('How is the weather in Lisbon?')

  const called = await bound.invoke([asked])
  const [call] = called.tool_calls ?? []
  const result = new ToolMessage({ content: 'It is 18 degrees and windy.', tool_call_id: call?.id ?? '' })
  const answered = await bound.invoke([asked, called, result])

  expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Lisbon' } })
  expect(answered.text).toContain('18 degrees')
})

test('throws an error of the AWS SDK', async () => {
  const error = await toFailure(createModel('anthropic.claude-9').invoke('Hello'))

  expect(error).toMatchObject({
    name: 'ValidationException',
    message: 'The provided model identifier is invalid.',
  })
})

function computeUsage(message: object): Readonly<Record<string, unknown>> {
  // Its message types have no usage.
  const { usage_metadata: usage } = message as { usage_metadata?: Record<string, unknown> }
  expect(usage).toMatchObject({ output_tokens: expect.any(Number) })
  return usage ?? {}
}

function createModel(modelName: string): ChatBedrockConverse {
  const { accessKeyId = '', secretAccessKey = '' } = target.aws ?? {}
  const client = new BedrockRuntimeClient({
    endpoint: target.baseUrl,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
  })
  return new ChatBedrockConverse({ model: modelName, region: 'us-east-1', client, maxRetries: 0 })
}
