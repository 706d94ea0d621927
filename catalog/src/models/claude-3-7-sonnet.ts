import { defineModel } from './defaults/define-model.ts'
import { claude4 } from './defaults/generations.ts'
import { assumeUnknownSince, endOnBedrock, inferLegacyDay } from './defaults/lifecycle.ts'
import { output64k } from './defaults/limits.ts'

export const claudeSonnet37 = defineModel({
  ...claude4,
  id: 'claude-3-7-sonnet-20250219',
  name: 'Claude Sonnet 3.7',
  createdAt: '2025-02-24T00:00:00Z',
  family: 'sonnet',
  generation: '3.7',
  aliases: ['claude-3-7-sonnet-latest'],
  bedrockProfiles: ['us', 'eu', 'apac'],
  description: 'High-performance model with early extended thinking',
  strengths: 'High intelligence with toggleable extended thinking',
  priorityTier: true,
  comparativeLatency: 'Fast',
  maxOutput: {
    ...output64k,
    beta: { header: 'output-128k-2025-02-19', tokens: 128_000, until: null },
  },
  trainingCutoff: '2024-11',
  reliableKnowledge: '2024-10',
  minCacheableTokens: 1024,
  toolPromptTokens: [{ from: '2025-02-24', auto: 346, forced: 313, source: 'pricing-2025-11' }],
  behaviour: { ...claude4.behaviour, structuredOutputs: { supported: null } },
  thinking: { ...claude4.thinking, shown: 'full', interleaved: null },
  rateCards: [{ from: '2025-02-24', standard: { input: '3', output: '15' }, source: 'overview-2025-08' }],
  lifecycle: {
    anthropic: {
      released: '2025-02-24',
      deprecated: '2025-10-28',
      retired: '2026-02-19',
      notBefore: '2026-02-19',
      replacement: 'claude-sonnet-5-5',
      earlierReplacement: 'claude-sonnet-4-5-20250929',
    },
    bedrock: endOnBedrock('2025-10-28', '2026-04-28'),
    vertex: assumeUnknownSince('2026-02-19'),
    foundry: null,
  },
  notes: [
    'Trained on publicly available information through November 2024; its knowledge is most extensive and reliable up to the end of October 2024.',
    'The beta header `output-128k-2025-02-19` raises the maximum output to 128k tokens; stream long outputs.',
  ],
  uncertain: [
    'not retired before 2026-02-19: inferred from the one-year rule and the later final date',
    inferLegacyDay('2025-10-28'),
  ],
  furtherSources: { lifecycle: ['bedrock-lifecycle-2026'] },
})
