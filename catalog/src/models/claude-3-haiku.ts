import { defineModel } from './defaults/define-model.ts'
import { claude3 } from './defaults/generations.ts'
import { assumeUnknownSince, endOnBedrock, inferLegacyDay } from './defaults/lifecycle.ts'

export const claudeHaiku3 = defineModel({
  ...claude3,
  id: 'claude-3-haiku-20240307',
  name: 'Claude Haiku 3',
  createdAt: '2024-03-07T00:00:00Z',
  family: 'haiku',
  generation: '3',
  bedrockProfiles: ['us', 'eu', 'apac'],
  description: 'Fast and compact model for near-instant responsiveness',
  strengths: 'Quick and accurate targeted performance',
  priorityTier: false,
  comparativeLatency: 'Fast',
  maxOutput: {
    tokens: 4096,
    tooltip: '~3.1K words, 14K unicode characters, ~6-7 single spaced pages',
    beta: null,
  },
  trainingCutoff: '2023-08',
  reliableKnowledge: null,
  minCacheableTokens: 2048,
  toolPromptTokens: [{ from: '2024-03-07', auto: 264, forced: 340, source: 'pricing-2025-11' }],
  behaviour: { ...claude3.behaviour, forcedToolChoice: 'unless_thinking', citations: false },
  rateCards: [
    {
      from: '2024-03-07',
      standard: {
        input: '0.25',
        cache_write_5m: '0.30',
        cache_write_1h: '0.50',
        cache_read: '0.03',
        output: '1.25',
      },
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    anthropic: {
      released: '2024-03-07',
      deprecated: '2026-02-19',
      retired: '2026-04-20',
      notBefore: '2025-03-07',
      replacement: 'claude-haiku-4-5-20251001',
    },
    bedrock: endOnBedrock('2026-03-10', '2026-09-10'),
    vertex: assumeUnknownSince('2026-04-20'),
    foundry: null,
  },
  notes: ['The cache prices are the figures the page prints; they do not follow from the usual multipliers.'],
  uncertain: [
    'behaviour of the seed-era API when prompt + max_tokens exceeds the window for pre-3.7 models: documented only as an implicit cap',
    inferLegacyDay('2026-03-10'),
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026'] },
})
