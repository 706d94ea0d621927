import { expect, test } from 'vitest'
import type { Platform } from '../../../src/index.ts'
import { readFacts } from '../../../src/index.ts'
import { listTexts } from '../../request.ts'

const asOf = '2026-11-22'

const refused = (id: string, ...types: readonly string[]): readonly string[] => [
  `'${id}' does not support tool types: ${types.join(', ')}.`,
]

test.each([
  ['bash_20250124', ['claude-3-7-sonnet-latest', 'claude-opus-5-5'], ['claude-3-5-haiku-latest']],
  ['text_editor_20250124', ['claude-3-7-sonnet-latest'], ['claude-sonnet-4-0', 'claude-3-5-haiku-latest']],
  ['text_editor_20250728', ['claude-sonnet-4-0', 'claude-opus-5-5'], ['claude-3-7-sonnet-latest']],
  ['computer_20241022', ['claude-3-5-sonnet-20241022'], ['claude-3-7-sonnet-latest', 'claude-opus-5-5']],
  ['computer_20250124', ['claude-3-7-sonnet-latest', 'claude-haiku-4-5'], ['claude-3-5-sonnet-20241022']],
  ['computer_20251124', ['claude-opus-4-5', 'claude-sonnet-4-6', 'claude-opus-5'], ['claude-sonnet-4-5']],
  [
    'web_search_20250305',
    ['claude-3-5-sonnet-20241022', 'claude-3-5-haiku-latest', 'claude-opus-5-5'],
    ['claude-3-haiku-20240307', 'claude-3-opus-latest', 'claude-3-5-sonnet-20240620'],
  ],
  ['web_fetch_20250910', ['claude-3-5-haiku-latest', 'claude-opus-4-8'], ['claude-3-5-sonnet-20241022']],
  ['code_execution_20250522', ['claude-opus-4-0', 'claude-3-5-haiku-latest'], ['claude-3-haiku-20240307']],
  ['memory_20250818', ['claude-opus-4-0', 'claude-haiku-5-5'], ['claude-3-7-sonnet-latest']],
  ['tool_search_tool_bm25_20251119', ['claude-sonnet-4-5'], ['claude-opus-4-1']],
])('%s is accepted by %j and rejected by %j', (type, takers, refusers) => {
  for (const name of takers) expect(listTexts({ tool_types: [type] }, name, { asOf })).toEqual([])
  for (const name of refusers) expect(listTexts({ tool_types: [type] }, name, { asOf })).toHaveLength(1)
})

test('lists every rejected type', () => {
  const facts = { tool_types: ['bash_20250124', 'text_editor_20250728', 'made_up_20990101'] }

  expect(listTexts(facts, 'claude-3-haiku-20240307')).toEqual(
    refused('claude-3-haiku-20240307', 'bash_20250124', 'text_editor_20250728'),
  )
})

test.each([
  ['anthropic', 1],
  ['vertex', 1],
  ['bedrock', 0],
] as const)('computer_20251124 of the 5.5 and 5.2 models on %s: %d findings', (platform, count) => {
  for (const name of ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-fable-5-2', 'claude-mythos-5-2']) {
    expect(listTexts({ tool_types: ['computer_20251124'] }, name, { asOf, platform })).toHaveLength(count)
  }
})

test.each(['claude-sonnet-5', 'claude-opus-5', 'claude-fable-5-1', 'claude-haiku-5-5'])(
  '%s accepts computer_20251124 and rejects computer_20250124',
  (name) => {
    expect(listTexts({ tool_types: ['computer_20251124'] }, name, { asOf })).toEqual([])
    expect(listTexts({ tool_types: ['computer_20250124'] }, name, { asOf })).toHaveLength(1)
  },
)

test.each([
  ['claude-sonnet-5-5', 'claude-opus-5', true],
  ['claude-sonnet-5-5', 'claude-sonnet-5-5', true],
  ['claude-sonnet-5-5', 'claude-opus-4-8', false],
  ['claude-sonnet-5-5', 'claude-sonnet-5', false],
  ['claude-fable-5-2', 'claude-mythos-5-2', true],
  ['claude-fable-5-2', 'claude-fable-5-1', false],
  ['claude-mythos-5-2', 'claude-opus-5-5', false],
  ['claude-opus-5', 'claude-opus-4-8', true],
  // The API may know a newer model than this catalog.
  ['claude-sonnet-5-5', 'claude-opus-9', true],
])('%s with the advisor %s is accepted: %s', (name, advisor, isAccepted) => {
  const tools = [{ type: 'custom' }, { type: 'advisor_20260301', name: 'advisor', model: advisor }]
  const facts = readFacts({ tools })
  const texts = listTexts({ tools: facts.tools }, name, { asOf })

  expect(texts).toEqual(
    isAccepted
      ? []
      : [`tools.1.advisor_20260301.model: '${advisor}' is not supported as an advisor of '${name}'.`],
  )
})

test('rejects web fetch for Opus 5', () => {
  expect(listTexts({ tool_types: ['web_fetch_20260209'] }, 'claude-opus-5', { asOf })).toEqual(
    refused('claude-opus-5', 'web_fetch_20260209'),
  )
})

test.each<[string, readonly Platform[]]>([
  ['web_search_20260209', ['bedrock']],
  ['web_fetch_20260209', ['bedrock', 'vertex']],
  ['code_execution_20260120', ['bedrock', 'vertex']],
  ['browser_toolset_20260801', ['bedrock', 'vertex', 'foundry']],
  ['bash_20250124', []],
  ['memory_20250818', []],
])('%s is missing on %j', (type, missing) => {
  for (const platform of ['anthropic', 'bedrock', 'vertex', 'foundry'] as const) {
    expect(listTexts({ tool_types: [type] }, 'claude-opus-5-5', { asOf, platform })).toEqual(
      missing.includes(platform)
        ? [`tools: Input tag '${type}' found using 'type' does not match any of the expected tags`]
        : [],
    )
  }
})

test.each([
  ['web_fetch_20250910', 'web-fetch-2025-09-10', '2026-02-16', '2026-02-17'],
  ['code_execution_20250825', 'code-execution-2025-08-25', '2025-11-01', '2026-01-01'],
  ['memory_20250818', 'context-management-2025-06-27', '2025-11-01', '2026-01-01'],
])('%s requires the header %s on %s, and not on %s', (type, beta, needed, free) => {
  const name = 'claude-sonnet-4-5'
  const facts = { tool_types: [type] }

  expect(listTexts({ ...facts, betas: [] }, name, { asOf: needed })).toEqual([
    `tools: Input tag '${type}' found using 'type' does not match any of the expected tags`,
  ])
  expect(listTexts({ ...facts, betas: [beta] }, name, { asOf: needed })).toEqual([])
  expect(listTexts(facts, name, { asOf: needed })).toEqual([])
  expect(listTexts({ ...facts, betas: [] }, name, { asOf: free })).toEqual([])
})

test('still requires a header for computer use', () => {
  const facts = { tool_types: ['computer_20250124'] }

  expect(listTexts({ ...facts, betas: [] }, 'claude-sonnet-4-5', { asOf })).toHaveLength(1)
  expect(listTexts({ ...facts, betas: ['computer-use-2025-01-24'] }, 'claude-sonnet-4-5', { asOf })).toEqual(
    [],
  )
})

test('rejects fine-grained tool streaming beside a toolset on Haiku 5.5', () => {
  const beta = 'fine-grained-tool-streaming-2025-05-14'
  const facts = { tool_types: ['computer_toolset_20260801'], betas: [beta] }

  expect(listTexts(facts, 'claude-haiku-5-5', { asOf })).toEqual([
    `\`${beta}\` is not supported with computer_toolset_20260801.`,
  ])
  expect(listTexts({ ...facts, betas: [] }, 'claude-haiku-5-5', { asOf })).toEqual([])
  expect(listTexts(facts, 'claude-sonnet-5-5', { asOf })).toEqual([])
})
