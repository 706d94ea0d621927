import { describe, expect, test } from 'vitest'

import { formatProblem, validateMessagesRequest } from '../../src/messages/schema.ts'

const open = { type: 'object', properties: { a: { type: 'string' } } }
const search = { type: 'web_search_20250305', name: 'web_search' }
const server = { type: 'url', url: 'https://example.com', name: 's' }
const toolset = { type: 'mcp_toolset', mcp_server_name: 's' }
const strictly = "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false"

test.each([
  ['two tools of one name', { tools: [tool('f'), tool('f')] }, 'tools: Tool names must be unique.'],
  [
    'a tool named as one of the service',
    { tools: [search, tool('web_search')] },
    'tools: Tool names must be unique.',
  ],
  [
    'both allowed and blocked domains',
    { tools: [{ ...search, allowed_domains: ['a.com'], blocked_domains: ['b.com'] }] },
    'tools.0.web_search_20250305: Only one of allowed_domains or blocked_domains may be set.',
  ],
  ['one of them null', { tools: [{ ...search, allowed_domains: ['a.com'], blocked_domains: null }] }, null],
  [
    'no domain at all',
    { tools: [{ ...search, allowed_domains: [] }] },
    'tools.0.web_search_20250305.allowed_domains: Empty list of domains is ambiguous. Provide at least one domain or null.',
  ],
  [
    'a union at the top level of an input schema',
    { tools: [{ ...tool('f'), input_schema: { ...open, anyOf: [] } }] },
    'tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level',
  ],
  [
    'a property with a bracket in its name',
    { tools: [{ ...tool('f'), input_schema: { ...open, properties: { 'filter[id]': { type: 'str' } } } }] },
    "tools.0.custom.input_schema.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'",
  ],
  [
    'such a name in an inner property',
    {
      tools: [
        {
          ...tool('f'),
          input_schema: { ...open, properties: { a: { type: 'object', properties: { 'b c': {} } } } },
        },
      ],
    },
    null,
  ],
  [
    'an input schema of an older draft',
    { tools: [{ ...tool('f'), input_schema: { ...open, required: true } }] },
    'tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.',
  ],
  ['an open schema', { tools: [tool('f')] }, null],
  ['an open schema of a strict tool', { tools: [{ ...tool('f'), strict: true }] }, strictly],
  [
    'a closed schema of a strict tool',
    { tools: [{ ...tool('f'), input_schema: { ...open, additionalProperties: false }, strict: true }] },
    null,
  ],
  [
    'only deferred tools',
    { tools: [{ ...tool('f'), defer_loading: true }] },
    'All tools have defer_loading set. At least one tool must be non-deferred.',
  ],
  [
    'a deferred tool that is marked for caching',
    { tools: [tool('g'), { ...tool('f'), defer_loading: true, cache_control: { type: 'ephemeral' } }] },
    "Tool 'f' cannot have both defer_loading=true and cache_control set. Tools with defer_loading cannot use prompt caching.",
  ],
  ['a toolset and its server', { tools: [toolset], mcp_servers: [server] }, null],
  ['a toolset without its server', { tools: [toolset] }, "tools: MCP server 's' not found in mcp_servers"],
  [
    'two toolsets of one server',
    { tools: [toolset, toolset], mcp_servers: [server] },
    'tools: Each MCP server may be referenced by only one mcp_toolset.',
  ],
  [
    'two servers of one name',
    { mcp_servers: [server, server] },
    'mcp_servers: MCP server names must be unique.',
  ],
  [
    'a choice without tools',
    { tool_choice: { type: 'any' } },
    'tool_choice.any may only be specified while providing tools',
  ],
  ['the choice of none without tools', { tool_choice: { type: 'none' } }, null],
  [
    'the choice of a tool that is not there',
    { tools: [tool('f')], tool_choice: { type: 'tool', name: 'g' } },
    "Tool 'g' not found in provided tools",
  ],
  ['the choice of one that is', { tools: [search], tool_choice: { type: 'tool', name: 'web_search' } }, null],
  ['a tool that a search found', { tools: [tool('f')], messages: found('f') }, null],
  [
    'a search that found a tool that is not there',
    { tools: [tool('f')], messages: found('g') },
    "Tool reference 'g' has no corresponding tool definition",
  ],
  [
    'a search that found a tool added later',
    {
      tools: [tool('f')],
      messages: [
        ...found('g'),
        {
          role: 'system',
          content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: tool('g') } }],
        },
      ],
    },
    null,
  ],
  [
    'an invalid tool added later',
    {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'system',
          content: [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'g' } } }],
        },
      ],
    },
    'messages.1.content.0.tool_addition.tool.tool_definition.definition.custom.input_schema: Field required',
  ],
  ['one of an MCP server', { tools: [toolset], mcp_servers: [server], messages: found('g') }, null],
])('%s', (_, members, text) => {
  const body = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }], ...members }
  const problem = validateMessagesRequest(body, { apiVersion: '2023-06-01' })

  expect(problem && formatProblem(problem)).toBe(text)
})

describe('the order', () => {
  test('reports an invalid tool before a duplicate one', () => {
    const body = { model: 'm', max_tokens: 10, messages: [], tools: [tool('f'), tool('f'), { name: 'g' }] }

    expect(validateMessagesRequest(body, { apiVersion: '2023-06-01' })?.path).toBe(
      'tools.2.custom.input_schema',
    )
  })
})

function tool(name: string) {
  return { name, input_schema: open }
}

/** A conversation in which a client tool found another tool. */
function found(name: string) {
  const reference = { type: 'tool_reference', tool_name: name }
  return [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: [reference] }] },
  ]
}
