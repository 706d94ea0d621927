import { describe, expect, test } from 'vitest'

import { findProblem, list } from '../../src/messages/shape.ts'
import { toolShape } from '../../src/messages/tool-shapes.ts'

const schema = { type: 'object', properties: {} }

/** One tool of every type, with every member of its own. */
const whole: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[] = [
  {
    type: 'custom',
    name: 'f',
    description: 'x',
    input_schema: schema,
    eager_input_streaming: true,
    input_examples: [{ a: 1 }],
  },
  { type: 'bash_20241022', name: 'bash' },
  { type: 'bash_20250124', name: 'bash', input_examples: [] },
  { type: 'text_editor_20241022', name: 'str_replace_editor' },
  { type: 'text_editor_20250124', name: 'str_replace_editor' },
  { type: 'text_editor_20250429', name: 'str_replace_based_edit_tool' },
  { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 1 },
  ...['computer_20241022', 'computer_20250124', 'computer_20251124'].map((type) => ({
    type,
    name: 'computer',
    display_width_px: 1024,
    display_height_px: 768,
    display_number: 0,
    ...(type === 'computer_20251124' && { enable_zoom: true }),
  })),
  { type: 'memory_20250818', name: 'memory' },
  ...['web_search_20250305', 'web_search_20260209', 'web_search_20260318'].map((type) => ({
    type,
    name: 'web_search',
    max_uses: 1,
    allowed_domains: ['example.com'],
    blocked_domains: null,
    user_location: {
      type: 'approximate',
      city: 'Bern',
      region: null,
      country: 'CH',
      timezone: 'Europe/Zurich',
    },
    ...(type === 'web_search_20260318' && { response_inclusion: 'excluded' }),
  })),
  ...['web_fetch_20250910', 'web_fetch_20260209', 'web_fetch_20260309', 'web_fetch_20260318'].map((type) => ({
    type,
    name: 'web_fetch',
    max_uses: null,
    citations: { enabled: true },
    max_content_tokens: 100,
    url_sources: { user_input: { type: 'none' }, client_tool_results: { type: 'all' } },
    ...(['web_fetch_20260309', 'web_fetch_20260318'].includes(type) && { use_cache: false }),
    ...(type === 'web_fetch_20260318' && { response_inclusion: 'full' }),
  })),
  ...['20250522', '20250825', '20260120', '20260521'].map((day) => ({
    type: `code_execution_${day}`,
    name: 'code_execution',
  })),
  { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
  { type: 'tool_search_tool_regex', name: 'tool_search_tool_regex' },
  { type: 'tool_search_tool_bm25_20251119', name: 'tool_search_tool_bm25' },
  { type: 'tool_search_tool_bm25', name: 'tool_search_tool_bm25' },
  { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-5-5', caching: null, max_uses: 2 },
]

const toolsets = [
  {
    type: 'mcp_toolset',
    mcp_server_name: 's',
    default_config: { defer_loading: true },
    configs: { search: { enabled: true } },
    tools: [{ name: 'search', input_schema: schema }],
  },
  { type: 'computer_toolset_20260801', configs: { cursor_position: { enabled: true }, zoom: null } },
  { type: 'browser_toolset_20260801', configs: { navigate: { defer_loading: false } } },
]

test('every tool type has an example below', () => {
  expect([...whole, ...toolsets].map(({ type }) => type).toSorted()).toEqual(
    Object.keys(toolShape.cases).toSorted(),
  )
})

describe('accepts every type with all of its members', () => {
  test.each(whole)('$type', (tool) => {
    const marked = {
      ...tool,
      cache_control: { type: 'ephemeral' },
      strict: true,
      defer_loading: false,
      allowed_callers: ['direct', 'code_execution_20260120'],
    }

    expect(findProblem(marked, toolShape)).toBeNull()
  })

  test.each(toolsets)('$type', (tool) => {
    expect(findProblem({ ...tool, cache_control: { type: 'ephemeral', ttl: '1h' } }, toolShape)).toBeNull()
  })
})

describe('accepts no other', () => {
  test.each([...whole, ...toolsets])('member of $type', (tool) => {
    expect(getText({ ...tool, colour: 'red' })).toBe(
      `tools.0.${tool.type}.colour: Extra inputs are not permitted`,
    )
  })

  test.each([
    [{ type: 'bash_20250124', name: 'sh' }, "bash_20250124.name: Input should be 'bash'"],
    [{ type: 'computer_20250124', name: 'computer' }, 'computer_20250124.display_width_px: Field required'],
    [
      { type: 'computer_20250124', name: 'computer', display_width_px: 0, display_height_px: 1 },
      'computer_20250124.display_width_px: Input should be greater than or equal to 1',
    ],
    [
      { type: 'web_search_20250305', name: 'web_search', max_uses: 0 },
      'web_search_20250305.max_uses: Input should be greater than 0',
    ],
    [
      {
        type: 'web_search_20250305',
        name: 'web_search',
        user_location: { type: 'approximate', country: 'CHE' },
      },
      'web_search_20250305.user_location.approximate.country: String should have at most 2 characters',
    ],
    [
      { type: 'web_search_20250305', name: 'web_search', response_inclusion: 'full' },
      'web_search_20250305.response_inclusion: Extra inputs are not permitted',
    ],
    [
      { type: 'web_fetch_20250910', name: 'web_fetch', use_cache: true },
      'web_fetch_20250910.use_cache: Extra inputs are not permitted',
    ],
    [{ type: 'advisor_20260301', name: 'advisor' }, 'advisor_20260301.model: Field required'],
    [{ type: 'mcp_toolset' }, 'mcp_toolset.mcp_server_name: Field required'],
    [
      { type: 'computer_toolset_20260801', configs: { navigate: null } },
      'computer_toolset_20260801.configs.navigate: Extra inputs are not permitted',
    ],
    [{ name: 'f', input_schema: { type: 'string' } }, "custom.input_schema.type: Input should be 'object'"],
    [
      { name: 'f', input_schema: schema, allowed_callers: ['me'] },
      "custom.allowed_callers.0: Input should be 'direct', 'code_execution_20250825', 'code_execution_20260120' or 'code_execution_20260521'",
    ],
    [
      { name: 'x'.repeat(129), input_schema: schema },
      "custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    ],
  ])('%j', (tool, text) => {
    expect(getText(tool)).toBe(`tools.0.${text}`)
  })

  test('type', () => {
    expect(getText({ type: 'bash_20990101', name: 'bash' })).toMatch(
      /^tools\.0: Input tag 'bash_20990101' found using 'type' does not match any of the expected tags: 'custom', 'bash_20241022', /,
    )
  })
})

function getText(tool: unknown): string | null {
  const problem = findProblem([tool], list(toolShape), 'tools')
  return problem && `${problem.path}: ${problem.message}`
}
