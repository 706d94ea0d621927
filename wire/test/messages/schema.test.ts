import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatProblem, parseMessagesRequest, validateMessagesRequest } from '../../src/messages/schema.ts'

const closed = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false }

describe('a body without problems', () => {
  test.each([
    ['the least there can be', {}],
    [
      'a system prompt in blocks',
      { system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    ],
    ['sampling', { temperature: 1, top_p: 0.99, top_k: 0, stop_sequences: ['\n\nHuman:'], stream: true }],
    ['no temperature at all', { temperature: 0 }],
    ['a call that only warms the cache', { max_tokens: 0 }],
    ['a null user id', { metadata: { user_id: null } }],
    [
      'empty content, if it is allowed',
      { metadata: null, stop_sequences: null, inference_geo: null, cache_control: null, container: null },
    ],
    ['structured outputs', { output_config: { format: { type: 'json_schema', schema: closed } } }],
    ['structured outputs under their first name', { output_format: { type: 'json_schema', schema: closed } }],
    ['a task budget', { output_config: { task_budget: { type: 'tokens', total: 20_000 } } }],
    ['thinking between tools', { thinking: { type: 'between_tools' } }],
    ['updates on thinking', { thinking: { type: 'adaptive', display: 'updates' } }],
    ['diagnostics', { diagnostics: { previous_message_id: null } }],
    ['a place', { inference_geo: 'us', speed: 'fast', service_tier: 'standard_only' }],
    [
      'MCP servers and their tools',
      {
        mcp_servers: [{ type: 'url', url: 'https://example.com', name: 'x', authorization_token: null }],
        tools: [{ type: 'mcp_toolset', mcp_server_name: 'x', configs: { f: { enabled: false } } }],
      },
    ],
    [
      'every edit of the context',
      {
        context_management: {
          edits: [
            { type: 'clear_thinking_20251015', keep: { type: 'thinking_turns', value: 2 } },
            {
              type: 'clear_tool_uses_20250919',
              trigger: { type: 'tool_uses', value: 5 },
              keep: { type: 'tool_uses', value: 0 },
              clear_at_least: { type: 'input_tokens', value: 5_000 },
              exclude_tools: ['f'],
              clear_tool_inputs: ['g'],
            },
            { type: 'compact_20260112', trigger: { type: 'input_tokens', value: 50_000 } },
          ],
        },
      },
    ],
    ['thinking', { thinking: { type: 'enabled', budget_tokens: 1024 } }],
    [
      'adaptive thinking as Claude Code sends it',
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'medium' } },
    ],
    [
      'context management',
      { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } },
    ],
    ['a tool and a choice', { tools: [tool('f')], tool_choice: { type: 'tool', name: 'f' } }],
    ['a tool of the service', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] }],
    ['a deferred tool', { tools: [tool('g'), { ...tool('f'), defer_loading: true }] }],
    ['an empty message beside another of the user', { messages: [user(''), user('Hi')] }],
    ['a conversation that the assistant opens', { messages: [assistant('Hello'), user('Hi')] }],
    [
      'a container with skills',
      {
        container: { skills: [{ type: 'anthropic', skill_id: 'pdf', version: 'latest' }] },
        tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
      },
    ],
    ['a prefill', { messages: [user('Hi'), { role: 'assistant', content: 'Hello' }] }],
    ['an empty open turn', { messages: [user('Hi'), { role: 'assistant', content: '' }] }],
    [
      'a system turn in the middle',
      {
        messages: [user('Hi'), { role: 'system', content: [{ type: 'text', text: 'x' }], clear_at: 'never' }],
      },
    ],
  ])('%s', (_, members) => {
    expect(getProblem(members)).toBeNull()
  })

  test.each([
    ['image', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
    ['image by url', { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
    [
      'document',
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: 'x' },
        title: 'T',
        citations: { enabled: true },
      },
    ],
    [
      'document of blocks',
      { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
    ],
    [
      'search result',
      { type: 'search_result', source: 's', title: 't', content: [{ type: 'text', text: 'x' }] },
    ],
    ['container upload', { type: 'container_upload', file_id: 'file_1' }],
  ])('a user turn with a block: %s', (_, block) => {
    expect(getProblem({ messages: [{ role: 'user', content: [block] }] })).toBeNull()
  })

  test.each([
    ['thinking', [{ type: 'thinking', thinking: '', signature: 'x' }]],
    ['redacted thinking', [{ type: 'redacted_thinking', data: 'x' }]],
    [
      'a text and where it is from',
      [
        {
          type: 'text',
          text: 'x',
          citations: [
            {
              type: 'char_location',
              cited_text: 'x',
              document_index: 0,
              document_title: null,
              start_char_index: 0,
              end_char_index: 1,
              file_id: null,
            },
          ],
        },
      ],
    ],
    [
      'a web search',
      serverRound('web_search', 'web_search_tool_result', [
        { type: 'web_search_result', url: 'https://example.com', title: 't', encrypted_content: 'e' },
      ]),
    ],
    [
      'a web search that failed',
      serverRound('web_search', 'web_search_tool_result', {
        type: 'web_search_tool_result_error',
        error_code: 'max_uses_exceeded',
      }),
    ],
    [
      'a page that was fetched',
      serverRound('web_fetch', 'web_fetch_tool_result', {
        type: 'web_fetch_result',
        url: 'https://example.com',
        content: { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } },
      }),
    ],
    [
      'code that ran',
      serverRound('bash_code_execution', 'bash_code_execution_tool_result', {
        type: 'bash_code_execution_result',
        stdout: '',
        stderr: '',
        return_code: 0,
        content: [{ type: 'bash_code_execution_output', file_id: 'file_1' }],
      }),
    ],
    [
      'a file that was written',
      serverRound('text_editor_code_execution', 'text_editor_code_execution_tool_result', {
        type: 'text_editor_code_execution_create_result',
        is_file_update: false,
      }),
    ],
    [
      'a search for tools',
      serverRound('tool_search_tool_bm25', 'tool_search_tool_result', {
        type: 'tool_search_tool_search_result',
        tool_references: [{ type: 'tool_reference', tool_name: 'f' }],
      }),
    ],
    [
      'a tool of an MCP server',
      [
        { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'f', server_name: 's', input: {} },
        { type: 'mcp_tool_result', tool_use_id: 'mcptoolu_1', content: [{ type: 'text', text: 'x' }] },
      ],
    ],
  ])('an assistant turn with %s', (_, content) => {
    expect(getProblem({ messages: [user('Hi'), { role: 'assistant', content }, user('Go')] })).toBeNull()
  })
})

describe('a body with a problem names the first one', () => {
  test.each([
    [{ max_tokens: undefined }, 'max_tokens: Field required'],
    [{ model: undefined }, 'model: Field required'],
    [{ messages: undefined }, 'messages: Field required'],
    [{ model: 4 }, 'model: Input should be a valid string'],
    [{ model: '' }, 'model: String should have at least 1 character'],
    [{ model: 'x'.repeat(257) }, 'model: String should have at most 256 characters'],
    [{ max_tokens: '10' }, 'max_tokens: Input should be a valid integer'],
    [{ max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer, got a number with a fractional part'],
    [{ max_tokens: -1 }, 'max_tokens: must be greater than or equal to 0'],
    [{ max_tokens: null }, 'max_tokens: Input should be a valid integer'],
    [{ temperature: 1.1 }, 'temperature: range: 0..1'],
    [{ temperature: '1' }, 'temperature: Input should be a valid number'],
    [{ top_p: 1.5 }, 'top_p: range: 0..1'],
    [{ top_k: -1 }, 'top_k: Input should be greater than or equal to 0'],
    [{ stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [{ colour: 'red' }, 'colour: Extra inputs are not permitted'],
    [{ inference_geo: 'mars' }, "inference_geo: must be one of ['global', 'us']"],
    [{ speed: 'slow' }, "speed: Input should be 'standard' or 'fast'"],
    [{ thinking: {} }, 'thinking.type: Field required'],
    [
      { thinking: { type: 'adaptive', budget_tokens: 2_000 } },
      'thinking.adaptive.budget_tokens: Extra inputs are not permitted',
    ],
    [
      { thinking: { type: 'between_tools', display: 'omitted' } },
      'thinking.between_tools.display: Extra inputs are not permitted',
    ],
    [
      { thinking: { type: 'adaptive', display: 'full' } },
      "thinking.adaptive.display: Input should be 'summarized', 'omitted' or 'updates'",
    ],
    [
      { output_config: { effort: 'huge' } },
      "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ],
    [{ output_config: { format: { type: 'json_schema' } } }, 'output_config.format.schema: Field required'],
    [
      { output_config: { task_budget: { type: 'tokens', total: 19_999 } } },
      'output_config.task_budget.total: Input should be greater than or equal to 20000',
    ],
    [{ container: { skills: 'x' } }, 'container.ContainerParams.skills: Input should be a valid array'],
    [
      { container: { skills: Array.from({ length: 9 }, () => ({ type: 'custom', skill_id: 's' })) } },
      'container.ContainerParams.skills: List should have at most 8 items after validation, not 9',
    ],
    [
      {
        mcp_servers: Array.from({ length: 21 }, (_, index) => ({ type: 'url', url: 'u', name: `${index}` })),
      },
      'mcp_servers: List should have at most 20 items after validation, not 21',
    ],
    [{ mcp_servers: [{ type: 'url', url: 'u' }] }, 'mcp_servers.0.name: Field required'],
    [
      { context_management: { edits: [{ type: 'clear_all' }] } },
      "context_management.edits.0: Input tag 'clear_all' found using 'type' does not match any of the expected tags: 'clear_tool_uses_20250919', 'clear_thinking_20251015', 'compact_20260112'",
    ],
    [
      {
        context_management: {
          edits: [{ type: 'compact_20260112', trigger: { type: 'input_tokens', value: 49_999 } }],
        },
      },
      'context_management.edits.0.compact_20260112.trigger.input_tokens.value: Input should be greater than or equal to 50000',
    ],
    [
      { context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'some' }] } },
      "context_management.edits.0.clear_thinking_20251015.keep: Input should be 'all'",
    ],
    [
      { context_management: { edits: [{ type: 'clear_tool_uses_20250919', clear_tool_inputs: 1 }] } },
      'context_management.edits.0.clear_tool_uses_20250919.clear_tool_inputs: Input should be a valid boolean',
    ],
    [{ metadata: { user: 'x' } }, 'metadata.user: Extra inputs are not permitted'],
    [{ service_tier: 'gold' }, "service_tier: Input should be 'auto' or 'standard_only'"],
    [{ stop_sequences: [''] }, 'stop_sequences: each stop sequence must be non-empty'],
    [{ stop_sequences: ['\n'] }, 'stop_sequences: each stop sequence must contain non-whitespace'],
    [{ stop_sequences: 'x' }, 'stop_sequences: Input should be a valid array'],
    [{ stop_sequences: [1] }, 'stop_sequences.0: Input should be a valid string'],
    [{ system: 1 }, 'system: Input should be a valid array'],
    [{ system: [{ type: 'text', text: 'x', id: '1' }] }, 'system.0.id: Extra inputs are not permitted'],
    [{ system: [{ type: 'text', text: '' }] }, 'system: text content blocks must be non-empty'],
    [{ thinking: { type: 'enabled' } }, 'thinking.enabled.budget_tokens: Field required'],
    [
      { thinking: { type: 'enabled', budget_tokens: 1023 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      { thinking: { type: 'maybe' } },
      "thinking: Input tag 'maybe' found using 'type' does not match any of the expected tags: 'enabled', 'disabled', 'adaptive', 'between_tools'",
    ],
    [{ tools: [{ name: 'f' }] }, 'tools.0.custom.input_schema: Field required'],
    [{ tools: [{ ...tool('f'), X: 1 }] }, 'tools.0.custom.X: Extra inputs are not permitted'],
    [{ tools: [tool('')] }, 'tools.0.custom.name: String should have at least 1 character'],
    [{ tools: [tool('a b')] }, "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"],
    [{ tools: [tool('f'), tool('f')] }, 'tools: Tool names must be unique.'],
    [
      { tools: [{ type: 'bash_20250124', name: 'sh' }] },
      "tools.0.bash_20250124.name: Input should be 'bash'",
    ],
    [{ tools: [tool('f')], tool_choice: { type: 'tool' } }, 'tool_choice.tool.name: Field required'],
    [
      { tools: [{ ...tool('f'), cache_control: { type: 'ephemeral', scope: 'x' } }] },
      'tools.0.custom.cache_control.ephemeral.scope: Extra inputs are not permitted',
    ],
  ])('%j', (members, text) => {
    expect(getProblem(members)).toBe(text)
  })

  test.each([
    [[], 'messages: at least one message is required'],
    ['Hi', 'messages: Input should be a valid array'],
    [['Hi'], 'messages.0: Input does not match the expected shape.'],
    [[{ role: 'user' }], 'messages.0.content: Field required'],
    [[{ content: 'Hi' }], 'messages.0.role: Field required'],
    [
      [{ role: 'robot', content: 'Hi' }],
      'messages: Unexpected role "robot". Allowed roles are "user" or "assistant"',
    ],
    [[{ role: 1, content: 'Hi' }], 'messages.0.role: Input should be a valid string'],
    [
      [{ role: 'user', content: 'Hi', clear_at: 'never' }],
      'messages.0.clear_at: Extra inputs are not permitted',
    ],
    [[{ role: 'user', content: 7 }], 'messages.0.content: Input should be a valid array'],
    [[{ role: 'user', content: 'Hi', name: 'Bo' }], 'messages.0.name: Extra inputs are not permitted'],
    [[{ role: 'user', content: '' }], 'messages.0: user messages must have non-empty content'],
    [[{ role: 'user', content: [] }], 'messages.0: user messages must have non-empty content'],
    [
      [user('Hi'), assistant(''), user('Hi')],
      'messages.1: all messages must have non-empty content except for the optional final assistant message',
    ],
    [
      [user('Hi'), assistant('Hello'), user(''), user('')],
      'messages.2: user messages must have non-empty content',
    ],
    [
      [{ role: 'user', content: [{ type: 'text', text: '' }] }],
      'messages: text content blocks must be non-empty',
    ],
    [[{ role: 'user', content: ' \n' }], 'messages: text content blocks must contain non-whitespace text'],
    [
      [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text' }] }],
      'messages.0.content.1.text.text: Field required',
    ],
    [[{ role: 'user', content: [{ text: 'a' }] }], 'messages.0.content.0.type: Field required'],
    [[{ role: 'user', content: ['a'] }], 'messages.0.content.0: Input should be an object'],
    [
      [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/bmp', data: '' } }],
        },
      ],
      "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    ],
    [
      [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }] }],
      'messages.0.content.0.tool_result.content.0.text.text: Field required',
    ],
    [
      [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: [] }] }],
      'messages.0.content.0.tool_use.input: Input should be an object',
    ],
    [
      [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }],
      'messages.0: `tool_use` blocks can only be in `assistant` messages',
    ],
    [
      [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'So ' },
      ],
      'messages: final assistant content cannot end with trailing whitespace',
    ],
  ])('messages %j', (messages, text) => {
    expect(getProblem({ messages })).toBe(text)
  })

  test('the error for an unknown block type lists the known types', () => {
    const problem = getProblem({ messages: [{ role: 'user', content: [{ type: 'video' }] }] })

    expect(problem).toMatch(
      /^messages\.0\.content\.0: Input tag 'video' found using 'type' does not match any of the expected tags: 'text', 'image', 'document', /,
    )
  })

  test('long names from a client are truncated', () => {
    expect(getProblem({ ['x'.repeat(10_000)]: 1 })).toHaveLength(
      100 + ': Extra inputs are not permitted'.length,
    )
  })

  test.each([null, undefined, 1, 'x', [], true])('a body that is not an object: %j', (body) => {
    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })).toEqual({
      path: '',
      message: 'Input should be an object',
    })
  })

  test('members of the prototype are not members of the body', () => {
    const body = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"constructor"}]}]}',
    )

    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })?.message).toMatch(
      /^Input tag 'constructor'/,
    )
  })
})

describe('the year', () => {
  test.each([
    [{ max_tokens: 0 }, '2025-12-31', 'max_tokens: Input should be greater than or equal to 1'],
    [{ max_tokens: 0 }, '2026-01-01', null],
    [{ temperature: 1.1 }, '2025-12-31', 'temperature: range: -1 or 0..1'],
    [{ temperature: -1 }, '2025-12-31', null],
    [{ temperature: -1 }, '2026-01-01', 'temperature: range: 0..1'],
  ])('%j on %s', (members, asOf, text) => {
    expect(getProblem(members, asOf)).toBe(text)
  })
})

/** As public test suites measured it on the API in August 2026. */
describe('the order of problems', () => {
  const wrong = {
    model: 7,
    tool_choice: 7,
    tools: 'x',
    messages: 'x',
    system: 7,
    thinking: 'x',
    output_config: 'x',
    cache_control: 'x',
    max_tokens: 'x',
    metadata: 'x',
    stop_sequences: 'x',
    temperature: 'x',
    service_tier: 7,
    top_k: 'x',
    top_p: 'x',
    stream: 'x',
    container: 7,
    inference_geo: 7,
    unknown: 1,
  }
  const texts = [
    'model: Input should be a valid string',
    'tool_choice: Input should be an object',
    'tools: Input should be a valid array',
    'messages: Input should be a valid array',
    'system: Input should be a valid array',
    'thinking: Input should be an object',
    'output_config: Input does not match the expected shape.',
    'cache_control: Input should be an object',
    'max_tokens: Input should be a valid integer',
    'metadata: Input does not match the expected shape.',
    'stop_sequences: Input should be a valid array',
    'temperature: Input should be a valid number',
    "service_tier: Input should be 'auto' or 'standard_only'",
    'top_k: Input should be a valid integer',
    'top_p: Input should be a valid number',
    'stream: Input should be a valid boolean',
    'container.ContainerParams: Input does not match the expected shape.',
    'inference_geo: Input should be a valid string',
    'unknown: Extra inputs are not permitted',
  ]

  test('is that of the API, whatever the order of the body', () => {
    const names = Object.keys(wrong)
    const found = names.map((_, index) =>
      // Every problem that was reported before is fixed from here on.
      getProblem(Object.fromEntries(Object.entries(wrong).slice(index).toReversed())),
    )

    expect(found).toEqual(texts)
  })

  test('reports unknown members before relations between messages, and a container last', () => {
    const messages = [user('')]

    expect(getProblem({ messages, unknown: 1 })).toBe('unknown: Extra inputs are not permitted')
    expect(getProblem({ messages, container: 'c' })).toBe(
      'messages.0: user messages must have non-empty content',
    )
    expect(getProblem({ container: 'c' })).toBe(
      'container: Container identifier can only be provided when using the code execution tool',
    )
  })
})

describe('versions', () => {
  const citation = {
    type: 'search_result_location',
    cited_text: 'x',
    source: 's',
    title: null,
    search_result_index: 0,
    start_block_index: 0,
    end_block_index: 1,
  }
  const citedText = { type: 'text', text: 'x', citations: [citation] }
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }

  test.each([
    ['a document in an assistant turn', [user('Hi'), assistant([document]), user('Go')]],
    ['citations on a text of the user', [{ role: 'user', content: [citedText] }]],
    [
      'citations inside a search result',
      [{ role: 'user', content: [{ type: 'search_result', source: 's', title: 't', content: [citedText] }] }],
    ],
  ])('%s is valid in 2023-06-01 and rejected in 2026-10-21', (_, messages) => {
    const body = { model: 'm', max_tokens: 1, messages }

    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })).toBeNull()
    expect(validateMessagesRequest(body, { apiVersion: '2026-10-21' })).not.toBeNull()
  })

  test('empty citations are valid in both', () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'x', citations: [] }] }]

    expect(
      validateMessagesRequest({ model: 'm', max_tokens: 1, messages }, { apiVersion: '2026-10-21' }),
    ).toBeNull()
  })
})

describe('count_tokens', () => {
  test('accepts a body without max_tokens', () => {
    const body = { model: 'm', messages: [user('Hi')], system: 'x', tools: [tool('f')] }

    expect(parseMessagesRequest(body, { apiVersion: '2023-06-01', countTokens: true })).toEqual({
      ok: true,
      request: body,
    })
  })

  test('rejects max_tokens', () => {
    const body = { model: 'm', messages: [user('Hi')], max_tokens: 1 }

    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01', countTokens: true })).toEqual({
      path: 'max_tokens',
      message: 'Extra inputs are not permitted',
    })
  })
})

test('never throws, whatever the value', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 6 }),
      fc.constantFrom('messages', 'system', 'tools', 'thinking'),
      (value, member) => {
        getProblem({ [member]: value })
        getProblem({ messages: [{ role: 'user', content: value }] })
        getProblem({ messages: [{ role: 'user', content: [value] }] })
      },
    ),
  )
})

test('a valid body with any one value replaced is handled without throwing', () => {
  const whole = wholeBody()
  const places = getPlaces(whole)

  expect(validateMessagesRequest(whole, { apiVersion: '2026-10-21' })).toBeNull()
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 3 }), (place, value) => {
      const problem = validateMessagesRequest(changed(whole, place, value), { apiVersion: '2026-10-21' })

      if (problem) expect(formatProblem(problem)).toMatch(/^[^\n]{1,2000}$/s)
    }),
    { numRuns: 2_000 },
  )
})

test('a long body is validated completely', () => {
  const turns = Array.from({ length: 400 }, (_, index) => [
    user([{ type: 'text', text: `${index} ${'word '.repeat(150)}` }]),
    assistant([{ type: 'text', text: 'word '.repeat(150) }]),
  ]).flat()
  const body = { model: 'm', max_tokens: 10, system: 'word '.repeat(2_000), messages: [...turns, user('Hi')] }

  expect(JSON.stringify(body).length).toBeGreaterThan(600_000)
  expect(validateMessagesRequest(body, { apiVersion: '2026-10-21' })).toBeNull()
})

test('does not follow a value deeper than the shape goes', () => {
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
  const use = { type: 'tool_use', id: 'a', name: 'f', input: { deep } }
  const result = {
    type: 'tool_result',
    tool_use_id: 'a',
    content: [{ type: 'text', text: '4' }],
    is_error: false,
  }
  const messages = [user('Hi'), { role: 'assistant', content: [use] }, { role: 'user', content: [result] }]

  expect(getProblem({ messages })).toBeNull()
  expect(getProblem({ messages: deep })).toBe('messages.0: Input does not match the expected shape.')
})

/** A valid body with a bit of everything. */
function wholeBody() {
  return {
    model: 'm',
    max_tokens: 10,
    metadata: { user_id: 'u' },
    system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    tools: [tool('f'), { type: 'web_search_20250305', name: 'web_search', max_uses: 1 }],
    tool_choice: { type: 'tool', name: 'f' },
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'low', format: { type: 'json_schema', schema: closed } },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    stop_sequences: ['x'],
    messages: [
      user([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }]),
      assistant([
        { type: 'thinking', thinking: 'x', signature: 's' },
        ...serverRound('web_search', 'web_search_tool_result', []),
        { type: 'tool_use', id: 'a', name: 'f', input: { b: 1 } },
      ]),
      user([{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'ok' }] }]),
      { role: 'system', content: 'Be brief.' },
    ],
  }
}

type Place = readonly (string | number)[]

function getPlaces(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [at, ...inner.flatMap(([name, member]) => getPlaces(member, [...at, name]))]
}

function changed(value: unknown, [step, ...rest]: Place, to: unknown): unknown {
  if (step === undefined) return to
  if (Array.isArray(value))
    return value.map((each, index) => (index === step ? changed(each, rest, to) : each))
  const members = Object.entries(value ?? {})
  return Object.fromEntries(
    members.map(([name, each]) => [name, name === step ? changed(each, rest, to) : each]),
  )
}

function getProblem(members: Readonly<Record<string, unknown>>, asOf?: string): string | null {
  const body = { model: 'claude-opus-4-1', max_tokens: 100, messages: [user('Hi')], ...members }
  // In JSON an undefined member is absent.
  const problem = validateMessagesRequest(
    Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
    { apiVersion: '2023-06-01', ...(asOf !== undefined && { asOf }) },
  )
  return problem && formatProblem(problem)
}

function user(content: unknown) {
  return { role: 'user', content }
}

function assistant(content: unknown) {
  return { role: 'assistant', content }
}

/** A server tool use and its result. */
function serverRound(name: string, type: string, content: unknown) {
  return [
    { type: 'server_tool_use', id: 'srvtoolu_1', name, input: {}, caller: { type: 'direct' } },
    { type, tool_use_id: 'srvtoolu_1', content },
  ]
}

function tool(name: string) {
  return { name, description: 'Does it.', input_schema: { type: 'object', properties: {} } }
}
