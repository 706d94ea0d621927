import { defineModel } from './defaults/define-model.ts'
import { claude46 } from './defaults/generations.ts'
import { offered } from './defaults/lifecycle.ts'
import { output128k } from './defaults/limits.ts'

export const claudeMythosPreview = defineModel({
  ...claude46,
  id: 'claude-mythos-preview',
  name: 'Claude Mythos Preview',
  family: 'mythos',
  generation: 'preview',
  access: 'invitation',
  bedrockProfiles: null,
  priorityTier: false,
  comparativeLatency: null,
  contextWindow: { tokens: 1_000_000, tooltip: null, beta: null },
  maxOutput: output128k,
  trainingCutoff: null,
  reliableKnowledge: null,
  minCacheableTokens: 2048,
  toolPromptTokens: [],
  behaviour: { ...claude46.behaviour, sampling: 'default_only', structuredOutputs: { supported: null } },
  thinking: {
    ...claude46.thinking,
    types: ['enabled', 'adaptive'],
    default: 'always_on',
    shown: null,
  },
  rateCards: [],
  lifecycle: {
    anthropic: {
      released: '2026-04-07',
      deprecated: '2026-06-09',
      retired: null,
      notBefore: null,
      replacement: 'claude-mythos-5',
    },
    bedrock: { ...offered, note: 'By invitation, in us-east-1 only.' },
    vertex: null,
    foundry: null,
  },
  uncertain: [
    'price: not in the docs table; 25/125 USD per MTok circulates in secondary sources, unverified',
    'platform ids',
    'its retirement: the SDKs warn of 2026-06-30 since November 2026, while the deprecations page states no day',
  ],
})
