import { defineModel } from './defaults/define-model.ts'
import { claude51 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'
import { output128k } from './defaults/limits.ts'

export const claudeMythos51 = defineModel({
  ...claude51,
  id: 'claude-mythos-5-1',
  name: 'Claude Mythos 5.1',
  family: 'mythos',
  generation: '5.1',
  access: 'limited',
  bedrockProfiles: null,
  priorityTier: false,
  comparativeLatency: null,
  contextWindow: { tokens: 1_000_000, tooltip: null, beta: null },
  maxOutput: output128k,
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: 512,
  toolPromptTokens: [],
  thinking: {
    ...claude51.thinking,
    shown: null,
    returned: {
      ...claude51.thinking.returned,
      checksConversation: false,
      readsBoundOf: ['claude-fable-5-1', 'claude-opus-5-5'],
    },
  },
  rateCards: [
    {
      from: '2026-09-01',
      standard: { input: '10', cache_read: '0.25', output: '50' },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-09-01', notBefore: '2027-09-01' }, ...onEveryCloud },
  uncertain: ['details assumed equal to Fable 5.1'],
})
