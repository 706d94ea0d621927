import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createAmazonBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleVertexAnthropic } from '@ai-sdk/google-vertex/anthropic'
import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk'
import { AnthropicFoundry } from '@anthropic-ai/foundry-sdk'
import type Anthropic from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { ChatAnthropic } from '@langchain/anthropic'
import { ChatBedrockConverse } from '@langchain/aws'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool as createLangChainTool } from '@langchain/core/tools'
import { generateText, isStepCount, streamText, tool } from 'ai'
import type { LanguageModel } from 'ai'
import OpenAI from 'openai'
import * as z from 'zod'

import { converseByAws, invokeByAws } from './platform-aws-clients.ts'
import { profile, question, readCity, toolQuestion, toolResult, weatherSchema } from './platform-question.ts'
import type { Heard, PlatformTarget } from './platform-question.ts'
import { createClient, newestSdk, sdk060 } from './sdks.ts'

export interface PlatformClient {
  readonly name: string
  /** Its protocol in the ledger. */
  readonly protocol: 'messages' | 'bedrock' | 'vertex' | 'openai'
  /** Asks a question plain and streamed, and runs one tool. */
  readonly run: (target: PlatformTarget) => Promise<Heard>
}

const model = 'claude-opus-4-5'
const vertexModel = 'claude-opus-4-5@20251101'

const weather = {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  input_schema: weatherSchema,
}

export const platformClients: readonly PlatformClient[] = [
  createMessages(
    'Anthropic SDK 1.14.0',
    'messages',
    model,
    (target) => createClient(newestSdk, target) as never,
  ),
  createMessages(
    'Anthropic SDK 0.60.0',
    'messages',
    model,
    (target) => createClient(sdk060, target) as never,
  ),
  createMessages(
    'AnthropicFoundry',
    'messages',
    model,
    ({ baseUrl, key }) =>
      new AnthropicFoundry({ baseURL: `${baseUrl}/anthropic/`, apiKey: key, maxRetries: 0 }),
  ),
  createMessages(
    'AnthropicBedrock',
    'bedrock',
    profile,
    (target) =>
      new AnthropicBedrock({
        baseURL: target.baseUrl,
        awsAccessKey: target.aws?.accessKeyId ?? '',
        awsSecretKey: target.aws?.secretAccessKey ?? '',
        awsRegion: 'us-east-1',
        maxRetries: 0,
      }),
  ),
  createMessages(
    'AnthropicBedrockMantle',
    'messages',
    'anthropic.claude-opus-4-5-20251101-v1:0',
    (target) =>
      new AnthropicBedrockMantle({
        baseURL: `${target.baseUrl}/anthropic`,
        awsAccessKey: target.aws?.accessKeyId ?? '',
        awsSecretAccessKey: target.aws?.secretAccessKey ?? '',
        awsRegion: 'us-east-1',
        maxRetries: 0,
      }),
  ),
  createMessages(
    'AnthropicVertex',
    'vertex',
    vertexModel,
    ({ baseUrl, key }) =>
      new AnthropicVertex({
        baseURL: `${baseUrl}/v1`,
        region: 'global',
        projectId: 'p',
        // The only method that it calls; otherwise it requests a token from Google.
        authClient: {
          getRequestHeaders: () => Promise.resolve(new Headers({ authorization: `Bearer ${key}` })),
        } as never,
        maxRetries: 0,
      }),
  ),
  { name: 'AWS SDK, InvokeModel', protocol: 'bedrock', run: invokeByAws },
  { name: 'AWS SDK, Converse', protocol: 'bedrock', run: converseByAws },
  { name: 'OpenAI SDK', protocol: 'openai', run: runOpenAi },
  createAiSdk('AI SDK', 'messages', ({ baseUrl, key }) =>
    createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey: key })(model),
  ),
  createAiSdk('AI SDK, Converse', 'bedrock', (target) =>
    createAmazonBedrock({ baseURL: target.baseUrl, ...signAs(target) })(profile),
  ),
  createAiSdk('AI SDK, InvokeModel', 'bedrock', (target) =>
    createAmazonBedrockAnthropic({ baseURL: target.baseUrl, ...signAs(target) })(profile),
  ),
  createAiSdk('AI SDK, Vertex AI', 'vertex', ({ baseUrl, key }) =>
    createGoogleVertexAnthropic({
      baseURL: `${baseUrl}/v1/projects/p/locations/global/publishers/anthropic/models`,
      project: 'p',
      location: 'global',
      generateAuthToken: async () => key,
    })(vertexModel),
  ),
  createLangChain(
    'LangChain',
    'messages',
    ({ baseUrl, key }) =>
      new ChatAnthropic({ model, maxTokens: 500, anthropicApiUrl: baseUrl, apiKey: key, maxRetries: 0 }),
  ),
  createLangChain('LangChain on AWS', 'bedrock', ({ baseUrl, aws }) => {
    const { accessKeyId = '', secretAccessKey = '' } = aws ?? {}
    const region = 'us-east-1'
    const credentials = { accessKeyId, secretAccessKey }
    const client = new BedrockRuntimeClient({ endpoint: baseUrl, region, credentials })
    return new ChatBedrockConverse({ model: profile, region, client, maxRetries: 0 })
  }),
]

function createMessages(
  name: string,
  protocol: PlatformClient['protocol'],
  own: string,
  connect: (target: PlatformTarget) => {
    readonly messages: Pick<Anthropic['messages'], 'create' | 'stream'>
  },
): PlatformClient {
  return {
    name,
    protocol,
    async run(target) {
      const { messages } = connect(target)
      const asked = { model: own, max_tokens: 500, messages: [{ role: 'user' as const, content: question }] }
      const plain = await messages.create(asked)
      const streamed = await messages.stream(asked).finalMessage()
      const about = {
        ...asked,
        tools: [weather],
        messages: [{ role: 'user' as const, content: toolQuestion }],
      }
      const called = await messages.create(about)
      const use = called.content.find((block) => block.type === 'tool_use')
      const result = { type: 'tool_result' as const, tool_use_id: use?.id ?? '', content: toolResult }
      const answered = await messages.create({
        ...about,
        messages: [
          ...about.messages,
          { role: 'assistant', content: called.content },
          { role: 'user', content: [result] },
        ],
      })
      return {
        plain: readText(plain),
        streamed: readText(streamed),
        city: readCity(use?.input),
        answer: readText(answered),
      }
    },
  }
}

function readText({ content }: Anthropic.Message): string {
  return content.flatMap((block) => (block.type === 'text' ? block.text : [])).join('')
}

async function runOpenAi({ baseUrl, key }: PlatformTarget): Promise<Heard> {
  const { completions } = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: key, maxRetries: 0 }).chat
  const asked = {
    model,
    max_completion_tokens: 500,
    messages: [{ role: 'user' as const, content: question }],
  }
  const plain = await completions.create(asked)
  const pieces: string[] = []
  for await (const { choices } of await completions.create({ ...asked, stream: true }))
    pieces.push(choices[0]?.delta.content ?? '')
  const spec = { name: weather.name, description: weather.description, parameters: weatherSchema }
  const about = {
    ...asked,
    tools: [{ type: 'function' as const, function: spec }],
    messages: [{ role: 'user' as const, content: toolQuestion }],
  }
  const message = (await completions.create(about)).choices[0]?.message
  const call = message?.tool_calls?.find((each) => each.type === 'function')
  const answered = await completions.create({
    ...about,
    messages: [
      ...about.messages,
      { role: 'assistant', content: message?.content ?? null, tool_calls: message?.tool_calls ?? [] },
      { role: 'tool', tool_call_id: call?.id ?? '', content: toolResult },
    ],
  })
  return {
    plain: plain.choices[0]?.message.content ?? '',
    streamed: pieces.join(''),
    city: readCity(JSON.parse(call?.function.arguments ?? '{}')),
    answer: answered.choices[0]?.message.content ?? '',
  }
}

function createAiSdk(
  name: string,
  protocol: PlatformClient['protocol'],
  connect: (target: PlatformTarget) => LanguageModel,
): PlatformClient {
  return {
    name,
    protocol,
    async run(target) {
      const asked = { model: connect(target), maxRetries: 0, maxOutputTokens: 500 }
      const plain = await generateText({ ...asked, prompt: question })
      const streamed = await streamText({ ...asked, prompt: question }).text
      const cities: string[] = []
      const get_weather = tool({
        description: weather.description,
        inputSchema: z.object({ city: z.string().describe('Such as Paris') }),
        execute: ({ city }) => {
          cities.push(city)
          return toolResult
        },
      })
      const { text } = await generateText({
        ...asked,
        prompt: toolQuestion,
        tools: { get_weather },
        stopWhen: isStepCount(5),
      })
      return { plain: plain.text, streamed, city: cities.join(), answer: text }
    },
  }
}

function createLangChain(
  name: string,
  protocol: PlatformClient['protocol'],
  connect: (target: PlatformTarget) => ChatAnthropic | ChatBedrockConverse,
): PlatformClient {
  return {
    name,
    protocol,
    async run(target) {
      const chat = connect(target)
      const plain = await chat.invoke(question)
      const pieces: string[] = []
      for await (const chunk of await chat.stream(question)) pieces.push(chunk.text)
      const bound = chat.bindTools([
        createLangChainTool(() => toolResult, {
          name: weather.name,
          description: weather.description,
          schema: z.object({ city: z.string().describe('Such as Paris') }),
        }),
      ])
      const asked = new HumanMessage(toolQuestion)
      const called = await bound.invoke([asked])
      const [call] = called.tool_calls ?? []
      const result = new ToolMessage({ content: toolResult, tool_call_id: call?.id ?? '' })
      const answered = await bound.invoke([asked, called, result])
      return {
        plain: plain.text,
        streamed: pieces.join(''),
        city: readCity(call?.args),
        answer: answered.text,
      }
    },
  }
}

function signAs({ aws }: PlatformTarget) {
  const { accessKeyId = '', secretAccessKey = '' } = aws ?? {}
  return { region: 'us-east-1', accessKeyId, secretAccessKey }
}
