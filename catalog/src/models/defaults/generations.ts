import { comparisonTable, fable52Pages, modelPages, pages2026, priceRow } from '../../sources.ts'
import type { ModelFacts } from './define-model.ts'
import { output128k, output128kOr300kInBatches, window1M, window1MOf46, window200k } from './limits.ts'
import {
  adaptiveThinking,
  boundThinking,
  constantThinking,
  keptThinking,
  manualThinking,
} from './thinking.ts'

// The facts that the models of a generation share. A model file spreads one of these and overrides what differs.

/** Claude 3 and 3.5 with a column in the comparison table of August 2025. */
export const claude3 = {
  page: 'column',
  factsAsOf: '2025-08-15',
  contextWindow: window200k,
  imageDetail: 'standard',
  regionalPremium: false,
  behaviour: {
    overflow: 'cut',
    sampling: 'all',
    prefill: true,
    forcedToolChoice: 'always',
    inferenceGeo: false,
    structuredOutputs: { supported: null },
    citations: true,
    refusedTools: [],
  },
  thinking: null,
  effort: null,
  sources: comparisonTable,
} as const satisfies Partial<ModelFacts>

/** Claude 3 and 3.5 with only a row in the price table of August 2025. */
export const claude3PriceRow = {
  ...claude3,
  page: 'price_row',
  bedrockProfiles: null,
  description: null,
  strengths: null,
  priorityTier: null,
  comparativeLatency: null,
  contextWindow: { ...window200k, tooltip: null },
  reliableKnowledge: null,
  sources: priceRow,
} as const satisfies Partial<ModelFacts>

/** Sonnet 3.7, Claude 4 and Opus 4.1. */
export const claude4 = {
  ...claude3,
  behaviour: {
    ...claude3.behaviour,
    overflow: 'refused',
    forcedToolChoice: 'unless_thinking',
    structuredOutputs: { supported: false },
  },
  thinking: manualThinking,
} as const satisfies Partial<ModelFacts>

/** Claude 4.5: the first models that are newer than the page of August 2025, which described each model in a line. */
export const claude45 = {
  ...claude4,
  page: null,
  factsAsOf: '2026-11-22',
  description: null,
  strengths: null,
  maxOutput: { tokens: 64_000, tooltip: null, beta: null },
  regionalPremium: true,
  behaviour: {
    ...claude4.behaviour,
    overflow: 'stops',
    sampling: 'temperature_xor_top_p',
    structuredOutputs: { supported: true },
  },
  sources: pages2026,
} as const satisfies Partial<ModelFacts>

/** Claude 4.6. */
export const claude46 = {
  ...claude45,
  contextWindow: window1MOf46,
  maxOutput: output128kOr300kInBatches,
  behaviour: { ...claude45.behaviour, prefill: false, inferenceGeo: true },
  thinking: {
    ...manualThinking,
    types: ['enabled', 'adaptive', 'disabled'],
    interleaved: null,
    returned: keptThinking,
  },
  effort: { levels: ['low', 'medium', 'high', 'max'], default: 'high', beta: null },
} as const satisfies Partial<ModelFacts>

/** Opus 4.7 to Opus 5, and Sonnet 5. */
export const claude47 = {
  ...claude46,
  contextWindow: window1M,
  imageDetail: 'high',
  behaviour: { ...claude46.behaviour, sampling: 'default_only' },
  thinking: adaptiveThinking,
  effort: { levels: ['low', 'medium', 'high', 'xhigh', 'max'], default: 'high', beta: null },
} as const satisfies Partial<ModelFacts>

/** Fable 5 and Mythos 5. */
export const claude5Fable = {
  ...claude47,
  maxOutput: output128k,
  thinking: constantThinking,
} as const satisfies Partial<ModelFacts>

/** Fable 5.1, Mythos 5.1 and Claude 5.5. */
export const claude51 = {
  ...claude47,
  behaviour: { ...claude47.behaviour, forcedToolChoice: 'never' },
  thinking: { ...constantThinking, returned: boundThinking },
  sources: modelPages,
} as const satisfies Partial<ModelFacts>

/** Fable 5.2 and Mythos 5.2. */
export const claude52 = {
  ...claude51,
  contextWindow: { ...window1M, tooltip: null },
  maxOutput: output128k,
  thinking: { ...constantThinking, shown: null, returned: { ...boundThinking, readsUnbound: false } },
  sources: fable52Pages,
} as const satisfies Partial<ModelFacts>
