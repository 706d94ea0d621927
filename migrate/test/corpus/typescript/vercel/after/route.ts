import { anthropic } from '@ai-sdk/anthropic'
import { bedrock } from '@ai-sdk/amazon-bedrock'
import { generateText, streamText } from 'ai'

export const POST = async (request: Request) => {
  const { prompt } = await request.json()
  const { text } = await generateText({
    model: anthropic('claude-sonnet-5-5'),
    prompt,
    providerOptions: {
      anthropic: { thinking: { type: 'adaptive' } },
    },
  })
  const stream = streamText({ model: bedrock('us.anthropic.claude-sonnet-5-5'), prompt })
  console.log('answered by claude-3-7-sonnet-20250219')
  return stream.toTextStreamResponse()
}
