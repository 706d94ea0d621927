import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import type { ContentBlock, Message } from '@aws-sdk/client-bedrock-runtime'

import { profile, question, readCity, toolQuestion, toolResult, weatherSchema } from './platform-question.ts'
import type { Heard, PlatformTarget } from './platform-question.ts'

/** InvokeModel and its stream, over the HTTP/2 of AWS's client. */
export function invokeByAws(target: PlatformTarget): Promise<Heard> {
  return withRuntime(target, async (client) => {
    const invoke = async (messages: readonly object[], more: object = {}): Promise<Answer> => {
      const body = JSON.stringify({ anthropic_version: version, max_tokens: 500, messages, ...more })
      const answer = await client.send(new InvokeModelCommand({ modelId: profile, body }))
      return JSON.parse(answer.body.transformToString()) as Answer // A message.
    }
    const asked = [{ role: 'user', content: question }]
    const plain = await invoke(asked)
    const body = JSON.stringify({ anthropic_version: version, max_tokens: 500, messages: asked })
    const stream = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: profile, body }))
    const pieces: string[] = []
    for await (const { chunk } of stream.body ?? []) {
      const event: unknown = JSON.parse(Buffer.from(chunk?.bytes ?? []).toString())
      pieces.push(String(Object(Object(event)['delta'])['text'] ?? ''))
    }
    const tools = [{ name: 'get_weather', input_schema: weatherSchema }]
    const about = [{ role: 'user', content: toolQuestion }]
    const called = await invoke(about, { tools })
    const use = called.content.find(({ type }) => type === 'tool_use')
    const result = { type: 'tool_result', tool_use_id: use?.id, content: toolResult }
    const turns = [
      ...about,
      { role: 'assistant', content: called.content },
      { role: 'user', content: [result] },
    ]
    const answered = await invoke(turns, { tools })
    return {
      plain: joinTexts(plain.content),
      streamed: pieces.join(''),
      city: readCity(use?.input),
      answer: joinTexts(answered.content),
    }
  })
}

const version = 'bedrock-2023-05-31'

interface Answer {
  readonly content: readonly {
    readonly type: string
    readonly text?: string
    readonly id?: string
    readonly input?: unknown
  }[]
}

/** Converse and its stream. */
export function converseByAws(target: PlatformTarget): Promise<Heard> {
  return withRuntime(target, async (client) => {
    const converse = async (messages: Message[], toolConfig = {}): Promise<ContentBlock[]> => {
      const command = new ConverseCommand({ modelId: profile, messages, ...toolConfig })
      return (await client.send(command)).output?.message?.content ?? []
    }
    const asked: Message[] = [{ role: 'user', content: [{ text: question }] }]
    const plain = await converse(asked)
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: profile, messages: asked }))
    const pieces: string[] = []
    for await (const { contentBlockDelta } of stream ?? []) pieces.push(contentBlockDelta?.delta?.text ?? '')
    const toolSpec = { name: 'get_weather', inputSchema: { json: weatherSchema } }
    const about: Message[] = [{ role: 'user', content: [{ text: toolQuestion }] }]
    const called = await converse(about, { toolConfig: { tools: [{ toolSpec }] } })
    const use = called.find((block) => block.toolUse !== undefined)?.toolUse
    const result = { toolUseId: use?.toolUseId ?? '', content: [{ text: toolResult }] }
    const turns: Message[] = [
      ...about,
      { role: 'assistant', content: called },
      { role: 'user', content: [{ toolResult: result }] },
    ]
    const answered = await converse(turns, { toolConfig: { tools: [{ toolSpec }] } })
    return {
      plain: joinTexts(plain),
      streamed: pieces.join(''),
      city: readCity(use?.input),
      answer: joinTexts(answered),
    }
  })
}

function joinTexts(content: readonly { readonly text?: string | undefined }[]): string {
  return content.map(({ text = '' }) => text).join('')
}

async function withRuntime<Value>(
  { baseUrl, aws }: PlatformTarget,
  run: (client: BedrockRuntimeClient) => Promise<Value>,
): Promise<Value> {
  const { accessKeyId = '', secretAccessKey = '' } = aws ?? {}
  const client = new BedrockRuntimeClient({
    endpoint: baseUrl,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  })
  try {
    return await run(client)
  } finally {
    client.destroy()
  }
}
