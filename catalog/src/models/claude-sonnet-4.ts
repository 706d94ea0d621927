import { defineModel } from './defaults/define-model.ts'
import { claude4 } from './defaults/generations.ts'
import { endOnBedrock, stillReachable } from './defaults/lifecycle.ts'
import { output64k } from './defaults/limits.ts'

export const claudeSonnet4 = defineModel({
  ...claude4,
  id: 'claude-sonnet-4-20250514',
  name: 'Claude Sonnet 4',
  createdAt: '2025-05-22T00:00:00Z',
  family: 'sonnet',
  generation: '4',
  aliases: ['claude-sonnet-4-0'],
  otherIds: ['claude-4-sonnet-20250514'],
  bedrockProfiles: ['global', 'us', 'eu', 'apac'],
  description: 'High-performance model',
  strengths: 'High intelligence and balanced performance',
  priorityTier: true,
  comparativeLatency: 'Fast',
  contextWindow: {
    ...claude4.contextWindow,
    beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000, until: '2026-04-30' },
  },
  maxOutput: output64k,
  trainingCutoff: '2025-03',
  reliableKnowledge: '2025-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [
    { from: '2025-05-22', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 313, forced: 315, source: 'pricing-2026-10' },
  ],
  rateCards: [
    {
      from: '2025-05-22',
      standard: { input: '3', output: '15' },
      steps: [
        {
          abovePromptTokens: 200_000,
          needsBeta: 'context-1m-2025-08-07',
          until: '2026-04-30',
          input: '6',
          output: '22.50',
        },
      ],
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    anthropic: {
      released: '2025-05-22',
      deprecated: '2026-04-14',
      retired: '2026-06-15',
      notBefore: '2026-05-14',
      replacement: 'claude-sonnet-5-5',
      earlierReplacement: 'claude-sonnet-4-6',
    },
    bedrock: endOnBedrock('2026-04-14', '2026-10-14'),
    vertex: stillReachable,
    foundry: null,
  },
  notes: [
    'Supports a 1M token context window with the `context-1m-2025-08-07` beta header, for organizations in usage tier 4 or with custom limits.',
    'The 1M token context window ended on 2026-04-30.',
    'Long context pricing applies to requests exceeding 200K tokens.',
    'The 1M token context window has been on Vertex AI since 2025-08-26.',
  ],
  uncertain: [
    'its price on Bedrock from 2026-07-14 on, because AWS may charge more in the last three months before an end of life',
  ],
  furtherSources: { limits: ['release-notes'], lifecycle: ['bedrock-lifecycle-2026'] },
})
