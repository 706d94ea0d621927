import type { MessageParam } from '@anthology/wire'
import { expect, test } from 'vitest'

import { readTurn } from '../../src/tools/turn.ts'

const use = (id: string, name: string) => ({ type: 'tool_use', id, name, input: {} }) as const
const result = (id: string, content: string) => ({ type: 'tool_result', tool_use_id: id, content }) as const

test('a turn has the last question, the calls since, and their results', () => {
  const messages: readonly MessageParam[] = [
    { role: 'user', content: 'Before' },
    { role: 'assistant', content: [use('toolu_0', 'old')] },
    { role: 'user', content: [result('toolu_0', 'x')] },
    { role: 'assistant', content: 'So.' },
    { role: 'user', content: 'Look this up,' },
    { role: 'user', content: [{ type: 'text', text: 'and that.' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'Yes' }, use('toolu_1', 'look')] },
    { role: 'user', content: [result('toolu_1', 'this')] },
    { role: 'assistant', content: [use('toolu_2', 'look'), use('toolu_3', 'find')] },
    {
      role: 'user',
      content: [result('toolu_2', 'that'), { ...result('toolu_3', 'nothing'), is_error: true }],
    },
  ]

  expect(readTurn(messages)).toEqual({
    question: 'Look this up,\nand that.',
    calls: [
      { id: 'toolu_1', name: 'look' },
      { id: 'toolu_2', name: 'look' },
      { id: 'toolu_3', name: 'find' },
    ],
    results: [
      { name: 'look', text: 'that', isError: false },
      { name: 'find', text: 'nothing', isError: true },
    ],
  })
})

test('a conversation without messages has no turn', () => {
  expect(readTurn([])).toEqual({ question: '', calls: [], results: [] })
})
