import type { Beta } from './beta.ts'
import { beta } from './beta.ts'

const claude4 = ['claude-opus-4-1-20250805', 'claude-opus-4-20250514', 'claude-sonnet-4-20250514']
const sonnet37 = 'claude-3-7-sonnet-20250219'
const sonnet45 = 'claude-sonnet-4-5-20250929'
const opus45 = 'claude-opus-4-5-20251101'
const nowhereElse = { bedrock: false, vertex: false } as const
const sdkAndDocs = ['betas-2025-11', 'sdk-0.60-betas'] as const
const byGuess = 'litellm is the only source for the platforms that accept it.'

/** The betas known in August 2025. */
export const betasOf2025: readonly Beta[] = [
  beta(
    'context-1m-2025-08-07',
    'a context window of a million tokens, at long-context prices above 200,000',
    {
      models: ['claude-sonnet-4-20250514', sonnet45],
      scope: 'Organizations in usage tier 4 or with custom limits; not needed from the 4.6 generation on.',
      endedOn: '2026-04-30',
      on: { bedrock: true, vertex: true },
      sources: ['overview-2025-08', ...sdkAndDocs, 'release-notes'],
    },
  ),
  beta('output-128k-2025-02-19', 'max_tokens up to 128,000', {
    models: [sonnet37],
    scope: 'No effect on Claude 4.',
    on: { bedrock: true, vertex: false, foundry: false },
    uncertain: 'On Bedrock according to the documentation of 2025; not on InvokeModel according to litellm.',
    sources: ['overview-2025-08', ...sdkAndDocs, 'litellm-betas'],
  }),
  beta('interleaved-thinking-2025-05-14', 'thinking between tool calls; a budget may exceed max_tokens', {
    models: [...claude4, sonnet45, opus45],
    scope: 'Ignored for others by the Claude API; not needed with adaptive thinking.',
    on: { bedrock: true, vertex: true },
    uncertain:
      'In 2025 Bedrock and Google Cloud returned an error for other models; pages of 2026 state that they ignore it.',
    sources: [...sdkAndDocs, 'thinking-2025-11', 'migration-2026'],
  }),
  beta('dev-full-thinking-2025-05-14', 'full instead of summarised thinking', {
    models: claude4,
    scope: 'Claude 4.',
    byArrangement: true,
    on: { bedrock: true },
    uncertain: 'On Bedrock according to an issue report.',
    sources: ['sdk-0.60-betas', 'sdk-1.12', 'issue-reports'],
  }),
  beta('extended-cache-ttl-2025-04-11', 'ttl "1h" in cache_control', {
    scope: 'Every model with caching.',
    generalSince: '2025-08-13',
    on: { bedrock: false },
    uncertain:
      'Rejected by Bedrock in May 2026 according to an issue report, although it offers the one-hour cache.',
    sources: [...sdkAndDocs, 'sdk-1.12', 'issue-reports'],
  }),
  beta('prompt-caching-2024-07-31', 'prompt caching', {
    scope: 'Claude 3 and later.',
    generalSince: '2024-12-31',
    uncertain:
      'Generally available since December 2024; the exact day is not known, so the last of the month is used.',
    sources: ['sdk-0.60-betas', 'sdk-1.12'],
  }),
  beta('message-batches-2024-09-24', 'Message Batches', {
    generalSince: '2024-12-31',
    on: nowhereElse,
    uncertain:
      'Generally available since December 2024; the exact day is not known, so the last of the month is used.',
    sources: ['sdk-0.60-betas', 'sdk-1.12'],
  }),
  beta('token-counting-2024-11-01', 'count_tokens', {
    generalSince: '2024-12-31',
    uncertain:
      'Generally available since December 2024; the exact day is not known, so the last of the month is used.',
    sources: ['sdk-0.60-betas', 'sdk-1.12'],
  }),
  beta('pdfs-2024-09-25', 'PDF documents', {
    scope: 'Claude 3.5 and later.',
    generalSince: '2025-02-28',
    uncertain:
      'Generally available since February 2025; the exact day is not known, so the last of the month is used.',
    sources: ['sdk-0.60-betas', 'sdk-1.12'],
  }),
  beta('max-tokens-3-5-sonnet-2024-07-15', 'max_tokens up to 8192 on the first Sonnet 3.5', {
    models: ['claude-3-5-sonnet-20240620'],
    endedOn: '2025-10-28',
    sources: ['release-notes'],
  }),
  beta('computer-use-2024-10-22', 'computer_20241022, bash_20241022, text_editor_20241022', {
    models: ['claude-3-5-sonnet-20241022'],
    endedOn: '2025-10-28',
    on: { bedrock: true, vertex: true },
    sources: ['sdk-0.60-betas', 'litellm-betas', 'issue-reports'],
  }),
  beta('computer-use-2025-01-24', 'computer_20250124', {
    models: [sonnet37, ...claude4, sonnet45, 'claude-haiku-4-5-20251001', opus45],
    scope: 'Sonnet 3.7 and Claude 4 to 4.5.',
    on: { bedrock: true, vertex: true },
    sources: [...sdkAndDocs, 'litellm-betas', 'issue-reports'],
  }),
  beta('token-efficient-tools-2025-02-19', 'fewer output tokens for tool calls', {
    models: [sonnet37],
    scope: 'No effect on Claude 4, where it is built in.',
    endedOn: '2026-02-19',
    on: { bedrock: true, vertex: false, foundry: false },
    uncertain: 'On Bedrock according to the documentation of 2025; not on InvokeModel according to litellm.',
    sources: [...sdkAndDocs, 'litellm-betas', 'issue-reports'],
  }),
  beta('fine-grained-tool-streaming-2025-05-14', 'input_json_delta without buffering', {
    models: [sonnet37, ...claude4],
    scope: 'Sonnet 3.7 and Claude 4; set per tool (`eager_input_streaming`) since general availability.',
    generalSince: '2026-02-05',
    on: { bedrock: true, vertex: true, foundry: false },
    uncertain: 'On Google Cloud according to the features page of 2025; litellm removes the header.',
    sources: ['betas-2025-11', 'features-2025-11', 'litellm-betas'],
  }),
  beta('files-api-2025-04-14', 'the Files API and file sources', {
    scope: 'Since general availability the header selects the old response shape.',
    generalSince: '2026-08-19',
    on: nowhereElse,
    sources: [...sdkAndDocs, 'features-2026-08'],
  }),
  beta('mcp-client-2025-04-04', 'the MCP connector: mcp_servers', {
    scope: 'Claude 3.5 and later (uncertain).',
    supersededBy: 'mcp-client-2025-11-20',
    on: nowhereElse,
    sources: ['sdk-0.60-betas', 'sdk-1.12'],
  }),
  beta('code-execution-2025-05-22', 'code_execution_20250522', {
    models: [...claude4, sonnet37, 'claude-3-5-haiku-20241022'],
    supersededBy: 'code-execution-2025-08-25',
    on: nowhereElse,
    sources: sdkAndDocs,
  }),
  beta('code-execution-2025-08-25', 'code_execution_20250825', {
    scope: 'Opus 4.x, Sonnet 4, Sonnet 3.7, Haiku 3.5 and later; generally available in 2026.',
    generalSince: '2026-10-01',
    on: nowhereElse,
    uncertain:
      'Generally available in 2026; the exact day is not known, so the date of the source page is used.',
    sources: ['betas-2025-11'],
  }),
  beta('search-results-2025-06-09', 'search_result blocks', {
    scope: 'Claude 3.5 and later.',
    generalSince: '2025-08-08',
    on: { bedrock: false, vertex: true },
    uncertain: 'Not listed for Bedrock in November 2025.',
    sources: ['betas-2025-11', 'features-2025-11'],
  }),
  beta('prompt-tools-2025-04-02', 'endpoints that generate, improve and templatize prompts', {
    byArrangement: true,
    endedOn: '2026-08-17',
    on: nowhereElse,
    sources: ['betas-2025-11', 'release-notes'],
  }),
  beta('web-search-2025-03-05', 'web search on Google Cloud', {
    on: { anthropic: null, bedrock: false, vertex: true },
    uncertain: 'The header is known from litellm and from requests of Claude Code.',
    sources: ['litellm-betas', 'claude-code-2.1.330', 'features-2025-11'],
  }),
  beta('context-management-2025-06-27', 'context editing and the memory tool', {
    scope: 'Claude 4 and later.',
    on: { bedrock: true, vertex: true },
    sources: ['betas-2025-11', 'sdk-1.12', 'litellm-betas'],
  }),
  beta('model-context-window-exceeded-2025-08-26', 'a stop reason where the window would be exceeded', {
    models: [sonnet37, ...claude4],
    scope: 'Sonnet 3.7 to Opus 4.1; the default from Sonnet 4.5 on.',
    sources: ['betas-2025-11', 'sdk-1.12'],
  }),
  beta('web-fetch-2025-09-10', 'web_fetch_20250910', {
    models: [...claude4, sonnet37, 'claude-3-5-haiku-20241022'],
    scope: 'The Claude 4 family, Sonnet 3.7, Haiku 3.5.',
    generalSince: '2026-02-17',
    on: nowhereElse,
    sources: ['betas-2025-11', 'release-notes'],
  }),
  beta('skills-2025-10-02', 'the Skills API, container.skills', {
    scope: 'Sonnet 4.5 and later.',
    generalSince: '2026-08-19',
    on: nowhereElse,
    sources: ['betas-2025-11', 'release-notes'],
  }),
  beta('structured-outputs-2025-11-13', 'output_format and strict tools', {
    scope: 'Sonnet 4.5, Opus 4.1 and later; generally available as output_config.format.',
    generalSince: '2026-03-31',
    supersededBy: 'structured-outputs-2025-12-15',
    on: { bedrock: false, vertex: false },
    uncertain: `Generally available in early 2026; the exact day is not known, so the last of the quarter is used. ${byGuess} The feature itself is offered there without a header.`,
    sources: ['sdk-1.12', 'features-2026-08', 'litellm-betas'],
  }),
  beta('structured-outputs-2025-12-15', 'output_config.format', {
    scope: 'Sonnet 4.5, Opus 4.1 and later; generally available.',
    generalSince: '2026-03-31',
    uncertain:
      'Not documented: the SDK sends it with every `beta.messages.parse`. The day is that of the value before it.',
    sources: ['sdk-1.12'],
  }),
  beta('mcp-client-2025-11-20', 'the MCP connector with mcp_toolset in tools', {
    supersededBy: 'mcp-client-2026-09-15',
    on: nowhereElse,
    sources: ['sdk-1.12'],
  }),
  beta('advanced-tool-use-2025-11-20', 'tool search, programmatic calling, input examples', {
    models: [opus45, sonnet45],
    generalSince: '2026-02-17',
    on: { bedrock: 'tool-search-tool-2025-10-19', vertex: 'tool-search-tool-2025-10-19' },
    sources: ['release-notes', 'litellm-betas', 'claude-code-2.1.330'],
  }),
  beta('tool-search-tool-2025-10-19', 'tool search, under its name on Bedrock and Google Cloud', {
    scope: 'Google Cloud rejects it for models before 4.5.',
    on: { anthropic: null, bedrock: true, vertex: true },
    sources: ['litellm-betas', 'claude-code-2.1.330', 'issue-reports'],
  }),
  beta('tool-examples-2025-10-29', 'input examples of tools, under its name on Bedrock', {
    on: { anthropic: null, bedrock: true },
    sources: ['litellm-betas', 'issue-reports'],
  }),
  beta('effort-2025-11-24', 'output_config.effort', {
    models: [opus45],
    generalSince: '2026-02-05',
    on: { bedrock: true, vertex: true },
    uncertain: 'Claude Code sends it to Google Cloud; not accepted there according to litellm.',
    sources: ['effort-2026-08', 'litellm-betas', 'claude-code-2.1.330'],
  }),
  beta('computer-use-2025-11-24', 'computer_20251124', {
    scope: 'Opus 4.5 and later; not Opus 5.5 and Fable 5.2 outside of Bedrock.',
    on: { bedrock: true, vertex: true },
    uncertain: byGuess,
    sources: ['sdk-1.12', 'litellm-betas'],
  }),
  beta('claude-code-20250219', 'identifies Claude Code', {
    from: '2025-02-19',
    on: { bedrock: true, vertex: true },
    uncertain: 'Its effect is not documented.',
    sources: ['issue-reports', 'claude-code-2.1.330'],
  }),
  beta('oauth-2025-04-20', 'bearer tokens of OAuth', {
    on: nowhereElse,
    uncertain: 'Known from issue reports.',
    sources: ['issue-reports'],
  }),
]
