import { describe, expect, test } from 'vitest'

import { findOutputBlockProblem } from '../../src/messages/output-block.ts'

describe('a block of an answer', () => {
  test.each([
    [{ type: 'text', text: 'Hi', citations: null }],
    [{ type: 'tool_use', id: 'toolu_1', name: 'note', input: {}, caller: { type: 'direct' } }],
    [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }],
    [{ type: 'mcp_tool_use', id: 'mcptoolu_1', name: 'find', server_name: 'docs', input: {} }],
    [{ type: 'container_upload', file_id: 'file_1' }],
    [{ type: 'a_type_of_a_later_version', anything: [1] }],
  ])('%j is accepted', (block) => {
    expect(findOutputBlockProblem(block)).toBeNull()
  })

  test.each([
    [
      { type: 'image', source: {} },
      { path: 'type', message: "a block of type 'image' is part of a request, never of an answer" },
    ],
    [{ type: 'text' }, { path: 'text.text', message: 'Field required' }],
    [
      { type: 'text', text: 'Hi', cache_control: null },
      { path: 'text.cache_control', message: 'Extra inputs are not permitted' },
    ],
    [{ text: 'Hi' }, { path: 'type', message: 'Field required' }],
    ['Hi', { path: '', message: 'Input should be an object' }],
    [
      { type: 'tool_use', id: 'a b', name: 'note', input: {} },
      { path: 'tool_use.id', message: "String should match pattern '^[a-zA-Z0-9_-]+$'" },
    ],
  ])('%j is not one', (block, problem) => {
    expect(findOutputBlockProblem(block)).toEqual(problem)
  })
})
