import { describe, expect, test } from 'vitest'

import { reject, translate } from './translated.ts'

const parameters = { type: 'object', properties: { a: {} } }
const tools = [
  { type: 'function', function: { name: 'f', description: 'does', parameters, strict: true } },
  { type: 'function', function: { name: 'g' } },
]

describe('tools', () => {
  test('become tools of the Messages API', () => {
    const { body, notices } = translate({ tools, functions: [{ name: 'h', parameters: { properties: {} } }] })

    expect(body['tools']).toEqual([
      { name: 'f', description: 'does', input_schema: parameters },
      { name: 'g', input_schema: { type: 'object', properties: {} } },
      { name: 'h', input_schema: { type: 'object', properties: {} } },
    ])
    expect(notices).toEqual(['without effect on this endpoint: strict of functions'])
  })

  test('of a flat form are functions', () => {
    const flat = [
      { type: 'function', name: 'f', description: 'does', parameters },
      { name: 'g', parameters },
    ]

    expect(translate({ tools: flat }).body['tools']).toEqual([
      { name: 'f', description: 'does', input_schema: parameters },
      { name: 'g', input_schema: parameters },
    ])
  })

  test('of the Messages API stay as they are', () => {
    const native = [
      { name: 'f', description: 'does', input_schema: parameters, cache_control: { type: 'ephemeral' } },
      { type: 'custom', name: 'g', input_schema: parameters, strict: true },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
    ]

    expect(translate({ tools: native })).toMatchObject({ body: { tools: native }, notices: [] })
    expect(translate({ tools: [{ ...native[0], type: 'function' }] }).body['tools']).toEqual([native[0]])
  })

  test('keep their cache marks, beside the function or inside it', () => {
    const mark = { type: 'ephemeral' }
    const marked = [
      { type: 'function', function: { name: 'f' }, cache_control: mark },
      { type: 'function', function: { name: 'g', cache_control: mark } },
    ]

    expect(translate({ tools: marked }).body['tools']).toMatchObject([
      { name: 'f', cache_control: mark },
      { name: 'g', cache_control: mark },
    ])
  })

  test.each(['custom', 'web_search_preview', 'code_interpreter', 'mcp'])(
    'of type %s are rejected by name',
    (type) => {
      expect(reject({ tools: [{ type, custom: { name: 'f' }, name: 'f' }] })).toBe(
        `tools.0.type: Tools of type '${type}' are not supported on this endpoint; use type 'function'`,
      )
    },
  )

  test.each<[object, string]>([
    [{ type: 'function' }, 'tools.0.function: Field required'],
    [{ type: 'function', function: {} }, 'tools.0.function.name: Field required'],
    [
      { type: 'function', function: { name: 'f', parameters: [] } },
      'tools.0.function.parameters: Input should be an object',
    ],
    [{ name: 'f', input_schema: [] }, 'tools.0.input_schema: Input should be an object'],
    [{ type: 7, name: 'f' }, 'tools.0.type: Input should be a valid string'],
  ])('%j is rejected by its path', (tool, message) => {
    expect(reject({ tools: [tool] })).toBe(message)
  })
})

describe('the choice', () => {
  const allow = (mode: string, ...names: readonly string[]) => ({
    type: 'allowed_tools',
    allowed_tools: { mode, tools: names.map((name) => ({ type: 'function', function: { name } })) },
  })

  test.each<[string, object, object | undefined]>([
    ['auto', { tool_choice: 'auto' }, { type: 'auto' }],
    ['none', { tool_choice: 'none' }, { type: 'none' }],
    ['required', { tool_choice: 'required' }, { type: 'any' }],
    ['any', { tool_choice: 'any' }, { type: 'any' }],
    [
      'a function',
      { tool_choice: { type: 'function', function: { name: 'f' } } },
      { type: 'tool', name: 'f' },
    ],
    ['a flat function', { tool_choice: { type: 'function', name: 'f' } }, { type: 'tool', name: 'f' }],
    ['a function, in the older form', { function_call: { name: 'f' } }, { type: 'tool', name: 'f' }],
    ['auto of the Messages API', { tool_choice: { type: 'auto' } }, { type: 'auto' }],
    ['any of the Messages API', { tool_choice: { type: 'any' } }, { type: 'any' }],
    ['a tool of the Messages API', { tool_choice: { type: 'tool', name: 'f' } }, { type: 'tool', name: 'f' }],
    [
      'one at a time, in the form of the Messages API',
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    ['one at a time', { parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [
      'exactly one, and required',
      { parallel_tool_calls: false, tool_choice: 'required' },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    ['several at a time', { parallel_tool_calls: true }, undefined],
  ])('may be %s', (_, given, choice) => {
    expect(translate({ tools, ...given }).body['tool_choice']).toEqual(choice)
  })

  test('of allowed tools leaves out the others', () => {
    expect(translate({ tools, tool_choice: allow('required', 'g') }).body).toMatchObject({
      tools: [{ name: 'g' }],
      tool_choice: { type: 'any' },
    })
    expect(translate({ tools, tool_choice: allow('auto', 'g', 'f') }).body).toMatchObject({
      tools: [{ name: 'f' }, { name: 'g' }],
      tool_choice: { type: 'auto' },
    })
    expect(reject({ tools, tool_choice: allow('auto', 'x') })).toBe(
      "tool_choice: Tool 'x' not found in provided tools",
    )
  })

  test.each(['some', { type: 'hosted_tool' }, {}])('%j is rejected', (choice) => {
    expect(reject({ tools, tool_choice: choice })).toMatch(/^tool_choice: Input should be 'none', 'auto'/)
  })

  test('is not needed without tools', () => {
    expect(translate({ tool_choice: 'auto' }).body).not.toHaveProperty('tool_choice')
    expect(translate({ tool_choice: 'none', tools: [] }).body).not.toHaveProperty('tool_choice')
  })

  test('of tools that are absent is left to the Messages API to reject', () => {
    expect(translate({ tool_choice: 'required' }).body['tool_choice']).toEqual({ type: 'any' })
    expect(translate({ function_call: { name: 'f' } }).body['tool_choice']).toEqual({
      type: 'tool',
      name: 'f',
    })
  })
})
