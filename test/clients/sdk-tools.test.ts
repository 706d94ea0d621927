import { beforeAll, describe, expect, test } from 'vitest'

import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { createClient, toFailure, sdks, getWireError } from './sdks.ts'

const combinations = sdks.flatMap((sdk) =>
  (['emulator', 'gateway with emulator'] as const).map((way) => ({ sdk, way, title: `${sdk.name}, ${way}` })),
)

describe.each(combinations)('$title', ({ sdk, way }) => {
  let target: Target
  let client: Client

  beforeAll(async () => {
    target = await startTarget(way)
    client = createClient(sdk, target)
    return () => target.close()
  })

  describe('tools', () => {
    test('are called with input from the question, and their results are used', async () => {
      const called = await client.messages.create(askWeather)
      const [call] = listCalls(called)
      const answered = await client.messages.create({
        ...askWeather,
        messages: [
          ...askWeather.messages,
          { role: 'assistant', content: called.content },
          { role: 'user', content: [{ ...resultFor(call), content: 'It is 18 degrees and windy.' }] },
        ],
      })

      expect(called.stop_reason).toBe('tool_use')
      expect(call).toMatchObject({
        id: expect.stringMatching(/^toolu_/),
        name: 'get_weather',
        input: { city: 'Lisbon' },
      })
      expect(answered.stop_reason).toBe('end_turn')
      expect(listCalls(answered)).toEqual([])
      expect(getText(answered)).toContain('18 degrees')
    })

    test('are streamed as pieces of JSON that join to the input', async () => {
      const pieces: string[] = []
      const snapshots: unknown[] = []

      const stream = client.messages.stream(askWeather).on('inputJson', (piece, snapshot) => {
        pieces.push(piece)
        snapshots.push(snapshot)
      })
      const [call] = listCalls(await stream.finalMessage())

      expect(JSON.parse(pieces.join(''))).toEqual(call?.input)
      expect(snapshots.at(-1)).toEqual(call?.input)
      expect(call?.input).toEqual(listCalls(await client.messages.create(askWeather))[0]?.input)
    })

    test('are called in parallel, unless that is disabled', async () => {
      const messages = [{ role: 'user' as const, content: 'How is the weather in Lisbon and in Oslo?' }]

      const parallel = await client.messages.create({ ...askWeather, messages })
      const single = await client.messages.create({
        ...askWeather,
        messages,
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      })

      const cities = listCalls(parallel).map((call) => call.input)
      expect(cities).toEqual([
        expect.objectContaining({ city: 'Lisbon' }),
        expect.objectContaining({ city: 'Oslo' }),
      ])
      expect(listCalls(single)).toHaveLength(1)
    })

    test('are called or not called as tool_choice requires', async () => {
      const messages = [{ role: 'user' as const, content: 'Good morning.' }]

      const any = await client.messages.create({ ...askWeather, messages, tool_choice: { type: 'any' } })
      const named = await client.messages.create({
        ...askWeather,
        messages,
        tool_choice: { type: 'tool', name: 'get_weather' },
      })
      const none = await client.messages.create({ ...askWeather, tool_choice: { type: 'none' } })

      for (const message of [any, named]) {
        expect(message.stop_reason).toBe('tool_use')
        expect(listCalls(message)).toMatchObject([
          { name: 'get_weather', input: { city: expect.any(String) } },
        ])
      }
      expect(none.stop_reason).toBe('end_turn')
      expect(listCalls(none)).toEqual([])
    })

    test('must be answered', async () => {
      const called = await client.messages.create(askWeather)

      const error = await toFailure(
        client.messages.create({
          ...askWeather,
          messages: [
            ...askWeather.messages,
            { role: 'assistant', content: called.content },
            { role: 'user', content: 'Well?' },
          ],
        }),
      )

      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error).message).toBe(
        `messages.1: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${listCalls(called)[0]?.id}. ` +
          'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
      )
    })
  })

  describe('thinking', () => {
    test('comes first, is counted, and stays within its budget', async () => {
      const message = await client.messages.create(think)

      const [thinking, ...rest] = message.content
      expect(thinking).toMatchObject({
        type: 'thinking',
        thinking: expect.stringMatching(/\w/),
        signature: expect.stringMatching(/^[A-Za-z0-9+/]{40,}={0,2}$/),
      })
      expect(rest).toMatchObject([{ type: 'text' }])
      const { output_tokens: without } = (await client.messages.create({ ...think, thinking: off })).usage
      expect(message.usage.output_tokens).toBeGreaterThan(without)
    })

    test('is streamed, with its signature at the end', async () => {
      const heard: string[] = []

      const stream = client.messages.stream(think)
      stream.on('thinking', (piece) => heard.push(piece))
      stream.on('signature', (signature) => heard.push(`signature ${signature}`))
      const message = await stream.finalMessage()

      const [thinking] = message.content
      if (thinking?.type !== 'thinking') return expect.unreachable('the first block is thinking')
      expect(heard.slice(0, -1).join('')).toBe(thinking.thinking)
      expect(heard.at(-1)).toBe(`signature ${thinking.signature}`)
      const plain = await client.messages.create(think)
      expect(message.content).toEqual(plain.content)
    })

    test('passes through a tool loop unchanged, and is rejected if altered or omitted', async () => {
      const called = await client.messages.create(thinkWithTool)
      const goOn = (content: Content) => client.messages.create(answerTool(called, content))

      const answered = await goOn(called.content)
      const altered = await toFailure(goOn(called.content.map(alterThinking)))
      const forged = await toFailure(goOn(called.content.map(forgeSignature)))
      const missing = await toFailure(goOn(called.content.filter(({ type }) => type !== 'thinking')))

      expect(called.content.at(0)?.type).toBe('thinking')
      expect(called.stop_reason).toBe('tool_use')
      expect(answered.stop_reason).toBe('end_turn')
      for (const error of [altered, forged, missing]) {
        expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      }
      expect(getWireError(altered).message).toMatch(
        /`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified/,
      )
      expect(getWireError(forged).message).toMatch(/signature/)
      expect(getWireError(missing).message).toMatch(
        /^messages\.1\.content\.0\.type: Expected `thinking` or `redacted_thinking`, but found `(?:text|tool_use)`\. When `thinking` is enabled, a final `assistant` message must start with a thinking block/,
      )
    })

    test('is returned after tool results with a beta', async () => {
      const betas = ['interleaved-thinking-2025-05-14']
      const called = await client.messages.create(thinkWithTool)
      const next = answerTool(called, called.content)

      const interleaved = await client.beta.messages.create({ ...next, betas })
      const plain = await client.beta.messages.create(next)

      expect(interleaved.content.map(({ type }) => type)).toEqual(['thinking', 'text'])
      expect(plain.content.map(({ type }) => type)).toEqual(['text'])
    })

    test('is redacted for the test string, and accepted again', async () => {
      const asked = {
        ...think,
        model: 'claude-3-7-sonnet-latest',
        messages: [{ role: 'user' as const, content: redactedTestString }],
      }

      const message = await client.messages.create(asked)
      const next = await client.messages.create({
        ...asked,
        messages: [
          ...asked.messages,
          { role: 'assistant', content: message.content },
          { role: 'user', content: 'Go on.' },
        ],
      })

      expect(message.content[0]).toEqual({
        type: 'redacted_thinking',
        data: expect.stringMatching(/^\S{40,}$/),
      })
      expect(next.stop_reason).toBe('end_turn')
    })

    test('has a budget of at least 1,024 tokens and below max_tokens', async () => {
      const budgets = [1_023, think.max_tokens]

      const errors = await Promise.all(
        budgets.map((budget) =>
          toFailure(
            client.messages.create({ ...think, thinking: { type: 'enabled', budget_tokens: budget } }),
          ),
        ),
      )

      expect(errors.map((error) => getWireError(error).message)).toEqual([
        'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
        expect.stringMatching(/^`max_tokens` must be greater than `thinking\.budget_tokens`\./),
      ])
    })
  })
})

const hello = {
  model: 'claude-opus-4-5',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const askWeather = {
  ...hello,
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

const off = { type: 'disabled' as const }
const think = {
  ...hello,
  max_tokens: 4_000,
  thinking: { type: 'enabled' as const, budget_tokens: 2_000 },
}
const thinkWithTool = { ...askWeather, max_tokens: think.max_tokens, thinking: think.thinking }

/** Published for tests on the page "Extended thinking". */
const redactedTestString =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'

type Client = ReturnType<typeof createClient>
type Message = Awaited<ReturnType<ReturnType<Client['messages']['stream']>['finalMessage']>>
type Content = Message['content']
type Block = Content[number]
type ToolCall = Extract<Block, { type: 'tool_use' }>

function listCalls(message: Message): readonly ToolCall[] {
  return message.content.filter((block) => block.type === 'tool_use')
}

function getText(message: Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

function resultFor(call: ToolCall | undefined) {
  return { type: 'tool_result' as const, tool_use_id: String(call?.id) }
}

/** The request after a tool call, with a given assistant turn. */
function answerTool(called: Message, content: Content) {
  return {
    ...thinkWithTool,
    messages: [
      ...thinkWithTool.messages,
      { role: 'assistant' as const, content },
      {
        role: 'user' as const,
        content: [{ ...resultFor(listCalls(called)[0]), content: 'It is 18 degrees and windy.' }],
      },
    ],
  }
}

function alterThinking(block: Block): Block {
  return block.type === 'thinking' ? { ...block, thinking: `${block.thinking} Or not.` } : block
}

function forgeSignature(block: Block): Block {
  return block.type === 'thinking'
    ? { ...block, signature: btoa('somebody else has signed this'.repeat(4)) }
    : block
}
