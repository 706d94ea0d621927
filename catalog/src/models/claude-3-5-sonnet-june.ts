import { defineModel } from './defaults/define-model.ts'
import { claude3PriceRow } from './defaults/generations.ts'
import { assumeUnknownSince, endOnBedrock, inferLegacyDay } from './defaults/lifecycle.ts'

export const claudeSonnet35June = defineModel({
  ...claude3PriceRow,
  id: 'claude-3-5-sonnet-20240620',
  name: 'Claude Sonnet 3.5',
  displayName: 'Claude Sonnet 3.5 (Old)',
  createdAt: '2024-06-20T00:00:00Z',
  family: 'sonnet',
  generation: '3.5',
  maxOutput: { tokens: 8192, tooltip: null, beta: null },
  trainingCutoff: '2024-04',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2024-06-20', auto: 294, forced: 261, source: 'overview-earlier' }],
  rateCards: [
    {
      id: 'claude-3-5-sonnet-20240620/2024-06-20',
      from: '2024-06-20',
      standard: { input: '3', output: '15' },
      source: 'overview-2025-08',
    },
  ],
  lifecycle: {
    anthropic: {
      released: '2024-06-20',
      deprecated: '2025-08-13',
      retired: '2025-10-28',
      notBefore: null,
      replacement: 'claude-sonnet-5-5',
    },
    bedrock: endOnBedrock('2026-01-30', '2026-07-30'),
    vertex: assumeUnknownSince('2025-10-28'),
    foundry: null,
  },
  notes: [
    'The page of August 2025 has only a row of the price table, shared with the later snapshot; the other facts are from earlier editions.',
    'Its maximum output was 4096 tokens at first, and 8192 with the header `max-tokens-3-5-sonnet-2024-07-15`, which is obsolete.',
    'Its retirement was first announced for 2025-10-22.',
  ],
  uncertain: [
    'everything except price, API id, deprecation and retirement dates',
    'tokens that tools add, which are from editions before August 2025',
    inferLegacyDay('2026-01-30'),
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026'] },
})
