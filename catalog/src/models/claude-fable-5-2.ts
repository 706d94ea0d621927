import { defineModel } from './defaults/define-model.ts'
import { claude52 } from './defaults/generations.ts'
import { offered } from './defaults/lifecycle.ts'

export const claudeFable52 = defineModel({
  ...claude52,
  id: 'claude-fable-5-2',
  name: 'Claude Fable 5.2',
  family: 'fable',
  generation: '5.2',
  bedrockProfiles: ['us', 'global'],
  priorityTier: null,
  comparativeLatency: null,
  trainingCutoff: '2026-06',
  reliableKnowledge: '2026-06',
  minCacheableTokens: null,
  toolPromptTokens: [],
  behaviour: {
    ...claude52.behaviour,
    refusedTools: [{ tool: 'computer_20251124', on: ['anthropic', 'vertex', 'foundry'] }],
    advisors: ['claude-fable-5-2', 'claude-mythos-5-2'],
  },
  thinking: {
    ...claude52.thinking,
    returned: { ...claude52.thinking.returned, readsBoundOf: ['claude-mythos-5-2'] },
    note: 'prefix check on every account; thinking blocks readable by 5.2 models only',
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
    'A `tool_choice` of `any` or `tool` is not supported.',
    'The tool `computer_20251124` is rejected, except on Bedrock.',
    'An advisor model must be a 5.2 model.',
    'The cache prices of fast mode follow from the multipliers. Fast mode is also on Google Cloud.',
  ],
  uncertain: [
    'minimum cacheable tokens (512 likely)',
    'tool-use system prompt tokens',
    'knowledge cut-off row',
    '1h cache write price derived by the 2x rule',
    'Bedrock end-of-life / Google retirement stated as no sooner than this date; Claude API date assumed equal',
    'inference profiles on Bedrock other than `us` and `global`',
    'the first day of fast mode, assumed to be the release day',
  ],
  furtherSources: { prices: ['fast-mode-2026-11'] },
})
