import { createAnthropic } from '@ai-sdk/anthropic'
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk'
import NewestAnthropic from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { ChatAnthropic } from '@langchain/anthropic'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'

/** A client whose calls are read to their end. */
export interface FaultClient {
  readonly name: string
  readonly plain: Call
  readonly stream: Call
}

/** Rejects with the client's own error. Without `maxRetries` it retries as often as it does by default. */
export type Call = (baseUrl: string, maxRetries?: number) => Promise<unknown>

const question = 'Why is the sky blue?'
const messages = [{ role: 'user' as const, content: question }]
const hello = { model: 'claude-opus-4-5', max_tokens: 100, messages }
const profile = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
const pair = { accessKeyId: 'AKIAEMULATOR', secretAccessKey: 'secret/with+signs' }
const region = 'us-east-1'

/** The part of Anthropic's clients that these calls use. */
interface MessagesClient {
  readonly messages: Pick<NewestAnthropic['messages'], 'create' | 'stream'>
}

interface Options {
  readonly baseURL: string
  readonly maxRetries?: number
}

function toOptions(baseURL: string, maxRetries: number | undefined): Options {
  return { baseURL, ...(maxRetries !== undefined && { maxRetries }) }
}

function createAnthropicClient(
  name: string,
  create: (options: Options) => MessagesClient,
  model = hello.model,
): FaultClient {
  return {
    name,
    plain: (...aim) => create(toOptions(...aim)).messages.create({ ...hello, model }),
    stream: (...aim) =>
      create(toOptions(...aim))
        .messages.stream({ ...hello, model })
        .finalMessage(),
  }
}

const apiKey = 'sk-ant-any'

export const anthropicClients: readonly FaultClient[] = [
  createAnthropicClient(
    'Anthropic',
    (options) => new NewestAnthropic({ ...options, apiKey, authToken: null }),
  ),
  createAnthropicClient(
    'Foundry',
    (options) => new AnthropicFoundry({ ...options, baseURL: `${options.baseURL}/anthropic/`, apiKey }),
  ),
  createAnthropicClient(
    'Vertex',
    (options) =>
      new AnthropicVertex({
        ...options,
        baseURL: `${options.baseURL}/v1`,
        region: 'global',
        projectId: 'p',
        // The only method that it calls; otherwise it requests a token from Google.
        authClient: { getRequestHeaders: () => Promise.resolve(new Headers()) } as never,
      }),
    'claude-opus-4-5@20251101',
  ),
  createAnthropicClient(
    'Bedrock',
    (options) =>
      new AnthropicBedrock({
        ...options,
        awsAccessKey: pair.accessKeyId,
        awsSecretKey: pair.secretAccessKey,
        awsRegion: region,
      }),
    // Older models do not know the version of the API that it sends.
    'us.anthropic.claude-opus-5',
  ),
]

export const awsClients: readonly FaultClient[] = [
  {
    name: 'AWS InvokeModel',
    plain: (...aim) =>
      withRuntime(aim, (client) =>
        client
          .send(new InvokeModelCommand({ modelId: profile, body: invokeBody }))
          .then(({ body }) => JSON.parse(body.transformToString())),
      ),
    stream: (...aim) =>
      withRuntime(aim, async (client) => {
        const command = new InvokeModelWithResponseStreamCommand({ modelId: profile, body: invokeBody })
        const events: unknown[] = []
        for await (const { chunk } of (await client.send(command)).body ?? [])
          events.push(JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()))
        return events
      }),
  },
  {
    name: 'AWS Converse',
    plain: (...aim) => withRuntime(aim, (client) => client.send(new ConverseCommand(converseInput))),
    stream: (...aim) =>
      withRuntime(aim, async (client) => {
        const events: unknown[] = []
        for await (const event of (await client.send(new ConverseStreamCommand(converseInput))).stream ?? [])
          events.push(event)
        return events
      }),
  },
]

const invokeBody = JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages })
const converseInput = {
  modelId: profile,
  messages: [{ role: 'user' as const, content: [{ text: question }] }],
  inferenceConfig: { maxTokens: 100 },
}

async function withRuntime<Value>(
  [endpoint, maxRetries]: Parameters<Call>,
  run: (client: BedrockRuntimeClient) => Promise<Value>,
): Promise<Value> {
  const client = new BedrockRuntimeClient({
    endpoint,
    region,
    credentials: pair,
    ...(maxRetries !== undefined && { maxAttempts: maxRetries + 1 }),
  })
  try {
    return await run(client)
  } finally {
    client.destroy()
  }
}

export const otherClients: readonly FaultClient[] = [
  {
    name: 'OpenAI',
    plain: (...aim) => createOpenAi(...aim).chat.completions.create(hello),
    stream: async (...aim) => {
      const chunks: unknown[] = []
      const stream = await createOpenAi(...aim).chat.completions.create({ ...hello, stream: true })
      for await (const chunk of stream) chunks.push(chunk)
      return chunks
    },
  },
  {
    name: 'AI SDK',
    plain: (baseUrl, maxRetries) => generateText(createPrompt(baseUrl, maxRetries)),
    stream: async (baseUrl, maxRetries) => {
      let failure: unknown
      const result = streamText({
        ...createPrompt(baseUrl, maxRetries),
        onError: ({ error }) => {
          failure ??= error
        },
      })
      for await (const _ of result.textStream);
      if (failure !== undefined) throw failure
      return result.text
    },
  },
  {
    name: 'LangChain',
    plain: (...aim) => createLangChain(...aim).invoke(question),
    stream: async (...aim) => {
      const chunks: unknown[] = []
      for await (const chunk of await createLangChain(...aim).stream(question)) chunks.push(chunk)
      return chunks
    },
  },
]

function createOpenAi(...[baseUrl, maxRetries]: Parameters<Call>): OpenAI {
  return new OpenAI({ ...toOptions(`${baseUrl}/v1`, maxRetries), apiKey })
}

function createPrompt(...[baseUrl, maxRetries]: Parameters<Call>) {
  const model = createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey })(hello.model)
  return { model, prompt: question, maxOutputTokens: 100, ...(maxRetries !== undefined && { maxRetries }) }
}

function createLangChain(...[baseUrl, maxRetries]: Parameters<Call>): ChatAnthropic {
  return new ChatAnthropic({
    model: hello.model,
    maxTokens: 100,
    anthropicApiUrl: baseUrl,
    apiKey,
    ...(maxRetries !== undefined && { maxRetries }),
  })
}
