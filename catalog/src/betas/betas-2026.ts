import type { Beta } from './beta.ts'
import { beta } from './beta.ts'

const nowhereElse = { bedrock: false, vertex: false } as const
const fromSdk = ['sdk-1.12'] as const
const forPlatform = {
  scope: 'Applies to the platform, not to a model.',
  on: nowhereElse,
  sources: fromSdk,
} as const
const byGuess = 'litellm is the only source for the platforms that accept it.'

/** The betas added since 2026. */
export const betasOf2026: readonly Beta[] = [
  beta('prompt-caching-scope-2026-01-05', 'control of the scope of a cache', {
    on: nowhereElse,
    uncertain: 'Seen in use, not documented.',
    sources: ['litellm-betas', 'issue-reports', 'claude-code-2.1.330'],
  }),
  beta('compact-2026-01-12', 'compaction on the server', {
    scope: 'Opus 4.6 and later, Sonnet 4.6 and later, Fable, Mythos.',
    on: { bedrock: true, vertex: true, foundry: false },
    sources: ['compaction-2026-08', 'features-2026-08', 'sdk-1.12', 'litellm-betas'],
  }),
  beta('fast-mode-2026-02-01', '`speed: "fast"`', {
    models: [
      'claude-opus-4-6',
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-opus-5',
      'claude-opus-5-5',
      'claude-fable-5-2',
    ],
    scope: 'A research preview; ended on Opus 4.6 on 2026-06-29 and on Opus 4.7 on 2026-07-24.',
    on: { bedrock: false, foundry: false },
    uncertain: 'Fable 5.2 also has it on Google Cloud, without the header.',
    sources: ['fast-mode-2026-08', 'fable-5-2', 'issue-reports'],
  }),
  beta('code-execution-web-tools-2026-02-09', 'web_search_20260209 and web_fetch_20260209', {
    uncertain: 'Not documented: the AI SDK sends it with these tools.',
    sources: ['ai-sdk-4'],
  }),
  beta('output-300k-2026-03-24', 'max_tokens up to 300,000 inside Message Batches', {
    models: [
      'claude-opus-4-6',
      'claude-opus-4-7',
      'claude-opus-4-8',
      'claude-opus-5',
      'claude-opus-5-5',
      'claude-sonnet-4-6',
      'claude-sonnet-5',
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
    ],
    on: nowhereElse,
    sources: ['overview-2026', 'sdk-1.12'],
  }),
  beta('advisor-tool-2026-03-01', 'the advisor tool', {
    scope: 'Several models; for Fable 5.2 the advisor must be a 5.2 model.',
    on: { ...nowhereElse, foundry: false },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'fable-5-2', 'litellm-betas'],
  }),
  beta('task-budgets-2026-03-13', 'output_config.task_budget', {
    models: ['claude-opus-4-7', 'claude-opus-4-8', 'claude-opus-5', 'claude-fable-5', 'claude-mythos-5'],
    scope: 'Opus 4.7 and later, Fable, Mythos 5.',
    uncertain: 'Not known for models released after August 2026.',
    sources: ['overview-2026', 'sdk-1.12'],
  }),
  beta('user-profiles-2026-03-24', 'user profiles', forPlatform),
  beta('user-profiles-2026-08-18', 'user profiles', forPlatform),
  beta('user-profiles-2026-09-04', 'user profiles', forPlatform),
  beta('user-profiles-billing-2026-10-01', 'billing by user profile', forPlatform),
  beta('managed-agents-2026-04-01', '/v1/agents, /v1/sessions, /v1/environments', forPlatform),
  beta('cache-diagnosis-2026-04-07', '`diagnostics` in a request', {
    generalSince: '2026-09-23',
    sources: fromSdk,
  }),
  beta('oidc-federation-2026-04-01', 'tokens for workload identities', forPlatform),
  beta('mid-conversation-system-2026-04-07', 'system messages in mid-conversation', {
    scope: 'Opus 4.8 and later.',
    generalSince: '2026-05-28',
    uncertain: 'Not documented: the AI SDK sends it with such messages. The day is the release of Opus 4.8.',
    sources: ['ai-sdk-4'],
  }),
  beta('dreaming-2026-04-21', 'a feature of managed agents', forPlatform),
  beta('experimental-cc-routine-2026-04-01', 'routines of Claude Code', {
    ...forPlatform,
    sources: ['release-notes'],
  }),
  beta('thinking-token-count-2026-05-13', 'counts of thinking tokens', {
    on: { bedrock: true, vertex: true },
    uncertain: 'On Bedrock and Google Cloud because Claude Code sends it there.',
    sources: ['sdk-1.12', 'claude-code-2.1.330'],
  }),
  beta('mcp-tunnels-2026-05-19', '/v1/tunnels', forPlatform),
  beta('mcp-tunnels-2026-06-22', '/v1/tunnels', forPlatform),
  beta('server-side-fallback-2026-06-01', '`fallbacks`', { ...forPlatform, scope: 'Not with Haiku 5.5.' }),
  beta('server-side-fallback-2026-07-01', '`fallbacks`', { ...forPlatform, scope: 'Not with Haiku 5.5.' }),
  beta('fallback-credit-2026-06-01', '`fallback_credit_token`', { on: nowhereElse, sources: fromSdk }),
  beta('fallback-credit-2026-07-01', '`fallback_credit_token`', { on: nowhereElse, sources: fromSdk }),
  beta('mid-conversation-tool-changes-2026-07-01', 'changing the tools in mid-conversation', {
    on: { bedrock: true },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('mid-conversation-output-config-2026-07-01', 'changing output_config in mid-conversation', {
    on: { bedrock: true },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('per-turn-control-2026-07-01', 'control by turn', {
    uncertain: 'Not documented; known from litellm and from requests of Claude Code.',
    sources: ['litellm-betas', 'claude-code-2.1.330'],
  }),
  beta('ce-user-management-2026-07-13', 'management of users', {
    ...forPlatform,
    generalSince: '2026-11-22',
    uncertain: 'Marked as deprecated in the SDK of November 2026; the start date is not known.',
  }),
  beta('agent-memory-2026-07-22', '/v1/memory_stores', {
    ...forPlatform,
    scope: 'A request that also has managed-agents returns 400.',
  }),
  beta('thinking-binding-controls-2026-08-01', 'control of the scope in which thinking blocks are valid', {
    models: [
      'claude-fable-5-1',
      'claude-mythos-5-1',
      'claude-fable-5-2',
      'claude-mythos-5-2',
      'claude-opus-5-5',
      'claude-sonnet-5-5',
      'claude-haiku-5-5',
    ],
    on: { bedrock: true, vertex: true, foundry: false },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('telemetry-destinations-2026-08-11', 'telemetry', forPlatform),
  beta('message-threads-2026-08-12', '`thread`, which expires after 5 minutes', {
    on: nowhereElse,
    sources: fromSdk,
  }),
  beta('thinking-display-updates-2026-08-18', 'display "updates" of thinking', {
    on: { bedrock: true, vertex: true },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('mid-conversation-system-clear-at-2026-08-21', 'clearing of system messages', { sources: fromSdk }),
  beta('analytics-usage-cost-2026-08-24', 'analytics', forPlatform),
  beta('ce-plugins-2026-09-01', 'plugins', forPlatform),
  beta('dangerous-tool-use-2026-09-03', 'not documented', {
    uncertain: 'Known from litellm only.',
    sources: ['litellm-betas'],
  }),
  beta('compact-2026-09-04', 'the second version of compaction', {
    scope: 'Later models.',
    on: { vertex: true, foundry: false },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('inline-tools-2026-09-15', 'inline tools', { sources: fromSdk }),
  beta('mcp-client-2026-09-15', 'the MCP connector, newest', { on: nowhereElse, sources: fromSdk }),
  beta('google-managed-data-controls-2026-09-01', 'data controls of Google Cloud projects', {
    ...forPlatform,
    sources: ['sdk-1.13'],
  }),
  beta('spend-limit-reads-2026-09-26', 'the spend-limit API', forPlatform),
  beta('efs-2026-10-01', 'external storage', { ...forPlatform, sources: ['sdk-1.13'] }),
  beta('ce-claude-code-managed-settings-2026-10-06', 'managed settings of Claude Code', forPlatform),
  beta('webhooks-2026-10-07', 'webhooks', forPlatform),
  beta('admin-user-sign-out-2026-10-08', 'sign-out by an administrator', forPlatform),
  beta('experimental-claude-tag-2026-10-21', 'experimental', forPlatform),
]
