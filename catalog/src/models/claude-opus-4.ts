import { defineModel } from './defaults/define-model.ts'
import { claude4 } from './defaults/generations.ts'
import { endOnBedrock, inferLegacyDay, stillReachable } from './defaults/lifecycle.ts'
import { output32k } from './defaults/limits.ts'

export const claudeOpus4 = defineModel({
  ...claude4,
  id: 'claude-opus-4-20250514',
  name: 'Claude Opus 4',
  createdAt: '2025-05-22T00:00:00Z',
  family: 'opus',
  generation: '4',
  aliases: ['claude-opus-4-0'],
  otherIds: ['claude-4-opus-20250514'],
  bedrockProfiles: ['us'],
  description: 'Our previous flagship model',
  strengths: 'Very high intelligence and capability',
  priorityTier: true,
  comparativeLatency: 'Moderately Fast',
  maxOutput: output32k,
  trainingCutoff: '2025-03',
  reliableKnowledge: '2025-01',
  minCacheableTokens: 1024,
  toolPromptTokens: [
    { from: '2025-05-22', auto: 346, forced: 313, source: 'pricing-2025-11' },
    { from: '2026-10-01', auto: 313, forced: 315, source: 'pricing-2026-10' },
  ],
  rateCards: [{ from: '2025-05-22', standard: { input: '15', output: '75' }, source: 'overview-2025-08' }],
  lifecycle: {
    anthropic: {
      released: '2025-05-22',
      deprecated: '2026-04-14',
      retired: '2026-06-15',
      notBefore: '2026-05-14',
      replacement: 'claude-opus-4-8',
    },
    bedrock: endOnBedrock('2025-11-30', '2026-05-31'),
    vertex: stillReachable,
    foundry: null,
  },
  uncertain: [
    inferLegacyDay('2025-11-30'),
    'its end of life on Bedrock, computed from the days left that github.com/awslabs/startups/pull/10 gives on 2026-05-17',
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026'] },
})
