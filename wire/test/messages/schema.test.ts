import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { formatProblem, parseMessagesRequest, validateMessagesRequest } from '../../src/messages/schema.ts'

describe('a body without problems', () => {
  test.each([
    ['the least there can be', {}],
    [
      'a system prompt in blocks',
      { system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
    ],
    ['sampling', { temperature: 1, top_p: 0.99, top_k: 0, stop_sequences: ['\n\nHuman:'], stream: true }],
    ['a null user id', { metadata: { user_id: null } }],
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
    ['a deferred tool', { tools: [{ ...tool('f'), defer_loading: true }] }],
    [
      'a container with skills',
      { container: { skills: [{ type: 'anthropic', skill_id: 'pdf', version: 'latest' }] } },
    ],
    ['a prefill', { messages: [user('Hi'), { role: 'assistant', content: 'Hello' }] }],
    ['an empty open turn', { messages: [user('Hi'), { role: 'assistant', content: '' }] }],
    [
      'a system turn in the middle',
      { messages: [user('Hi'), { role: 'system', content: [{ type: 'text', text: 'x' }] }, user('Go')] },
    ],
  ])('%s', (_, members) => {
    expect(problemOf(members)).toBeNull()
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
    expect(problemOf({ messages: [{ role: 'user', content: [block] }] })).toBeNull()
  })

  test.each([
    ['thinking', { type: 'thinking', thinking: '', signature: 'x' }],
    ['redacted thinking', { type: 'redacted_thinking', data: 'x' }],
    [
      'server tool use',
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
    ],
    ['web search result', { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }],
    ['mcp tool use', { type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'f', server_name: 's', input: {} }],
  ])('an assistant turn with a block: %s', (_, block) => {
    expect(
      problemOf({ messages: [user('Hi'), { role: 'assistant', content: [block] }, user('Go')] }),
    ).toBeNull()
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
    [{ max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    [{ temperature: 1.1 }, 'temperature: range: -1 or 0..1'],
    [{ temperature: '1' }, 'temperature: Input should be a valid number'],
    [{ top_p: 1.5 }, 'top_p: Input should be less than or equal to 1'],
    [{ top_k: -1 }, 'top_k: Input should be greater than or equal to 0'],
    [{ stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [{ colour: 'red' }, 'colour: Extra inputs are not permitted'],
    [{ metadata: { user: 'x' } }, 'metadata.user: Extra inputs are not permitted'],
    [{ service_tier: 'gold' }, "service_tier: Input should be 'auto' or 'standard_only'"],
    [{ stop_sequences: [''] }, 'stop_sequences: each stop sequence must be non-empty'],
    [{ stop_sequences: ['\n'] }, 'stop_sequences: each stop sequence must contain non-whitespace'],
    [{ stop_sequences: 'x' }, 'stop_sequences: Input should be a valid list'],
    [{ stop_sequences: [1] }, 'stop_sequences.0: Input should be a valid string'],
    [{ system: 1 }, 'system: Input should be a valid list'],
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
    expect(problemOf(members)).toBe(text)
  })

  test.each([
    [[], 'messages: at least one message is required'],
    ['Hi', 'messages: Input should be a valid list'],
    [['Hi'], 'messages.0: Input should be a valid dictionary'],
    [[{ role: 'user' }], 'messages.0.content: Field required'],
    [[{ content: 'Hi' }], 'messages.0.role: Field required'],
    [[{ role: 'robot', content: 'Hi' }], "messages.0.role: Input should be 'user', 'assistant' or 'system'"],
    [[{ role: 'user', content: 7 }], 'messages.0.content: Input should be a valid list'],
    [[{ role: 'user', content: 'Hi', name: 'Bo' }], 'messages.0.name: Extra inputs are not permitted'],
    [
      [{ role: 'user', content: '' }],
      'messages.0: all messages must have non-empty content except for the optional final assistant message',
    ],
    [
      [{ role: 'user', content: [] }],
      'messages.0: all messages must have non-empty content except for the optional final assistant message',
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
    [
      [{ role: 'user', content: ['a'] }],
      'messages.0.content.0: Input should be a valid dictionary or object to extract fields from',
    ],
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
      'messages.0.content.0.tool_use.input: Input should be a valid dictionary',
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
    expect(problemOf({ messages })).toBe(text)
  })

  test('an unknown block type lists the types there are', () => {
    const problem = problemOf({ messages: [{ role: 'user', content: [{ type: 'video' }] }] })

    expect(problem).toMatch(
      /^messages\.0\.content\.0: Input tag 'video' found using 'type' does not match any of the expected tags: 'text', 'image', 'document', /,
    )
  })

  test('names a client made up are echoed short', () => {
    expect(problemOf({ ['x'.repeat(10_000)]: 1 })).toHaveLength(
      100 + ': Extra inputs are not permitted'.length,
    )
  })

  test.each([null, undefined, 1, 'x', [], true])('a body that is no object: %j', (body) => {
    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })).toEqual({
      path: '',
      message: 'Input should be a valid dictionary',
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

describe('versions', () => {
  const citedText = { type: 'text', text: 'x', citations: [{ type: 'char_location' }] }
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }

  test.each([
    ['a document in an assistant turn', [user('Hi'), { role: 'assistant', content: [document] }, user('Go')]],
    ['citations on a text of the user', [{ role: 'user', content: [citedText] }]],
    [
      'citations inside a search result',
      [{ role: 'user', content: [{ type: 'search_result', source: 's', title: 't', content: [citedText] }] }],
    ],
  ])('%s passes in 2023-06-01 and is refused in 2026-10-21', (_, messages) => {
    const body = { model: 'm', max_tokens: 1, messages }

    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })).toBeNull()
    expect(validateMessagesRequest(body, { apiVersion: '2026-10-21' })).not.toBeNull()
  })

  test('empty citations pass in both', () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'x', citations: [] }] }]

    expect(
      validateMessagesRequest({ model: 'm', max_tokens: 1, messages }, { apiVersion: '2026-10-21' }),
    ).toBeNull()
  })
})

describe('count_tokens', () => {
  test('takes a body without max_tokens', () => {
    const body = { model: 'm', messages: [user('Hi')], system: 'x', tools: [tool('f')] }

    expect(parseMessagesRequest(body, { apiVersion: '2023-06-01', countTokens: true })).toEqual({
      ok: true,
      request: body,
    })
  })

  test('knows no max_tokens', () => {
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
        problemOf({ [member]: value })
        problemOf({ messages: [{ role: 'user', content: value }] })
        problemOf({ messages: [{ role: 'user', content: [value] }] })
      },
    ),
  )
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

  expect(problemOf({ messages })).toBeNull()
  expect(problemOf({ messages: deep })).toBe('messages.0: Input should be a valid dictionary')
})

function problemOf(members: Readonly<Record<string, unknown>>): string | null {
  const body = { model: 'claude-opus-4-1', max_tokens: 100, messages: [user('Hi')], ...members }
  // As JSON has it: a member that is undefined is not there.
  const problem = validateMessagesRequest(
    Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
    { apiVersion: '2023-06-01' },
  )
  return problem && formatProblem(problem)
}

function user(content: string) {
  return { role: 'user', content }
}

function tool(name: string) {
  return { name, description: 'Does it.', input_schema: { type: 'object', properties: {} } }
}
