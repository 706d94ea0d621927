import type { Model } from '../model.ts'
import { comparisonTable } from '../sources.ts'
import { claude3Behaviour, stated, stillReachable, textAndVision } from './generation.ts'

export const claudeHaiku35: Model = {
  id: 'claude-3-5-haiku-20241022',
  name: 'Claude Haiku 3.5',
  displayName: 'Claude Haiku 3.5',
  createdAt: '2024-10-22T00:00:00Z',
  family: 'haiku',
  generation: '3.5',
  access: null,
  page: 'column',
  factsAsOf: '2025-08-15',
  aliases: ['claude-3-5-haiku-latest'],
  otherIds: [],
  platforms: {
    anthropic: 'claude-3-5-haiku-20241022',
    bedrock: 'anthropic.claude-3-5-haiku-20241022-v1:0',
    vertex: 'claude-3-5-haiku@20241022',
    foundry: null,
  },
  bedrockProfiles: ['us'],
  description: 'Our fastest model',
  strengths: 'Intelligence at blazing speeds',
  ...textAndVision,
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
  imageDetail: 'standard',
  regionalPremium: false,
  behaviour: { ...claude3Behaviour, forcedToolChoice: 'unless_thinking' },
  thinking: null,
  effort: null,
  rateCards: [
    // Launched in November 2024 at a different price, lowered some weeks later; from this day the page's
    // price is certain.
    {
      id: 'claude-3-5-haiku/2025-01-01',
      from: '2025-01-01',
      standard: {
        input: '0.80',
        cache_write_5m: '1',
        cache_write_1h: '1.6',
        cache_read: '0.08',
        output: '4',
      },
      batch: { input: '0.40', output: '2' },
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
    bedrock: stated(
      'deprecated',
      '2026-08-01',
      'bedrock-2026-08',
      'Reachable until about October 2026 (uncertain).',
    ),
    vertex: stillReachable,
    foundry: null,
  },
  notes: ['The page gives ~215K unicode characters for its 200K window, where every other model has ~680K.'],
  uncertain: [
    'behaviour of the seed-era API when prompt + max_tokens exceeds the window for pre-3.7 models: documented only as an implicit cap',
    'reachable on Bedrock until about October 2026',
    'its price before 2025, which was different at launch',
  ],
  sources: comparisonTable,
}
