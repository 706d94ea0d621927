import { anthropic } from '@ai-sdk/anthropic'
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createVertexAnthropic } from '@ai-sdk/google-vertex/anthropic'
import { generateText, streamText, convertToModelMessages } from 'ai'

const bedrock = createAmazonBedrock({ region: 'us-west-2' })
const vertex = createVertexAnthropic({ project: 'acme', location: 'global' })

export const maxDuration = 30

export async function POST(request: Request) {
  const { messages, provider } = await request.json()
  const model =
    provider === 'bedrock'
      ? bedrock('us.anthropic.claude-opus-4-1-20250805-v1:0')
      : provider === 'vertex'
        ? vertex('claude-opus-4-1@20250805')
        : anthropic('claude-opus-4-20250514')
  const result = streamText({
    model,
    messages: convertToModelMessages(messages),
    maxOutputTokens: 16_000,
  })
  return result.toUIMessageStreamResponse()
}

export async function plan(prompt: string) {
  const { text, reasoningText } = await generateText({
    model: anthropic('claude-3-7-sonnet-20250219'),
    prompt,
    providerOptions: {
      anthropic: { thinking: { type: 'enabled', budgetTokens: 12000 } },
    },
  })
  return { text, reasoningText }
}
