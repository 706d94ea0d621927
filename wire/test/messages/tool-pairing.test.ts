import { describe, expect, test } from 'vitest'

import type { MessageParam } from '../../src/messages/request.ts'
import { findPairingProblem } from '../../src/messages/tool-pairing.ts'

const go: MessageParam = { role: 'user', content: 'Go' }

describe('tools that are paired', () => {
  test.each<[string, MessageParam[]]>([
    ['one use and its result', [go, uses('a'), results('a')]],
    ['uses in parallel, answered in another order', [go, uses('a', 'b'), results('b', 'a')]],
    ['a second round', [go, uses('a'), results('a'), uses('b'), results('b')]],
    ['results over two user messages in a row', [go, uses('a', 'b'), results('a'), results('b')]],
    ['uses over two assistant messages in a row', [go, uses('a'), uses('b'), results('a', 'b')]],
    ['a system entry in between', [go, uses('a'), { role: 'system', content: 'x' }, results('a')]],
    ['no tools', [go, { role: 'assistant', content: 'x' }, go]],
  ])('%s', (_, messages) => {
    expect(findPairingProblem(messages)).toBeNull()
  })
})

describe('a use without a result', () => {
  test.each<[string, MessageParam[]]>([
    [
      'is rejected in the middle',
      [go, uses('a', 'b'), results('a'), { role: 'assistant', content: 'x' }, go],
    ],
    ['is rejected before text', [go, uses('b'), go]],
    ['is rejected at the end', [go, uses('b')]],
    [
      'cannot have its result in a later turn',
      [go, uses('b'), go, { role: 'assistant', content: 'x' }, results('b')],
    ],
  ])('%s', (_, messages) => {
    expect(findPairingProblem(messages)).toEqual({
      path: 'messages.1',
      message:
        '`tool_use` ids were found without `tool_result` blocks immediately after: b. Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
    })
  })
})

describe('a result without a use', () => {
  const text =
    'unexpected `tool_use_id` found in `tool_result` blocks: b. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.'

  test.each<[string, MessageParam[], string]>([
    ['at the beginning', [results('b')], 'messages.0.content.0'],
    ['beside one that has its use', [go, uses('a'), results('a', 'b')], 'messages.2.content.1'],
    [
      'a turn too late',
      [go, uses('b'), results('b'), { role: 'assistant', content: 'x' }, results('b')],
      'messages.4.content.0',
    ],
  ])('%s', (_, messages, path) => {
    expect(findPairingProblem(messages)).toEqual({ path, message: text })
  })
})

describe('results come first in their turn', () => {
  const said: MessageParam = { role: 'user', content: [{ type: 'text', text: 'Here you are' }] }

  test('text may follow them', () => {
    expect(findPairingProblem([go, uses('a'), results('a'), said])).toBeNull()
  })

  test.each<[string, MessageParam[], string]>([
    ['in a block before them', [go, uses('a'), joined(said, results('a'))], 'a'],
    ['in a message before them', [go, uses('a'), go, results('a')], 'a'],
    ['in between', [go, uses('a', 'b'), joined(results('a'), said, results('b'))], 'b'],
  ])('text is rejected %s', (_, messages, id) => {
    expect(findPairingProblem(messages)).toEqual({
      path: 'messages.1',
      message: `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${id}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    })
  })
})

test('one use has one result', () => {
  expect(findPairingProblem([go, uses('a'), results('a', 'a')])).toEqual({
    path: 'messages.2.content.1',
    message: 'each tool_use must have a single result. Found multiple `tool_result` blocks with id: a',
  })
})

test.each([
  ['in one turn', [go, uses('a', 'a'), results('a')], 'messages.1.content.1'],
  ['in a later turn', [go, uses('a'), results('a'), uses('a'), results('a')], 'messages.3.content.0'],
])('an id is not used twice: %s', (_, messages, path) => {
  expect(findPairingProblem(messages)).toEqual({ path, message: '`tool_use` ids must be unique' })
})

function joined(...messages: readonly MessageParam[]): MessageParam {
  const content = messages.flatMap((message) => (typeof message.content === 'string' ? [] : message.content))
  return { role: 'user', content }
}

function uses(...ids: readonly string[]): MessageParam {
  return {
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} }) as const),
  }
}

function results(...ids: readonly string[]): MessageParam {
  return {
    role: 'user',
    content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' }) as const),
  }
}
