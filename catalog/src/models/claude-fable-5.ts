import { defineModel } from './defaults/define-model.ts'
import { claude5Fable } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeFable5 = defineModel({
  ...claude5Fable,
  id: 'claude-fable-5',
  name: 'Claude Fable 5',
  family: 'fable',
  generation: '5',
  bedrockProfiles: ['us', 'global'],
  priorityTier: true,
  comparativeLatency: null,
  trainingCutoff: '2026-01',
  reliableKnowledge: '2026-01',
  minCacheableTokens: 512,
  toolPromptTokens: [],
  rateCards: [{ from: '2026-06-09', standard: { input: '10', output: '50' }, source: 'pricing-2026-10' }],
  lifecycle: { anthropic: { ...offered, released: '2026-06-09', notBefore: '2027-06-09' }, ...onEveryCloud },
  notes: [
    'Safety classifiers may end an answer with the `stop_reason` `refusal` and `stop_details`.',
    'It requires a retention of 30 days: there is no zero data retention.',
  ],
  uncertain: [
    'Bedrock model card says minimum cacheable prompt 1024',
    'tool-use system prompt tokens not found',
    'access was suspended about 2026-06-12 to 2026-07-01',
    'inference profiles on Bedrock other than `us` and `global`',
  ],
})
