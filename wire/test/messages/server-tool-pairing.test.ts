import { describe, expect, test } from 'vitest'

import type { InputBlock } from '../../src/messages/content-block.ts'
import type { MessageParam } from '../../src/messages/request.ts'
import { findServerPairingProblem } from '../../src/messages/server-tool-pairing.ts'

const go: MessageParam = { role: 'user', content: 'Go' }
const clientUse: InputBlock = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
const clientResult: InputBlock = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }

describe('a use and its result', () => {
  test.each<[string, MessageParam[]]>([
    ['in one turn', [go, says(use('a', 'web_search'), result('a', 'web_search_tool_result')), go]],
    [
      'over two messages of the assistant',
      [go, says(use('a', 'web_fetch')), says(result('a', 'web_fetch_tool_result')), go],
    ],
    [
      'of a search for tools',
      [go, says(use('a', 'tool_search_tool_regex'), result('a', 'tool_search_tool_result')), go],
    ],
    ['of an MCP server', [go, says(mcpUse('a'), result('a', 'mcp_tool_result')), go]],
    ['still to come, when the turn was paused', [go, says(use('a', 'web_search'))]],
    [
      'that came after a client tool, called from code, had answered',
      [
        go,
        says(use('a', 'code_execution'), clientUse),
        { role: 'user', content: [clientResult] },
        says(result('a', 'code_execution_tool_result')),
        go,
      ],
    ],
    [
      'still to come while client tools answer',
      [go, says(use('a', 'web_search'), clientUse), { role: 'user', content: [clientResult] }],
    ],
  ])('%s', (_, messages) => {
    expect(findServerPairingProblem(messages)).toBeNull()
  })
})

describe('a use without a result is rejected', () => {
  const text =
    '`web_search` tool use with id `srvtoolu_a` was found without a corresponding `web_search_tool_result` block'

  test.each<[string, MessageParam[]]>([
    ['when the user continues', [go, says(use('a', 'web_search')), go]],
    [
      'when the user says something beside the results of client tools',
      [
        go,
        says(use('a', 'web_search'), clientUse),
        { role: 'user', content: [clientResult, { type: 'text', text: 'x' }] },
      ],
    ],
  ])('%s', (_, messages) => {
    expect(findServerPairingProblem(messages)).toEqual({ path: 'messages.1', message: text })
  })
})

describe('a result without a use is rejected', () => {
  test.each<[string, MessageParam[], string, string]>([
    [
      'at once',
      [go, says(result('a', 'web_search_tool_result'))],
      'messages.1.content.0',
      'web_search_tool_result',
    ],
    [
      'of another tool',
      [go, says(use('a', 'web_search'), result('a', 'web_fetch_tool_result'))],
      'messages.1.content.1',
      'web_fetch_tool_result',
    ],
    [
      'of an MCP server',
      [go, says(result('a', 'mcp_tool_result'))],
      'messages.1.content.0',
      'mcp_tool_result',
    ],
  ])('%s', (_, messages, path, type) => {
    const wanted = type === 'mcp_tool_result' ? 'mcp_tool_use' : 'server_tool_use'

    expect(findServerPairingProblem(messages)).toEqual({
      path,
      message: `unexpected \`tool_use_id\` found in \`${type}\` blocks: srvtoolu_a. Each \`${type}\` block must have a corresponding \`${wanted}\` block before it.`,
    })
  })
})

function says(...content: readonly InputBlock[]): MessageParam {
  return { role: 'assistant', content }
}

function use(id: string, name: string): InputBlock {
  return { type: 'server_tool_use', id: `srvtoolu_${id}`, name, input: {} }
}

function mcpUse(id: string): InputBlock {
  return { type: 'mcp_tool_use', id: `srvtoolu_${id}`, name: 'f', server_name: 's', input: {} }
}

function result(
  id: string,
  type:
    | 'web_search_tool_result'
    | 'web_fetch_tool_result'
    | 'code_execution_tool_result'
    | 'tool_search_tool_result'
    | 'mcp_tool_result',
): InputBlock {
  return { type, tool_use_id: `srvtoolu_${id}`, content: [] }
}
