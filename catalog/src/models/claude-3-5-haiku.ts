import { defineModel } from './defaults/define-model.ts'
import { claude3 } from './defaults/generations.ts'
import { endOnBedrock, offered } from './defaults/lifecycle.ts'

export const claudeHaiku35 = defineModel({
  ...claude3,
  id: 'claude-3-5-haiku-20241022',
  name: 'Claude Haiku 3.5',
  createdAt: '2024-10-22T00:00:00Z',
  family: 'haiku',
  generation: '3.5',
  aliases: ['claude-3-5-haiku-latest'],
  bedrockProfiles: ['us'],
  description: 'Our fastest model',
  strengths: 'Intelligence at blazing speeds',
  priorityTier: true,
  comparativeLatency: 'Fastest',
  contextWindow: { tokens: 200_000, tooltip: '~150K words, ~215K unicode characters', beta: null },
  maxOutput: {
    tokens: 8192,
    tooltip: '~6.2K words, 28K unicode characters, ~12-13 single spaced pages',
    beta: null,
  },
  trainingCutoff: '2024-07',
  reliableKnowledge: null,
  minCacheableTokens: 2048,
  toolPromptTokens: [
    { from: '2024-10-22', auto: 264, forced: 340, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 264, forced: 355, source: 'pricing-2026-10' },
  ],
  behaviour: { ...claude3.behaviour, forcedToolChoice: 'unless_thinking' },
  rateCards: [
    // Launched in November 2024 at a different price, lowered some weeks later; from this day the page's
    // price is certain.
    {
      from: '2025-01-01',
      standard: { input: '0.80', cache_write_1h: '1.6', output: '4' },
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    anthropic: {
      released: '2024-10-22',
      deprecated: '2025-12-19',
      retired: '2026-02-19',
      notBefore: '2025-10-22',
      replacement: 'claude-haiku-4-5-20251001',
    },
    // Sources conflict: Anthropic's page of October 2026 lists it as reachable on both clouds. A cloud's own
    // page decides.
    bedrock: endOnBedrock('2025-12-19', '2026-06-19'),
    vertex: { ...offered, deprecated: '2026-01-05', retired: '2026-07-05' },
    foundry: null,
  },
  notes: ['The page gives ~215K unicode characters for its 200K window, where every other model has ~680K.'],
  uncertain: [
    'behaviour of the seed-era API when prompt + max_tokens exceeds the window for pre-3.7 models: documented only as an implicit cap',
    'its end on Bedrock and on Google Cloud: the deprecations page of October 2026 still lists both, after the days of their own pages',
    'its price before 2025, which was different at launch',
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026', 'vertex-deprecations-2026'] },
})
