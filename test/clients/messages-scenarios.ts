import type Anthropic from '@anthropic-ai/sdk'
import { APIError, APIUserAbortError, BadRequestError } from '@anthropic-ai/sdk'
import { beforeAll, describe, expect, test } from 'vitest'

import { makePng } from './media.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

/** The interface that Anthropic's platform SDKs share with the one for its own API. */
export interface MessagesClient {
  readonly messages: Pick<Anthropic['messages'], 'create' | 'stream'>
}

/** One of these SDKs, with the gateway as its server. */
export interface Surface {
  readonly title: string
  /** Its protocol in the ledger. */
  readonly protocol: 'messages' | 'bedrock' | 'vertex'
  /** The platform's name for Claude Opus 4.5. */
  readonly model: string
  readonly connect: (target: Target) => MessagesClient
}

/** Behaviour that is the same on every platform with the Messages API. */
export function describeMessages({ title, protocol, model, connect }: Surface): void {
  describe(title, () => {
    let target: Target
    let client: MessagesClient
    const hello = { ...question, model }
    const askWeather = { ...weather, model }

    beforeAll(async () => {
      target = await startTarget('gateway with emulator')
      client = connect(target)
      return () => target.close()
    })

    test('creates a message and streams the same, each with a row in the ledger', async () => {
      const message = await client.messages.create(hello)
      const heard: string[] = []
      const streamed = await client.messages
        .stream(hello)
        .on('text', (piece) => heard.push(piece))
        .finalMessage()

      expect(message).toMatchObject({ stop_reason: 'end_turn', model: 'claude-opus-4-5-20251101' })
      expect(streamed.content).toEqual(message.content)
      expect(streamed.usage).toMatchObject({ output_tokens: message.usage.output_tokens })
      expect(heard.join('')).toBe(getText(message))
      const rows = target.calls()
      expect(rows).toMatchObject([
        { protocol, key_id: 'local', streamed: 1n, outcome: 'answered' },
        { protocol, key_id: 'local', streamed: 0n, outcome: 'answered' },
      ])
      expect(rows[0]?.['cost_nano_usd']).toBe(rows[1]?.['cost_nano_usd'])
    })

    test('calls tools and uses their results', async () => {
      const called = await client.messages.create(askWeather)
      const streamed = await client.messages.stream(askWeather).finalMessage()
      const answered = await client.messages.create(answerTool(askWeather, called, called.content))

      expect([called.stop_reason, streamed.stop_reason]).toEqual(['tool_use', 'tool_use'])
      for (const message of [called, streamed]) expect(createCall(message)?.input).toEqual({ city: 'Lisbon' })
      expect(answered.stop_reason).toBe('end_turn')
      expect(getText(answered)).toContain('18 degrees')
    })

    test('accepts signed thinking unchanged, and rejects forged thinking', async () => {
      const asked = { ...askWeather, max_tokens: 4_000, thinking }
      const created = await client.messages.create(asked)
      const streamed = await client.messages.stream(asked).finalMessage()

      for (const called of [created, streamed]) {
        const [first] = called.content
        expect(first).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/^\S{40,}$/) })
        const answered = await client.messages.create(answerTool(asked, called, called.content))
        expect(answered.stop_reason).toBe('end_turn')
        const forged = called.content.map((block) =>
          block.type === 'thinking' ? { ...block, signature: btoa('somebody else'.repeat(8)) } : block,
        )
        const error = await toFailure(client.messages.create(answerTool(asked, called, forged)))
        expect(error).toBeInstanceOf(BadRequestError)
        expect(String(error)).toMatch(/signature/)
      }
    })

    test.each(['5m', '1h'] as const)('writes and reads a cache of %s', async (ttl) => {
      const text = `These are the rules of house ${ttl}. ${'Always close the door behind you. '.repeat(900)}`
      const system = [{ type: 'text' as const, text, cache_control: { type: 'ephemeral' as const, ttl } }]

      const first = (await client.messages.create({ ...hello, system })).usage
      const second = (await client.messages.stream({ ...hello, system }).finalMessage()).usage

      const written = first.cache_creation_input_tokens ?? 0
      expect(written).toBeGreaterThan(4_096)
      expect(first.cache_creation).toEqual({
        ephemeral_5m_input_tokens: ttl === '5m' ? written : 0,
        ephemeral_1h_input_tokens: ttl === '1h' ? written : 0,
      })
      expect(second).toMatchObject({ cache_read_input_tokens: written, cache_creation_input_tokens: 0 })
    })

    test('accepts an image, and counts it by its size', async () => {
      const [small, large] = await Promise.all(
        [makePng(28, 28), makePng(560, 280)].map((png) => client.messages.create({ ...hello, ...show(png) })),
      )

      // One patch of 28 by 28 pixels is one token.
      expect((large?.usage.input_tokens ?? 0) - (small?.usage.input_tokens ?? 0)).toBe(20 * 10 - 1)
    })

    test("throws errors of the SDK's own classes, and none is billed", async () => {
      const before = target.calls().length
      const invalid = await toFailure(client.messages.create({ ...hello, max_tokens: -1 }))
      const unknown = await toFailure(client.messages.create({ ...hello, model: `${model}-nobodys` }))
      const streamed = await toFailure(client.messages.stream({ ...hello, max_tokens: -1 }).finalMessage())

      expect(invalid).toBeInstanceOf(BadRequestError)
      expect(String(invalid)).toContain('max_tokens')
      // Bedrock reports an invalid identifier, not an unknown one.
      expect(unknown).toMatchObject({ status: protocol === 'bedrock' ? 400 : 404 })
      expect(unknown).toBeInstanceOf(APIError)
      expect(streamed).toBeInstanceOf(BadRequestError)
      const costs = target.calls().slice(0, target.calls().length - before)
      expect(costs.map((call) => call['cost_nano_usd'] ?? null)).toEqual(costs.map(() => null))
    })

    test('releases the upstream when a stream is aborted', async () => {
      const slow = await startTarget('gateway with emulator', { tokensPerSecond: 40 })
      try {
        const stream = connect(slow).messages.stream({ ...hello, messages: story })
        await stream.emitted('text')
        stream.abort()

        await expect(stream.done()).rejects.toBeInstanceOf(APIUserAbortError)
        await expect.poll(() => slow.running(), { timeout: 30_000 }).toBe(0)
        await expect.poll(() => slow.calls().map((call) => call['outcome'])).toEqual(['client_closed'])
      } finally {
        await slow.close()
      }
    })
  })
}

type Message = Anthropic.Message
type Asked = Anthropic.MessageCreateParamsNonStreaming

const question = {
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const story = [{ role: 'user' as const, content: 'Tell me a story of 900 words.' }]

const weather = {
  ...question,
  tools: [
    {
      name: 'get_weather',
      description: 'Tells the weather of a city.',
      input_schema: {
        type: 'object' as const,
        properties: { city: { type: 'string', description: 'Such as Paris' } },
        required: ['city'],
      },
    },
  ],
  messages: [{ role: 'user' as const, content: 'How is the weather in Lisbon?' }],
}

const thinking = { type: 'enabled' as const, budget_tokens: 2_000 }

function show(data: string) {
  const source = { type: 'base64' as const, media_type: 'image/png' as const, data }
  const content = [
    { type: 'image' as const, source },
    { type: 'text' as const, text: 'What is this?' },
  ]
  return { messages: [{ role: 'user' as const, content }] }
}

function createCall(message: Message) {
  return message.content.find((block) => block.type === 'tool_use')
}

export function getText(message: Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

/** The request after a tool call, with a given assistant turn. */
function answerTool<Request extends Asked>(asked: Request, called: Message, content: Message['content']) {
  const result = { type: 'tool_result' as const, tool_use_id: String(createCall(called)?.id) }
  return {
    ...asked,
    messages: [
      ...asked.messages,
      { role: 'assistant' as const, content },
      { role: 'user' as const, content: [{ ...result, content: 'It is 18 degrees and windy.' }] },
    ],
  }
}
