import { defineModel } from './defaults/define-model.ts'
import { claude47 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeOpus5 = defineModel({
  ...claude47,
  id: 'claude-opus-5',
  name: 'Claude Opus 5',
  family: 'opus',
  generation: '5',
  bedrockProfiles: ['us', 'eu', 'jp', 'au', 'global'],
  priorityTier: false,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2026-05',
  reliableKnowledge: '2026-05',
  minCacheableTokens: 512,
  toolPromptTokens: [{ from: '2026-07-24', auto: 286, forced: 406, source: 'pricing-2026-10' }],
  behaviour: { ...claude47.behaviour, refusedTools: [{ tool: 'web_fetch', on: ['anthropic'] }] },
  thinking: {
    ...claude47.thinking,
    default: 'on',
    switchedOffUpToEffort: 'high',
    note: 'disabled accepted only at effort high or lower (400 at xhigh/max)',
  },
  rateCards: [
    {
      from: '2026-07-24',
      standard: { input: '5', output: '25' },
      fast: { input: '10', output: '50', ended: null },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-07-24', notBefore: '2027-07-24' }, ...onEveryCloud },
  notes: [
    'Prefill returns 400.',
    'Sampling parameters return 400.',
    'It has no web fetch tool.',
    'The cache prices of fast mode follow from the multipliers.',
  ],
  uncertain: [
    'web fetch exclusion: whats-new page Jul 2026; later status not checked',
    'the first day of fast mode, assumed to be the release day',
  ],
  furtherSources: { prices: ['fast-mode-2026-08'] },
})
