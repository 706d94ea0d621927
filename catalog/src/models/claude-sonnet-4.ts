import type { Model } from '../model.ts'
import { comparisonTable } from '../sources.ts'
import { claude4Behaviour, manualThinking, stated, stillReachable, textAndVision } from './generation.ts'

export const claudeSonnet4: Model = {
  id: 'claude-sonnet-4-20250514',
  name: 'Claude Sonnet 4',
  displayName: 'Claude Sonnet 4',
  createdAt: '2025-05-22T00:00:00Z',
  family: 'sonnet',
  generation: '4',
  access: null,
  page: 'column',
  factsAsOf: '2025-08-15',
  aliases: ['claude-sonnet-4-0'],
  otherIds: ['claude-4-sonnet-20250514'],
  platforms: {
    anthropic: 'claude-sonnet-4-20250514',
    bedrock: 'anthropic.claude-sonnet-4-20250514-v1:0',
    vertex: 'claude-sonnet-4@20250514',
    foundry: null,
  },
  bedrockProfiles: ['global', 'us', 'eu', 'apac'],
  description: 'High-performance model',
  strengths: 'High intelligence and balanced performance',
  ...textAndVision,
  priorityTier: true,
  comparativeLatency: 'Fast',
  contextWindow: {
    tokens: 200_000,
    tooltip: '~150K words, ~680K unicode characters',
    beta: { header: 'context-1m-2025-08-07', tokens: 1_000_000, until: '2026-04-30' },
  },
  maxOutput: {
    tokens: 64_000,
    tooltip: '~48K words, 218K unicode characters, ~100 single spaced pages',
    beta: null,
  },
  trainingCutoff: '2025-03',
  reliableKnowledge: '2025-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [
    { from: '2025-05-22', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 313, forced: 315, source: 'pricing-2026-10' },
  ],
  imageDetail: 'standard',
  regionalPremium: false,
  behaviour: claude4Behaviour,
  thinking: manualThinking,
  effort: null,
  rateCards: [
    {
      id: 'claude-sonnet-4/2025-05-22',
      from: '2025-05-22',
      standard: { input: '3', cache_write_5m: '3.75', cache_write_1h: '6', cache_read: '0.30', output: '15' },
      // Input and output as printed; the cache and batch prices follow from the multipliers, which apply on top.
      steps: [
        {
          abovePromptTokens: 200_000,
          needsBeta: 'context-1m-2025-08-07',
          until: '2026-04-30',
          input: '6',
          cache_write_5m: '7.50',
          cache_write_1h: '12',
          cache_read: '0.60',
          output: '22.50',
          batch: { input: '3', output: '11.25' },
        },
      ],
      batch: { input: '1.50', output: '7.50' },
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
    bedrock: stated('deprecated', '2026-08-01', 'bedrock-2026-08', stillReachable.note),
    vertex: stillReachable,
    foundry: null,
  },
  notes: [
    'Supports a 1M token context window with the `context-1m-2025-08-07` beta header, for organizations in usage tier 4 or with custom limits, until 2026-04-30.',
    'Long context pricing applies to requests exceeding 200K tokens.',
    'The 1M token context window has been on Vertex AI since 2025-08-26.',
  ],
  uncertain: [],
  sources: {
    ...comparisonTable,

    limits: [...comparisonTable.limits, 'release-notes'],
  },
}
