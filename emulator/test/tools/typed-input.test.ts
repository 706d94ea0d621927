import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { readHints } from '../../src/tools/hints.ts'
import { makeTypedInput } from '../../src/tools/typed-input.ts'
import { ask, getMessage } from '../collecting-receiver.ts'

describe('the input of an Anthropic-defined tool has the documented shape', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['bash_20250124', 'Run `npm test`', { command: 'npm test' }],
    ['bash_20250124', 'What is in this folder?', { command: 'ls -la' }],
    ['text_editor_20250728', 'Show me /tmp/a.py', { command: 'view', path: '/tmp/a.py' }],
    [
      'text_editor_20250728',
      'Replace "a" with "b" in /tmp/a.py',
      { command: 'str_replace', path: '/tmp/a.py', old_str: 'a', new_str: 'b' },
    ],
    [
      'text_editor_20250728',
      'Create a file /tmp/a.txt with "hello"',
      { command: 'create', path: '/tmp/a.txt', file_text: 'hello\n' },
    ],
    [
      'text_editor_20250728',
      'Insert "x" at line 3 of a.txt',
      { command: 'insert', path: 'a.txt', insert_line: 3, insert_text: 'x\n' },
    ],
    [
      'text_editor_20250124',
      'Insert "x" at line 3 of a.txt',
      { command: 'insert', path: 'a.txt', insert_line: 3, new_str: 'x\n' },
    ],
    ['text_editor_20250124', 'Undo the last edit of a.txt', { command: 'undo_edit', path: 'a.txt' }],
    ['text_editor_20250728', 'Undo the last edit of a.txt', { command: 'view', path: 'a.txt' }],
    ['computer_20250124', 'Take a screenshot', { action: 'screenshot' }],
    ['computer_20250124', 'Click at (100, 200)', { action: 'left_click', coordinate: [100, 200] }],
    ['computer_20241022', 'Click at (100, 200)', { action: 'mouse_move', coordinate: [100, 200] }],
    ['computer_20250124', 'Double-click on 10, 20', { action: 'double_click', coordinate: [10, 20] }],
    [
      'computer_20250124',
      'Scroll up at 5, 6',
      { action: 'scroll', coordinate: [5, 6], scroll_direction: 'up', scroll_amount: 3 },
    ],
    ['computer_20251124', 'Type "hello"', { action: 'type', text: 'hello' }],
    ['computer_20251124', 'Press "Return"', { action: 'key', text: 'Return' }],
    ['memory_20250818', 'What do you have in memory?', { command: 'view', path: '/memories' }],
    [
      'memory_20250818',
      'Remember that "tea" is at five',
      { command: 'create', path: '/memories/notes.txt', file_text: 'tea\n' },
    ],
  ])('%s: %s', (type, question, input) => {
    expect(makeTypedInput(type, question, readHints(question))).toEqual(input)
  })
})

test('such a tool is called by its purpose', async () => {
  const emulator = createEmulator({ asOf: '2025-08-15' })
  const tools = [
    { type: 'bash_20250124', name: 'bash' },
    { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
  ]
  const edit = await getMessage(emulator, ask('Open the file notes.txt', { tools }))
  const run = await getMessage(emulator, ask('Run the command `ls`', { tools }))
  const talk = await getMessage(emulator, ask('How are you?', { tools }))

  expect(edit.content.at(-1)).toMatchObject({
    name: 'str_replace_based_edit_tool',
    input: { command: 'view' },
  })
  expect(run.content.at(-1)).toMatchObject({ name: 'bash', input: { command: 'ls' } })
  expect(talk.stop_reason).toBe('end_turn')
})
