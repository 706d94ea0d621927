import { defineModel } from './defaults/define-model.ts'
import { claude51 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeOpus55 = defineModel({
  ...claude51,
  id: 'claude-opus-5-5',
  name: 'Claude Opus 5.5',
  family: 'opus',
  generation: '5.5',
  bedrockProfiles: ['us', 'jp', 'global'],
  priorityTier: null,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: 512,
  toolPromptTokens: [{ from: '2026-09-22', auto: 286, forced: null, source: 'pricing-2026-10' }],
  behaviour: {
    ...claude51.behaviour,
    refusedTools: [{ tool: 'computer_20251124', on: ['anthropic', 'vertex'] }],
  },
  thinking: { ...claude51.thinking, note: 'disabled and enabled return 400' },
  effort: { ...claude51.effort, default: 'medium' },
  rateCards: [
    {
      from: '2026-09-22',
      standard: { input: '4', cache_read: '0.20', output: '20' },
      fast: { input: '8', cache_read: '0.40', output: '40', needsBeta: null, ended: null },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-09-22', notBefore: '2027-09-22' }, ...onEveryCloud },
  notes: [
    'A `tool_choice` of `any` or `tool` returns 400.',
    'The tool `computer_20251124` is rejected on the Claude API and on Google Cloud, and accepted on Bedrock.',
    'Sampling parameters and prefill return 400.',
    'The cache prices of fast mode follow from the multipliers.',
  ],
  uncertain: [
    'priority tier',
    'inference profiles `eu` and `au` on Bedrock are likely',
    'the first day of fast mode, assumed to be the release day, and whether it required a header until October 2026',
    'structured outputs on Bedrock, on which sources conflict',
  ],
  furtherSources: { prices: ['fast-mode-2026-11'], abilities: ['migration-2026'] },
})
