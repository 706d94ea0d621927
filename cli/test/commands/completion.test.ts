import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { commands } from '../../src/index.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test.each(['bash', 'zsh', 'fish'])('%s completes every command and option of the table', async (shell) => {
  const { code, out } = await run(['completion', shell])

  expect(code).toBe(0)
  for (const entry of commands) {
    const { command } = await entry.load()
    expect(out).toContain(entry.name)
    for (const option of Object.keys(command.options))
      expect(out).toContain(shell === 'fish' ? `-l ${option}` : `--${option}`)
  }
})

test.each([
  [['anthology', 'mod'], ['models']],
  [
    ['anthology', 'keys', ''],
    ['create', 'list', 'update', 'rotate', 'revoke', 'limits'],
  ],
  [['anthology', 'keys', 'create', '--mo'], ['--models']],
  [['anthology', 'models', '--fam'], ['--family']],
  [['anthology', 'help', 'cal'], ['calendar']],
  [['anthology', 'usage', '--data', ''], []],
])('bash completes %j', async (words, expected) => {
  const { out } = await run(['completion', 'bash'])
  const file = join(temporaryFolder(), 'completion.bash')
  writeFileSync(file, out)
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const script = `source ${file}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _anthology; printf '%s\\n' "\${COMPREPLY[@]}"`

  const found = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n').filter(Boolean)

  expect(found).toEqual(expected)
})

test.each(['zsh', 'fish'])('%s accepts its script, where it is installed', async (shell) => {
  const { out } = await run(['completion', shell])
  const file = join(temporaryFolder(), 'completion')
  writeFileSync(file, out)

  const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })

  if (error === undefined) expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
