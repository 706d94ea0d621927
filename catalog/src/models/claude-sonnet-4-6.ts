import { defineModel } from './defaults/define-model.ts'
import { claude46 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeSonnet46 = defineModel({
  ...claude46,
  id: 'claude-sonnet-4-6',
  name: 'Claude Sonnet 4.6',
  createdAt: '2026-02-17T00:00:00Z',
  family: 'sonnet',
  generation: '4.6',
  bedrockProfiles: ['global', 'us', 'eu', 'jp'],
  priorityTier: true,
  comparativeLatency: 'Fast',
  trainingCutoff: '2026-01',
  reliableKnowledge: '2025-08',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2026-02-17', auto: 497, forced: 589, source: 'pricing-2026-10' }],
  thinking: { ...claude46.thinking, note: 'type enabled deprecated but accepted' },
  rateCards: [
    {
      from: '2026-02-17',
      standard: { input: '3', output: '15' },
      steps: [
        {
          abovePromptTokens: 200_000,
          needsBeta: 'context-1m-2025-08-07',
          until: '2026-03-13',
          input: '6',
          output: '22.50',
        },
      ],
      source: 'long-context-2026-03',
    },
    { from: '2026-03-13', standard: { input: '3', output: '15' }, source: 'pricing-2026-10' },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-02-17', notBefore: '2027-02-17' }, ...onEveryCloud },
  notes: ['Assistant prefill returns 400.', 'Its maximum output was 64,000 tokens at launch.'],
  uncertain: [
    'temperature/top_p rule for 4.6 inferred',
    'the header of the 1M window and the prices above 200,000 tokens until 2026-03-13 are known from third parties; its cache and batch prices follow from the multipliers',
  ],
  furtherSources: { names: ['models-api'], limits: ['release-notes'] },
})
