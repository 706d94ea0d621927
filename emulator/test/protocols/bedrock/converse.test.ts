import type { Message } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { ask, getJson, getMessage, getText } from '../../collecting-receiver.ts'
import { callModel, toError, getMessages, opus41, opus5 } from './calls.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })

describe('Converse', () => {
  test('returns the answer of the Messages API, with the same tokens', async () => {
    const message = await getMessage(emulator, ask('Hello!'))
    const answer = await callModel(emulator, opus41, { operation: 'converse', body: askConverse('Hello!') })
    const { input_tokens: inputTokens, output_tokens: outputTokens } = message.usage

    expect(getJson(answer)).toMatchObject({
      output: { message: { role: 'assistant', content: [{ text: getText(message) }] } },
      stopReason: 'end_turn',
      usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
      metrics: { latencyMs: expect.any(Number) },
    })
    expect(answer.headers).toEqual({
      'content-type': 'application/json',
      'content-length': String(answer.bytes.length),
      'x-amzn-requestid': expect.any(String),
    })
  })

  test('streams the same answer', async () => {
    const whole = getJson(
      await callModel(emulator, opus41, { operation: 'converse', body: askConverse('Hello!') }),
    ) as Whole
    const answer = await callModel(emulator, opus41, {
      operation: 'converse-stream',
      body: askConverse('Hello!'),
    })
    const members = getMessages(answer)
    const texts = members.flatMap(({ payload }) => (payload as Delta).delta?.text ?? [])

    expect(answer.headers['content-type']).toBe('application/vnd.amazon.eventstream')
    expect([...new Set(members.map(({ type }) => type))]).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ])
    expect(texts.join('')).toBe(whole.output.message.content[0]?.text)
    expect(members.at(-1)?.payload).toMatchObject({ usage: whole.usage, p: expect.any(String) })
  })

  test("uses the model's maximum output if no limit is given", async () => {
    const { inferenceConfig: _config, ...endless } = askConverse('Write 300 words about tea')
    const answer = await callModel(emulator, opus41, { operation: 'converse', body: endless })

    expect(getJson(answer)).toMatchObject({ stopReason: 'end_turn' })
  })

  test('calls tools, and uses their results', async () => {
    const toolSpec = {
      name: 'get_weather',
      inputSchema: {
        json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    }
    const toolConfig = { tools: [{ toolSpec }], toolChoice: { any: {} } }
    const body = askConverse('What is the weather in Paris?', { toolConfig })
    const called = getJson(await callModel(emulator, opus41, { operation: 'converse', body })) as Whole
    const use = called.output.message.content.find(({ toolUse }) => toolUse)?.toolUse
    const results = [{ toolResult: { toolUseId: use?.toolUseId, content: [{ text: '22 degrees' }] } }]
    const messages = [...body.messages, called.output.message, { role: 'user', content: results }]
    const next = { ...body, messages, toolConfig: { tools: [{ toolSpec }] } }
    const answered = getJson(await callModel(emulator, opus41, { operation: 'converse', body: next }))

    expect(called.stopReason).toBe('tool_use')
    expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Paris' } })
    expect(answered).toMatchObject({ stopReason: 'end_turn' })
  })

  test('rejects betas that Bedrock does not know', async () => {
    const additionalModelRequestFields = { anthropic_beta: ['x'] }
    const body = askConverse('Hello!', { additionalModelRequestFields })

    expect(toError(await callModel(emulator, opus5, { operation: 'converse', body }))).toEqual([
      400,
      'ValidationException',
      'invalid beta flag',
    ])
  })

  test.each(['', '{', '[]', '{"messages":1}'])('rejects %j with a text of AWS', async (text) => {
    const body = new TextEncoder().encode(text)
    const answer = await callModel(emulator, opus41, { operation: 'converse', body })

    expect(toError(answer)).toEqual([
      400,
      expect.stringMatching(/^(?:Validation|Serialization)Exception$/),
      expect.any(String),
    ])
  })

  test('accepts five documents, and rejects six', async () => {
    const answers = [5, 6].map((count) => {
      const documents = Array.from({ length: count }, (_, at) => ({
        document: { name: `page ${at}`, format: 'txt', source: { bytes: btoa('A text.') } },
      }))
      const body = { messages: [{ role: 'user', content: [{ text: 'Sum up.' }, ...documents] }] }
      return callModel(emulator, opus5, { operation: 'converse', body })
    })
    const [five, six] = await Promise.all(answers)

    expect(five?.status).toBe(200)
    expect(six && toError(six)).toEqual([
      400,
      'ValidationException',
      "You can't include more than 5 documents in a request.",
    ])
  })

  test('rejects options that the model does not support', async () => {
    const body = askConverse('Hello!', { inferenceConfig: { maxTokens: 10, temperature: 0.2 } })
    const answer = await callModel(emulator, opus5, { operation: 'converse-stream', body })

    expect(toError(answer)).toEqual([400, 'ValidationException', expect.stringContaining('temperature')])
  })
})

interface Whole {
  readonly output: {
    readonly message: {
      readonly role: string
      readonly content: readonly {
        readonly text?: string
        readonly toolUse?: { readonly toolUseId: string; readonly input: unknown }
      }[]
    }
  }
  readonly stopReason: Message['stop_reason']
  readonly usage: object
}

interface Delta {
  readonly delta?: { readonly text?: string }
}

function askConverse(text: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    messages: [{ role: 'user', content: [{ text }] } as object],
    inferenceConfig: { maxTokens: 1_000 },
    ...more,
  }
}
