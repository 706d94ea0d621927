import { defineModel } from './defaults/define-model.ts'
import { claude5Fable } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeMythos5 = defineModel({
  ...claude5Fable,
  id: 'claude-mythos-5',
  name: 'Claude Mythos 5',
  family: 'mythos',
  generation: '5',
  access: 'limited',
  bedrockProfiles: null,
  priorityTier: false,
  comparativeLatency: null,
  contextWindow: { tokens: 1_000_000, tooltip: null, beta: null },
  trainingCutoff: '2026-01',
  reliableKnowledge: '2026-01',
  minCacheableTokens: 512,
  toolPromptTokens: [],
  rateCards: [{ from: '2026-06-09', standard: { input: '10', output: '50' }, source: 'pricing-2026-10' }],
  lifecycle: { anthropic: { ...offered, released: '2026-06-09', notBefore: '2027-06-09' }, ...onEveryCloud },
  uncertain: ['availability per platform'],
})
