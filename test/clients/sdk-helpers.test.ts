import { BadRequestError, RateLimitError } from '@anthropic-ai/sdk'
import type { Anthropic } from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'

import { startPlatform, startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { createNewestClient, toFailure } from './sdks.ts'

// Features of the newest SDK only.
describe.each(['emulator', 'gateway with emulator'] as const)('the helpers of SDK 1.14.0, %s', (way) => {
  let target: Target
  let client: Anthropic

  beforeAll(async () => {
    target = await startTarget(way)
    client = createNewestClient(target)
    return () => target.close()
  })

  test('parse a response by a schema, plain and streamed', async () => {
    const asked = {
      ...hello,
      messages: [{ role: 'user' as const, content: 'Recommend a novel by Jane Austen, please.' }],
      output_config: { format: zodOutputFormat(recommendation) },
    }

    const plain = await client.messages.parse(asked)
    const streamed = await client.messages.stream(asked).finalMessage()
    // It sends a beta of its own.
    const beta = await client.beta.messages.parse(asked)

    expect(recommendation.parse(plain.parsed_output)).toEqual(plain.parsed_output)
    expect(streamed.parsed_output).toEqual(plain.parsed_output)
    expect(beta.parsed_output).toEqual(plain.parsed_output)
    expect(plain.stop_reason).toBe('end_turn')
  })

  test('parse a response by a schema with bounds, which the API accepts only as descriptions', async () => {
    const review = z.object({
      stars: z.int().min(1).max(5),
      summary: z.string().min(20).max(60),
      tags: z.array(z.string().min(1)).min(2).max(3),
    })

    const message = await client.messages.parse({
      ...hello,
      messages: [{ role: 'user', content: 'Review this: the soup was cold, the waiter was kind.' }],
      output_config: { format: zodOutputFormat(review) },
    })

    expect(review.parse(message.parsed_output)).toEqual(message.parsed_output)
  })

  test('run tools until there is an answer', async () => {
    const asked: string[] = []

    const message = await client.beta.messages.toolRunner({
      ...hello,
      messages: [{ role: 'user', content: 'How is the weather in Lisbon and in Oslo?' }],
      tools: [weatherTool(asked)],
    })

    expect(asked.toSorted()).toEqual(['Lisbon', 'Oslo'])
    expect(message.stop_reason).toBe('end_turn')
    expect(getText(message)).toContain('18 degrees')
  })

  test('run tools over streams, and yield each of them', async () => {
    const asked: string[] = []
    const stopReasons: unknown[] = []

    const runner = client.beta.messages.toolRunner({
      ...hello,
      messages: [{ role: 'user', content: 'How is the weather in Lisbon?' }],
      tools: [weatherTool(asked)],
      stream: true,
    })
    for await (const stream of runner) stopReasons.push((await stream.finalMessage()).stop_reason)

    expect(asked).toEqual(['Lisbon'])
    expect(stopReasons).toEqual(['tool_use', 'end_turn'])
  })

  test('return a summary of the thinking, and count it', async () => {
    const asked = { ...hello, thinking: { type: 'adaptive' as const, display: 'summarized' as const } }

    const message = await client.messages.create(asked)
    const silent = await client.messages.create({
      ...asked,
      thinking: { type: 'adaptive', display: 'omitted' },
    })

    expect(message.content).toEqual([
      {
        type: 'thinking',
        thinking: expect.stringMatching(/\w/),
        signature: expect.stringMatching(/^\S{40,}$/),
      },
      { type: 'text', text: expect.any(String) },
    ])
    expect(silent.content[0]).toMatchObject({ type: 'thinking', thinking: '' })
    const thought = message.usage.output_tokens_details?.thinking_tokens
    expect(thought).toBeGreaterThan(0)
    expect(message.usage.output_tokens).toBeGreaterThan(Number(thought))
  })

  test('give errors with their type, text and request id', async () => {
    const error = await toFailure(client.messages.create({ ...hello, messages: [] }))

    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      status: 400,
      type: 'invalid_request_error',
      apiMessage: 'messages: at least one message is required',
      requestID: expect.stringMatching(/^req_/),
    })
  })

  test('cannot force a tool choice on a model that rejects it', async () => {
    const error = await toFailure(
      client.messages.create({
        ...hello,
        tools: [{ name: 'get_weather', input_schema: { type: 'object' } }],
        tool_choice: { type: 'any' },
      }),
    )

    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({
      apiMessage: 'tool_choice: type "tool" and "any" are not supported for this model.',
    })
  })

  test('mark the last block for the cache automatically', async () => {
    const asked = {
      ...hello,
      system: 'Always close the door behind you. '.repeat(100),
      cache_control: { type: 'ephemeral' as const },
    }

    const first = (await client.messages.create(asked)).usage
    const second = (await client.messages.create(asked)).usage

    expect(first.cache_creation_input_tokens).toBeGreaterThan(512)
    expect(second).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: first.cache_creation_input_tokens,
    })
  })
})

test.each(['invoke', 'vertex', 'foundry'] as const)(
  'tools run through a gateway before %s, which has no message threads',
  async (cloud) => {
    const target = await startPlatform(cloud)
    onTestFinished(() => target.close())
    const asked: string[] = []

    const message = await createNewestClient(target).beta.messages.toolRunner({
      ...hello,
      messages: [{ role: 'user', content: 'How is the weather in Lisbon?' }],
      tools: [weatherTool(asked)],
    })

    expect(asked).toEqual(['Lisbon'])
    expect(getText(message)).toContain('18 degrees')
  },
)

test('a request above the rate limit is a RateLimitError with retry-after', async () => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 10_000, outputTokensPerMinute: 10_000 }
  const target = await startTarget('emulator', { capacity: { limits }, now: () => noonMs })
  onTestFinished(() => target.close())
  const client = createNewestClient(target)

  const { response } = await client.messages.create(hello).withResponse()
  const error = await toFailure(client.messages.create(hello))

  expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0')
  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ status: 429, type: 'rate_limit_error' })
  const { headers } = error as { headers: Headers } // Every APIError with a status has them.
  expect(Number(headers.get('retry-after'))).toBe(60)
})

test('a cached prompt expires after five minutes without a hit', async () => {
  let nowMs = noonMs
  const target = await startTarget('emulator', { now: () => nowMs })
  onTestFinished(() => target.close())
  const client = createNewestClient(target)
  const asked = {
    ...hello,
    system: 'Always close the door behind you. '.repeat(100),
    cache_control: { type: 'ephemeral' as const },
  }
  const readAfter = async (minutes: number) => {
    nowMs += minutes * 60_000
    return Number((await client.messages.create(asked)).usage.cache_read_input_tokens) > 0
  }

  const isRead = [await readAfter(0), await readAfter(4), await readAfter(4), await readAfter(6)]

  expect(isRead).toEqual([false, true, true, false])
})

const noonMs = Date.parse('2026-11-22T12:00:00Z')

const hello = {
  model: 'claude-opus-5-5',
  max_tokens: 4_000,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const recommendation = z.object({
  title: z.string(),
  year: z.int(),
  genre: z.enum(['comedy', 'romance', 'satire']),
  characters: z.array(z.object({ name: z.string(), isNarrator: z.boolean() })),
})

/** Records the requested cities. */
function weatherTool(asked: string[]) {
  return betaZodTool({
    name: 'get_weather',
    description: 'Tells the weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    run: ({ city }) => {
      asked.push(city)
      return `It is 18 degrees in ${city}.`
    },
  })
}

function getText(message: { content: readonly { type: string; text?: string }[] }): string {
  return message.content.map(({ text = '' }) => text).join('')
}
