import { expect, test } from 'vitest'

import type { RequestFacts } from '../../../src/index.ts'
import { readFacts } from '../../../src/index.ts'
import { getErrors, listTexts } from '../../request.ts'

const asOf = '2026-11-22'
const onAzure = { platform: 'foundry', hosting: 'azure' } as const

// "Claude in Microsoft Foundry", editions of June and September 2026: the first list, and what is left of it.
const lacks: readonly [string, RequestFacts, 'lacked in June only' | 'still lacked'][] = [
  ['structured_outputs', { output_format: true }, 'lacked in June only'],
  ['structured_outputs', { tools: [{ type: 'custom', members: ['name', 'strict'] }] }, 'lacked in June only'],
  ['web_search', { tool_types: ['web_search_20250305'] }, 'lacked in June only'],
  ['web_search', { tool_types: ['web_search_20260209'] }, 'still lacked'],
  ['web_fetch', { tool_types: ['web_fetch_20250910'] }, 'lacked in June only'],
  ['web_fetch', { tool_types: ['web_fetch_20260209'] }, 'still lacked'],
  ['tool_search', { tool_types: ['tool_search_tool_regex_20251119'] }, 'lacked in June only'],
  ['mcp_connector', { tool_types: ['mcp_toolset'] }, 'lacked in June only'],
  ['mcp_connector', { body_members: ['mcp_servers'] }, 'lacked in June only'],
  ['code_execution', { tool_types: ['bash_20250124', 'code_execution_20250825'] }, 'still lacked'],
  ['skills', { body_members: ['model', 'container'] }, 'still lacked'],
  ['files_api', { source_types: ['url', 'file'] }, 'still lacked'],
  ['files_api', { source_types: ['container_upload'] }, 'still lacked'],
]

test.each(lacks)('%s of %j is %s when hosted on Azure', (feature, facts, state) => {
  const text = `${feature} not supported in your workspace.`
  const name = 'claude-opus-4-8'

  expect(listTexts(facts, name, { ...onAzure, asOf: '2026-08-16' })).toEqual([text])
  for (const day of ['2026-08-17', asOf])
    expect(listTexts(facts, name, { ...onAzure, asOf: day })).toEqual(state === 'still lacked' ? [text] : [])
})

test.each(lacks)('%s of %j is not checked for another hosting or platform', (_feature, facts) => {
  const name = 'claude-opus-4-8'
  const day = '2026-08-16'

  expect(listTexts(facts, name, { platform: 'foundry', hosting: 'anthropic', asOf: day })).toEqual([])
  expect(listTexts(facts, name, { platform: 'foundry', asOf: day })).toEqual([])
  expect(listTexts(facts, name, { platform: 'anthropic', hosting: 'azure', asOf: day })).toEqual([])
})

test('accepts URLs, tools of the client and the tools of its basic versions', () => {
  const body = {
    model: 'claude-opus-4-8',
    max_tokens: 100,
    output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    tools: [
      { type: 'web_search_20250305', name: 'web_search' },
      { name: 'look_up', input_schema: { type: 'object' }, strict: true },
    ],
    messages: [
      {
        role: 'user',
        content: [{ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
      },
    ],
  }

  expect(getErrors(readFacts(body), 'claude-opus-4-8', { ...onAzure, asOf })).toEqual([])
})

test('the remedies are those of the rules for other platforms', () => {
  const facts = { tool_types: ['code_execution_20250825'], source_types: ['file'] }

  expect(getErrors(facts, 'claude-opus-4-8', { ...onAzure, asOf })).toMatchObject([
    { code: 'tool_type_missing_on_platform', status: 400, path: 'tools' },
    { code: 'source_not_on_platform', hint: 'Send the image or document as base64.' },
  ])
})
