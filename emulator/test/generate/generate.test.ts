import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getEvents, getJson, getMessage, getText } from '../collecting-receiver.ts'

const then = createEmulator({ asOf: '2025-08-15' })
const today = createEmulator({ asOf: '2026-11-22' })
const trigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAEFB6177B4672DEE07F9D3AFC62588CCD2631EDCF22E8CCC1FB35B501C9C86'

describe('the test string for refusals', () => {
  test('is refused by Claude 4, without any text', async () => {
    const message = await getMessage(then, ask(`Hello ${trigger}`))

    expect(message).toMatchObject({ content: [], stop_reason: 'refusal', stop_sequence: null })
    expect(message.usage.output_tokens).toBe(1)
    expect(message).not.toHaveProperty('stop_details')
  })

  test('is explained by a model of 2026, in the stream too', async () => {
    const body = ask(trigger, { model: 'claude-opus-5-5' })
    const details = { type: 'refusal', category: null, explanation: null }

    expect(await getMessage(today, body)).toMatchObject({ stop_reason: 'refusal', stop_details: details })
    expect((await getEvents(today, body)).at(-2)).toMatchObject({
      delta: { stop_reason: 'refusal', stop_details: details },
    })
    expect(await getMessage(today, ask('Hi', { model: 'claude-opus-5-5' }))).toMatchObject({
      stop_details: null,
    })
  })

  test.each(['claude-3-7-sonnet-20250219', 'claude-3-haiku-20240307'])('is answered by %s', async (model) => {
    expect((await getMessage(then, ask(trigger, { model }))).stop_reason).toBe('end_turn')
  })

  test('is refused as long as the conversation contains it', async () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: trigger }] },
      { role: 'assistant', content: 'No.' },
      { role: 'user', content: 'And now?' },
    ]

    expect((await getMessage(then, ask('', { messages }))).stop_reason).toBe('refusal')
  })
})

describe('a structured output', () => {
  const schema = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      email: { type: 'string', format: 'email' },
      plan: { enum: ['basic', 'pro'] },
    },
    required: ['name', 'email', 'plan'],
    additionalProperties: false,
  }
  const question = 'Ada Lovelace (ada@example.org) wants the pro plan.'

  test('is JSON that matches its schema, with values from the question', async () => {
    const body = ask(question, {
      model: 'claude-sonnet-5',
      output_config: { format: { type: 'json_schema', schema } },
    })
    const message = await getMessage(today, { ...body, thinking: { type: 'disabled' } })

    expect(JSON.parse(getText(message))).toEqual({
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      plan: 'pro',
    })
    expect(message.stop_reason).toBe('end_turn')
  })

  test.each([
    // AI SDK, for tools beside an output on Bedrock.
    [
      (text: string) =>
        `JSON schema:\n${text}\nYou MUST answer with only a JSON object that matches the JSON schema above.`,
    ],
    // Pydantic AI.
    [
      (text: string) =>
        `Always respond with a JSON object that's compatible with this schema:\n\n${text}\n\nDon't include any text or Markdown fencing before or after.`,
    ],
    // LangChain.
    [
      (text: string) =>
        `The output should be formatted as a JSON instance that conforms to the JSON schema below.\n\nAs an example, for the schema {"properties": {"foo": {"type": "string"}}} the object {"foo": "bar"} is well-formatted.\n\nHere is the output schema:\n\`\`\`\n${text}\n\`\`\``,
    ],
  ])('is requested by instructions, %s', async (write) => {
    const system = await getMessage(today, ask(question, { system: write(JSON.stringify(schema)) }))
    const user = await getMessage(today, ask(`${question}\n${write(JSON.stringify(schema, null, 2))}`))

    expect(JSON.parse(getText(system))).toMatchObject({ name: 'Ada Lovelace', email: 'ada@example.org' })
    expect(JSON.parse(getText(user))).toMatchObject({ email: 'ada@example.org', plan: expect.any(String) })
  })

  test('is not what a prompt only mentions', async () => {
    const about = `Our JSON schema is ${JSON.stringify(schema)}. It has three properties.`
    const message = await getMessage(today, ask('Hello', { system: about }))

    expect(getText(message)).not.toMatch(/^\{/)
  })

  test('is the same in the beta', async () => {
    const body = ask(question, { model: 'claude-sonnet-4-5', output_format: { type: 'json_schema', schema } })
    const headers = { 'anthropic-beta': 'structured-outputs-2025-11-13' }
    const message = getJson(await collect(createEmulator({ asOf: '2025-12-01' }), { body, headers }))

    expect(message).toMatchObject({
      content: [{ type: 'text', text: expect.stringMatching(/^\{"name":"Ada Lovelace"/) }],
    })
  })

  test('can be truncated by max_tokens', async () => {
    const output_config = { format: { type: 'json_schema', schema } }
    const message = await getMessage(
      today,
      ask(question, { model: 'claude-sonnet-4-5', output_config, max_tokens: 5 }),
    )

    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 5 } })
  })
})

test('max_tokens 0 warms the cache and returns no content', async () => {
  const message = await getMessage(today, ask('Hi', { model: 'claude-opus-4-6', max_tokens: 0 }))

  expect(message).toMatchObject({ content: [], stop_reason: 'max_tokens', usage: { output_tokens: 0 } })
})

test('a stop sequence ends the answer before its calls', async () => {
  const tools = [
    { name: 'add', input_schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] } },
  ]
  const message = await getMessage(then, ask('Add 2', { tools, stop_sequences: ['add'] }))

  expect(message).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'add' })
  expect(message.content.every(({ type }) => type === 'text')).toBe(true)
})
