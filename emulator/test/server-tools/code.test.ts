import { describe, expect, test } from 'vitest'

import { answerTo, bash, python, resultsIn } from './asking.ts'

describe('code execution', () => {
  test('is Python in the first version, and works out sums', async () => {
    const { content } = await answerTo('Compute (15 + 2) * 7', python)

    expect(content[1]).toMatchObject({ name: 'code_execution', input: { code: 'print((15 + 2) * 7)' } })
    expect(content[2]).toMatchObject({
      type: 'code_execution_tool_result',
      content: { type: 'code_execution_result', stdout: '119\n', stderr: '', return_code: 0, content: [] },
    })
  })

  test('is Bash in the later ones', async () => {
    const { content } = await answerTo('What is 2^10 / 4?', bash)

    expect(content[1]).toMatchObject({
      name: 'bash_code_execution',
      input: { command: "python3 -c 'print(2**10 / 4)'" },
    })
    expect(content[2]).toMatchObject({
      type: 'bash_code_execution_tool_result',
      content: { type: 'bash_code_execution_result', stdout: '256.0\n', return_code: 0 },
    })
  })

  test('tells a failure by its return code', async () => {
    const { content } = await answerTo('Run the code `print(1 / 0)`', python)

    expect(resultsIn(content)[0]).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('ZeroDivisionError'),
      return_code: 1,
    })
  })

  test.each(['Run `import os`', 'Run the bash command `ls -la`', 'Use Python to draw a chart'])(
    'says honestly what it does not run: %s',
    async (question) => {
      const { content } = await answerTo(question, bash)

      expect(resultsIn(content)[0]).toMatchObject({ stdout: expect.stringContaining('was not run') })
    },
  )

  test('has a text editor in the later versions', async () => {
    const { content } = await answerTo('Create a file notes.txt with "Hello" and show it', bash)
    const missing = await answerTo('Show the file other.txt', bash)

    expect(content[1]).toMatchObject({
      name: 'text_editor_code_execution',
      input: { command: 'create', path: 'notes.txt', file_text: 'Hello\n' },
    })
    expect(resultsIn(content)).toEqual([
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
    expect(resultsIn(missing.content)).toEqual([
      { type: 'text_editor_code_execution_tool_result_error', error_code: 'file_not_found' },
    ])
  })
})
