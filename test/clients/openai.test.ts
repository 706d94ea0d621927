import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { beforeAll, describe, expect, test } from 'vitest'

import { makePdf, makePng } from './media.ts'
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

  test('continues a conversation that another model began', async () => {
    const call = (id: string, city: string) => ({
      id,
      type: 'function' as const,
      function: { name: 'get_weather', arguments: JSON.stringify({ city }) },
    })

    const { data, response } = await client.chat.completions
      .create({
        ...hello,
        messages: [
          { role: 'developer', content: 'Answer briefly.' },
          weatherQuestion,
          {
            role: 'assistant',
            content: '',
            tool_calls: [call('functions.w:0', 'Lisbon'), call('functions.w:1', 'Porto')],
          },
          { role: 'tool', tool_call_id: 'functions.w:1', content: 'It is 17 degrees.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: '' },
              { type: 'text', text: 'In Celsius, please.' },
            ],
          },
          { role: 'tool', tool_call_id: 'functions.w:0', content: 'It is 18 degrees and windy.' },
          { role: 'assistant', content: [{ type: 'refusal', refusal: 'I cannot say.' }] },
          {
            role: 'user',
            content: [
              { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
              { type: 'text', text: 'Why?' },
            ],
          },
        ],
        tools: [weatherTool],
      })
      .withResponse()

    expect(data.choices[0]?.finish_reason).toBe('stop')
    expect(response.headers.get('x-anthology-notice')).toContain('input_audio parts of user messages')
  })

  test('reads a PDF, a text and an image from data URLs', async () => {
    const text = Buffer.from('The code word is tangerine.').toString('base64')
    const pdf = makePdf(['Invoice']).toString('base64')

    const completion = await client.chat.completions.create({
      ...hello,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'image_url',
              image_url: { url: `data:IMAGE/PNG;base64,${makePng(200, 200)}`, detail: 'low' },
            },
            { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
            { type: 'file', file: { filename: 'note.txt', file_data: `data:text/plain;base64,${text}` } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    })

    expect(completion.usage?.prompt_tokens).toBeGreaterThan(20)
  })

  test('answers in the JSON of a schema, with bounds that the model cannot enforce', async () => {
    const completion = await client.chat.completions.parse({
      model: 'claude-opus-5-5',
      max_completion_tokens: 4_096,
      reasoning_effort: 'low',
      temperature: 0,
      messages: [{ role: 'user', content: 'How many people live in Lisbon?' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'city',
          strict: true,
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, people: { type: 'integer', minimum: 0 } },
            required: ['name', 'people'],
            additionalProperties: false,
          },
        },
      },
    })

    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual({
      name: expect.any(String),
      people: expect.any(Number),
    })
  })

  test('reads what a cached prompt saved', async () => {
    const long = {
      type: 'text' as const,
      text: `${way}. ${'Tea and cake. '.repeat(2_000)}`,
      cache_control: { type: 'ephemeral' },
    }
    const cached = { ...hello, messages: [{ role: 'user' as const, content: [long] }] }

    const first = await client.chat.completions.create(cached)
    const second = await client.chat.completions.create(cached)

    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0)
    expect(second.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1_000)
    expect(second.usage?.prompt_tokens).toBe(first.usage?.prompt_tokens)
  })

  test('works with a base URL without /v1', async () => {
    const short = new OpenAI({ baseURL: target.baseUrl, apiKey: target.key, maxRetries: 0 })

    expect((await short.chat.completions.create(hello)).choices).toHaveLength(1)
    expect((await short.models.retrieve('claude-opus-5-5')).id).toBe('claude-opus-5-5')
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
    const custom = await toFailure(
      client.chat.completions.create({ ...hello, tools: [{ type: 'custom', custom: { name: 'f' } }] }),
    )

    expect(wrongKey).toBeInstanceOf(AuthenticationError)
    expect(unknown).toBeInstanceOf(NotFoundError)
    expect(unknown).toMatchObject({ error: { message: expect.stringContaining('claude-opus-41') } })
    expect(several).toBeInstanceOf(BadRequestError)
    expect(custom).toBeInstanceOf(BadRequestError)
    expect(custom).toMatchObject({ error: { message: expect.stringContaining("type 'custom'") } })
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
