import { defineModel } from './defaults/define-model.ts'
import { claude51 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'
import { output128k } from './defaults/limits.ts'

export const claudeFable51 = defineModel({
  ...claude51,
  id: 'claude-fable-5-1',
  name: 'Claude Fable 5.1',
  family: 'fable',
  generation: '5.1',
  bedrockProfiles: ['us', 'global'],
  priorityTier: null,
  comparativeLatency: 'Slower',
  maxOutput: output128k,
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: 512,
  toolPromptTokens: [],
  thinking: {
    ...claude51.thinking,
    returned: {
      ...claude51.thinking.returned,
      readsBoundOf: ['claude-mythos-5-1', 'claude-opus-5-5'],
    },
    note: 'thinking blocks bound to model and conversation; prefix check for accounts created on or after 2026-08-31',
  },
  rateCards: [
    {
      from: '2026-09-01',
      standard: { input: '10', cache_read: '0.25', output: '50' },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-09-01', notBefore: '2027-09-01' }, ...onEveryCloud },
  notes: ['A `tool_choice` of `any` or `tool` returns 400.', 'Its output has a watermark.'],
  uncertain: [
    'training cut-off row (the page shows one knowledge cut-off, Jun 2026)',
    'priority tier',
    'tool-use system prompt tokens',
    'inference profiles on Bedrock other than `us` and `global`',
  ],
})
