import { defineModel } from './defaults/define-model.ts'
import { claude47 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeOpus48 = defineModel({
  ...claude47,
  id: 'claude-opus-4-8',
  name: 'Claude Opus 4.8',
  family: 'opus',
  generation: '4.8',
  bedrockProfiles: ['us', 'eu', 'jp', 'au', 'global'],
  priorityTier: true,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2026-01',
  reliableKnowledge: '2026-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2026-05-28', auto: 290, forced: 410, source: 'pricing-2026-10' }],
  rateCards: [
    {
      from: '2026-05-28',
      standard: { input: '5', output: '25' },
      fast: { input: '10', output: '50', ended: { on: '2026-11-30', afterwards: 'refused' } },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-05-28', notBefore: '2027-05-28' }, ...onEveryCloud },
  notes: [
    'Thinking, sampling and prefill are those of Opus 4.7.',
    'It accepts system messages in the middle of a conversation.',
    'A request with `speed: "fast"` is deprecated since 2026-10-30, and returns an error from 2026-11-30 on.',
    'The cache prices of fast mode follow from the multipliers.',
  ],
  uncertain: ['the first day of fast mode, assumed to be the release day'],
  furtherSources: { prices: ['fast-mode-2026-08', 'fast-mode-2026-11'] },
})
