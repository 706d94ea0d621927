import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { createAmazonBedrockAnthropic } from '@ai-sdk/amazon-bedrock/anthropic'

import { describeProvider } from './ai-sdk-scenarios.ts'
import type { Target } from './rig.ts'

// Vercel's AI SDK on Amazon Bedrock: Converse, and the sub-path for InvokeModel.

const model = 'us.anthropic.claude-opus-4-5-20251101-v1:0'

describeProvider({
  title: 'Converse, signed',
  protocol: 'bedrock',
  model,
  connect: (target) => createAmazonBedrock({ baseURL: target.baseUrl, ...signedAs(target) }),
  thinking: { bedrock: { reasoningConfig: { type: 'enabled', budgetTokens: 2_000 } } },
})

describeProvider({
  title: 'Converse with a bearer token, behind a prefix',
  protocol: 'bedrock',
  model,
  connect: ({ baseUrl, key }) =>
    createAmazonBedrock({ baseURL: `${baseUrl}/team/bedrock`, apiKey: key, region: 'us-east-1' }),
  thinking: { bedrock: { reasoningConfig: { type: 'enabled', budgetTokens: 2_000 } } },
})

describeProvider({
  title: 'InvokeModel, signed',
  protocol: 'bedrock',
  model,
  connect: (target) => createAmazonBedrockAnthropic({ baseURL: target.baseUrl, ...signedAs(target) }),
  thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } },
})

function signedAs({ aws }: Target) {
  return {
    region: 'us-east-1',
    accessKeyId: aws?.accessKeyId ?? '',
    secretAccessKey: aws?.secretAccessKey ?? '',
  }
}
