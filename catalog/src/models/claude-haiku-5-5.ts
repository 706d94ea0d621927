import { defineModel } from './defaults/define-model.ts'
import { claude51 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeHaiku55 = defineModel({
  ...claude51,
  id: 'claude-haiku-5-5',
  name: 'Claude Haiku 5.5',
  family: 'haiku',
  generation: '5.5',
  bedrockProfiles: ['us', 'global'],
  priorityTier: null,
  comparativeLatency: 'Fastest',
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: 512,
  toolPromptTokens: [{ from: '2026-10-07', auto: 286, forced: 406, source: 'pricing-2026-10' }],
  behaviour: {
    ...claude51.behaviour,
    strictSampling: true,
    forcedToolChoice: 'unless_thinking',
    structuredOutputs: { supported: true, notOn: ['bedrock'] },
  },
  thinking: {
    ...claude51.thinking,
    types: ['adaptive', 'disabled'],
    default: 'on',
    shown: null,
    switchedOffUpToEffort: 'high',
    returned: { ...claude51.thinking.returned, boundTo: 'conversation', readsUnbound: false },
    note: 'disabled accepted at effort high or lower',
  },
  effort: { ...claude51.effort, default: 'medium' },
  rateCards: [
    {
      from: '2026-10-07',
      standard: { input: '0.10', output: '0.50' },
      steps: [{ abovePromptTokens: 100_000, needsBeta: null, until: null, input: '0.50', output: '2.50' }],
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-10-07', notBefore: '2027-10-07' }, ...onEveryCloud },
  notes: [
    'Sampling parameters, prefill and `budget_tokens` return 400.',
    'Structured outputs are not available on Bedrock.',
    'Server-side fallback is not available.',
  ],
  uncertain: [
    'priority tier',
    'which effort levels above high',
    'a top_p of 1 and temperature with top_p are rejected, according to its migration guide alone',
    'inference profiles on Bedrock other than `us` and `global`',
  ],
  furtherSources: { abilities: ['migration-2026'] },
})
