import { defineModel } from './defaults/define-model.ts'
import { claude51 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeSonnet55 = defineModel({
  ...claude51,
  id: 'claude-sonnet-5-5',
  name: 'Claude Sonnet 5.5',
  family: 'sonnet',
  generation: '5.5',
  bedrockProfiles: ['us', 'global'],
  priorityTier: null,
  comparativeLatency: 'Fast',
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: 512,
  toolPromptTokens: [{ from: '2026-09-28', auto: 286, forced: null, source: 'pricing-2026-10' }],
  behaviour: {
    ...claude51.behaviour,
    refusedTools: [{ tool: 'computer_20251124', on: ['anthropic', 'vertex'] }],
    advisors: [
      'claude-opus-5',
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-fable-5',
      'claude-fable-5-1',
      'claude-mythos-5',
      'claude-mythos-5-1',
    ],
  },
  thinking: {
    ...claude51.thinking,
    types: ['adaptive', 'between_tools'],
    default: 'on',
    shown: null,
    switchedOffUpToEffort: 'high',
    note: 'turn off up-front thinking with {type:"between_tools"} (no other fields, effort high or lower); disabled returns 400',
  },
  rateCards: [
    { from: '2026-09-28', standard: { input: '2', output: '10' }, source: 'release-notes' },
    {
      from: '2026-10-07',
      standard: { input: '2', cache_read: '0.10', output: '10' },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-09-28', notBefore: '2027-09-28' }, ...onEveryCloud },
  notes: [
    'A `tool_choice` of `any` or `tool` returns 400.',
    'Sampling parameters and prefill return 400.',
    'The tool `computer_20251124` is rejected on the Claude API and on Google Cloud, and accepted on Bedrock.',
  ],
  uncertain: [
    'priority tier',
    'inference profiles on Bedrock other than `us` and `global`',
    'structured outputs on Bedrock, on which sources conflict',
    'whether it takes advisors newer than those that its page lists',
  ],
  furtherSources: { prices: ['release-notes'], abilities: ['migration-2026'] },
})
