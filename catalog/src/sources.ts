/** The pages from which the catalog's facts were read; model files refer to them by key. */
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
  'deprecations-2026-11':
    'Model deprecations of the Claude API and of Google Cloud, 26 November 2026, as read by github.com/samarthputhraya/Modelpin/releases/tag/v0.5.7',
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
  'overview-2026':
    'Models overview, August to October 2026, platform.claude.com/docs/en/about-claude/models/overview',
  'model-pages-2026':
    'One page per model, September to November 2026, platform.claude.com/docs/en/models, e.g. opus-5-5/overview',
  'fable-5-2':
    'Claude Fable 5.2, November 2026, platform.claude.com/docs/en/models/fable-5-2, and its Amazon Bedrock model card',
  'pricing-2026-10': 'Pricing, October 2026, platform.claude.com/docs/en/about-claude/pricing',
  'fast-mode-2026-02':
    'Fast mode, February 2026, platform.claude.com/docs/de/build-with-claude/fast-mode, in German',
  'fast-mode-2026-08': 'Fast mode, August 2026, platform.claude.com/docs',
  'fast-mode-2026-11':
    'Fast mode, November 2026, platform.claude.com/docs/en/build-with-claude/fast-mode and code.claude.com/docs/en/fast-mode',
  'effort-2026-08': 'Effort, August 2026, platform.claude.com/docs/en/build-with-claude/effort',
  'thinking-2026-08':
    'Extended and adaptive thinking, August 2026, platform.claude.com/docs/en/build-with-claude/extended-thinking',
  'caching-2026-08':
    'Prompt caching, August 2026, platform.claude.com/docs/en/build-with-claude/prompt-caching',
  'vision-2025-11': 'Vision, November 2025, docs.claude.com/en/docs/build-with-claude/vision',
  'vision-2026-08': 'Vision, August 2026, platform.claude.com/docs',
  'compaction-2026-08': 'Compaction, August 2026, platform.claude.com/docs',
  'migration-2026': 'Migration guide, 2026, platform.claude.com/docs/en/about-claude/models/migration-guide',
  'versions-2026': 'Versions, 2026, platform.claude.com/docs',
  'service-tiers-2025-11': 'Service tiers, November 2025, docs.claude.com/en/api/service-tiers',
  'features-2025-11': 'Features overview, November 2025, docs.claude.com',
  'features-2026-08': 'Features overview, August 2026, platform.claude.com/docs',
  'betas-2025-11': 'Beta headers, November 2025, docs.claude.com',
  'bedrock-2026-08':
    'Claude on Amazon Bedrock (legacy), Claude in Amazon Bedrock, August 2026, platform.claude.com/docs/en/build-with-claude/claude-on-amazon-bedrock-legacy',
  'bedrock-models-2026': 'Model cards and inference profiles, to November 2026, docs.aws.amazon.com',
  'bedrock-quotas-2026':
    'How tokens are counted in Amazon Bedrock, 2026, docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html, as quoted in public repositories',
  'bedrock-lifecycle-2026':
    'Model lifecycle, to September 2026, docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html, as quoted in github.com/awslabs/startups (pull requests 10 and 304), github.com/strands-agents/samples/pull/299 and github.com/anomalyco/models.dev/pull/3708',
  'vertex-deprecations-2026':
    'Model deprecations (MaaS), 2026, docs.cloud.google.com/vertex-ai/generative-ai/docs/deprecations/partner-models',
  'vertex-2026-08':
    'Claude on Vertex AI, August 2026, platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai',
  'long-context-2026-03':
    'Reports of February and March 2026 on the long window of the 4.6 models, e.g. agentmastered.com/blog/1m-context-ga: third parties',
  'ai-sdk-4': '@ai-sdk/anthropic 4.0.105, November 2026, dist/index.js',
  'claude-code-2.1.330': 'Claude Code 2.1.330, November 2026, seen on the wire',
  'issue-reports': 'Issue reports in public repositories, to November 2026',
  'litellm-betas':
    'BerriAI/litellm, its map of beta headers by provider, 2026: a view from outside, not a statement by the platforms',
  'sdk-1.12':
    '@anthropic-ai/sdk 1.12.0, November 2026, src/resources/messages/messages.ts, beta/beta.ts and beta/messages/messages.ts',
  'sdk-1.13':
    '@anthropic-ai/sdk 1.13.0 and 1.14.0, November 2026, CHANGELOG.md, src/internal/data/deprecated-models.ts and beta/beta.ts',
  'sdk-0.60-betas': '@anthropic-ai/sdk 0.60.0, August 2025, src/resources/beta/beta.ts',
  'sdk-0.60': '@anthropic-ai/sdk 0.60.0, August 2025, src/resources/messages/messages.ts',
} as const satisfies Record<string, string>

export type SourceKey = keyof typeof sources

export type FactGroup = 'names' | 'abilities' | 'limits' | 'thinking' | 'tokens' | 'prices' | 'lifecycle'

/** The sources of a column of the comparison table; a model file adds others that it used. */
export const comparisonTable = {
  names: ['overview-2025-08', 'models-api', 'bedrock-2025-11', 'sdk-0.60'],
  abilities: ['overview-2025-08'],
  limits: ['overview-2025-08', 'overview-2025-11', 'windows-2025-11'],
  thinking: ['overview-2025-08', 'thinking-2025-11'],
  tokens: ['caching-2025-11', 'pricing-2025-11'],
  prices: ['overview-2025-08', 'pricing-2025-11'],
  lifecycle: ['deprecations-2025-11', 'deprecations-2026-10'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>

/** The same for a model with a price row only: its other facts are from earlier editions. */
export const priceRow = {
  ...comparisonTable,
  names: ['models-api', 'sdk-0.60', 'overview-earlier'],
  abilities: ['overview-earlier'],
  limits: ['overview-earlier', 'windows-2025-11'],
  thinking: ['overview-earlier'],
  tokens: ['caching-2025-11', 'overview-earlier'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>

/** The sources of models from the 4.5 generation up to Opus 5. */
export const pages2026 = {
  names: ['overview-2026', 'model-ids-2026', 'bedrock-models-2026'],
  abilities: ['overview-2026', 'migration-2026'],
  limits: ['overview-2026'],
  thinking: ['thinking-2026-08', 'effort-2026-08', 'migration-2026'],
  tokens: ['caching-2026-08', 'pricing-2026-10'],
  prices: ['pricing-2026-10'],
  lifecycle: ['deprecations-2026-10', 'release-notes'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>

/** The same from Fable 5.1 on, since when each model has its own page. */
export const modelPages = {
  names: ['sdk-1.12', 'model-pages-2026', 'bedrock-models-2026'],
  abilities: ['model-pages-2026', 'release-notes'],
  limits: ['model-pages-2026'],
  thinking: ['model-pages-2026', 'release-notes'],
  tokens: ['model-pages-2026', 'pricing-2026-10'],
  prices: ['pricing-2026-10'],
  lifecycle: ['deprecations-2026-10', 'release-notes'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>

/** The same for the 5.2 models. */
export const fable52Pages = {
  names: ['sdk-1.12', 'fable-5-2'],
  abilities: ['fable-5-2'],
  limits: ['fable-5-2'],
  thinking: ['fable-5-2'],
  tokens: ['fable-5-2'],
  prices: ['fable-5-2'],
  lifecycle: ['fable-5-2'],
} as const satisfies Record<FactGroup, readonly SourceKey[]>
