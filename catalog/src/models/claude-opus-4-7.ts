import { defineModel } from './defaults/define-model.ts'
import { claude47 } from './defaults/generations.ts'
import { offered, onEveryCloud } from './defaults/lifecycle.ts'

export const claudeOpus47 = defineModel({
  ...claude47,
  id: 'claude-opus-4-7',
  name: 'Claude Opus 4.7',
  createdAt: '2026-04-14T00:00:00Z',
  family: 'opus',
  generation: '4.7',
  bedrockProfiles: ['us', 'eu', 'jp', 'au', 'global'],
  priorityTier: true,
  comparativeLatency: 'Moderate',
  trainingCutoff: '2026-01',
  reliableKnowledge: '2026-01',
  minCacheableTokens: 2048,
  toolPromptTokens: [{ from: '2026-04-16', auto: 675, forced: 804, source: 'pricing-2026-10' }],
  rateCards: [
    {
      from: '2026-04-16',
      standard: { input: '5', output: '25' },
      fast: { input: '30', output: '150', ended: { on: '2026-07-24', afterwards: 'refused' } },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: { ...offered, released: '2026-04-16', notBefore: '2027-04-16' }, ...onEveryCloud },
  notes: [
    'A `thinking.type` of `enabled`, with its `budget_tokens`, returns 400.',
    'Values of `temperature`, `top_p` and `top_k` other than the default return 400.',
    'Prefill returns 400.',
    'A request with `speed: "fast"` returns an error since 2026-07-24.',
    'It has a new tokenizer, with about 1 to 1.35 times the tokens of the 4.6 tokenizer.',
    'It reads images in high resolution: up to 2576 px or 4784 tokens.',
    'The cache prices of fast mode follow from the multipliers.',
  ],
  uncertain: ['the first day of fast mode, assumed to be the release day'],
  furtherSources: { names: ['models-api'], prices: ['fast-mode-2026-08', 'release-notes'] },
})
