import { describe, expect, test } from 'vitest'

import { ask, getEvents } from '../collecting-receiver.ts'
import { getAnswer, bash, betas, emulator, python, listResults, send } from './answers.ts'

describe('code execution', () => {
  test('is Python in the first version, and evaluates arithmetic', async () => {
    const { content } = await getAnswer('Compute (15 + 2) * 7', python)

    expect(content[1]).toMatchObject({ name: 'code_execution', input: { code: 'print((15 + 2) * 7)' } })
    expect(content[2]).toMatchObject({
      type: 'code_execution_tool_result',
      content: { type: 'code_execution_result', stdout: '119\n', stderr: '', return_code: 0, content: [] },
    })
  })

  test('is Bash in the later ones', async () => {
    const { content } = await getAnswer('What is 2^10 / 4?', bash)

    expect(content[1]).toMatchObject({
      name: 'bash_code_execution',
      input: { command: "python3 -c 'print(2**10 / 4)'" },
    })
    expect(content[2]).toMatchObject({
      type: 'bash_code_execution_tool_result',
      content: { type: 'bash_code_execution_result', stdout: '256.0\n', return_code: 0 },
    })
  })

  test('reports a failure in its return code', async () => {
    const { content } = await getAnswer('Run the code `print(1 / 0)`', python)

    expect(listResults(content)[0]).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('ZeroDivisionError'),
      return_code: 1,
    })
  })

  test.each(['Run `import os`', 'Run the bash command `ls -la`', 'Use Python to draw a chart'])(
    'reports code that it does not run: %s',
    async (question) => {
      const { content } = await getAnswer(question, bash)

      expect(listResults(content)[0]).toMatchObject({ stdout: expect.stringContaining('was not run') })
    },
  )

  test('has a text editor in the later versions', async () => {
    const { content } = await getAnswer('Create a file notes.txt with "Hello" and show it', bash)
    const missing = await getAnswer('Show the file other.txt', bash)

    expect(content[1]).toMatchObject({
      name: 'text_editor_code_execution',
      input: { command: 'create', path: 'notes.txt', file_text: 'Hello\n' },
    })
    expect(listResults(content)).toEqual([
      { type: 'text_editor_code_execution_create_result', is_file_update: false },
      {
        type: 'text_editor_code_execution_view_result',
        file_type: 'text',
        content: 'Hello\n',
        num_lines: 1,
        start_line: 1,
        total_lines: 1,
      },
    ])
    expect(listResults(missing.content)).toEqual([
      { type: 'text_editor_code_execution_tool_result_error', error_code: 'file_not_found' },
    ])
  })

  test('changes a file that it has created, line by line', async () => {
    const question =
      'Create a file notes.txt with "Hello tea" and replace "tea" with "coffee" in it, then show it'
    const { content } = await getAnswer(question, bash)

    expect(listResults(content).slice(1)).toEqual([
      {
        type: 'text_editor_code_execution_str_replace_result',
        old_start: 1,
        old_lines: 1,
        new_start: 1,
        new_lines: 1,
        lines: ['-Hello tea', '+Hello coffee'],
      },
      expect.objectContaining({ content: 'Hello coffee\n' }),
    ])
  })

  test('cannot change a missing file or text', async () => {
    const { content } = await getAnswer('Replace "tea" with "coffee" in the file notes.txt', bash)
    const made = 'Create a file notes.txt with "Hello" and replace "tea" with "coffee" in it'

    expect(listResults(content)).toEqual([
      { type: 'text_editor_code_execution_tool_result_error', error_code: 'file_not_found' },
    ])
    expect(listResults((await getAnswer(made, bash)).content)[1]).toMatchObject({
      error_code: 'invalid_tool_input',
    })
  })

  test('names its container, which expires after thirty days; a stream does so at its end', async () => {
    const answer = await getAnswer('Compute 2 + 2', bash)
    const named = await send(ask('Compute 2 + 2', { tools: [bash], container: 'container_mine' }))
    const events = await getEvents(emulator, ask('Compute 2 + 2', { tools: [bash] }), betas)
    const container = {
      id: expect.stringMatching(/^container_01\w{22}$/),
      expires_at: '2025-12-22T10:00:00.000Z',
      skills: null,
    }

    expect(answer).toMatchObject({ container })
    expect(named).toMatchObject({ container: { id: 'container_mine' } })
    expect(await getAnswer('Hello', bash)).not.toHaveProperty('container')
    expect(events[0]).not.toHaveProperty('message.container')
    expect(events.find(({ type }) => type === 'message_delta')).toMatchObject({ delta: { container } })
  })
})
