import { defineModel } from './defaults/define-model.ts'
import { claude45 } from './defaults/generations.ts'
import { offered, offeredWhenFoundryBegan } from './defaults/lifecycle.ts'

export const claudeSonnet45 = defineModel({
  ...claude45,
  id: 'claude-sonnet-4-5-20250929',
  name: 'Claude Sonnet 4.5',
  createdAt: '2025-09-29T00:00:00Z',
  family: 'sonnet',
  generation: '4.5',
  factsAsOf: '2025-11-15',
  aliases: ['claude-sonnet-4-5'],
  bedrockProfiles: ['global', 'us', 'eu', 'jp', 'au'],
  priorityTier: true,
  comparativeLatency: 'Fast',
  contextWindow: {
    ...claude45.contextWindow,
    beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000, until: '2026-04-30' },
  },
  trainingCutoff: '2025-07',
  reliableKnowledge: '2025-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [
    { from: '2025-09-29', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 496, forced: 588, source: 'pricing-2026-10' },
  ],
  rateCards: [
    {
      from: '2025-09-29',
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
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: {
    anthropic: {
      released: '2025-09-29',
      deprecated: '2026-09-30',
      retired: '2026-11-30',
      notBefore: null,
      replacement: 'claude-sonnet-5-5',
    },
    bedrock: {
      ...offered,
      stated: [{ from: '2026-11-22', status: 'deprecated', source: 'claude-code-2.1.330' }],
      note: "Claude Code 2.1.330 warns of its retirement on 2026-11-30; the platform's own day was not found.",
    },
    vertex: offered,
    foundry: offeredWhenFoundryBegan,
  },
  notes: [
    'A `thinking.type` of `adaptive` is rejected.',
    'It has no effort parameter.',
    'The parameter `inference_geo` returns 400.',
    'The 1M token window was for organizations in usage tier 4 or with custom limits, until 2026-04-30; the cache and batch prices above 200,000 tokens follow from the multipliers.',
  ],
  uncertain: ['an inference profile `au` on Bedrock'],
  furtherSources: {
    names: ['models-api'],
    tokens: ['pricing-2025-11'],
    limits: ['release-notes'],
    prices: ['pricing-2025-11'],
    lifecycle: ['claude-code-2.1.330'],
  },
})
