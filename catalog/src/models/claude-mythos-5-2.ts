import { defineModel } from './defaults/define-model.ts'
import { claude52 } from './defaults/generations.ts'
import { offered } from './defaults/lifecycle.ts'

export const claudeMythos52 = defineModel({
  ...claude52,
  id: 'claude-mythos-5-2',
  name: 'Claude Mythos 5.2',
  family: 'mythos',
  generation: '5.2',
  access: 'limited',
  bedrockProfiles: null,
  priorityTier: null,
  comparativeLatency: null,
  trainingCutoff: null,
  reliableKnowledge: null,
  minCacheableTokens: null,
  toolPromptTokens: [],
  behaviour: {
    ...claude52.behaviour,
    refusedTools: [{ tool: 'computer_20251124', on: ['anthropic', 'vertex', 'foundry'] }],
    advisors: ['claude-fable-5-2', 'claude-mythos-5-2'],
  },
  thinking: {
    ...claude52.thinking,
    returned: { ...claude52.thinking.returned, readsBoundOf: ['claude-fable-5-2'] },
  },
  rateCards: [
    {
      from: '2026-11-09',
      standard: { input: '8', cache_read: '0.20', output: '40' },
      fast: { input: '16', cache_read: '0.40', output: '80', needsBeta: null, ended: null },
      source: 'fable-5-2',
    },
  ],
  lifecycle: {
    anthropic: { ...offered, released: '2026-11-09', notBefore: '2027-11-09' },
    bedrock: { ...offered, notBefore: '2027-11-09' },
    vertex: { ...offered, notBefore: '2027-11-09' },
    foundry: offered,
  },
  notes: [
    'The tool `computer_20251124` is rejected, except on Bedrock.',
    'An advisor model must be a 5.2 model.',
    'The cache prices of fast mode follow from the multipliers.',
  ],
  uncertain: [
    'prices and dates assumed equal to Fable 5.2; only the id is confirmed (SDK)',
    'the prices of fast mode, assumed equal to those of Fable 5.2',
  ],
  furtherSources: { prices: ['fast-mode-2026-11'] },
})
