import { describe, expect, test } from 'vitest'

import type { MessageParam } from '../../src/messages/request.ts'
import { findSystemEntryProblem } from '../../src/messages/system-entries.ts'

const directive = '; the directive-only form (content: [] with output_config) is accepted at any position'
const head = `use the top-level 'system' parameter for the initial system prompt${directive}`
const follow = `role 'system' must follow a 'user' message or an 'assistant' message ending in a server tool result${directive}`
const precede = `role 'system' must precede an 'assistant' message or end the array${directive}`
const [ask, say] = [turn('user', 'Hi'), turn('assistant', 'Hello')]
const tell = turn('system', 'Be brief.')

describe('an entry is accepted', () => {
  test.each<[string, MessageParam[]]>([
    ['at the end, after the user', [ask, tell]],
    ['before the assistant', [ask, tell, say, ask]],
    ['with others in a row', [ask, tell, tell, tell, say, ask]],
    ['after the result of a server tool', [ask, turn('assistant', [serverResult()]), tell]],
    [
      'anywhere when it only sets how to answer',
      [{ role: 'system', content: [], output_config: { effort: 'low' } }, ask, say, ask],
    ],
    ['nowhere at all', [ask, say, ask]],
  ])('%s', (_, messages) => {
    expect(findSystemEntryProblem(messages)).toBeNull()
  })
})

describe('an entry is rejected', () => {
  test.each<[string, MessageParam[], string, string]>([
    ['at the beginning', [tell, ask], 'messages.0', head],
    ['after the assistant', [ask, say, tell, ask], 'messages.2', follow],
    ['after the assistant, although another follows', [ask, say, tell, say, ask], 'messages.2', follow],
    ['between two messages of the user', [ask, tell, ask], 'messages.1', precede],
    ['at the last of several in a row', [ask, tell, tell, ask], 'messages.2', precede],
    [
      'without content',
      [ask, turn('system', [])],
      'messages.1',
      'system content must contain at least one block',
    ],
    [
      'without content, though out of place',
      [turn('system', ''), ask],
      'messages.0',
      'system content must contain at least one block',
    ],
    [
      'with blanks only',
      [ask, turn('system', ' ')],
      'messages.1',
      'system text blocks must contain non-whitespace text',
    ],
    ['out of place before it is blank', [ask, turn('system', ' '), ask], 'messages.1', precede],
    [
      'with a picture',
      [ask, turn('system', [{ type: 'image', source: { type: 'url', url: 'u' } }])],
      'messages.1',
      "role 'system' supports text, tool_addition, and tool_removal blocks only",
    ],
  ])('%s', (_, messages, path, message) => {
    expect(findSystemEntryProblem(messages)).toEqual({ path, message })
  })
})

function turn(role: MessageParam['role'], content: MessageParam['content']): MessageParam {
  return { role, content }
}

function serverResult() {
  return { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] } as const
}
