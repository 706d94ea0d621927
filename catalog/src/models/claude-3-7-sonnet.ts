import type { Model } from '../model.ts'
import { comparisonTable } from '../sources.ts'

export const claudeSonnet37: Model = {
  id: 'claude-3-7-sonnet-20250219',
  name: 'Claude Sonnet 3.7',
  displayName: 'Claude Sonnet 3.7',
  createdAt: '2025-02-24T00:00:00Z',
  family: 'sonnet',
  factsAsOf: '2025-08-15',
  aliases: ['claude-3-7-sonnet-latest'],
  otherIds: [],
  platforms: {
    anthropic: 'claude-3-7-sonnet-20250219',
    bedrock: 'anthropic.claude-3-7-sonnet-20250219-v1:0',
    vertex: 'claude-3-7-sonnet@20250219',
    foundry: null,
  },
  bedrockProfiles: ['us', 'eu', 'apac'],
  description: 'High-performance model with early extended thinking',
  strengths: 'High intelligence with toggleable extended thinking',
  input: ['text', 'image'],
  output: ['text'],
  multilingual: true,
  vision: true,
  priorityTier: true,
  comparativeLatency: 'Fast',
  contextWindow: { tokens: 200_000, tooltip: '~150K words, ~680K unicode characters', beta: null },
  maxOutput: {
    tokens: 64_000,
    tooltip: '~48K words, 218K unicode characters, ~100 single spaced pages',
    beta: { header: 'output-128k-2025-02-19', tokens: 128_000, until: null },
  },
  trainingCutoff: '2024-11',
  reliableKnowledge: '2024-10',
  minCacheableTokens: 1024,
  toolPromptTokens: { auto: 346, forced: 313 },
  behaviour: { overflow: 'refused', sampling: 'all', prefill: true },
  thinking: { types: ['enabled', 'disabled'], shown: 'full', interleaved: null },
  rateCards: [
    {
      id: 'claude-3-7-sonnet/2025-02-24',
      from: '2025-02-24',
      standard: { input: '3', cache_write_5m: '3.75', cache_write_1h: '6', cache_read: '0.30', output: '15' },
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    deprecated: '2025-10-28',
    retired: '2026-02-19',
    replacement: 'claude-sonnet-5-5',
    earlierReplacement: 'claude-sonnet-4-5-20250929',
  },
  notes: [
    'Trained on publicly available information through November 2024; its knowledge is most extensive and reliable up to the end of October 2024.',
    'The beta header `output-128k-2025-02-19` raises the maximum output to 128k tokens; stream long outputs.',
  ],
  sources: comparisonTable,
}
