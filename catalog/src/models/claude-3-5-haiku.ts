import type { Model } from '../model.ts'
import { comparisonTable } from '../sources.ts'

export const claudeHaiku35: Model = {
  id: 'claude-3-5-haiku-20241022',
  name: 'Claude Haiku 3.5',
  displayName: 'Claude Haiku 3.5',
  createdAt: '2024-10-22T00:00:00Z',
  family: 'haiku',
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
  input: ['text', 'image'],
  output: ['text'],
  multilingual: true,
  vision: true,
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
  toolPromptTokens: { auto: 264, forced: 340 },
  behaviour: { overflow: 'cut', sampling: 'all', prefill: true },
  thinking: null,
  rateCards: [
    // Launched in November 2024 at another price, lowered some weeks later: from here on the page's is certain.
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
      source: 'overview-2025-08',
    },
  ],
  lifecycle: { deprecated: '2025-12-19', retired: '2026-02-19', replacement: 'claude-haiku-4-5-20251001' },
  notes: ['The page gives ~215K unicode characters for its 200K window, where every other model has ~680K.'],
  sources: comparisonTable,
}
