import { createAnthropic } from '@ai-sdk/anthropic'
import { APICallError, Output, generateObject, generateText, isStepCount, streamText, tool } from 'ai'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'

import { startTarget } from './rig.ts'
import type { Target, TargetOptions, Way } from './rig.ts'
import { toFailure } from './sdks.ts'

describe.each(['emulator', 'gateway with emulator'] as const)('the AI SDK, %s', (way) => {
  let model: Model

  beforeAll(async () => {
    const target = await startTarget(way)
    model = getModel(target)
    return () => target.close()
  })

  test('generates text', async () => {
    const result = await generateText({ model, system: 'Be kind.', prompt: question, maxRetries: 0 })

    expect(result.text).toContain('Claude Opus 4.5')
    expect(result.finishReason).toBe('stop')
    expect(result.response.modelId).toBe('claude-opus-4-5-20251101')
    expect(result.usage.inputTokens).toBeGreaterThan(0)
    expect(result.usage.outputTokens).toBeGreaterThan(0)
  })

  test('streams the same text', async () => {
    const heard: string[] = []

    const result = streamText({ model, prompt: question, maxRetries: 0 })
    for await (const piece of result.textStream) heard.push(piece)

    const plain = await generateText({ model, prompt: question, maxRetries: 0 })
    expect(heard.length).toBeGreaterThan(1)
    expect(heard.join('')).toBe(plain.text)
    expect(await result.finishReason).toBe('stop')
    expect((await result.usage).outputTokens).toBe(plain.usage.outputTokens)
  })

  test('runs tools in several steps', async () => {
    const asked: string[] = []

    const result = await generateText({
      model,
      prompt: 'How is the weather in Lisbon and in Oslo?',
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(5),
      maxRetries: 0,
    })

    expect(asked.toSorted()).toEqual(['Lisbon', 'Oslo'])
    expect(result.steps.map((step) => step.finishReason)).toEqual(['tool-calls', 'stop'])
    expect(result.text).toContain('18 degrees')
  })

  test('streams tool calls and the text after them', async () => {
    const asked: string[] = []

    const result = streamText({
      model,
      prompt: 'How is the weather in Lisbon?',
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(5),
      maxRetries: 0,
    })
    const kinds: string[] = []
    for await (const part of result.fullStream) kinds.push(part.type)

    expect(asked).toEqual(['Lisbon'])
    expect(kinds).toEqual(
      expect.arrayContaining(['tool-input-delta', 'tool-call', 'tool-result', 'text-delta', 'finish']),
    )
    expect(kinds).not.toContain('error')
    expect(await result.text).toContain('18 degrees')
  })

  test('generates objects by a schema, plain and streamed', async () => {
    const prompt = 'Recommend a novel by Jane Austen, please.'

    const asked = { model, prompt, maxRetries: 0, output: Output.object({ schema: recommendation }) }

    const { output } = await generateText(asked)
    const streamed = streamText(asked)
    const partial: unknown[] = []
    for await (const piece of streamed.partialOutputStream) partial.push(piece)

    expect(recommendation.parse(output)).toEqual(output)
    expect(await streamed.output).toEqual(output)
    expect(partial.length).toBeGreaterThan(1)
    expect(partial.at(-1)).toEqual(output)
  })

  test('generates objects also with the older function', async () => {
    const prompt = 'Recommend a novel by Jane Austen, please.'

    const { object } = await generateObject({ model, schema: recommendation, prompt, maxRetries: 0 })

    expect(recommendation.parse(object)).toEqual(object)
  })

  test('returns reasoning, and sends it back with tool results', async () => {
    const asked: string[] = []

    const result = await generateText({
      model,
      prompt: 'How is the weather in Lisbon?',
      tools: { get_weather: weatherTool(asked) },
      stopWhen: isStepCount(5),
      maxRetries: 0,
      providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } },
    })

    expect(asked).toEqual(['Lisbon'])
    expect(result.steps[0]?.reasoningText).toMatch(/\w/)
    expect(result.steps.map((step) => step.finishReason)).toEqual(['tool-calls', 'stop'])
  })

  test('ends the stream after an abort', async () => {
    const target = await start(way, { tokensPerSecond: 20 })
    const controller = new AbortController()

    const result = streamText({
      model: getModel(target),
      prompt: 'Tell me a story of 900 words.',
      abortSignal: controller.signal,
      maxRetries: 0,
    })
    const kinds: string[] = []
    for await (const part of result.fullStream) {
      kinds.push(part.type)
      if (part.type === 'text-delta') controller.abort()
    }

    expect(kinds.at(-1)).toBe('abort')
    await expect.poll(() => target.running()).toBe(0)
  })

  test('throws errors with the status and the text of the API', async () => {
    const target = await start(way)
    const unknown = createAnthropic({ baseURL: `${target.baseUrl}/v1`, apiKey: target.key })('claude-opus-41')

    const wrongKey = await toFailure(
      generateText({ model: getModel({ ...target, key: 'sk-ant-wrong' }), prompt: question, maxRetries: 0 }),
    )
    const noModel = await toFailure(generateText({ model: unknown, prompt: question, maxRetries: 0 }))

    for (const error of [wrongKey, noModel]) expect(APICallError.isInstance(error)).toBe(true)
    expect(wrongKey).toMatchObject({ statusCode: 401 })
    expect(noModel).toMatchObject({
      statusCode: 404,
      message: expect.stringMatching(/^model: claude-opus-41\b/),
    })
  })
})

test('the AI SDK also works with a base URL without a version', async () => {
  const target = await start('gateway with emulator')
  const provider = createAnthropic({ baseURL: target.baseUrl, apiKey: target.key })

  const result = await generateText({ model: provider(modelName), prompt: question, maxRetries: 0 })

  expect(result.finishReason).toBe('stop')
})

const modelName = 'claude-opus-4-5'
const question = 'Why is the sky blue?'

const recommendation = z.object({
  title: z.string(),
  year: z.int(),
  genre: z.enum(['comedy', 'romance', 'satire']),
  characters: z.array(z.object({ name: z.string(), isNarrator: z.boolean() })),
})

type Model = ReturnType<typeof getModel>

function getModel({ baseUrl, key }: { baseUrl: string; key: string }) {
  return createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey: key })(modelName)
}

async function start(way: Way, options: TargetOptions = {}): Promise<Target> {
  const target = await startTarget(way, options)
  onTestFinished(() => target.close())
  return target
}

/** Records the requested cities. */
function weatherTool(asked: string[]) {
  return tool({
    description: 'Tells the weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => {
      asked.push(city)
      return `It is 18 degrees in ${city}.`
    },
  })
}
