import { defineModel } from './defaults/define-model.ts'
import { claude4 } from './defaults/generations.ts'
import { endOnBedrock, offeredWhenFoundryBegan, stillReachable } from './defaults/lifecycle.ts'
import { output32k } from './defaults/limits.ts'

export const claudeOpus41 = defineModel({
  ...claude4,
  id: 'claude-opus-4-1-20250805',
  name: 'Claude Opus 4.1',
  createdAt: '2025-08-05T00:00:00Z',
  family: 'opus',
  generation: '4.1',
  aliases: ['claude-opus-4-1'],
  bedrockProfiles: ['us'],
  description: 'Our most capable model',
  strengths: 'Highest level of intelligence and capability',
  priorityTier: true,
  comparativeLatency: 'Moderately Fast',
  maxOutput: output32k,
  trainingCutoff: '2025-03',
  reliableKnowledge: '2025-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [
    { from: '2025-08-05', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 313, forced: 315, source: 'pricing-2026-10' },
  ],
  behaviour: {
    ...claude4.behaviour,
    sampling: 'temperature_xor_top_p',
    structuredOutputs: { supported: true },
  },
  rateCards: [{ from: '2025-08-05', standard: { input: '15', output: '75' }, source: 'overview-2025-08' }],
  lifecycle: {
    anthropic: {
      released: '2025-08-05',
      deprecated: '2026-06-05',
      retired: '2026-08-05',
      notBefore: '2026-08-05',
      replacement: 'claude-opus-4-8',
    },
    bedrock: endOnBedrock('2026-07-08', '2027-01-08'),
    vertex: stillReachable,
    foundry: offeredWhenFoundryBegan,
  },
  notes: ['Does not allow both `temperature` and `top_p` parameters to be specified; use only one.'],
  uncertain: [
    'its price on Bedrock from 2026-10-08 on, because AWS may charge more in the last three months before an end of life',
  ],
  furtherSources: { names: ['model-ids-2026'], lifecycle: ['bedrock-lifecycle-2026'] },
})
