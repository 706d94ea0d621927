import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic'
import { createVertexAnthropic } from '@ai-sdk/google-vertex/anthropic'
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { ChatBedrockConverse } from '@langchain/aws'
import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { EmulatorServer } from '@anthology/emulator'
import { APICallError, generateText, isStepCount, streamText, tool } from 'ai'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'

import { makeWorkplace, runClaudeCode } from './claude-code.ts'
import type { Direction } from './claude-code.ts'
import { toFailure } from './sdks.ts'

// Frameworks and agents in their modes for Bedrock and Vertex, unmodified, with the emulator and no gateway.

const pair = { accessKeyId: 'AKIAEMULATOR', secretAccessKey: 'secret/with+signs' }
const key = 'sk-ant-the-only-key'
const region = 'us-east-1'
const profile = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const question = 'Why is the sky blue?'

let server: EmulatorServer
beforeAll(async () => {
  server = await listenEmulator(createEmulator({ awsCredentials: [pair], keys: [key] }), {
    port: 0,
    host: '127.0.0.1',
  })
})
afterAll(() => server.close())

const models = {
  Converse: (id = profile) => createAmazonBedrock({ baseURL: server.url, region, ...pair })(id),
  InvokeModel: (id = profile) => createBedrockAnthropic({ baseURL: server.url, region, ...pair })(id),
  Vertex: (id = 'claude-opus-4-5@20251101') =>
    createVertexAnthropic({
      baseURL: `${server.url}/v1/projects/p/locations/global/publishers/anthropic/models`,
      headers: { authorization: `Bearer ${key}` },
      // Otherwise the client requests a token from Google.
      googleAuthOptions: { authClient: silentAuth as never },
    })(id),
} as const

/** The only method of `AuthClient` that the library calls; the header above replaces its token. */
const silentAuth = { getAccessToken: () => Promise.resolve({ token: key }) }

describe.each(['Converse', 'InvokeModel', 'Vertex'] as const)('the AI SDK by %s', (protocol) => {
  test('generates text, and streams the same', async () => {
    const model = models[protocol]()
    const plain = await generateText({ model, prompt: question, maxRetries: 0 })
    const streamed = streamText({ model, prompt: question, maxRetries: 0 })
    let heard = ''
    for await (const piece of streamed.textStream) heard += piece

    expect(plain.text).toContain('Claude Opus 4.5')
    expect(plain.finishReason).toBe('stop')
    expect(heard).toBe(plain.text)
    expect((await streamed.usage).outputTokens).toBe(plain.usage.outputTokens)
  })

  test('runs tools in several steps', async () => {
    const asked: string[] = []
    const get_weather = tool({
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }) => {
        asked.push(city)
        return '18 degrees'
      },
    })
    const result = await generateText({
      model: models[protocol](),
      prompt: 'How is the weather in Lisbon and in Oslo?',
      tools: { get_weather },
      stopWhen: isStepCount(5),
      maxRetries: 0,
    })

    expect(asked.toSorted()).toEqual(['Lisbon', 'Oslo'])
    expect(result.text).toContain('18 degrees')
  })

  test('reads errors', async () => {
    const model = models[protocol]('claude-opus-9')
    const failure = await toFailure(generateText({ model, prompt: question, maxRetries: 0 }))

    expect(APICallError.isInstance(failure)).toBe(true)
    expect(failure).toMatchObject({ statusCode: protocol === 'Vertex' ? 404 : 400 })
  })
})

test('LangChain converses, and streams the same', async () => {
  const client = new BedrockRuntimeClient({ endpoint: server.url, region, credentials: pair })
  onTestFinished(() => client.destroy())
  const model = new ChatBedrockConverse({ model: profile, region, client, maxRetries: 0 })
  const message = await model.invoke(question)
  let heard = ''
  for await (const chunk of await model.stream(question)) heard += chunk.text

  expect(message.text).toContain('Claude Opus 4.5')
  expect(heard).toBe(message.text)
  expect(message).toMatchObject({ usage_metadata: { output_tokens: expect.any(Number) } })
})

test("Anthropic's Foundry client creates a message, and streams it", async () => {
  const client = new AnthropicFoundry({ baseURL: `${server.url}/anthropic/`, apiKey: key, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: question }]
  const call = { model: 'claude-opus-4-5', max_tokens: 500, messages }
  const plain = await client.messages.create(call)
  const streamed = await client.messages.stream(call).finalMessage()

  expect(plain.model).toBe('claude-opus-4-5-20251101')
  expect(streamed.content).toEqual(plain.content)
})

const modes: Readonly<Record<string, () => Direction>> = {
  'Bedrock mode, signed': () => ({
    variables: {
      CLAUDE_CODE_USE_BEDROCK: '1',
      ANTHROPIC_BEDROCK_BASE_URL: server.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: pair.accessKeyId,
      AWS_SECRET_ACCESS_KEY: pair.secretAccessKey,
    },
  }),
  'Bedrock mode, with a bearer token': () => ({
    variables: {
      CLAUDE_CODE_USE_BEDROCK: '1',
      ANTHROPIC_BEDROCK_BASE_URL: server.url,
      AWS_REGION: region,
      AWS_BEARER_TOKEN_BEDROCK: key,
    },
  }),
  'Vertex mode': () => ({
    variables: {
      CLAUDE_CODE_USE_VERTEX: '1',
      CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
      ANTHROPIC_VERTEX_BASE_URL: server.url,
      ANTHROPIC_VERTEX_PROJECT_ID: 'p',
      CLOUD_ML_REGION: 'global',
      ANTHROPIC_AUTH_TOKEN: key,
    },
  }),
}

test.each(Object.keys(modes))('Claude Code in %s reads and edits a file with its tools', async (mode) => {
  const direction = modes[mode]?.()
  if (!direction) throw new Error('this mode is in the table')
  const workplace = await makeWorkplace()
  const file = join(workplace.folder, 'notes.txt')
  await writeFile(file, 'The sea is green today.\n')

  const { output, errors } = await runClaudeCode(
    direction,
    workplace,
    `Use the Read tool on "${file}", then use the Edit tool on "${file}" to replace "green" with "blue".`,
    { 'output-format': 'json', 'permission-mode': 'acceptEdits', allowedTools: 'Read,Edit' },
  )

  expect(errors).toBe('')
  expect(JSON.parse(output)).toMatchObject({ subtype: 'success', num_turns: 3, permission_denials: [] })
  expect(await readFile(file, 'utf8')).toBe('The sea is blue today.\n')
})
