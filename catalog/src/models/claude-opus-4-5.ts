import { defineModel } from './defaults/define-model.ts'
import { claude45 } from './defaults/generations.ts'
import { offered } from './defaults/lifecycle.ts'

export const claudeOpus45 = defineModel({
  ...claude45,
  id: 'claude-opus-4-5-20251101',
  name: 'Claude Opus 4.5',
  createdAt: '2025-11-24T00:00:00Z',
  family: 'opus',
  generation: '4.5',
  aliases: ['claude-opus-4-5'],
  bedrockProfiles: ['global', 'us', 'eu'],
  priorityTier: true,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2025-08',
  reliableKnowledge: '2025-05',
  minCacheableTokens: 4096,
  toolPromptTokens: [{ from: '2025-11-24', auto: 496, forced: 588, source: 'pricing-2026-10' }],
  thinking: { ...claude45.thinking, returned: { ...claude45.thinking.returned, keepsEarlier: true } },
  effort: {
    levels: ['low', 'medium', 'high'],
    default: 'high',
    beta: { header: 'effort-2025-11-24', until: '2026-02-05' },
  },
  rateCards: [{ from: '2025-11-24', standard: { input: '5', output: '25' }, source: 'pricing-2026-10' }],
  lifecycle: {
    anthropic: {
      released: '2025-11-24',
      deprecated: '2026-11-23',
      retired: '2027-01-22',
      notBefore: '2026-11-24',
      replacement: 'claude-opus-5-5',
    },
    bedrock: offered,
    vertex: { ...offered, deprecated: '2026-11-23', retired: '2027-01-22' },
    foundry: offered,
  },
  notes: [
    'A `thinking.type` of `adaptive` is rejected.',
    'Effort was a beta (`effort-2025-11-24`) until 2026-02-05.',
    'The parameter `inference_geo` returns 400.',
  ],
  uncertain: [
    'temperature/top_p exclusivity is documented for Sonnet 4.5 and Haiku 4.5; assumed for Opus 4.5 from the same migration section',
    'the day of its deprecation on Google Cloud, whose day of shutdown is that of the Claude API: a third party read it',
  ],
  furtherSources: { names: ['models-api'], lifecycle: ['sdk-1.13', 'deprecations-2026-11'] },
})
