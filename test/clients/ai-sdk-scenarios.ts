import { APICallError, generateText, isStepCount, streamText, tool } from 'ai'
import type { LanguageModel } from 'ai'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'

import { makePng } from './media.ts'
import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { toFailure } from './sdks.ts'

/** A provider of Vercel's AI SDK that calls the gateway. */
export interface Provider {
  readonly title: string
  /** Its protocol in the ledger. */
  readonly protocol: 'bedrock' | 'vertex'
  /** The platform's name for Claude Opus 4.5. */
  readonly model: string
  readonly connect: (target: Target) => (model: string) => LanguageModel
  /** The key of its provider options. */
  readonly thinking: NonNullable<Parameters<typeof generateText>[0]['providerOptions']>
}

/** Each platform's error for an unknown model. */
const unknownModel = {
  bedrock: { statusCode: 400, says: 'The provided model identifier is invalid.' },
  vertex: { statusCode: 404, says: 'was not found or your project does not have access to it.' },
}

/** Behaviour of the AI SDK with every provider. */
export function describeProvider({ title, protocol, model: name, connect, thinking }: Provider): void {
  describe(title, () => {
    let target: Target
    let model: LanguageModel

    beforeAll(async () => {
      target = await startTarget('gateway with emulator')
      model = connect(target)(name)
      return () => target.close()
    })

    test('generates text and streams the same', async () => {
      const plain = await generateText({ model, prompt: question, maxRetries: 0 })
      const streamed = streamText({ model, prompt: question, maxRetries: 0 })
      const heard: string[] = []
      for await (const piece of streamed.textStream) heard.push(piece)

      expect([plain.finishReason, await streamed.finishReason]).toEqual(['stop', 'stop'])
      expect(heard.length).toBeGreaterThan(1)
      expect(heard.join('')).toBe(plain.text)
      expect((await streamed.usage).outputTokens).toBe(plain.usage.outputTokens)
      expect(target.calls()).toMatchObject([
        { protocol, key_id: 'local', streamed: 1n, outcome: 'answered' },
        { protocol, key_id: 'local', streamed: 0n, outcome: 'answered' },
      ])
    })

    test('runs tools in several steps, and returns signed thinking', async () => {
      const asked: string[] = []
      const get_weather = tool({
        description: 'Tells the weather of a city.',
        inputSchema: z.object({ city: z.string().describe('Such as Paris') }),
        execute: ({ city }) => {
          asked.push(city)
          return 'It is 18 degrees and windy.'
        },
      })

      const result = await generateText({
        model,
        prompt: 'How is the weather in Lisbon?',
        tools: { get_weather },
        stopWhen: isStepCount(5),
        maxRetries: 0,
        providerOptions: thinking,
      })

      expect(asked).toEqual(['Lisbon'])
      expect(result.steps.map((step) => step.finishReason)).toEqual(['tool-calls', 'stop'])
      expect(result.steps[0]?.reasoningText).toMatch(/\w/)
      expect(result.text).toContain('18 degrees')
    })

    test('sends an image', async () => {
      const image = { type: 'file' as const, data: makePng(560, 280), mediaType: 'image/png' }
      const content = [image, { type: 'text' as const, text: 'What is this?' }]

      const { usage, finishReason } = await generateText({
        model,
        messages: [{ role: 'user', content }],
        maxRetries: 0,
      })

      expect(finishReason).toBe('stop')
      expect(usage.inputTokens).toBeGreaterThan(20 * 10)
    })

    test('throws an error of its own class', async () => {
      const unknown = connect(target)(`${name}-nobodys`)

      const error = await toFailure(generateText({ model: unknown, prompt: question, maxRetries: 0 }))

      // Each provider may have its own copy of the class.
      expect(APICallError.isInstance(error)).toBe(true)
      const { statusCode, says } = unknownModel[protocol]
      const responseBody = expect.stringContaining(says)
      expect(error).toMatchObject({ statusCode, isRetryable: false, responseBody })
    })

    test('releases the upstream when it aborts', async () => {
      const slow = await startTarget('gateway with emulator', { tokensPerSecond: 40 })
      try {
        const controller = new AbortController()
        const { textStream } = streamText({
          model: connect(slow)(name),
          prompt: 'Tell me a story of 900 words.',
          abortSignal: controller.signal,
          maxRetries: 0,
        })
        for await (const _ of textStream) break
        controller.abort()

        await expect.poll(() => slow.running(), { timeout: 30_000 }).toBe(0)
        await expect.poll(() => slow.calls().map((call) => call['outcome'])).toEqual(['client_closed'])
      } finally {
        await slow.close()
      }
    })
  })
}

const question = 'Why is the sky blue?'
