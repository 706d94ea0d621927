import type { Model } from '../model.ts'
import { comparisonTable } from '../sources.ts'

export const claudeSonnet4: Model = {
  id: 'claude-sonnet-4-20250514',
  name: 'Claude Sonnet 4',
  displayName: 'Claude Sonnet 4',
  createdAt: '2025-05-22T00:00:00Z',
  family: 'sonnet',
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
  input: ['text', 'image'],
  output: ['text'],
  multilingual: true,
  vision: true,
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
  toolPromptTokens: { auto: 346, forced: 313 },
  behaviour: { overflow: 'refused', sampling: 'all', prefill: true },
  thinking: {
    types: ['enabled', 'disabled'],
    shown: 'summarized',
    interleaved: 'interleaved-thinking-2025-05-14',
  },
  rateCards: [
    {
      id: 'claude-sonnet-4/2025-05-22',
      from: '2025-05-22',
      standard: { input: '3', cache_write_5m: '3.75', cache_write_1h: '6', cache_read: '0.30', output: '15' },
      // Input and output as printed; the cache prices follow from the multipliers, which apply on top.
      longContext: {
        aboveTokens: 200_000,
        input: '6',
        cache_write_5m: '7.50',
        cache_write_1h: '12',
        cache_read: '0.60',
        output: '22.50',
      },
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    deprecated: '2026-04-14',
    retired: '2026-06-15',
    replacement: 'claude-sonnet-5-5',
    earlierReplacement: 'claude-sonnet-4-6',
  },
  notes: [
    'Supports a 1M token context window with the `context-1m-2025-08-07` beta header, for organizations in usage tier 4 or with custom limits, until 2026-04-30.',
    'Long context pricing applies to requests exceeding 200K tokens.',
  ],
  sources: {
    ...comparisonTable,
    names: [...comparisonTable.names, 'sdk-0.60'],
    limits: [...comparisonTable.limits, 'release-notes'],
    prices: [...comparisonTable.prices, 'pricing-2025-11'],
  },
}
