import { defineModel } from './defaults/define-model.ts'
import { claude47 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeSonnet5 = defineModel({
  ...claude47,
  id: 'claude-sonnet-5',
  name: 'Claude Sonnet 5',
  family: 'sonnet',
  generation: '5',
  bedrockProfiles: ['us', 'eu', 'jp', 'au', 'global'],
  priorityTier: false,
  comparativeLatency: 'Fast',
  trainingCutoff: '2026-01',
  reliableKnowledge: '2026-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2026-06-30', auto: 354, forced: 474, source: 'pricing-2026-10' }],
  thinking: { ...claude47.thinking, default: 'on' },
  rateCards: [
    {
      from: '2026-06-30',
      standard: { input: '2', output: '10' },
      note: 'Launched at this price as an introductory price.',
      source: 'release-notes',
    },
    {
      from: '2026-08-10',
      standard: { input: '2', output: '10' },
      note: 'The introductory price became the standard price.',
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-06-30', notBefore: '2027-06-30' }, ...onEveryCloud },
  notes: [
    'Prefill returns 400.',
    'Sampling parameters other than the default return 400.',
    'A `thinking.type` of `enabled` returns 400.',
  ],
  furtherSources: { prices: ['release-notes'] },
})
