import { expect, test } from 'vitest'

import { formatProblem, validateMessagesRequest } from '../../src/messages/schema.ts'

const closed = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }
const format = { type: 'json_schema', schema: closed }
const mixed =
  'messages: citations must be enabled on all or none of the documents and search results in a request'
const code = { type: 'code_execution_20250825', name: 'code_execution' }

test.each([
  [
    'a schema that is open',
    { output_config: { format: { ...format, schema: { type: 'object' } } } },
    "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
  ],
  [
    'the same under the former name',
    { output_format: { ...format, schema: { type: 'object' } } },
    "output_format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
  ],
  ['citations on one document of two', { messages: asking(document(true), document(false)) }, mixed],
  [
    'citations on a document, unspecified on another',
    { messages: asking(document(true), document(null)) },
    mixed,
  ],
  [
    'citations on a document, but not on a search result',
    { messages: asking(document(true), searchResult(false)) },
    mixed,
  ],
  ['citations on all', { messages: asking(document(true), searchResult(true)) }, null],
  ['citations on none', { messages: asking(document(false), searchResult(null)) }, null],
  [
    'citations beside a format',
    { messages: asking(document(true)), output_config: { format } },
    'output_config.format: structured outputs cannot be used together with citations',
  ],
  ['a container and the tool for it', { container: 'c', tools: [code] }, null],
  [
    'a container without the tool',
    { container: { id: 'c' } },
    'container: Container identifier can only be provided when using the code execution tool',
  ],
  [
    'thinking cleared after tools',
    {
      context_management: {
        edits: [{ type: 'clear_tool_uses_20250919' }, { type: 'clear_thinking_20251015' }],
      },
    },
    'context_management.edits: `clear_thinking_20251015` must be the first strategy in the list',
  ],
  [
    'thinking cleared first',
    {
      context_management: {
        edits: [{ type: 'clear_thinking_20251015' }, { type: 'clear_tool_uses_20250919' }],
      },
    },
    null,
  ],
  [
    'a cache warmed by a stream',
    { max_tokens: 0, stream: true },
    'max_tokens: 0 is not supported with `stream: true`',
  ],
  [
    'a cache warmed with a budget',
    { max_tokens: 0, thinking: { type: 'enabled', budget_tokens: 1024 } },
    'max_tokens: 0 is not supported with `thinking.type: "enabled"`',
  ],
  [
    'a cache warmed with a forced tool',
    { max_tokens: 0, tools: [code], tool_choice: { type: 'any' } },
    'max_tokens: 0 is not supported with `tool_choice.type: "any"`',
  ],
  [
    'a cache warmed with a format',
    { max_tokens: 0, output_config: { format } },
    'max_tokens: 0 is not supported with structured outputs',
  ],
  ['a cache warmed with adaptive thinking', { max_tokens: 0, thinking: { type: 'adaptive' } }, null],
])('%s', (_, members, text) => {
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }], ...members }
  const problem = validateMessagesRequest(body, { apiVersion: '2023-06-01' })

  expect(problem && formatProblem(problem)).toBe(text)
})

function asking(...content: readonly unknown[]) {
  return [{ role: 'user', content: [...content, { type: 'text', text: 'Well?' }] }]
}

function document(enabled: boolean | null) {
  const source = { type: 'text', media_type: 'text/plain', data: 'x' }
  return { type: 'document', source, ...(enabled !== null && { citations: { enabled } }) }
}

function searchResult(enabled: boolean | null) {
  const content = [{ type: 'text', text: 'x' }]
  return {
    type: 'search_result',
    source: 's',
    title: 't',
    content,
    ...(enabled !== null && { citations: { enabled } }),
  }
}
