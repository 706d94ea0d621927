import { defineModel } from './defaults/define-model.ts'
import { claude46 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeOpus46 = defineModel({
  ...claude46,
  id: 'claude-opus-4-6',
  name: 'Claude Opus 4.6',
  createdAt: '2026-02-04T00:00:00Z',
  family: 'opus',
  generation: '4.6',
  platforms: { bedrock: 'anthropic.claude-opus-4-6-v1' },
  bedrockProfiles: ['global', 'us', 'eu', 'jp', 'apac'],
  priorityTier: true,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2025-08',
  reliableKnowledge: '2025-05',
  minCacheableTokens: 4096,
  toolPromptTokens: [{ from: '2026-02-05', auto: 497, forced: 589, source: 'pricing-2026-10' }],
  thinking: { ...claude46.thinking, note: 'type enabled + budget_tokens deprecated but accepted' },
  rateCards: [
    {
      from: '2026-02-05',
      standard: { input: '5', output: '25' },
      steps: [
        {
          abovePromptTokens: 200_000,
          needsBeta: 'context-1m-2025-08-07',
          until: '2026-03-13',
          input: '10',
          output: '37.50',
          fast: { input: '60', output: '225' },
        },
      ],
      fast: { input: '30', output: '150', ended: { on: '2026-06-29', afterwards: 'standard' } },
      source: 'long-context-2026-03',
    },
    {
      from: '2026-03-13',
      standard: { input: '5', output: '25' },
      fast: { input: '30', output: '150', ended: { on: '2026-06-29', afterwards: 'standard' } },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-02-05', notBefore: '2027-02-05' }, ...onEveryCloud },
  notes: [
    'Assistant prefill returns 400.',
    'The 1M token context window was a beta until 2026-03-13.',
    'The cache prices of fast mode follow from the multipliers.',
    'It accepts `speed: "fast"`, which runs and is billed at standard since 2026-06-29; the launch price was $30 in, $150 out.',
  ],
  uncertain: [
    'temperature/top_p rule for 4.6 inferred',
    'the header of the 1M window and the prices above 200,000 tokens until 2026-03-13 are known from third parties; its cache and batch prices follow from the multipliers',
    'the first day of fast mode, assumed to be the release day',
  ],
  furtherSources: {
    names: ['models-api'],
    limits: ['release-notes'],
    prices: ['fast-mode-2026-02', 'fast-mode-2026-08', 'release-notes'],
  },
})
