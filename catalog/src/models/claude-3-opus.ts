import { defineModel } from './defaults/define-model.ts'
import { claude3PriceRow } from './defaults/generations.ts'
import { assumeUnknownSince } from './defaults/lifecycle.ts'

export const claudeOpus3 = defineModel({
  ...claude3PriceRow,
  id: 'claude-3-opus-20240229',
  name: 'Claude Opus 3',
  createdAt: '2024-02-29T00:00:00Z',
  family: 'opus',
  generation: '3',
  aliases: ['claude-3-opus-latest'],
  maxOutput: { tokens: 4096, tooltip: null, beta: null },
  trainingCutoff: '2023-08',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2024-02-29', auto: 530, forced: 281, source: 'pricing-2025-11' }],
  rateCards: [{ from: '2024-02-29', standard: { input: '15', output: '75' }, source: 'overview-2025-08' }],
  lifecycle: {
    anthropic: {
      released: '2024-02-29',
      deprecated: '2025-06-30',
      retired: '2026-01-05',
      notBefore: null,
      replacement: 'claude-opus-4-8',
      earlierReplacement: 'claude-opus-4-1-20250805',
    },
    bedrock: assumeUnknownSince('2026-01-05'),
    vertex: assumeUnknownSince('2026-01-05'),
    foundry: null,
  },
  notes: [
    'The page of August 2025 has only a row of the price table; the other facts are from earlier editions.',
  ],
  uncertain: [
    'Bedrock/Vertex ids, context window, max output, cut-off: earlier overview editions',
    'priority tier',
    'release date is the snapshot date shown by the Models API; public launch was 2024-03-04',
  ],
  furtherSources: { tokens: ['pricing-2025-11'] },
})
