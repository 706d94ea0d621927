import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import Anthropic from '@anthropic-ai/sdk'
import { createEmulator, listenEmulator, parseScenario } from '@anthology/emulator'
import { isRecord } from '@anthology/wire'
import { describe, expect, onTestFinished, test } from 'vitest'

// The fixtures that aimock publishes, asked in the way that its documentation of `match` describes.

interface Fixture {
  readonly match: {
    readonly userMessage?: string
    readonly toolName?: string
    readonly toolCallId?: string
    readonly inputText?: string
    readonly endpoint?: string
  }
  readonly response: {
    readonly content?: string
    readonly toolCalls?: readonly ToolCall[]
    readonly blocks?: readonly (ToolCall & { readonly type: string; readonly text?: string })[]
    readonly error?: { readonly type: string; readonly message: string }
    readonly status?: number
  }
}

interface ToolCall {
  readonly name: string
  readonly arguments: unknown
}

const require = createRequire(import.meta.url)
const folder = join(dirname(require.resolve('@copilotkit/aimock')), '..', 'fixtures')

/** Servers' configurations and fixtures of other protocols lie beside those of chats. */
const files = globSync('**/*.json', { cwd: folder })
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
  .map((file) => ({ ...file, chats: readChats(file.text) }))

test('the package has the fixtures that are asked here', () => {
  expect(files.filter(({ chats }) => chats.length > 0).map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'example-greeting.json',
      'example-multi-turn.json',
      'example-tool-call.json',
      'examples/adk/gemini-agent.json',
      'examples/crewai/multi-agent-crew.json',
      'examples/langchain/agent-loop.json',
      'examples/llamaindex/rag-pipeline.json',
      'examples/llm/blocks-tool-first.json',
      'examples/llm/error-injection.json',
      'examples/llm/sequential-responses.json',
      'examples/llm/streaming-physics.json',
      'examples/mastra/agent-workflow.json',
      'examples/pydanticai/structured-output.json',
    ]),
  )
})

describe.each(files.filter(({ chats }) => chats.length > 0))('$name', ({ name, text, chats }) => {
  test.each(['plain', 'streamed'])('each fixture is answered, %s', async (form) => {
    const client = await serve(name, text)
    for (const chat of chats) {
      const params = toParams(chat)
      const answer =
        form === 'plain' ? client.messages.create(params) : client.messages.stream(params).finalMessage()
      const { error, status } = chat.response
      if (error === undefined) expect((await answer).content).toEqual(toContent(chat))
      else
        await expect(answer).rejects.toMatchObject({
          status,
          error: { error: { type: error.type, message: error.message } },
        })
    }
  })

  test('another question is refused, unless a fixture answers all', async () => {
    const client = await serve(name, text)

    await expect(
      client.messages.create({
        model: 'claude-sonnet-5-5',
        max_tokens: 50,
        messages: [{ role: 'user', content: 'zzz' }],
      }),
    ).rejects.toMatchObject({ status: chats.some(({ match }) => match.userMessage === '.*') ? 429 : 400 })
  })
})

test.each(files.filter(({ chats }) => chats.length === 0))(
  '$name has no chat and is refused by name, or is empty',
  ({ name, text }) => {
    const parsed = parseScenario(text, name)

    if (parsed.ok) expect(parsed.value.rules).toEqual([])
    else expect(parsed.message).toContain(name)
  },
)

async function serve(name: string, text: string): Promise<Anthropic> {
  const parsed = parseScenario(text, name)
  if (!parsed.ok) throw new Error(parsed.message)
  const server = await listenEmulator(createEmulator({ scenario: parsed.value }), {
    port: 0,
    host: '127.0.0.1',
  })
  onTestFinished(() => server.close())
  return new Anthropic({ baseURL: server.url, apiKey: 'any', maxRetries: 0 })
}

function readChats(text: string): readonly Fixture[] {
  const value: unknown = JSON.parse(text)
  const fixtures = isRecord(value) && Array.isArray(value['fixtures']) ? (value['fixtures'] as Fixture[]) : []
  return fixtures.filter(
    ({ match, response }) =>
      isRecord(response) && match.inputText === undefined && (match.endpoint ?? 'chat') === 'chat',
  )
}

/** A request that meets the conditions of `match`, and offers the tools that the response calls. */
function toParams({ match, response }: Fixture): Anthropic.MessageCreateParamsNonStreaming {
  const { userMessage, toolName, toolCallId } = match
  const called = [...(response.toolCalls ?? []), ...(response.blocks ?? [])].map(({ name }) => name)
  const names = new Set(
    [...called, toolName, toolCallId === undefined ? undefined : 'any'].filter((name) => name !== undefined),
  )
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 1_000,
    tools: [...names].map((name) => ({ name, input_schema: { type: 'object' } })),
    messages: [
      { role: 'user', content: userMessage ?? 'Go on.' },
      ...(toolCallId === undefined ? [] : answerCall(toolCallId)),
    ],
  }
}

function answerCall(id: string): readonly Anthropic.MessageParam[] {
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'any', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
  ]
}

function toContent({ response }: Fixture): readonly unknown[] {
  const { content, toolCalls = [], blocks = [] } = response
  return [
    ...(content === undefined ? [] : [expect.objectContaining({ type: 'text', text: content })]),
    ...toolCalls.map(toToolUse),
    ...blocks.map((block) =>
      block.type === 'text' ? expect.objectContaining({ type: 'text', text: block.text }) : toToolUse(block),
    ),
  ]
}

function toToolUse({ name, arguments: input }: ToolCall): unknown {
  return expect.objectContaining({
    type: 'tool_use',
    name,
    input: typeof input === 'string' ? JSON.parse(input) : input,
  })
}
