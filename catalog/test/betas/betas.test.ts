import { describe, expect, test } from 'vitest'
import { betaCarriers, betaOn, betaStateOn, betas, findBeta, models, sources } from '../../src/index.ts'

// Transcribed from the tables of beta values: August 2025, autumn 2025, and 2026.

const sdk060 = [
  'message-batches-2024-09-24',
  'prompt-caching-2024-07-31',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'pdfs-2024-09-25',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'output-128k-2025-02-19',
  'files-api-2025-04-14',
  'mcp-client-2025-04-04',
  'dev-full-thinking-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'code-execution-2025-05-22',
  'extended-cache-ttl-2025-04-11',
  'context-1m-2025-08-07',
]

test('has every value of the SDK of August 2025, valid from that month or earlier', () => {
  for (const value of sdk060) {
    const found = findBeta(value)

    expect(found?.value).toBe(value)
    expect(found !== null && betaStateOn(found, '2025-08-15')).not.toBe('not_yet')
  }
})

// State in August 2025 and in November 2026; availability on Bedrock and on Google Cloud.
describe.each([
  ['context-1m-2025-08-07', 'needed', 'idle', true, true],
  ['output-128k-2025-02-19', 'needed', 'needed', true, false],
  ['interleaved-thinking-2025-05-14', 'needed', 'needed', true, true],
  ['extended-cache-ttl-2025-04-11', 'idle', 'idle', false, null],
  ['prompt-caching-2024-07-31', 'idle', 'idle', null, null],
  ['message-batches-2024-09-24', 'idle', 'idle', false, false],
  ['pdfs-2024-09-25', 'idle', 'idle', null, null],
  ['computer-use-2025-01-24', 'needed', 'needed', true, true],
  ['token-efficient-tools-2025-02-19', 'needed', 'idle', true, false],
  ['fine-grained-tool-streaming-2025-05-14', 'needed', 'idle', true, true],
  ['files-api-2025-04-14', 'needed', 'idle', false, false],
  ['mcp-client-2025-04-04', 'needed', 'needed', false, false],
  ['code-execution-2025-05-22', 'needed', 'needed', false, false],
  ['search-results-2025-06-09', 'idle', 'idle', false, true],
  ['prompt-tools-2025-04-02', 'needed', 'idle', false, false],
  ['context-management-2025-06-27', 'needed', 'needed', true, true],
  ['model-context-window-exceeded-2025-08-26', 'not_yet', 'needed', null, null],
  ['web-fetch-2025-09-10', 'not_yet', 'idle', false, false],
  ['skills-2025-10-02', 'not_yet', 'idle', false, false],
  [
    'advanced-tool-use-2025-11-20',
    'not_yet',
    'idle',
    'tool-search-tool-2025-10-19',
    'tool-search-tool-2025-10-19',
  ],
  ['effort-2025-11-24', 'not_yet', 'idle', true, true],
  ['computer-use-2025-11-24', 'not_yet', 'needed', true, true],
  ['prompt-caching-scope-2026-01-05', 'not_yet', 'needed', false, false],
  ['compact-2026-01-12', 'not_yet', 'needed', true, true],
  ['fast-mode-2026-02-01', 'not_yet', 'needed', false, null],
  ['output-300k-2026-03-24', 'not_yet', 'needed', false, false],
  ['cache-diagnosis-2026-04-07', 'not_yet', 'idle', null, null],
  ['thinking-binding-controls-2026-08-01', 'not_yet', 'needed', true, true],
  ['compact-2026-09-04', 'not_yet', 'needed', null, true],
  ['webhooks-2026-10-07', 'not_yet', 'needed', false, false],
] as const)('%s', (value, ...states) => {
  const found = findBeta(value)
  const [in2025, in2026, bedrock, vertex] = states

  test('has the state in the table', () => {
    expect(found && betaStateOn(found, '2025-08-15')).toBe(in2025)
    expect(found && betaStateOn(found, '2026-11-22')).toBe(in2026)
  })

  test('is offered on the clouds in the table', () => {
    expect(found?.platforms).toMatchObject({ bedrock, vertex })
  })
})

test.each([
  ['context-1m-2025-08-07', '2026-04-29', '2026-04-30'],
  ['extended-cache-ttl-2025-04-11', '2025-08-12', '2025-08-13'],
  ['fine-grained-tool-streaming-2025-05-14', '2026-02-04', '2026-02-05'],
  ['effort-2025-11-24', '2026-02-04', '2026-02-05'],
  ['web-fetch-2025-09-10', '2026-02-16', '2026-02-17'],
  ['files-api-2025-04-14', '2026-08-18', '2026-08-19'],
  ['prompt-tools-2025-04-02', '2026-08-16', '2026-08-17'],
  ['cache-diagnosis-2026-04-07', '2026-09-22', '2026-09-23'],
])('%s is needed on %s and idle on %s', (value, before, since) => {
  const found = findBeta(value)

  expect(found && betaStateOn(found, before)).toBe('needed')
  expect(found && betaStateOn(found, since)).toBe('idle')
})

test('has exactly the values of the tables', () => {
  const values = betas.map(({ value }) => value)

  expect(values.toSorted(byText)).toEqual(everyValue)
})

test('returns the name of a value on each cloud', () => {
  expect(betaOn('advanced-tool-use-2025-11-20', 'bedrock')).toBe('tool-search-tool-2025-10-19')
  expect(betaOn('advanced-tool-use-2025-11-20', 'anthropic')).toBe('advanced-tool-use-2025-11-20')
  expect(betaOn('context-1m-2025-08-07', 'vertex')).toBe('context-1m-2025-08-07')
  expect(betaOn('oauth-2025-04-20', 'bedrock')).toBe(false)
  expect(betaOn('task-budgets-2026-03-13', 'vertex')).toBe(null)
  expect(betaOn('no-such-thing-2026-01-01', 'anthropic')).toBe(null)
  expect([betaCarriers.bedrock.carrier, betaCarriers.vertex.carrier]).toEqual(['body', 'header'])
})

test('has every value that Claude Code sends', () => {
  const sent = [
    'claude-code-20250219',
    'interleaved-thinking-2025-05-14',
    'context-management-2025-06-27',
    'per-turn-control-2026-07-01',
    'mid-conversation-tool-changes-2026-07-01',
    'thinking-token-count-2026-05-13',
    'advanced-tool-use-2025-11-20',
    'effort-2025-11-24',
    'web-search-2025-03-05',
    'tool-search-tool-2025-10-19',
    'prompt-caching-scope-2026-01-05',
    'advisor-tool-2026-03-01',
  ]

  expect(sent.filter((value) => findBeta(value) === null)).toEqual([])
})

test('matches values exactly', () => {
  expect(findBeta('Context-1m-2025-08-07')).toBe(null)
  expect(findBeta(' context-1m-2025-08-07')).toBe(null)
})

test('every row is unique, has its dates in order, and refers to existing models and sources', () => {
  const ids = new Set(models.map(({ id }) => id))

  expect(new Set(betas.map(({ value }) => value)).size).toBe(betas.length)
  for (const { value, from, generalSince, endedOn, models: named, sources: keys, supersededBy } of betas) {
    expect(value.replaceAll(/\D/g, '')).toContain(from.replaceAll('-', ''))
    for (const day of [generalSince, endedOn]) expect(day === null || day > from).toBe(true)
    for (const id of named ?? []) expect(ids).toContain(id)
    if (supersededBy !== null) expect(findBeta(supersededBy)).not.toBe(null)
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) expect(sources[key]).toMatch(/\w/)
  }
})

test('marks every row whose only source is a third party as uncertain', () => {
  const outside = betas.filter(({ sources: keys }) => keys.every((key) => key === 'litellm-betas'))

  expect(outside.length).toBeGreaterThan(0)
  for (const { uncertain } of outside) expect(uncertain).not.toBe(null)
})

const everyValue = [
  'admin-user-sign-out-2026-10-08',
  'advanced-tool-use-2025-11-20',
  'advisor-tool-2026-03-01',
  'agent-memory-2026-07-22',
  'analytics-usage-cost-2026-08-24',
  'cache-diagnosis-2026-04-07',
  'ce-claude-code-managed-settings-2026-10-06',
  'ce-plugins-2026-09-01',
  'ce-user-management-2026-07-13',
  'claude-code-20250219',
  'code-execution-2025-05-22',
  'code-execution-2025-08-25',
  'code-execution-web-tools-2026-02-09',
  'compact-2026-01-12',
  'compact-2026-09-04',
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'computer-use-2025-11-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dangerous-tool-use-2026-09-03',
  'dev-full-thinking-2025-05-14',
  'dreaming-2026-04-21',
  'effort-2025-11-24',
  'efs-2026-10-01',
  'experimental-cc-routine-2026-04-01',
  'experimental-claude-tag-2026-10-21',
  'extended-cache-ttl-2025-04-11',
  'fallback-credit-2026-06-01',
  'fallback-credit-2026-07-01',
  'fast-mode-2026-02-01',
  'files-api-2025-04-14',
  'fine-grained-tool-streaming-2025-05-14',
  'google-managed-data-controls-2026-09-01',
  'inline-tools-2026-09-15',
  'interleaved-thinking-2025-05-14',
  'managed-agents-2026-04-01',
  'max-tokens-3-5-sonnet-2024-07-15',
  'mcp-client-2025-04-04',
  'mcp-client-2025-11-20',
  'mcp-client-2026-09-15',
  'mcp-tunnels-2026-05-19',
  'mcp-tunnels-2026-06-22',
  'message-batches-2024-09-24',
  'message-threads-2026-08-12',
  'mid-conversation-output-config-2026-07-01',
  'mid-conversation-system-2026-04-07',
  'mid-conversation-system-clear-at-2026-08-21',
  'mid-conversation-tool-changes-2026-07-01',
  'model-context-window-exceeded-2025-08-26',
  'oauth-2025-04-20',
  'oidc-federation-2026-04-01',
  'output-128k-2025-02-19',
  'output-300k-2026-03-24',
  'pdfs-2024-09-25',
  'per-turn-control-2026-07-01',
  'prompt-caching-2024-07-31',
  'prompt-caching-scope-2026-01-05',
  'prompt-tools-2025-04-02',
  'search-results-2025-06-09',
  'server-side-fallback-2026-06-01',
  'server-side-fallback-2026-07-01',
  'skills-2025-10-02',
  'spend-limit-reads-2026-09-26',
  'structured-outputs-2025-11-13',
  'structured-outputs-2025-12-15',
  'task-budgets-2026-03-13',
  'telemetry-destinations-2026-08-11',
  'thinking-binding-controls-2026-08-01',
  'thinking-display-updates-2026-08-18',
  'thinking-token-count-2026-05-13',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
  'user-profiles-2026-03-24',
  'user-profiles-2026-08-18',
  'user-profiles-2026-09-04',
  'user-profiles-billing-2026-10-01',
  'web-fetch-2025-09-10',
  'web-search-2025-03-05',
  'webhooks-2026-10-07',
]

function byText(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
