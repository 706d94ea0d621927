import { defineModel } from './defaults/define-model.ts'
import { claude3PriceRow } from './defaults/generations.ts'
import { assumeUnknownSince, endOnBedrock, inferLegacyDay } from './defaults/lifecycle.ts'

export const claudeSonnet35 = defineModel({
  ...claude3PriceRow,
  id: 'claude-3-5-sonnet-20241022',
  name: 'Claude Sonnet 3.5',
  displayName: 'Claude Sonnet 3.5 (New)',
  createdAt: '2024-10-22T00:00:00Z',
  family: 'sonnet',
  generation: '3.5',
  aliases: ['claude-3-5-sonnet-latest'],
  platforms: {
    bedrock: 'anthropic.claude-3-5-sonnet-20241022-v2:0',
    vertex: 'claude-3-5-sonnet-v2@20241022',
  },
  maxOutput: { tokens: 8192, tooltip: null, beta: null },
  trainingCutoff: '2024-04',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2024-10-22', auto: 346, forced: 313, source: 'overview-earlier' }],
  rateCards: [{ from: '2024-10-22', standard: { input: '3', output: '15' }, source: 'overview-2025-08' }],
  lifecycle: {
    anthropic: {
      released: '2024-10-22',
      deprecated: '2025-08-13',
      retired: '2025-10-28',
      notBefore: null,
      replacement: 'claude-sonnet-5-5',
      earlierReplacement: 'claude-sonnet-4-5-20250929',
    },
    bedrock: endOnBedrock('2026-01-30', '2026-07-30'),
    vertex: assumeUnknownSince('2025-10-28'),
    foundry: null,
  },
  notes: [
    'The page of August 2025 has only a row of the price table; the other facts are from earlier editions.',
    'Its retirement was first announced for 2025-10-22.',
  ],
  uncertain: [
    'ids of Bedrock/Vertex, context window, max output and cut-off come from earlier overview editions',
    'priority tier',
    'exact announced replacement wording',
    'tokens that tools add, which are from editions before August 2025',
    inferLegacyDay('2026-01-30'),
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026'] },
})
