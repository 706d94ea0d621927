import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createEmulator, listenEmulator, parseScenario } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { makeWorkplace, runClaudeCode } from './claude-code.ts'

const file = new URL('scenarios/edit-session.yaml', import.meta.url)

test('Claude Code edits files in five calls of tools that a scenario file describes', async () => {
  const parsed = parseScenario(await readFile(file, 'utf8'), 'edit-session.yaml')
  if (!parsed.ok) throw new Error(parsed.message)
  const emulator = createEmulator({ scenario: parsed.value })
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  const workplace = await makeWorkplace()
  const { folder } = workplace
  await writeFile(join(folder, 'notes.txt'), 'The sea is green today.\n')

  const printed = await runClaudeCode(
    { baseUrl: server.url, key: 'sk-ant-any' },
    workplace,
    `Work in ${folder}.`,
    { 'output-format': 'json', 'permission-mode': 'acceptEdits', allowedTools: 'Read,Edit,Write,Bash' },
  )

  expect(printed).toMatchObject({ exitCode: 0, errors: '' })
  expect(JSON.parse(printed.output)).toMatchObject({
    subtype: 'success',
    num_turns: 6,
    permission_denials: [],
    result: 'The tides and the sea are right now.',
  })
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  expect(await read('notes.txt')).toBe('The sea is blue today.\n')
  expect(await read('tides.txt')).toBe('High at seven.\n')
  expect(await read('all.txt')).toBe('High at six.\nThe sea is blue today.\n')
  const scripted = emulator.requests.filter(({ rule }) => rule === 'rule 1 "the session"')
  expect(scripted).toHaveLength(6)
  expect(emulator.report().unused).toEqual([])
})
