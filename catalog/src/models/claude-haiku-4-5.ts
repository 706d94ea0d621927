import { defineModel } from './defaults/define-model.ts'
import { claude45 } from './defaults/generations.ts'
import { offered, onEveryCloud, offeredWhenFoundryBegan } from './defaults/lifecycle.ts'

export const claudeHaiku45 = defineModel({
  ...claude45,
  id: 'claude-haiku-4-5-20251001',
  name: 'Claude Haiku 4.5',
  createdAt: '2025-10-15T00:00:00Z',
  family: 'haiku',
  generation: '4.5',
  aliases: ['claude-haiku-4-5'],
  mantleId: 'anthropic.claude-haiku-4-5',
  bedrockProfiles: ['global', 'us', 'eu', 'jp', 'au'],
  priorityTier: true,
  comparativeLatency: 'Fastest',
  trainingCutoff: '2025-07',
  reliableKnowledge: '2025-02',
  minCacheableTokens: 4096,
  toolPromptTokens: [
    { from: '2025-10-15', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 496, forced: 588, source: 'pricing-2026-10' },
  ],
  thinking: { ...claude45.thinking, interleaved: null },
  rateCards: [{ from: '2025-10-15', standard: { input: '1', output: '5' }, source: 'pricing-2026-10' }],
  lifecycle: {
    anthropic: { ...offered, released: '2025-10-15', notBefore: '2026-10-15' },
    ...onEveryCloud,
    foundry: offeredWhenFoundryBegan,
  },
  notes: [
    'A `thinking.type` of `adaptive` is rejected.',
    'It has no effort parameter.',
    'It has no interleaved thinking.',
    'The parameter `inference_geo` returns 400.',
  ],
  uncertain: [
    'not-sooner-than date has passed; no deprecation notice found up to Oct 2026',
    'inference profiles `jp` and `au` on Bedrock',
    'anthropic.claude-haiku-4-5 is the id on the Messages endpoint of Bedrock; whether the runtime accepts it is not known',
  ],
  furtherSources: { names: ['models-api'], tokens: ['pricing-2025-11'] },
})
