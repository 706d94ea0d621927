import { ChatAnthropic } from '@langchain/anthropic'
import { HumanMessage } from '@langchain/core/messages'
import type { AIMessageChunk } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'

import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

describe.each(['emulator', 'gateway with emulator'] as const)('LangChain, %s', (way) => {
  let target: Target
  let model: ChatAnthropic

  beforeAll(async () => {
    target = await startTarget(way)
    model = createModel(target)
    return () => target.close()
  })

  test('invokes a model', async () => {
    const message = await model.invoke('Why is the sky blue?')

    expect(message.text).toContain('Claude Opus 4.5')
    expect(message.response_metadata).toMatchObject({
      model: 'claude-opus-4-5-20251101',
      stop_reason: 'end_turn',
    })
    expect(computeUsage(message).input_tokens).toBeGreaterThan(0)
    expect(computeUsage(message).output_tokens).toBeGreaterThan(0)
  })

  test('streams the same text, and the usage', async () => {
    const chunks: AIMessageChunk[] = []

    for await (const chunk of await model.stream('Why is the sky blue?')) chunks.push(chunk)

    const plain = await model.invoke('Why is the sky blue?')
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks.map((chunk) => chunk.text).join('')).toBe(plain.text)
    const whole = chunks.reduce((sum, chunk) => sum.concat(chunk))
    // LangChain adds the token of the first event to the total of the last one.
    expect(computeUsage(whole)).toEqual({
      input_tokens: computeUsage(plain).input_tokens,
      output_tokens: computeUsage(plain).output_tokens + 1,
    })
  })

  test('calls a bound tool, and uses its result', async () => {
    const withTool = model.bindTools([weather])
    const question = new HumanMessage('How is the weather in Lisbon?')

    const called = await withTool.invoke([question])
    const [call] = called.tool_calls ?? []
    if (!call) return expect.unreachable('the tool is called')
    const result = await weather.invoke(call)
    const answered = await withTool.invoke([question, called, result])

    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Lisbon' } })
    expect(answered.tool_calls).toEqual([])
    expect(answered.text).toContain('18 degrees')
  })

  test('streams a tool call whose pieces add up', async () => {
    let whole: AIMessageChunk | undefined

    for await (const chunk of await model.bindTools([weather]).stream('How is the weather in Lisbon?')) {
      whole = whole?.concat(chunk) ?? chunk
    }

    expect(whole?.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Lisbon' } }])
  })

  test.each(['functionCalling', 'jsonSchema'] as const)(
    'gives an object by a schema, by %s',
    async (method) => {
      const asked = model.withStructuredOutput(recommendation, { method, name: 'recommend_novel' })

      const object = await asked.invoke('Recommend a novel by Jane Austen, please.')

      expect(recommendation.parse(object)).toEqual(object)
    },
  )

  test('returns thinking, and continues with it', async () => {
    const thinking = createModel(target, { thinking: { type: 'enabled', budget_tokens: 2_000 } })
    const question = new HumanMessage('Why is the sky blue?')

    const first = await thinking.invoke([question])
    const second = await thinking.invoke([question, first, new HumanMessage('And at dusk?')])

    expect(first.content).toMatchObject([
      { type: 'thinking', signature: expect.any(String) },
      { type: 'text' },
    ])
    expect(second.text).toMatch(/\w/)
  })

  test('throws errors with their status', async () => {
    const wrongKey = await toFailure(createModel({ ...target, key: 'sk-ant-wrong' }).invoke('Hello?'))
    const noModel = await toFailure(createModel(target, { model: 'claude-opus-41' }).invoke('Hello?'))

    expect(wrongKey).toMatchObject({ status: 401 })
    expect(noModel).toMatchObject({ status: 404, message: expect.stringContaining('model: claude-opus-41') })
  })
})

const recommendation = z.object({
  title: z.string(),
  year: z.int(),
  genre: z.enum(['comedy', 'romance', 'satire']),
})

const weather = tool(({ city }) => `It is 18 degrees in ${city}.`, {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  schema: z.object({ city: z.string() }),
})

/** LangChain's types omit this member. */
function computeUsage(message: object): { input_tokens: number; output_tokens: number } {
  const { usage_metadata: usage } = message as { usage_metadata: Record<string, number> }
  return { input_tokens: Number(usage['input_tokens']), output_tokens: Number(usage['output_tokens']) }
}

type Fields = ConstructorParameters<typeof ChatAnthropic>[0]

function createModel({ baseUrl, key }: { baseUrl: string; key: string }, fields: Fields = {}): ChatAnthropic {
  return new ChatAnthropic({
    model: 'claude-opus-4-5',
    maxTokens: 4_096,
    anthropicApiUrl: baseUrl,
    apiKey: key,
    maxRetries: 0,
    ...fields,
  })
}
