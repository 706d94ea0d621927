import { createGoogleVertexAnthropic } from '@ai-sdk/google-vertex/anthropic'

import { describeProvider } from './ai-sdk-scenarios.ts'

// Vercel's AI SDK on Vertex AI, whose base URL includes the path up to the model.

describeProvider({
  title: 'Claude on Vertex AI',
  protocol: 'vertex',
  model: 'claude-opus-4-5@20251101',
  connect: ({ baseUrl, key }) =>
    createGoogleVertexAnthropic({
      baseURL: `${baseUrl}/v1/projects/a-project/locations/global/publishers/anthropic/models`,
      project: 'a-project',
      location: 'global',
      generateAuthToken: async () => key,
    }),
  thinking: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } },
})
