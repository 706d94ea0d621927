import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { beforeAll, describe, expect, test } from 'vitest'

import { startTarget, ways } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

describe.each(ways)('the OpenAI SDK, %s', (way) => {
  let target: Target
  let client: OpenAI

  beforeAll(async () => {
    target = await startTarget(way)
    client = createClient(target.key)
    return () => target.close()
  })

  test('completes a chat', async () => {
    const completion = await client.chat.completions.create(hello)

    const usage = completion.usage
    expect(completion).toMatchObject({
      object: 'chat.completion',
      model: 'claude-opus-4-5-20251101',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: expect.stringContaining('Claude Opus 4.5') },
        },
      ],
    })
    expect(usage?.prompt_tokens).toBeGreaterThan(0)
    expect(usage?.total_tokens).toBe(Number(usage?.prompt_tokens) + Number(usage?.completion_tokens))
  })

  test('streams the same chat, with usage if requested', async () => {
    const chunks: OpenAI.ChatCompletionChunk[] = []

    const stream = await client.chat.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    })
    for await (const chunk of stream) chunks.push(chunk)

    const plain = await client.chat.completions.create(hello)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(text).toBe(plain.choices[0]?.message.content)
    const reasons = chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)
    expect(reasons).toEqual(['stop'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: plain.usage?.total_tokens } })
  })

  test('stops at max_tokens', async () => {
    const completion = await client.chat.completions.create({ ...hello, max_completion_tokens: 5 })

    expect(completion.choices[0]?.finish_reason).toBe('length')
    expect(completion.usage?.completion_tokens).toBe(5)
  })

  test('calls functions, and uses their results', async () => {
    const asked = { ...hello, messages: [weatherQuestion], tools: [weatherTool] }

    const called = await client.chat.completions.create(asked)
    const message = called.choices[0]?.message
    const [call] = message?.tool_calls ?? []
    if (call?.type !== 'function' || !message) return expect.unreachable('the function is called')
    const answered = await client.chat.completions.create({
      ...asked,
      messages: [
        weatherQuestion,
        message,
        { role: 'tool', tool_call_id: call.id, content: 'It is 18 degrees and windy.' },
      ],
    })

    expect(called.choices[0]?.finish_reason).toBe('tool_calls')
    expect(call.function.name).toBe('get_weather')
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Lisbon' })
    expect(answered.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: expect.stringContaining('18 degrees') },
    })
  })

  test('streams a function call whose arguments join to JSON', async () => {
    const final = await client.chat.completions
      .stream({ ...hello, messages: [weatherQuestion], tools: [weatherTool] })
      .finalChatCompletion()

    const [call] = final.choices[0]?.message.tool_calls ?? []
    if (call?.type !== 'function') return expect.unreachable('the function is called')
    expect(final.choices[0]?.finish_reason).toBe('tool_calls')
    expect(JSON.parse(call.function.arguments)).toEqual({ city: 'Lisbon' })
  })

  test('runs tools until there is an answer', async () => {
    const asked: unknown[] = []

    const runner = client.chat.completions.runTools({
      ...hello,
      messages: [weatherQuestion],
      tools: [
        {
          type: 'function',
          function: {
            ...weatherTool.function,
            parse: JSON.parse,
            function: (input: unknown) => {
              asked.push(input)
              return 'It is 18 degrees and windy.'
            },
          },
        },
      ],
    })

    expect(await runner.finalContent()).toContain('18 degrees')
    expect(asked).toEqual([{ city: 'Lisbon' }])
  })

  test('lists the models and finds one', async () => {
    const ids: string[] = []

    for await (const model of client.models.list()) ids.push(model.id)

    expect(ids).toEqual(expect.arrayContaining(['claude-opus-5-5', 'claude-opus-4-5-20251101']))
    expect(await client.models.retrieve('claude-opus-5-5')).toMatchObject({
      id: 'claude-opus-5-5',
      object: 'model',
    })
  })

  test('throws errors of its own classes', async () => {
    const wrongKey = await toFailure(createClient('sk-ant-wrong').chat.completions.create(hello))
    const unknown = await toFailure(client.chat.completions.create({ ...hello, model: 'claude-opus-41' }))
    const several = await toFailure(client.chat.completions.create({ ...hello, n: 2 }))

    expect(wrongKey).toBeInstanceOf(AuthenticationError)
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(unknown).toMatchObject({ error: { message: expect.stringContaining('claude-opus-41') } })
    expect(several).toBeInstanceOf(BadRequestError)
  })

  function createClient(apiKey: string): OpenAI {
    return new OpenAI({ baseURL: `${target.baseUrl}/v1/`, apiKey, maxRetries: 0 })
  }
})

const hello = {
  model: 'claude-opus-4-5',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const weatherQuestion = { role: 'user' as const, content: 'How is the weather in Lisbon?' }

const weatherTool = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}
