import { anthropic } from '@ai-sdk/anthropic'
import { bedrock } from '@ai-sdk/amazon-bedrock'
import { generateText, streamText } from 'ai'

export const POST = async (request: Request) => {
  const { prompt } = await request.json()
  const { text } = await generateText({
    model: anthropic('claude-3-7-sonnet-20250219'),
    prompt,
    temperature: 0.3,
    providerOptions: {
      anthropic: { thinking: { type: 'enabled', budgetTokens: 12000 } },
    },
  })
  const stream = streamText({ model: bedrock('us.anthropic.claude-3-5-haiku-20241022-v1:0'), prompt })
  console.log('answered by claude-3-7-sonnet-20250219')
  return stream.toTextStreamResponse()
}
