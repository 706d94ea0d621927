import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { run } from './console.ts'
import { temporaryFolder } from './temporary-folder.ts'

const upstream = ['--upstream', 'http://127.0.0.1:9']

test.each<[readonly string[], string, string]>([
  [['--record', 'a', '--replay', 'b'], '--record and --replay exclude each other', '--mode record-missing'],
  [['--record', 'a'], '--mode record-all needs --upstream URL', 'https://api.anthropic.com'],
  [['--record', 'a', '--mode', 'diff', ...upstream], '--mode diff does not record', '--replay DIR'],
  [['--replay', 'a', ...upstream], '--upstream has no effect on --mode replay-or-fail', 'record-missing'],
  [['--replay', 'a', '--mode', 'diff'], '--mode diff needs --upstream URL', '--upstream'],
  [
    ['--replay', 'a', '--mode', 'none'],
    '--mode cannot be "none"',
    'replay-or-fail, record-missing, record-all, diff',
  ],
  [['--replay', 'a', '--match', 'fuzzy'], '--match cannot be "fuzzy"', 'loose, normal, exact'],
  [['--replay', 'a', '--replay-speed', 'x'], '--replay-speed must be a number, not "x"', '0 has no waits'],
  [['--match', 'loose'], '--match needs --record or --replay', '--record cassettes'],
  [['--redact', 'x'], '--redact needs --record or --replay', '--record cassettes'],
  [['--replay', 'missing'], 'there is no file or folder', 'docs/test-offline.md'],
  [['--replay', '.', '--redact', '('], 'the pattern "(" is not valid', 'docs/test-offline.md'],
  [['--replay', '.', '--key', 'k'], '--key has no effect on recordings', 'Leave --key out'],
  [
    ['--record', '.', '--upstream', 'ftp://x'],
    '--upstream must be an http or https URL',
    'https://api.anthropic.com',
  ],
])('reports %j as wrong use, with the next step', async (options, problem, hint) => {
  const { code, out, err } = await run(['emulate', '--port', '0', ...options], { cwd: temporaryFolder() })
  const [first = '', second = ''] = err.split('\n')

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(first).toContain(problem)
  expect(second).toContain(hint)
})

test('a credential in the URL of the upstream is not repeated', async () => {
  const options = ['--record', '.', '--upstream', 'https://ann:canary@example.com']
  const { code, err } = await run(['emulate', '--port', '0', ...options], { cwd: temporaryFolder() })

  expect(code).toBe(2)
  expect(err).not.toContain('canary')
})

test.each([
  [['emulate', '--port', '0', '--record', 'a', ...upstream]],
  [['serve', '--port', '0', '--record', 'a']],
])('nothing is recorded where CI is set: %j', async (options) => {
  const { code, err } = await run(options, { cwd: temporaryFolder(), env: { CI: 'true' } })

  expect(code).toBe(2)
  expect(err).toContain('nothing is recorded where CI is set')
  expect(err).toContain('--record-in-ci')
})

test('a gateway with several processes does not record', async () => {
  const { code, err } = await run(['serve', '--port', '0', '--record', 'a', '--workers', '2'], {
    cwd: temporaryFolder(),
  })

  expect(code).toBe(2)
  expect(err).toContain('--record needs one server process')
})

test('a broken cassette is named with its line', async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'broken.yaml'), 'version: 7\n')
  const { code, err } = await run(['emulate', '--port', '0', '--replay', '.'], { cwd })

  expect(code).toBe(2)
  expect(err).toContain('broken.yaml:1:10: version 7 is not supported')
})

test('an invalid fixture of aimock is named', async () => {
  const cwd = temporaryFolder()
  writeFileSync(
    join(cwd, 'a.json'),
    JSON.stringify({
      fixtures: [
        { match: { model: 5 }, response: { error: {}, retryAfter: 1 } },
        { match: {}, response: { content: 'x', finishReason: 'stop', usage: {} } },
      ],
    }),
  )
  const { err } = await run(['emulate', '--port', 'x', '--scenario', 'a.json'], { cwd })

  // The scenario was read without a problem, so that the port is the first one.
  expect(err).toContain('"x" is not a port')
})
