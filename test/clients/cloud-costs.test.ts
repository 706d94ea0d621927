import { expect, test } from 'vitest'

import { runAnthology } from '../anthology-process.ts'
import { makePdf, makePng } from './media.ts'
import { startServed, startTarget } from './rig.ts'
import type { Target } from './rig.ts'

// One conversation with tools, an image, a document, cache points and thinking, in the four formats of the
// platforms. Every format has the same text and the same price, to the nano-dollar.

const pages = makePdf(['The tides of Lisbon']).toString('base64')
const picture = makePng(560, 280)
const rules = `Always close the door behind you. `.repeat(900)
const question = 'How is the weather in Lisbon?'
const result = 'It is 18 degrees and windy.'
const description = 'Tells the weather of a city.'
const schema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Such as Paris' } },
  required: ['city'],
}
const thinking = { type: 'enabled', budget_tokens: 2_000 }

/** The request and response of a format. */
interface Form {
  readonly path: string
  /** The body's members that only this format has. */
  readonly version: object
  readonly build: (turns: readonly unknown[], version: object) => object
  readonly question: unknown
  /** The two turns after a response with a tool call. */
  readonly goOn: (answer: Answer) => readonly unknown[]
  readonly read: (answer: Answer) => Heard
}

interface Heard {
  readonly stopReason: unknown
  readonly thinking: unknown
  readonly call: unknown
  readonly text: string
}

/** A block of either format. */
interface Block {
  readonly type?: string
  readonly id?: string
  readonly text?: string
  readonly thinking?: string
  readonly input?: unknown
  readonly caller?: unknown
  readonly toolUse?: { readonly toolUseId: string; readonly input: unknown }
  readonly reasoningContent?: { readonly reasoningText: { readonly text: string } }
}

/** A response of either format, without the members of the other. */
interface Answer {
  readonly content: readonly Block[]
  readonly stop_reason: string
  readonly output: { readonly message: { readonly content: readonly Block[] } }
  readonly stopReason: string
}

const messagesForm: Form = {
  path: '/v1/messages',
  version: { model: 'claude-opus-4-5-20251101' },
  build: (messages, version) => ({
    ...version,
    max_tokens: 4_000,
    system: [{ type: 'text', text: rules, cache_control: { type: 'ephemeral', ttl: '1h' } }],
    tools: [{ name: 'get_weather', description, input_schema: schema }],
    thinking,
    messages,
  }),
  question: {
    role: 'user',
    content: [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: pages },
        title: 'tides',
      },
      { type: 'text', text: question, cache_control: { type: 'ephemeral' } },
    ],
  },
  goOn: ({ content }) => [
    // Converse has no member for the caller of a tool, and the emulator's text depends on every member.
    { role: 'assistant', content: content.map((block) => ({ ...block, caller: undefined })) },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: content.at(-1)?.id, content: [{ type: 'text', text: result }] },
      ],
    },
  ],
  read: ({ content, stop_reason }) => ({
    stopReason: stop_reason,
    thinking: content.find((block) => block.type === 'thinking')?.thinking,
    call: content.find((block) => block.type === 'tool_use')?.input,
    text: content.map((block) => block.text ?? '').join(''),
  }),
}

const forms: Readonly<Record<string, Form>> = {
  messages: messagesForm,
  invoke: {
    ...messagesForm,
    path: '/model/us.anthropic.claude-opus-4-5-20251101-v1:0/invoke',
    version: { anthropic_version: 'bedrock-2023-05-31' },
  },
  vertex: {
    ...messagesForm,
    path: '/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict',
    version: { anthropic_version: 'vertex-2023-10-16' },
  },
  converse: {
    path: '/model/us.anthropic.claude-opus-4-5-20251101-v1:0/converse',
    version: {},
    build: (messages) => ({
      inferenceConfig: { maxTokens: 4_000 },
      system: [{ text: rules }, { cachePoint: { type: 'default', ttl: '1h' } }],
      toolConfig: {
        tools: [{ toolSpec: { name: 'get_weather', description, inputSchema: { json: schema } } }],
      },
      additionalModelRequestFields: { thinking },
      messages,
    }),
    question: {
      role: 'user',
      content: [
        { image: { format: 'png', source: { bytes: picture } } },
        { document: { format: 'pdf', name: 'tides', source: { bytes: pages } } },
        { text: question },
        { cachePoint: { type: 'default' } },
      ],
    },
    goOn: ({ output }) => [
      output.message,
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: output.message.content.at(-1)?.toolUse?.toolUseId,
              content: [{ text: result }],
            },
          },
        ],
      },
    ],
    read: ({ output, stopReason }) => ({
      stopReason,
      thinking: output.message.content.find((block) => block.reasoningContent)?.reasoningContent
        ?.reasoningText.text,
      call: output.message.content.find((block) => block.toolUse)?.toolUse?.input,
      text: output.message.content.map((block) => block.text ?? '').join(''),
    }),
  },
}

test('has the same text and the same cost in every format', async () => {
  const told: Record<string, unknown> = {}

  for (const [name, form] of Object.entries(forms)) {
    // Each has its own emulator, so that they do not share a cache.
    const target = await startTarget('gateway with emulator')
    try {
      told[name] = await converse(target, form)
    } finally {
      await target.close()
    }
  }

  expect(told['messages']).toMatchObject({
    heard: [
      { stopReason: 'tool_use', thinking: expect.stringMatching(/\w/), call: { city: 'Lisbon' } },
      { stopReason: 'end_turn', text: expect.stringContaining('18 degrees') },
    ],
    costs: [expect.any(BigInt), expect.any(BigInt)],
  })
  for (const name of Object.keys(forms)) expect({ [name]: told[name] }).toEqual({ [name]: told['messages'] })
})

test('usage is grouped by protocol', async () => {
  const served = await startServed()
  const { baseUrl, key, dataFolder } = served

  for (const form of Object.values(forms)) {
    await ask({ baseUrl, key }, form, form.build([form.question], form.version))
  }
  const usage = await runAnthology(['usage', '--by', 'protocol', '--data', dataFolder], dataFolder)
  await served.close()

  expect(usage).toMatchObject({
    by: 'protocol',
    rows: expect.arrayContaining([
      expect.objectContaining({ protocol: 'bedrock', calls: 2 }),
      expect.objectContaining({ protocol: 'messages', calls: 1 }),
      expect.objectContaining({ protocol: 'vertex', calls: 1 }),
    ]),
  })
})

/** Both turns of the conversation, and their cost. */
async function converse(target: Target, form: Form) {
  const first = await ask(target, form, form.build([form.question], form.version))
  const second = await ask(target, form, form.build([form.question, ...form.goOn(first)], form.version))
  const rows = target.calls().toReversed()
  return {
    heard: [form.read(first), form.read(second)],
    costs: rows.map((row) => row['cost_nano_usd']),
    usages: rows.map((row) => row['usage']),
  }
}

async function ask(
  { baseUrl, key }: Pick<Target, 'baseUrl' | 'key'>,
  { path }: Form,
  body: object,
): Promise<Answer> {
  const answer = await fetch(baseUrl + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return JSON.parse(text) as Answer // The expectations check its members.
}
