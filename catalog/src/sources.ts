/** The pages the catalog's facts were read from; model files name them by key. */
export const sources = {
  'overview-2025-08': 'Models overview, August 2025, docs.anthropic.com/en/docs/about-claude/models/overview',
  'overview-2025-11': 'Models overview, November 2025, docs.claude.com/en/docs/about-claude/models/overview',
  'overview-earlier':
    'Models overview, editions of 2024 and early 2025, docs.anthropic.com/en/docs/about-claude/models',
  'pricing-2025-11': 'Pricing, November 2025, docs.claude.com/en/docs/about-claude/pricing',
  'deprecations-2025-11':
    'Model deprecations, November 2025, docs.claude.com/en/docs/about-claude/model-deprecations',
  'deprecations-2026-10':
    'Model deprecations, October 2026, platform.claude.com/docs/en/about-claude/model-deprecations',
  'caching-2025-11':
    'Prompt caching, November 2025, docs.claude.com/en/docs/build-with-claude/prompt-caching',
  'thinking-2025-11':
    'Extended thinking, November 2025, docs.claude.com/en/docs/build-with-claude/extended-thinking',
  'windows-2025-11':
    'Context windows, November 2025, docs.claude.com/en/docs/build-with-claude/context-windows',
  'bedrock-2025-11':
    'Claude on Amazon Bedrock, November 2025, docs.claude.com/en/api/claude-on-amazon-bedrock',
  'model-ids-2026':
    'Model IDs and versions, August to October 2026, platform.claude.com/docs/en/about-claude/models/model-ids-and-versions',
  'release-notes': 'Release notes, platform.claude.com/docs/en/release-notes/overview',
  'models-api': 'Recorded replies of GET /v1/models, mid-2025 and April 2026, found in public repositories',
  'sdk-0.60': '@anthropic-ai/sdk 0.60.0, August 2025, src/resources/messages/messages.ts',
} as const satisfies Record<string, string>

export type SourceKey = keyof typeof sources

export type FactGroup = 'names' | 'abilities' | 'limits' | 'thinking' | 'tokens' | 'prices' | 'lifecycle'

/** Where the facts of a column of the comparison table stand; a model file adds what else it used. */
export const comparisonTable = {
  names: ['overview-2025-08', 'models-api', 'bedrock-2025-11'],
  abilities: ['overview-2025-08'],
  limits: ['overview-2025-08', 'overview-2025-11', 'windows-2025-11'],
  thinking: ['overview-2025-08', 'thinking-2025-11'],
  tokens: ['caching-2025-11', 'pricing-2025-11'],
  prices: ['overview-2025-08'],
  lifecycle: ['deprecations-2025-11', 'deprecations-2026-10'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>

/** The same for a model that had only a row of the price table: its other facts are of earlier editions. */
export const priceRow = {
  ...comparisonTable,
  names: ['models-api', 'sdk-0.60', 'overview-earlier'],
  abilities: ['overview-earlier'],
  limits: ['overview-earlier', 'windows-2025-11'],
  thinking: ['overview-earlier'],
  tokens: ['caching-2025-11', 'overview-earlier'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>
