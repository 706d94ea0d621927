import type { Model } from '../model.ts'
import { pages2026 } from '../sources.ts'
import {
  activeSince,
  afterThePage,
  claude45Behaviour,
  manualThinking,
  offeredEverywhere,
  textAndVision,
  window200k,
} from './generation.ts'

export const claudeOpus45: Model = {
  id: 'claude-opus-4-5-20251101',
  name: 'Claude Opus 4.5',
  displayName: 'Claude Opus 4.5',
  createdAt: '2025-11-24T00:00:00Z',
  family: 'opus',
  generation: '4.5',
  ...afterThePage,
  factsAsOf: '2026-11-22',
  aliases: ['claude-opus-4-5'],
  otherIds: [],
  platforms: {
    anthropic: 'claude-opus-4-5-20251101',
    bedrock: 'anthropic.claude-opus-4-5-20251101-v1:0',
    vertex: 'claude-opus-4-5@20251101',
    foundry: 'claude-opus-4-5',
  },
  bedrockProfiles: ['global', 'us', 'eu'],
  ...textAndVision,
  priorityTier: true,
  comparativeLatency: 'Moderate',
  contextWindow: window200k,
  maxOutput: { tokens: 64_000, tooltip: null, beta: null },
  trainingCutoff: '2025-08',
  reliableKnowledge: '2025-05',
  minCacheableTokens: 4096,
  toolPromptTokens: [{ from: '2025-11-24', auto: 496, forced: 588, source: 'pricing-2026-10' }],
  imageDetail: 'standard',
  regionalPremium: true,
  behaviour: claude45Behaviour,
  thinking: manualThinking,
  effort: {
    levels: ['low', 'medium', 'high'],
    default: 'high',
    beta: { header: 'effort-2025-11-24', until: '2026-02-05' },
  },
  rateCards: [
    {
      id: 'claude-opus-4-5/2025-11-24',
      from: '2025-11-24',
      standard: {
        input: '5',
        cache_write_5m: '6.25',
        cache_write_1h: '10',
        cache_read: '0.50',
        output: '25',
      },
      batch: { input: '2.50', output: '12.50' },
      source: 'pricing-2026-10',
    },
  ],
  lifecycle: { anthropic: activeSince('2025-11-24', '2026-11-24'), ...offeredEverywhere },
  notes: [
    'Thinking.type adaptive rejected.',
    'Effort was beta (effort-2025-11-24) until 2026-02-05.',
    'Inference_geo returns 400.',
  ],
  uncertain: [
    'temperature/top_p exclusivity is documented for Sonnet 4.5 and Haiku 4.5; assumed for Opus 4.5 from the same migration section',
  ],
  sources: { ...pages2026, names: [...pages2026.names, 'models-api'] },
}
